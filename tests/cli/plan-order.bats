# SPDX-License-Identifier: LGPL-2.1-or-later
# The plan is sorted: the order of options says nothing, but for one target the later wins.

load ../lib/nsroot

setup() {
    enter_workplace
    mkdir -p one/sub two
    echo one >one/file
    echo sub >one/sub/file
    echo two >two/file
}

@test "an inner bind given before the outer one is not hidden" {
    run nsroot --bind two /tmp/a/sub --bind one /tmp/a --ro-bind / / -- cat /tmp/a/sub/file /tmp/a/file
    assert_success
    assert_output $'two\none'
}

@test "of two entries for one target the later wins, however it is written" {
    run nsroot --bind one /tmp/a --bind two /tmp//x/../a/ -- cat /tmp/a/file
    assert_output two
    run nsroot --bind two /tmp/a --tmpfs /tmp/a -- ls -A /tmp/a
    assert_output ""
    run nsroot --tmpfs /tmp/a --bind two /tmp/a -- cat /tmp/a/file
    assert_output two
    run nsroot --bind two /tmp/a --bind-try nothing /tmp/a -- cat /tmp/a/file
    assert_output two
    run nsroot --bind two /tmp/a --bind-try one /tmp/a -- cat /tmp/a/file
    assert_output one
}

@test "a later root wins over all that an earlier one has" {
    run nsroot --tmpfs / --ro-bind / / -- cat "$WORK/one/file"
    assert_success
    assert_output one
}

@test "a bind that an outer one shows is dropped, and is there" {
    run nsroot --bind one /tmp/a --bind one/sub /tmp/a/sub -- sh -c 'cat /tmp/a/sub/file; grep -c " /tmp/a" /proc/self/mountinfo'
    assert_success
    assert_output $'sub\n1'
}

@test "... not if something lies between" {
    run nsroot --bind one /tmp/a --tmpfs /tmp/a/sub --bind one/sub /tmp/a/sub/sub -- cat /tmp/a/sub/sub/file
    assert_success
    assert_output sub
    run nsroot --bind "$WORK" /tmp/a --tmpfs /tmp/a/one --bind one/sub /tmp/a/one/sub -- \
        sh -c 'cat /tmp/a/one/sub/file; cat /tmp/a/one/file'
    assert_failure
    assert_line --index 0 sub
}

@test "... not if its flags differ" {
    run nsroot --bind one /tmp/a --ro-bind one/sub /tmp/a/sub -- sh -c 'touch /tmp/a/x; touch /tmp/a/sub/x'
    assert_failure
    assert_exist one/x
    assert_not_exist one/sub/x
    run nsroot --ro-bind one /tmp/a --bind one/sub /tmp/a/sub -- sh -c 'touch /tmp/a/sub/y'
    assert_success
    assert_exist one/sub/y
}

@test "... not if a symlink makes it untrue" {
    # by text, $WORK/link/sub is what the outer bind shows; but the link leads to a tmpfs
    ln -s one link
    run nsroot --bind "$WORK" "$WORK" --tmpfs "$WORK/one" --bind "$WORK/link/sub" "$WORK/link/sub" \
        --ro-bind / / -- sh -c 'cat link/sub/file; ls one'
    assert_success
    assert_output $'sub\nsub'
}

@test "... not if the outer bind is one of the --try kind, or of another source" {
    run nsroot --bind-try one /tmp/a --bind one/sub /tmp/a/sub -- cat /tmp/a/sub/file
    assert_output sub
    run nsroot --bind two /tmp/a --bind one/sub /tmp/a/sub -- cat /tmp/a/sub/file
    assert_output sub
    assert_exist two/sub
}

@test "a missing source is an error even where an outer bind would show it" {
    run --separate-stderr nsroot --bind "$WORK" "$WORK" --bind "$WORK/nothing" "$WORK/nothing" -- true
    assert_own_failure '--bind .*/nothing .*/nothing: .*No such file'
    assert_not_exist nothing
}

@test "a symlink of the plan is used by what lies below it" {
    run nsroot --tmpfs /tmp --bind one /tmp/link/x --symlink real /tmp/link --dir /tmp/real -- \
        cat /tmp/real/x/file
    assert_success
    assert_output one
}

@test "siblings that sort in between do not disturb" {
    mkdir 'one/sub-b' 'one/sub b'
    run nsroot --ro-bind one /tmp/a --bind two /tmp/a/sub-b --bind two '/tmp/a/sub b' --bind two /tmp/a/sub -- \
        cat /tmp/a/sub-b/file '/tmp/a/sub b/file' /tmp/a/sub/file
    assert_success
    assert_output $'two\ntwo\ntwo'
}

@test "behind a symlink of the image: after what the link leads into, wherever it sorts" {
    mkdir -p image/usr
    for name in bin lib lib64; do ln -s "usr/$name" "image/$name"; done
    printf '#!/bin/sh\necho tool\n' >tool
    chmod +x tool
    for root in --bind --ro-bind; do
        run nsroot "$root" image / --ro-bind /usr /usr --ro-bind tool /bin/nsroot-test \
            --ro-bind tool /bin/nsroot-test-2 --tmpfs /lib/nsroot-test/a -- \
            sh -c 'nsroot-test && /usr/bin/nsroot-test-2 && ls /usr/lib/nsroot-test'
        assert_success
        assert_output $'tool\ntool\na'
        assert_holds_only image/usr
    done
}

@test "... with what the plan mounts there still there" {
    mkdir -p image/usr
    for name in bin lib lib64; do ln -s "usr/$name" "image/$name"; done
    run nsroot --ro-bind image / --ro-bind /usr /usr --bind one /usr/lib/nsroot-one \
        --bind two /lib/nsroot-two --bind two /lib/nsroot-three/a --bind two /lib/nsroot-four -- \
        sh -c 'cd /usr/lib && cat nsroot-one/file nsroot-two/file nsroot-three/a/file nsroot-four/file'
    assert_success
    assert_output $'one\ntwo\ntwo\ntwo'
}

@test "behind a symlink that the plan makes" {
    echo text >text
    run nsroot --tmpfs / --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64 \
        --ro-bind /usr /usr --ro-bind text /bin/nsroot-test -- cat /usr/bin/nsroot-test
    assert_success
    assert_output text
}
