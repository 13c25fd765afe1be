# SPDX-License-Identifier: LGPL-2.1-or-later
# The bwrap dialect: tmpfs, /proc, /dev, message queues and overlays.

load ../lib/compare

setup() {
    enter_comparison bwrap
}

# shellcheck disable=SC2034 # rows use it
prelude='host+=(--tmpfs /tmp)'

@test "--tmpfs" {
    compare <<'END'
    # 0755, or as --perms says
    $ bwrap "${host[@]}" --tmpfs /tmp/a --perms 1777 --tmpfs /tmp/b --perms 0 --tmpfs /tmp/c \
    $     stat -c '%F %a' /tmp/a /tmp/b /tmp/c
    > directory 755
    > directory 1777
    > directory 0

    # it is new, empty, and can be written to
    $ bwrap "${host[@]}" --tmpfs /usr/share bash -c 'echo /usr/share/*; echo a >/usr/share/a'
    > /usr/share/*

    # nosuid and nodev, but not noexec
    $ see mounts "${host[@]}" --proc /proc --tmpfs /tmp/a |
    $     sed -n 's/^\(mount \/tmp\/a\) dev [0-9]* of \S* \(.* - tmpfs tmpfs rw,\).*/\1 \2/p'
    > mount /tmp/a rw,nosuid,nodev,relatime - tmpfs tmpfs rw,

    # --size
    $ bwrap "${host[@]}" --size 1048576 --tmpfs /tmp/a --size 0x2000 --tmpfs /tmp/b --size 010000 \
    $     --tmpfs /tmp/c stat -f -c '%b %S' /tmp/a /tmp/b /tmp/c
    > 256 4096
    > 2 4096
    > 1 4096

    # for the next one only
    $ bwrap "${host[@]}" --size 8192 --tmpfs /tmp/a --tmpfs /tmp/b sh -c '
    $     test $(stat -f -c %b /tmp/b) -gt 2 && echo more'
    > more

    # the root is one, 0755, nosuid and nodev, which can be written to
    $ see mounts "${bare[@]}" --proc /proc | sed -n 's/^\(mount \/\) dev 1 of \S* \(.* - tmpfs tmpfs rw,\).*/\1 \2/p'
    $ bwrap "${bare[@]}" bash -c 'echo a >/a && cat /a && stat -c %a /'
    > mount / rw,nosuid,nodev,relatime - tmpfs tmpfs rw,
    > a
    > 755

    # it holds nothing but what was asked for
    $ bwrap "${bare[@]}" --dir /a ls -A / | grep -vE '^(bin|sbin|lib|lib32|lib64|usr)$'
    > a

    # and is as large as a tmpfs of the host is
    $ bwrap "${bare[@]}" --tmpfs /t stat -f -c '%b %c' / /t | uniq | wc -l
    > 1

    # not over a file
    $ bwrap "${host[@]}" --tmpfs /etc/passwd true
    2> bwrap: *
    status 1

    # a mount point is made 0755
    $ mkdir d
    $ bwrap "${host[@]}" --bind d /tmp/d --perms 0700 --tmpfs /tmp/d/a true
    $ stat -c %a d/a
    > 755
END
}

@test "--mqueue" {
    compare <<'END'
    # of the ipc namespace
    $ see mounts "${host[@]}" --proc /proc --unshare-ipc --mqueue /tmp/q |
    $     sed -n 's/^\(mount \/tmp\/q\) dev [0-9]* of \/ rw,.* - /\1 /p'
    > mount /tmp/q mqueue mqueue rw

    # not of the host's, for an ordinary user
    $ bwrap "${host[@]}" --mqueue /tmp/q true
    2> bwrap: *mqueue*
    status 1
END
}

@test "--proc" {
    compare <<'END'
    # of the new pid namespace
    $ bwrap "${host[@]}" --unshare-pid --proc /proc bash -c 'cd /proc && echo [0-9]* $$'
    > 1 2 2

    # what its mount looks like
    $ see mounts "${host[@]}" --unshare-pid --proc /proc | sed -n 's/^\(mount \/proc\S*\) dev [0-9]*/\1/p'
    > mount /proc of / rw,nosuid,nodev,noexec,relatime - proc proc rw

    # without one, the host's
    $ bwrap "${host[@]}" --proc /tmp/proc readlink /tmp/proc/self/ns/pid >inside
    $ readlink /proc/self/ns/pid | diff - inside

    # what its mount looks like then
    $ see mounts --bind / / --proc /mnt | sed -n 's/noexec,//; s/^\(mount \/mnt \)dev [0-9]*/\1/p'
    has mount /mnt  of / rw,nosuid,nodev,relatime - proc proc rw

    # the places that could harm the host are read-only to whoever could write there
    $ bwrap "${host[@]}" --unshare-user --unshare-pid --proc /proc sh -c '
    $     for name in sys sysrq-trigger irq bus; do
    $         test -w /proc/$name && echo /proc/$name
    $     done; true'

    # at some other place
    $ bwrap "${host[@]}" --unshare-pid --proc /tmp/a/b bash -c 'test -e /tmp/a/b/self/exe && stat -c %a /tmp/a'
    > 700

    # no file
    $ bwrap "${host[@]}" --unshare-pid --proc /etc/passwd true
    2> bwrap: *
    status 1
END
}

@test "--dev" {
    compare <<'END'
    # what there is
    $ bwrap "${host[@]}" --dev /dev ls -A /dev
    > core
    > fd
    > full
    > null
    > ptmx
    > pts
    > random
    > shm
    > stderr
    > stdin
    > stdout
    > tty
    > urandom
    > zero

    # kinds and modes
    $ bwrap "${host[@]}" --dev /dev stat -c '%n %F %a %t,%T' /dev /dev/null /dev/zero /dev/full /dev/random \
    $     /dev/urandom /dev/tty /dev/shm /dev/pts | sed 's/\(directory.*\) .*/\1/'
    > /dev directory 755
    > /dev/null character special file 666 1,3
    > /dev/zero character special file 666 1,5
    > /dev/full character special file 666 1,7
    > /dev/random character special file 666 1,8
    > /dev/urandom character special file 666 1,9
    > /dev/tty character special file 666 5,0
    > /dev/shm directory 755
    > /dev/pts directory 755

    # links
    $ bwrap "${host[@]}" --dev /dev bash -c 'cd /dev; for name in *; do
    $     [ ! -L $name ] || echo $name $(readlink $name)
    $ done'
    > core /proc/kcore
    > fd /proc/self/fd
    > ptmx pts/ptmx
    > stderr /proc/self/fd/2
    > stdin /proc/self/fd/0
    > stdout /proc/self/fd/1

    # mounts
    $ see mounts "${host[@]}" --proc /proc --dev /dev |
    $     sed -n 's/^\(mount \/dev\S*\) dev [0-9]*/\1/; s/\( - \(dev\)\?tmpfs\).*/\1/; /^mount \/dev/p'
    > mount /dev of / rw,nosuid,nodev,relatime - tmpfs
    > mount /dev/full of /full rw,nosuid,relatime - devtmpfs
    > mount /dev/null of /null rw,nosuid,relatime - devtmpfs
    > mount /dev/pts of / rw,nosuid,noexec,relatime - devpts devpts rw,mode=620,ptmxmode=666
    > mount /dev/random of /random rw,nosuid,relatime - devtmpfs
    > mount /dev/tty of /tty rw,nosuid,relatime - devtmpfs
    > mount /dev/urandom of /urandom rw,nosuid,relatime - devtmpfs
    > mount /dev/zero of /zero rw,nosuid,relatime - devtmpfs

    # they work
    $ bwrap "${host[@]}" --dev /dev sh -c 'echo a >/dev/null; head -c 3 /dev/zero | wc -c; head -c 4 /dev/urandom | wc -c'
    > 3
    > 4

    # it can be written to
    $ bwrap "${host[@]}" --dev /dev sh -c 'echo a >/dev/shm/a; echo b >/dev/b; cat /dev/shm/a /dev/b'
    > a
    > b

    # terminals are its own
    $ bwrap "${host[@]}" --dev /dev python3 -c 'import os; print(os.ttyname(os.openpty()[1]))'
    > /dev/pts/0

    # at some other place
    $ bwrap "${host[@]}" --dev /tmp/a/dev bash -c 'cd /tmp/a/dev; echo *; stat -c %a ..'
    > core fd full null ptmx pts random shm stderr stdin stdout tty urandom zero
    > 700

    # it brings a second user namespace, in which the caller is who it was
    $ see ids "${host[@]}" --proc /proc --dev /dev |
    $     sed "s/\b\($UID\|$(id -g)\)\b/ID/g" | grep -v ^Groups
    > uid_map: ID 0 1
    > gid_map: ID 0 1
    > setgroups: deny
    > Uid:	ID	ID	ID	ID
    > Gid:	ID	ID	ID	ID

    # more things can be made in it
    $ bwrap "${host[@]}" --dev /dev --dir /dev/dir --symlink null /dev/link --bind / /dev/all \
    $     bash -c 'echo /dev/[adl]*'
    > /dev/all /dev/dir /dev/link
END
}

# on_terminal runs what it runs with a terminal as standard output.
console_is_the_terminal() {
    run on_terminal -- bwrap --ro-bind / / --proc /proc --dev /dev \
        sh -c 'tty <&1; test /dev/console -ef "$(readlink /proc/self/fd/1)"; ls -A /dev | tr "\n" " "; stat -c %F /dev/console'
    assert_success
    assert_line --partial 'character special file'
    assert_output --partial 'console core'
    refute_output --partial 'not a tty'
}

@test "--dev has the terminal as console if standard output is one" {
    on_each console_is_the_terminal
}

@test "--dev has no console if standard output is no terminal" {
    compare <<'END'
    # only standard output counts
    $ python3 -c 'import os, pty, subprocess, sys; main, other = pty.openpty()
    $ sys.exit(subprocess.call(sys.argv[1:], stdin=other, stderr=other))' \
    $     bwrap "${host[@]}" --dev /dev test -e /dev/console
    status 1
END
}

@test "overlays" {
    need_kernel 5.11
    compare <<'END'
    # --overlay: what is written goes to RWSRC
    since 0.11.0
    $ mkdir lower upper work
    $ echo lower >lower/a
    $ bwrap "${host[@]}" --overlay-src lower --overlay upper work /tmp/o sh -c '
    $     cat /tmp/o/a; echo new >/tmp/o/b; echo changed >/tmp/o/a; cat /tmp/o/a'
    $ cat lower/a upper/a upper/b
    > lower
    > changed
    > lower
    > changed
    > new

    # the last --overlay-src is the topmost
    since 0.11.0
    $ mkdir l1 l2 upper work
    $ echo 1 | tee l1/a >l1/b
    $ echo 2 >l2/b
    $ bwrap "${host[@]}" --overlay-src l1 --overlay-src l2 --overlay upper work /tmp/o cat /tmp/o/a /tmp/o/b
    > 1
    > 2

    # --tmp-overlay: what is written is gone afterwards
    since 0.11.0
    $ mkdir lower
    $ echo lower >lower/a
    $ bwrap "${host[@]}" --overlay-src lower --tmp-overlay /tmp/o sh -c 'echo changed >/tmp/o/a; cat /tmp/o/a'
    $ cat lower/a
    > changed
    > lower

    # several are apart
    since 0.11.0
    $ mkdir l1 l2
    $ echo 1 >l1/a
    $ echo 2 >l2/a
    $ bwrap "${host[@]}" --overlay-src l1 --tmp-overlay /tmp/x --overlay-src l2 --tmp-overlay /tmp/y sh -c '
    $     cat /tmp/x/a; echo 3 >/tmp/x/a; cat /tmp/x/a /tmp/y/a'
    > 1
    > 3
    > 2

    # --ro-overlay: nothing is written
    since 0.11.0
    $ mkdir l1 l2
    $ echo 1 | tee l1/a >l1/b
    $ echo 2 >l2/b
    $ bwrap "${host[@]}" --overlay-src l1 --overlay-src l2 --ro-overlay /tmp/o sh -c '
    $     cat /tmp/o/a /tmp/o/b; echo new >/tmp/o/a'
    > 1
    > 2
    2> *Read-only file system
    status 2

    # over the root
    since 0.11.0
    $ mkdir -p root/{usr,bin,lib,lib64,proc,tmp}
    $ echo mine >root/file
    $ bwrap --overlay-src root --tmp-overlay / --ro-bind /usr /usr --ro-bind /bin /bin --ro-bind /lib /lib \
    $     --ro-bind-try /lib64 /lib64 cat /file
    > mine

    # names with what overlayfs takes for its own
    since 0.11.0
    $ mkdir 'lower ":,\' 'upper ":,\' 'work ":,\'
    $ echo 1 >'lower ":,\'/a
    $ bwrap "${host[@]}" --overlay-src 'lower ":,\' --overlay 'upper ":,\' 'work ":,\' /tmp/x sh -c '
    $     cat /tmp/x/a; echo 2 >/tmp/x/a; cat /tmp/x/a'
    $ cat 'lower ":,\'/a 'upper ":,\'/a
    > 1
    > 2
    > 1
    > 2

    # mounts: nosuid, nodev, userxattr
    since 0.11.0
    $ mkdir l1 l2 upper work
    $ see mounts "${host[@]}" --proc /proc --overlay-src l1 --overlay upper work /tmp/a \
    $     --overlay-src l1 --tmp-overlay /tmp/b --overlay-src l1 --overlay-src l2 --ro-overlay /tmp/c |
    $     sed -n 's/^\(mount \/tmp\/.\) dev [0-9]* of \/ r[ow],\(.* - overlay\) .*\(,userxattr\).*/\1 \2 \3/p'
    > mount /tmp/a nosuid,nodev,relatime - overlay ,userxattr
    > mount /tmp/b nosuid,nodev,relatime - overlay ,userxattr
    > mount /tmp/c nosuid,nodev,relatime - overlay ,userxattr

    # a source that is not there
    since 0.11.0
    $ mkdir d
    $ bwrap "${host[@]}" --overlay-src /none --tmp-overlay /tmp/o true
    $ bwrap "${host[@]}" --overlay-src d --overlay /none d /tmp/o true
    $ bwrap "${host[@]}" --overlay-src d --overlay d /none /tmp/o true
    2> bwrap: Can't find source path /none: No such file or directory
    2> bwrap: Can't find source path /none: No such file or directory
    2> bwrap: Can't find source path /none: No such file or directory
    status 1

    # folders that lie in each other
    since 0.11.0
    $ mkdir -p d/work
    $ bwrap "${host[@]}" --overlay-src d --overlay d d/work /tmp/o true
    2> bwrap: *overlay*
    status 1

    # parents are made for their owner alone, the mount point 0755
    since 0.11.0
    $ mkdir l1 d
    $ bwrap "${host[@]}" --bind d /tmp/d --overlay-src l1 --tmp-overlay /tmp/d/a/b true
    $ stat -c %a d/a d/a/b
    > 700
    > 755
END
}
