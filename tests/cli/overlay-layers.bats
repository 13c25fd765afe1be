# SPDX-License-Identifier: LGPL-2.1-or-later
# Overlays: layers, their order, where changes go, and what is refused.

load ../lib/nsroot

setup() {
    enter_workplace
    mkdir one two three upper work
    for name in one two three; do
        echo "$name" >"$name/file"
        echo "$name" >"$name/only-$name"
    done
    mkdir one/folder
    echo deep >one/folder/file
}

teardown() {
    # what a failed test left of overlayfs must not keep bats from removing it
    chmod -R u+rwx "$WORK" || true
}

# over OPTION... -- COMMAND...: over a read-only host with a new /tmp.
over() {
    "$NSROOT" --ro-bind / / --tmpfs /tmp "$@"
}

@test "--ro-overlay: the last layer is the topmost; nothing can be written" {
    run over --overlay-src one --overlay-src two --overlay-src three --ro-overlay /mnt -- \
        sh -c 'cat /mnt/file /mnt/only-one /mnt/only-two /mnt/folder/file; touch /mnt/new'
    assert_failure
    assert_output --regexp $'^three\none\ntwo\ndeep\n.*Read-only file system$'
    run over --overlay-src three --overlay-src two --overlay-src one --ro-overlay /mnt -- cat /mnt/file
    assert_output one
}

@test "--tmp-overlay: what is written is thrown away" {
    run over --overlay-src one --overlay-src two --tmp-overlay /mnt -- sh -c \
        'cat /mnt/file; echo new >/mnt/file; rm /mnt/only-one; rm -r /mnt/folder; mkdir /mnt/made
            cat /mnt/file; ls /mnt'
    assert_success
    assert_output $'two\nnew\nfile\nmade\nonly-two'
    assert_equal "$(cat one/file two/file)" $'one\ntwo'
    assert_exist one/folder/file
    assert_exist one/only-one
}

@test "--overlay: what is written goes to upper, and is there the next time" {
    over --overlay-src one --overlay upper work /mnt -- sh -c \
        'echo new >/mnt/file; echo more >>/mnt/folder/file; rm /mnt/only-one; mkdir /mnt/made'
    assert_equal "$(cat upper/file upper/folder/file)" $'new\ndeep\nmore'
    assert_equal "$(stat -c '%F %t:%T' upper/only-one)" "character special file 0:0"
    assert_dir_exist upper/made
    assert_equal "$(cat one/file)" one
    run over --overlay-src one --overlay upper work /mnt -- sh -c 'cat /mnt/file; ls /mnt'
    assert_success
    assert_output $'new\nfile\nfolder\nmade'
}

@test "--overlay: a folder that was replaced hides the one below, the next time too" {
    over --overlay-src one --overlay upper work /mnt -- \
        sh -c 'rm -r /mnt/folder && mkdir /mnt/folder && touch /mnt/folder/new'
    run over --overlay-src one --overlay upper work /mnt -- ls /mnt/folder
    assert_success
    assert_output new
    run over --overlay-src one --overlay upper work /mnt -- sh -c \
        'mv /mnt/only-one /mnt/moved && cat /mnt/moved && ln /mnt/moved /mnt/linked && ls /mnt'
    assert_success
    assert_output $'one\nfile\nfolder\nlinked\nmoved'
}

@test "--overlay-lowerdir, --overlay-upperdir, --overlay-workdir, --overlay DEST" {
    run over --overlay-lowerdir one --overlay-lowerdir two --overlay-upperdir upper \
        --overlay-workdir work --overlay /mnt -- sh -c 'cat /mnt/file; echo new >/mnt/file'
    assert_success
    assert_output two
    assert_equal "$(cat upper/file)" new
    run over --overlay-lowerdir one --overlay-upperdir tmpfs --overlay /mnt -- \
        sh -c 'echo new >/mnt/file; cat /mnt/file'
    assert_success
    assert_equal "$(cat one/file)" one
    run over --overlay-lowerdir one --overlay-lowerdir two --overlay /mnt -- touch /mnt/new
    assert_failure
    assert_output --partial 'Read-only file system'
}

@test "nothing stays in the work folder, deletions included" {
    over --overlay-src one --overlay upper work /mnt -- sh -c 'rm /mnt/file; echo >/mnt/folder/file'
    assert_holds_only work
    rm -r upper work
}

@test "the launcher killed: what stays in the work folder can be removed" {
    mkfifo started
    "$NSROOT" --ro-bind / / --bind "$WORK" /tmp --overlay-src one --overlay upper work /mnt -- \
        sh -c 'rm /mnt/file; echo >/tmp/started; sleep 60' 3>&- &
    read -r _ <started
    kill -KILL $!
    wait $! || true
    until_true rm -rf upper work
    assert_not_exist work
}

@test "several overlays in one plan, one on top of the other" {
    run over --overlay-src one --tmp-overlay /mnt --overlay-src two --overlay-src three \
        --ro-overlay /mnt/folder -- sh -c 'cat /mnt/file /mnt/folder/file && echo >/mnt/new'
    assert_success
    assert_output $'one\nthree'
}

@test "an overlay as the root" {
    mkdir image
    mkdir image/usr
    for name in bin lib lib64; do ln -s "usr/$name" "image/$name"; done
    run nsroot --overlay-src one --overlay-src image --tmp-overlay / --ro-bind /usr /usr -- \
        sh -c 'cat /file; echo new >/file; cat /file; test -c /dev/null && test -e /proc/self'
    assert_success
    assert_output $'one\nnew'
    assert_holds_only image bin lib lib64 usr
}

@test "a layer may be given twice removed: through a symlink, or relative" {
    ln -s "$WORK/one" link
    cd two
    run over --overlay-src ../link --overlay-src . --ro-overlay /mnt -- cat /mnt/only-one /mnt/file
    assert_success
    assert_output $'one\ntwo'
}

@test "options that lack their layers are refused" {
    run --separate-stderr over --tmp-overlay /mnt -- true
    assert_own_failure '--tmp-overlay: one --overlay-src'
    run --separate-stderr over --overlay-src one --ro-overlay /mnt -- true
    assert_own_failure '--ro-overlay: two --overlay-src'
    run --separate-stderr over --overlay-src one -- true
    assert_own_failure '--overlay-src'
}

@test "a layer that is missing, or no folder, is named" {
    run --separate-stderr over --overlay-src nothing --tmp-overlay /mnt -- true
    assert_own_failure '--tmp-overlay /mnt: lower nothing: No such file'
    run --separate-stderr over --overlay-src one/file --tmp-overlay /mnt -- true
    assert_own_failure '--tmp-overlay /mnt: lower one/file: Not a directory'
    run --separate-stderr over --overlay-src one --overlay nothing work /mnt -- true
    assert_own_failure '--overlay /mnt: upper nothing: No such file'
    run --separate-stderr over --overlay-src one --overlay upper nothing /mnt -- true
    assert_own_failure '--overlay /mnt: work nothing: No such file'
}

@test "upper and work: the same, in each other, not writable, or on two mounts" {
    mkdir upper/inner
    run --separate-stderr over --overlay-src one --overlay upper upper /mnt -- true
    assert_own_failure '--overlay /mnt: .*\(upper and work must not lie in each other\)'
    run --separate-stderr over --overlay-src one --overlay upper upper/inner /mnt -- true
    assert_own_failure '--overlay /mnt: .*\(upper and work must not lie in each other\)'
    run --separate-stderr over --overlay-src one --overlay upper /dev/shm /mnt -- true
    assert_own_failure '--overlay /mnt: .*\(upper and work must lie on the same mount\)'
    if [ "$(stat -c %d /usr/share)" = "$(stat -c %d /usr/lib)" ]; then
        run --separate-stderr over --overlay-src one --overlay /usr/share /usr/lib /mnt -- true
        assert_own_failure "--overlay /mnt: .*Read-only file system \(the caller can't write to upper or work\)"
    fi
    assert_holds_only upper inner
}

@test "a layer twice, or a layer with submounts among others" {
    run --separate-stderr over --overlay-src one --overlay-src one --ro-overlay /mnt -- true
    assert_own_failure '--ro-overlay /mnt: .*\(two layers are the same'
    run --separate-stderr over --overlay-src one --overlay-src / --ro-overlay /mnt -- true
    assert_own_failure '--ro-overlay /mnt: .*\(/ has submounts'
}

@test "overlays stack two deep; the third is refused, saying so" {
    run nsroot --ro-bind / / --overlay-src one --tmp-overlay /mnt -- \
        "$NSROOT" --ro-bind / / --overlay-src /mnt --tmp-overlay /opt -- cat /opt/file
    assert_success
    assert_output one
    run nsroot --ro-bind / / --overlay-src one --tmp-overlay /mnt -- \
        "$NSROOT" --ro-bind / / --overlay-src /mnt --tmp-overlay /opt -- \
        "$NSROOT" --ro-bind / / --overlay-src /opt --tmp-overlay /srv -- cat /srv/file
    assert_status 125
    assert_output --regexp '--tmp-overlay /srv: .*\(/opt is on an overlay: the kernel stacks two'
}

@test "an upper on an overlay is refused, saying so" {
    run nsroot --ro-bind / / --overlay-src one --tmp-overlay /mnt -- sh -c 'mkdir /mnt/u /mnt/w && exec "$0" \
        --ro-bind / / --overlay-src /usr/share --overlay /mnt/u /mnt/w /opt -- true' "$NSROOT"
    assert_status 125
    assert_output --regexp '--overlay /opt: .*\(upper is on an overlay itself'
}

@test "an overlay that can't be mounted leaves nothing in its work folder" {
    mkdir lowest
    run --separate-stderr nsroot --overlay-src lowest --overlay upper lowest /mnt -- true
    assert_own_failure "--overlay"
    assert_equal "$(ls -A lowest)" ""
    rm -r lowest
}
