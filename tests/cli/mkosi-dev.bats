# SPDX-License-Identifier: LGPL-2.1-or-later
# mkosi-sandbox: --dev, a /dev of its own.

load ../lib/mkosi

@test "what is in it" {
    compare <<'ROWS'
    # names, kinds and modes; fuse only if the host has it
    $ inside --dev /dev --dir /tmp bash -c 'cd /dev; stat -c "%n %F %t:%T %a" $(ls -A | grep -v fuse)'
    $ inside --dev /dev sh -c 'test -e /dev/fuse && echo yes || echo no' >fuse
    $ { test -e /dev/fuse && echo yes || echo no; } | cmp - fuse
    > core symbolic link 0:0 777
    > fd symbolic link 0:0 777
    > full character special file 1:7 666
    > null character special file 1:3 666
    > ptmx symbolic link 0:0 777
    > pts directory 0:0 755
    > random character special file 1:8 666
    > shm directory 0:0 1777
    > stderr symbolic link 0:0 777
    > stdin symbolic link 0:0 777
    > stdout symbolic link 0:0 777
    > tty character special file 5:0 666
    > urandom character special file 1:9 666
    > zero character special file 1:5 666

    # where its links lead
    $ inside --dev /dev sh -c 'cd /dev; for l in core fd ptmx stdin stdout stderr; do
    $     echo "$l $(readlink $l)"; done'
    > core /proc/kcore
    > fd /proc/self/fd
    > ptmx pts/ptmx
    > stdin /proc/self/fd/0
    > stdout /proc/self/fd/1
    > stderr /proc/self/fd/2

    # its mode, whatever the umask, and its owner
    $ umask 077
    $ me inside --dev /dev stat -c '%n %a %u:%g' /dev /dev/shm /dev/pts
    $ me inside --dev /dev --become-root stat -c '%u:%g' /dev /dev/shm
    has /dev 755 ID:ID
    has /dev/shm 1777 ID:ID
    has /dev/pts 755 *
    has 0:0

    # mounts: a tmpfs, the devices of the host, new terminals; nothing on shm, no mqueue
    $ stripped see mounts "${base[@]}" --dev /dev | grep ' /dev' |
    $     grep -v /dev/fuse | cut -d ' ' -f 2,5-9
    has /dev of / rw,relatime - tmpfs
    has /dev/full of /full *
    has /dev/null of /null *
    has /dev/pts of / rw,relatime - devpts
    has /dev/tty of /tty *
    lacks /dev/shm*
    lacks *mqueue*

    # devpts: a new instance with ptmx for all; terminals 0620
    $ see mounts "${base[@]}" --dev /dev | grep -o 'devpts.*'
    has devpts devpts rw,mode=620,ptmxmode=666

    # elsewhere, with parents, and twice
    $ mounts --dev /a/dev --dev /b | grep -E ' (tmpfs|devpts) '
    $ inside --dev /a/dev stat -c '%n %a' /a /a/dev
    > /a/dev tmpfs rw
    > /a/dev/pts devpts rw
    > /b tmpfs rw
    > /b/pts devpts rw
    > /a 755
    > /a/dev 755

    # over what is bound
    $ mkdir -p d/dev; touch d/dev/mine
    $ inside --bind d /e --dev /e/dev test -e /e/dev/mine || echo hidden
    $ ls d/dev
    > hidden
    > mine

    # a symlink is followed
    $ inside --symlink real /link --dev /link --dir /real/x ls -d /real/null
    > /real/null
ROWS
}

@test "it works" {
    compare <<'ROWS'
    # devices
    $ inside --dev /dev bash -c 'echo x >/dev/null; head -c 3 /dev/zero | od -An -tx1
    $     head -c 8 /dev/urandom | wc -c; (echo x >/dev/full) 2>/dev/null || echo full'
    >  00 00 00
    > 8
    > full

    # files can be made in it
    $ inside --dev /dev sh -c 'echo x >/dev/shm/f && echo y >/dev/new && cat /dev/shm/f /dev/new'
    > x
    > y

    # standard input and output
    $ echo text | inside --dev /dev sh -c 'cat /dev/stdin >/dev/stdout; echo oops >/dev/stderr'
    > text
    2> oops

    # no console without a terminal
    $ inside --dev /dev test -e /dev/console || echo none
    > none

    # binds of more devices into it
    $ inside --dev /dev --write '' /dev/extra --bind /dev/zero /dev/extra head -c 1 /dev/extra |
    $     od -An -tx1
    >  00
ROWS
}

@test "terminals are its own" {
    need_program python3
    compare <<'ROWS'
    # the first is 0, whatever there is outside
    $ inside --dev /dev /usr/bin/python3 -c 'import os
    $ a, b = os.openpty(); print(os.ttyname(b), oct(os.stat("/dev/pts/0").st_mode))'
    > /dev/pts/0 0o20620
ROWS
}

@test "the terminal on standard error is its console" {
    console() {
        run on_terminal -- mkosi-sandbox --ro-bind /usr /usr --symlink usr/bin /bin \
            --symlink usr/lib /lib --symlink usr/lib64 /lib64 --bind /proc /proc --dev /dev \
            sh -c 'test -t 2 && echo terminal
                [ "$(stat -Lc %d:%i /dev/stderr)" = "$(stat -c %d:%i /dev/console)" ] && echo same
                echo said >/dev/console; ls /dev/pts'
        assert_success
        assert_output $'terminal\nsame\nsaid\nptmx'
    }
    on_each console
}

@test "only the terminal on standard error is, not that on standard input" {
    no_console() {
        run on_terminal -- sh -c 'mkosi-sandbox --ro-bind /usr /usr --symlink usr/bin /bin \
            --symlink usr/lib /lib --symlink usr/lib64 /lib64 --dev /dev \
            sh -c "test -e /dev/console || echo none" 2>errors; cat errors'
        assert_success
        assert_output none
    }
    on_each no_console
}
