# SPDX-License-Identifier: LGPL-2.1-or-later
# "Let it write where it wants, and show what it changed": an overlay of / with its submounts.

load ../lib/nsroot

setup() {
    enter_workplace
    mkdir upper work
}

teardown() {
    chmod -R u+rwx "$WORK" || true
}

changes() {
    (cd upper && find . -mindepth 1 -printf '%P %y\n' | sort)
}

@test "what changed is in upper, and nothing else" {
    run nsroot --overlay-src / --overlay upper work / -- sh -c \
        'echo text >/etc/nsroot-test && mkdir /nsroot-test && echo text >/nsroot-test/file &&
            rm /etc/passwd && echo >/dev/null && cat /etc/nsroot-test'
    assert_success
    assert_output text
    assert_equal "$(changes)" $'etc d\netc/nsroot-test f\netc/passwd c\nnsroot-test d\nnsroot-test/file f'
    assert_holds_only work
    assert_exist /etc/passwd
    assert_not_exist /etc/nsroot-test
    assert_not_exist /nsroot-test
}

@test "a run that changes nothing leaves nothing" {
    run nsroot --overlay-src / --overlay upper work / -- true
    assert_success
    assert_holds_only upper
    assert_holds_only work
}

@test "the next run sees what the one before changed" {
    nsroot --overlay-src / --overlay upper work / -- sh -c 'echo text >/etc/nsroot-test; mkdir /nsroot-test'
    first=$(changes)
    run nsroot --overlay-src / --overlay upper work / -- sh -c 'cat /etc/nsroot-test; test -d /nsroot-test'
    assert_success
    assert_output text
    assert_equal "$(changes)" "$first"
}

@test "the host's names and links are all there" {
    run nsroot --overlay-src / --overlay upper work / -- ls /
    assert_success
    assert_output "$(ls /)"
    run nsroot --overlay-src / --overlay upper work / -- sh -c 'readlink /bin; cat /etc/passwd | head -n 1'
    assert_output "$(readlink /bin)"$'\n'"$(head -n 1 /etc/passwd)"
}

@test "in memory: thrown away" {
    run nsroot --overlay-src / --tmp-overlay / -- sh -c \
        'echo text >/etc/nsroot-test && mkdir /nsroot-test && rm /etc/passwd && ls /etc/nsroot-test && ls /usr/bin/env'
    assert_success
    assert_output $'/etc/nsroot-test\n/usr/bin/env'
    assert_exist /etc/passwd
    assert_not_exist /nsroot-test
}

@test "the kernel's own file systems stay read-only" {
    run nsroot --overlay-src / --overlay upper work / -- sh -c 'ls /sys/kernel >/dev/null && mkdir /sys/x'
    assert_failure
    assert_holds_only upper
}

@test "what the rest of the plan covers is not split, and is there" {
    run nsroot --overlay-src / --overlay upper work / --tmpfs /tmp --bind "$WORK" /mnt -- \
        sh -c 'echo x >/tmp/x; echo text >/mnt/made; stat -fc %T /tmp /dev /proc'
    assert_success
    assert_output $'tmpfs\ntmpfs\nproc'
    assert_exist made
    assert_holds_only upper
}

@test "submounts of another folder" {
    unshare -Urm true 2>/dev/null || skip "wants unshare -Urm"
    mkdir -p tree/a/b/c tree/d
    echo text >tree/d/file
    run unshare -Urm sh -ec '
        mount -t tmpfs none tree/a/b/c; echo sub >tree/a/b/c/file
        "$NSROOT" --ro-bind / / --overlay-src tree --overlay upper work /mnt -- sh -c "
            cat /mnt/a/b/c/file /mnt/d/file; echo new >/mnt/a/b/c/file; echo new >/mnt/d/new
            echo new >/mnt/a/new"
        cat tree/a/b/c/file'
    assert_success
    assert_output $'sub\ntext\nsub'
    assert_equal "$(changes)" $'a d\na/b d\na/b/c d\na/b/c/file f\na/new f\nd d\nd/new f'
    assert_holds_only work
}

@test "the launcher killed: upper and work can be removed" {
    mkfifo started
    "$NSROOT" --overlay-src / --overlay upper work / --bind "$WORK" /mnt -- \
        sh -c 'rm /etc/passwd; echo >/mnt/started; sleep 60' 3>&- &
    read -r _ <started
    kill -KILL $!
    wait $! || true
    until_true rm -rf upper work
    assert_not_exist work
}
