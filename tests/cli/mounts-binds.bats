# SPDX-License-Identifier: LGPL-2.1-or-later
# The family of --bind: what can be bound, where to, and with which flags.

load ../lib/nsroot

setup() {
    enter_workplace
    mkdir -p folder/sub
    echo text >file
    echo inner >folder/sub/file
}

# on_host OPTION... -- COMMAND...: over a read-only host with a new /tmp.
on_host() {
    "$NSROOT" --ro-bind / / --tmpfs /tmp "$@"
}

@test "--bind: a folder with all in it, writable" {
    run on_host --bind folder /tmp/a/b -- sh -c 'cat /tmp/a/b/sub/file; echo new >/tmp/a/b/new'
    assert_success
    assert_output inner
    assert_equal "$(cat folder/new)" new
}

@test "--bind: a file, writable" {
    run on_host --bind file /tmp/a/b -- sh -c 'cat /tmp/a/b; echo new >/tmp/a/b'
    assert_success
    assert_output text
    assert_equal "$(cat file)" new
}

@test "--ro-bind: a folder and a file that can't be written to" {
    run on_host --ro-bind folder /tmp/a --ro-bind file /tmp/b -- \
        sh -c 'cat /tmp/b; echo x >/tmp/b; echo x >/tmp/a/sub/file; touch /tmp/a/new; mkdir /tmp/a/n'
    assert_failure
    assert_output --regexp '^text(.*Read-only file system.*){4}$'
    assert_equal "$(cat file folder/sub/file)" $'text\ninner'
}

@test "--bind-try, --ro-bind-try, --dev-bind-try: a missing source is skipped" {
    run on_host --bind-try nothing /tmp/a --ro-bind-try nothing /tmp/b --dev-bind-try nothing /tmp/c \
        --bind-try file /tmp/d -- ls /tmp
    assert_success
    assert_output d
}

@test "--bind-try skips a source that is missing, not one that can't be" {
    run --separate-stderr on_host --bind-try file/below /tmp/a -- true
    assert_own_failure '--bind-try file/below /tmp/a: .*file/below: Not a directory'
}

@test "--bind: a missing source is named, with the option, as it was written" {
    for option in --bind --ro-bind --dev-bind --bind-nofollow --ro-bind-nofollow; do
        run --separate-stderr on_host "$option" ./not//there /tmp/../tmp/a -- true
        assert_own_failure "$option ./not//there /tmp/../tmp/a: .* ./not//there: No such file or directory"
    done
}

@test "a source may be a FIFO, a socket, a device or a symlink to one" {
    need_program python3
    mkfifo fifo
    python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
    ln -s fifo link
    run on_host --bind fifo /tmp/fifo --ro-bind socket /tmp/socket --bind link /tmp/link \
        --bind /dev/null /tmp/null -- stat -c %F /tmp/fifo /tmp/socket /tmp/link /tmp/null
    assert_success
    assert_output $'fifo\nsocket\nfifo\ncharacter special file'
}

@test "--bind: a device is there but can't be opened; --dev-bind: it can" {
    run on_host --bind /dev/null /tmp/null -- sh -c 'echo x >/tmp/null'
    assert_failure
    assert_output --partial "Permission denied"
    run on_host --dev-bind /dev/null /tmp/null -- sh -c 'echo x >/tmp/null && cat /tmp/null'
    assert_success
    assert_output ""
    run on_host --bind-flags dev --bind /dev/null /tmp/null -- sh -c 'echo x >/tmp/null'
    assert_success
}

@test "--bind-nofollow: the symlink itself, even if it dangles" {
    ln -s file link
    ln -s nowhere dangling
    run on_host --bind-nofollow link /tmp/link --ro-bind-nofollow dangling /tmp/dangling \
        --bind-flags nofollow --bind link /tmp/third -- \
        readlink /tmp/link /tmp/dangling /tmp/third
    assert_success
    assert_output $'file\nnowhere\nfile'
    run --separate-stderr on_host --bind dangling /tmp/dangling -- true
    assert_own_failure '--bind dangling /tmp/dangling: .*No such file'
}

@test "--bind-fd, --ro-bind-fd: what is open, whatever its path has become" {
    exec 7<folder 8<file
    run on_host --bind-fd 7 /tmp/a --ro-bind-fd 8 /tmp/b -- \
        sh -c 'cat /tmp/a/sub/file /tmp/b; echo x >/tmp/b; echo new >/tmp/a/new'
    assert_success
    assert_line --index 0 inner
    assert_line --index 1 text
    assert_line --index 2 --partial 'Read-only file system'
    assert_equal "$(cat folder/new)" new
    mv folder moved
    run on_host --bind-fd 7 /tmp/a -- cat /tmp/a/sub/file
    assert_success
    assert_output inner
}

@test "--bind-fd: an fd that is closed, or whose file is gone or was replaced" {
    run --separate-stderr on_host --bind-fd 9 /tmp/a -- true 9>&-
    assert_own_failure '--bind-fd 9'
    exec 7<folder
    rm -r folder
    run --separate-stderr on_host --bind-fd 7 /tmp/a -- true
    assert_own_failure '--bind-fd 7 /tmp/a: '
    mkdir 'folder (deleted)'
    run --separate-stderr on_host --bind-fd 7 /tmp/a -- true
    assert_own_failure '--bind-fd 7 /tmp/a: .*race'
}

@test "--bind-flags: noexec, ro, try; for the next bind alone" {
    printf '#!/bin/sh\necho ran\n' >folder/run
    chmod +x folder/run
    run on_host --bind-flags noexec,ro --bind folder /tmp/a --bind folder /tmp/b \
        --bind-flags try --bind nothing /tmp/c -- sh -c '/tmp/b/run; touch /tmp/a/x; /tmp/a/run'
    assert_status 126
    assert_line --index 0 ran
    assert_line --index 1 --partial 'Read-only file system'
    assert_line --index 2 --partial 'Permission denied'
    run --separate-stderr on_host --bind-flags sticky --bind folder /tmp/a -- true
    assert_own_failure '--bind-flags sticky'
}

@test "binds are nosuid" {
    run on_host --bind folder /tmp/a -- findmnt -no OPTIONS /tmp/a
    assert_success
    assert_output --regexp 'nosuid,nodev'
    run on_host -- findmnt -no OPTIONS /
    assert_output --regexp 'nosuid,nodev'
}

@test "a folder on a file and a file on a folder are refused, saying which is what" {
    run --separate-stderr on_host --bind folder /etc/passwd -- true
    assert_own_failure '--bind folder /etc/passwd: /etc/passwd is no directory'
    run --separate-stderr on_host --bind file /etc -- true
    assert_own_failure '--bind file /etc: /etc is a directory'
    run --separate-stderr on_host --bind folder /etc/passwd/below -- true
    assert_own_failure '--bind folder /etc/passwd/below: .*Not a directory'
    run --separate-stderr on_host --bind file / -- true
    assert_own_failure '--bind file /'
}

@test "a path inside that is not absolute, or empty, is refused" {
    run --separate-stderr nsroot --bind folder relative/path -- true
    assert_own_failure '--bind relative/path: .*absolute'
    run --separate-stderr nsroot --bind '' /mnt -- true
    assert_own_failure '--bind'
    run --separate-stderr nsroot --bind folder '' -- true
    assert_own_failure '--bind'
}

@test "a bind below a writable bind makes its mount point on the host, as for everyone else" {
    run on_host --bind folder /tmp/a --ro-bind file /tmp/a/new -- cat /tmp/a/new
    assert_success
    assert_output text
    assert_file_empty folder/new
}

@test "one folder at two places, and a bind of a folder over itself" {
    run on_host --bind folder /tmp/a --ro-bind folder /tmp/b --bind "$WORK" "$WORK" \
        --ro-bind "$WORK/folder" "$WORK/folder" -- \
        sh -c 'touch /tmp/a/1 && ! touch /tmp/b/2 && touch 3 && ! touch folder/4'
    assert_success
    assert_exist folder/1
    assert_exist 3
    assert_not_exist folder/4
}

@test "a bind whose source is the target of another goes by the host" {
    mkdir a b
    echo a >a/name
    echo b >b/name
    run nsroot --ro-bind / / --bind a "$WORK/b" --bind b "$WORK/a" -- cat "$WORK/a/name" "$WORK/b/name"
    assert_success
    assert_output $'b\na'
}

@test "a source by the link of a file descriptor in /proc, whatever is spoken" {
    echo data >data
    mkdir shown
    touch shown/inside
    for dialect in nsroot bwrap mkosi-sandbox; do
        run nsroot --dialect "$dialect" --bind / / --tmpfs /mnt --ro-bind /proc/self/fd/7 /mnt/file \
            --bind /dev/fd/8 /mnt/folder -- sh -c 'cat /mnt/file; ls /mnt/folder' 7<data 8<shown
        assert_success
        assert_output $'data\ninside'
        # a pipe is nothing that could be bound
        run nsroot --dialect "$dialect" --bind / / --ro-bind /proc/self/fd/7 /mnt -- true 7< <(:)
        assert_failure
        assert_output --partial 'No such file or directory'
    done
}
