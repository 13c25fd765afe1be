# SPDX-License-Identifier: LGPL-2.1-or-later
# The bwrap dialect: binds, where they come from and where they go.

load ../lib/compare

setup() {
    enter_comparison bwrap
}

# A command that can write into "$PWD/t", where binds come from and go to.
# shellcheck disable=SC2034 # rows use it
prelude='mkdir src && echo data >src/f && echo file >file && host+=(--tmpfs /tmp)'

@test "binds" {
    compare <<'END'
    # --bind: a folder, writable
    $ bwrap "${host[@]}" --bind src /tmp/d sh -c 'cat /tmp/d/f; echo new >/tmp/d/n'
    $ cat src/n
    > data
    > new

    # a file
    $ bwrap "${host[@]}" --bind file /tmp/f sh -c 'cat /tmp/f; echo new >/tmp/f'
    $ cat file
    > file
    > new

    # --ro-bind: only to be read
    $ bwrap "${host[@]}" --ro-bind src /tmp/d --ro-bind file /tmp/f bash -c 'cat /tmp/d/f /tmp/f
    $     exec 2>&1; echo a >/tmp/d/n; echo a >/tmp/f' | sed 's/.*\(\/tmp\)/\1/'
    > data
    > file
    > /tmp/d/n: Read-only file system
    > /tmp/f: Read-only file system

    # what the mounts look like
    $ see mounts "${host[@]}" --proc /proc --dev-bind src /tmp/a --bind src /tmp/b --ro-bind src /tmp/c |
    $     grep -E '^mount /tmp/.' | sed 's/dev .* of .*row/row/; s/ -.*//'
    > mount /tmp/a row/src rw,nosuid,relatime
    > mount /tmp/b row/src rw,nosuid,nodev,relatime
    > mount /tmp/c row/src ro,nosuid,nodev,relatime

    # all of them
    $ see mounts --bind / / --bind src /mnt
    has mount / dev * rw,* - *
    has mount /mnt * of */row/src *

    # all of them, read-only
    $ see mounts "${host[@]}" --ro-bind src /tmp/d --dev /dev --unshare-pid --proc /proc
    has mount / dev * ro,*
    has mount /tmp/d * of */row/src *

    # --bind is recursive
    $ bwrap "${host[@]}" --bind / /tmp/all test -e /tmp/all/proc/self

    # devices are no use in it
    $ bwrap "${host[@]}" --bind / /tmp/all sh -c 'echo a >/tmp/all/dev/null'
    2> *Permission denied
    status 2

    # --dev-bind lets them be
    $ bwrap "${host[@]}" --dev-bind / /tmp/all --dev-bind /dev/null /tmp/null \
    $     sh -c 'echo a >/tmp/all/dev/null && echo b >/tmp/null && echo done'
    > done

    # --ro-bind makes what lies below read-only too
    $ bwrap --ro-bind / / --proc /proc --tmpfs /mnt --tmpfs /mnt/t \
    $     bwrap --ro-bind / / touch /mnt/n /mnt/t/n
    2> touch: *: Read-only file system
    2> touch: *: Read-only file system
    status 1

    # --bind of something read-only stays so
    $ bwrap --ro-bind / / --proc /proc bwrap --bind / / touch /usr/none
    2> touch: *: Read-only file system
    status 1

    # a source is what it is outside, whatever was done inside before
    $ bwrap "${host[@]}" --bind src /tmp/d --tmpfs "$PWD" --bind src /tmp/e cat /tmp/e/f
    > data

    # a source may be relative, and hold dots
    $ cd src
    $ bwrap "${host[@]}" --bind . /tmp/d --bind ../file /tmp/f cat /tmp/d/f /tmp/f
    > data
    > file

    # symlinks in a source are followed outside
    $ ln -s src link
    $ ln -s "$PWD/file" src/link
    $ bwrap "${host[@]}" --bind link /tmp/d --bind src/link /tmp/f cat /tmp/d/f /tmp/f
    > data
    > file

    # a source that is not there
    $ for option in --bind --ro-bind --dev-bind; do bwrap "${host[@]}" $option /none /tmp/d true; done
    2> bwrap: Can't find source path /none: No such file or directory
    2> bwrap: Can't find source path /none: No such file or directory
    2> bwrap: Can't find source path /none: No such file or directory
    status 1

    # it is called as the caller called it
    $ bwrap "${host[@]}" --bind ./src/../none /tmp/d true
    2> bwrap: Can't find source path ./src/../none: No such file or directory
    status 1

    # a link to nowhere
    $ ln -s none link
    $ bwrap "${host[@]}" --bind link /tmp/d true
    2> bwrap: Can't find source path link: No such file or directory
    status 1

    # a source that can't be looked at
    $ bwrap "${host[@]}" --bind /root/none /tmp/d true
    2> bwrap: Can't find source path /root/none: Permission denied
    status 1

    # what is the caller's own can be, whatever its mode is
    $ mkdir -p closed/d
    $ chmod 0 closed
    $ bwrap "${host[@]}" --bind closed/d /tmp/d ls /tmp
    > d

    # a source below a file
    $ bwrap "${host[@]}" --bind file/x /tmp/d true
    2> bwrap: Can't find source path file/x: Not a directory
    status 1

    # all sources are looked up before anything is made
    $ bwrap "${host[@]}" --bind . /tmp/d --dir /tmp/d/made --bind /none /tmp/e true
    $ ls
    > file
    > src
    2> bwrap: Can't find source path /none: No such file or directory

    # so what an option makes is no source of a later one
    $ bwrap "${host[@]}" --bind . /tmp/d --dir /tmp/d/made --bind made /tmp/e true
    2> bwrap: Can't find source path made: No such file or directory
    status 1

    # what has no name any more, by which it can be opened still
    $ mkdir gone && cd gone && rmdir ../gone
    $ bwrap "${host[@]}" --bind . /tmp/d true
    2> bwrap: Can't find source path .: No such file or directory
    status 1

    # what never had one
    $ bwrap "${host[@]}" --ro-bind <(echo data) /tmp/f true
    2> bwrap: Can't find source path /dev/fd/*: No such file or directory*
    status 1

    # --...-try leave out what is not there, with its destination
    $ bwrap "${host[@]}" --bind-try /none /tmp/a --ro-bind-try /none /tmp/b \
    $     --dev-bind-try /none /tmp/c --bind-try src /tmp/d --ro-bind-try src /tmp/e \
    $     --dev-bind-try src /tmp/f ls /tmp
    > d
    > e
    > f

    # but nothing else that is wrong
    $ bwrap "${host[@]}" --bind-try /root/none /tmp/d true
    $ bwrap "${host[@]}" --ro-bind-try file/x /tmp/d true
    2> bwrap: Can't find source path /root/none: Permission denied
    2> bwrap: Can't find source path file/x: Not a directory
    status 1

    # they are of their kind
    $ see mounts "${host[@]}" --proc /proc --dev-bind-try src /tmp/a --bind-try src /tmp/b \
    $     --ro-bind-try src /tmp/c | grep -E '^mount /tmp/.' | sed 's/dev .* of .*row/row/; s/ -.*//'
    > mount /tmp/a row/src rw,nosuid,relatime
    > mount /tmp/b row/src rw,nosuid,nodev,relatime
    > mount /tmp/c row/src ro,nosuid,nodev,relatime
END
}

@test "the order is that of the options" {
    compare <<'END'
    # a later mount covers an earlier one
    $ bwrap "${host[@]}" --bind src /tmp/d --tmpfs /tmp ls /tmp

    # silently
    $ bwrap --proc /proc "${host[@]}" --unshare-pid bash -c 'test -e /proc/$$; test /proc/1/ns/pid -ef /proc/self/ns/pid || echo of the host'
    > of the host

    # nothing is sorted
    $ bwrap "${host[@]}" --dir /tmp/a --bind src /tmp/a/b --tmpfs /tmp/a --bind src /tmp/a/c ls /tmp/a
    > c

    # a folder can be bound again over itself
    $ bwrap "${host[@]}" --ro-bind src /tmp/d --bind src /tmp/d sh -c 'echo new >/tmp/d/n'
    $ cat src/n
    > new

    # what is made in a bind is made in its source
    $ bwrap "${host[@]}" --bind src /tmp/d --dir /tmp/d/dir --symlink to /tmp/d/link \
    $     --file 11 /tmp/d/data 11<file true
    $ ls src
    $ cat src/data
    > data
    > dir
    > f
    > link
    > file
END
}

@test "destinations" {
    compare <<'END'
    # parents that are not there are made, for their owner alone
    $ bwrap "${host[@]}" --bind src /tmp/a/b/c --bind file /tmp/a/d/f stat -c %a /tmp/a /tmp/a/b /tmp/a/d
    > 700
    > 700
    > 700

    # with any umask
    $ umask 0277
    $ bwrap "${host[@]}" --bind src /tmp/a/b/c sh -c 'stat -c %a /tmp/a /tmp/a/b /tmp/a/b/c; umask'
    > 700
    > 700
    > 755
    > 0277

    # in a bind they stay, the mount points too
    $ bwrap "${host[@]}" --bind . /tmp/d --bind src /tmp/d/new/dir --bind file /tmp/d/new/file true
    $ stat -c '%n %a %s' new new/dir new/file | sed 's/ [0-9]*$//'
    $ wc -c <new/file
    > new 700
    > new/dir 755
    > new/file 444
    > 0

    # those that are there are left as they are
    $ mkdir -m 0700 new new/dir
    $ touch new/file
    $ chmod 0600 new/file
    $ bwrap "${host[@]}" --bind . /tmp/d --bind src /tmp/d/new/dir --bind file /tmp/d/new/file true
    $ stat -c '%n %a' new new/dir new/file
    > new 700
    > new/dir 700
    > new/file 600

    # they need no slash at the front
    $ bwrap "${host[@]}" --bind src tmp/d cat /tmp/d/f
    > data

    # slashes may be many
    $ bwrap "${host[@]}" --bind src //tmp///d// cat /tmp/d/f
    > data

    # nothing is made in what is read-only
    $ bwrap "${host[@]}" --ro-bind src /tmp/d --bind src /tmp/d/x true
    2> bwrap: */tmp/d/x: Read-only file system*
    status 1

    # nor parents
    $ bwrap "${host[@]}" --bind src /new-in-root/x true
    2> bwrap: */new-in-root/x: Read-only file system*
    status 1

    # a folder goes on no file
    $ bwrap "${host[@]}" --bind file /tmp/f --bind src /tmp/f true
    2> bwrap: *
    status 1

    # and a file on no folder
    $ bwrap "${host[@]}" --dir /tmp/d --bind file /tmp/d true
    2> bwrap: *
    status 1

    # nor below a file
    $ bwrap "${host[@]}" --bind file /tmp/f --bind src /tmp/f/d true
    2> bwrap: */tmp/f/d: Not a directory*
    status 1

    # sources that are no folders go on files: sockets, pipes, devices
    $ mkfifo pipe
    $ python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
    $ bwrap "${host[@]}" --bind pipe /tmp/pipe --bind socket /tmp/socket --bind /dev/null /tmp/null \
    $     stat -c %F /tmp/pipe /tmp/socket /tmp/null
    > fifo
    > socket
    > character special file

    # a socket on a socket
    $ python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
    $ bwrap "${host[@]}" --bind . /tmp/d --ro-bind socket /tmp/d/socket stat -c %F /tmp/d/socket
    > socket

    # dots are parents of what is there inside
    $ bwrap "${host[@]}" --dir /tmp/a --bind src /tmp/a/../b/./c cat /tmp/b/c/f
    > data
    2> ...
END
}

@test "symlinks at destinations" {
    compare <<'END'
    # a relative one on the way
    $ bwrap "${host[@]}" --dir /tmp/a --symlink a /tmp/link --bind src /tmp/link/d cat /tmp/a/d/f
    > data

    # an absolute one; see bwrap-differences.bats for what older ones did
    since 0.12.0
    $ bwrap "${host[@]}" --dir /tmp/a --symlink /tmp/a /tmp/link --bind src /tmp/link/d cat /tmp/a/d/f
    > data
END
}

@test "binds of fds" {
    compare <<'END'
    # --bind-fd
    since 0.9.0
    $ bwrap "${host[@]}" --bind-fd 11 /tmp/d sh -c 'cat /tmp/d/f; echo new >/tmp/d/n' 11<src
    $ cat src/n
    > data
    > new

    # --ro-bind-fd
    since 0.9.0
    $ bwrap "${host[@]}" --ro-bind-fd 11 /tmp/d sh -c 'cat /tmp/d/f; echo new >/tmp/d/n' 11<src
    > data
    2> *Read-only file system
    status 2

    # a file
    since 0.9.0
    $ bwrap "${host[@]}" --bind-fd 11 /tmp/f sh -c 'cat /tmp/f; echo new >/tmp/f' 11<file
    $ cat file
    > file
    > new

    # what the fd is, not what its name is now
    since 0.9.0
    $ mkdir other
    $ exec 11<src
    $ mv src away
    $ mv other src
    $ bwrap "${host[@]}" --bind-fd 11 /tmp/d cat /tmp/d/f
    > data

    # the fd is closed
    since 0.9.0
    $ see fds "${host[@]}" --bind-fd 11 /tmp/d 11<src
    > fds: 0 1 2

    # an fd that is not open
    since 0.9.0
    $ bwrap "${host[@]}" --bind-fd 11 /tmp/d true
    2> bwrap: *11: *
    status 1

    # mounts
    since 0.9.0
    $ see mounts "${host[@]}" --proc /proc --bind-fd 11 /tmp/b --ro-bind-fd 12 /tmp/c 11<src 12<src |
    $     grep -E '^mount /tmp/.' | sed 's/dev .* of .*row/row/; s/ -.*//'
    > mount /tmp/b row/src rw,nosuid,nodev,relatime
    > mount /tmp/c row/src ro,nosuid,nodev,relatime
END
}

@test "--remount-ro" {
    compare <<'END'
    # a mount
    $ bwrap "${host[@]}" --bind src /tmp/d --remount-ro /tmp/d touch /tmp/d/n
    2> touch: *: Read-only file system
    status 1

    # that one alone
    $ bwrap "${host[@]}" --bind src /tmp/d --tmpfs /tmp/d/t --remount-ro /tmp/d touch /tmp/d/t/n

    # the root, last of all
    $ bwrap "${bare[@]}" --dir /d --remount-ro / touch /d/n
    2> touch: *: Read-only file system
    status 1

    # but not before something is made there
    $ bwrap "${bare[@]}" --remount-ro / --dir /d true
    2> bwrap: *Read-only file system
    status 1

    # as a bind would have it
    $ see mounts "${host[@]}" --proc /proc --dev-bind src /tmp/a --remount-ro /tmp/a \
    $     --tmpfs /tmp/t --remount-ro /tmp/t | grep -E '^mount /tmp/.' |
    $     sed 's/dev .* of .*row/row/; s/ -.*//; s/dev [0-9]* of/dev of/'
    > mount /tmp/a row/src ro,nosuid,nodev,relatime
    > mount /tmp/t dev of / ro,nosuid,nodev,relatime

    # not a mount point
    $ bwrap "${host[@]}" --dir /tmp/d --remount-ro /tmp/d true
    2> bwrap: *remount*/tmp/d*
    status 1

    # not there
    $ bwrap "${host[@]}" --remount-ro /tmp/none true
    2> bwrap: */tmp/none: *No such file or directory*
    status 1
END
}
