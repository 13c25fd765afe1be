# SPDX-License-Identifier: LGPL-2.1-or-later
# mkosi-sandbox: what the command is started with: environment, folder, umask, descriptors.

load ../lib/mkosi

@test "--setenv and --unsetenv" {
    compare <<'ROWS'
    # all is inherited, nothing is added
    $ cd /; env -i LC_ALL=C A=a B='b
    $ c' PWD=/x "$(command -v mkosi-sandbox)" "${base[@]}" /usr/bin/env | grep -v ^[AU].*SAN_OPTIONS
    > LC_ALL=C
    > A=a
    > B=b
    > c
    > PWD=/x

    # set, changed, emptied; the last one wins
    $ B=old inside --setenv A 1 --setenv B new --setenv C '' --setenv A 2 sh -c 'echo "$A.$B.${C-unset}"'
    > 2.new.

    # unset wins, whatever the order
    $ B=b inside --unsetenv A --setenv A a --setenv B b --unsetenv B sh -c 'echo ${A-none} ${B-none}'
    > none none

    # unset of what is not there
    $ inside --unsetenv NONE --unsetenv '' echo fine
    > fine

    # values are taken as they are
    $ inside --setenv A 'x=y z
    $ $HOME' sh -c 'echo "$A"'
    > x=y z
    > $HOME

    # LISTEN_FDS and the like are left alone
    $ LISTEN_FDS=7 LISTEN_PID=8 inside sh -c 'echo $LISTEN_FDS $LISTEN_PID'
    > 7 8
ROWS
}

@test "the current folder" {
    compare <<'ROWS'
    # is / if nothing is said
    $ see cwd "${base[@]}"
    $ see cwd "${base[@]}" --bind / /
    > cwd: /
    > cwd: /

    # --chdir
    $ see cwd "${base[@]}" --chdir /usr
    $ see cwd "${base[@]}" --dir /a/b --symlink /a /c --chdir /c/./b/..//b
    > cwd: /usr
    > cwd: /a/b

    # --chdir, relative: to the caller's folder
    $ mkdir d
    $ see cwd "${base[@]}" --bind d "$PWD/d" --chdir d | sed "s,$PWD,HERE,"
    $ see cwd "${base[@]}" --dir "$PWD" --chdir . | sed "s,$PWD,HERE,"
    > cwd: HERE/d
    > cwd: HERE

    # --chdir: .. is taken as text
    $ see cwd "${base[@]}" --dir /a/b --dir /c --symlink /a/b /c/l --chdir /c/l/..
    > cwd: /c

    # --same-dir
    $ see cwd "${base[@]}" --bind / / --same-dir | sed "s,$PWD,HERE,"
    $ see cwd "${base[@]}" --dir "$PWD" --same-dir | sed "s,$PWD,HERE,"
    > cwd: HERE
    > cwd: HERE

    # --same-dir: the folder, not what PWD says
    $ mkdir d; ln -s d l; cd l
    $ see cwd "${base[@]}" --bind / / --same-dir | sed "s,.*/row/,,"
    > d

    # the last one of both wins
    $ see cwd "${base[@]}" --bind / / --chdir /usr --same-dir | sed "s,$PWD,HERE,"
    $ see cwd "${base[@]}" --bind / / --same-dir --chdir /usr
    $ see cwd "${base[@]}" --same-dir --chdir /none --chdir /usr
    > cwd: HERE
    > cwd: /usr
    > cwd: /usr

    # a folder that is not there, or is none, is fatal
    $ inside --chdir /none echo no 2>/dev/null || echo failed
    $ inside --same-dir echo no 2>/dev/null || echo failed
    $ inside --write '' /f --chdir /f echo no 2>/dev/null || echo failed
    > failed
    > failed
    > failed

    # one that only root can enter
    $ inside --dir /a --bind /root /a --chdir /a echo no 2>/dev/null || echo failed
    > failed

    # PWD is not touched
    $ PWD=/x inside --chdir /usr /usr/bin/env | grep ^PWD
    > PWD=/x
ROWS
}

@test "umask, niceness and limits are the caller's" {
    compare <<'ROWS'
    # umask
    $ umask 0; see umask "${base[@]}"
    $ umask 0137; see umask "${base[@]}" --dir /a --write x /b --dev /dev --tmpfs /c
    > 0000
    > 0137

    # limits and niceness
    $ ulimit -n 100 -c 0 -s 4096; renice -n 19 $$ >/dev/null
    $ bash -c 'ulimit -a; nice' >outside; inside bash -c 'ulimit -a; nice' | cmp - outside
ROWS
}

@test "descriptors" {
    compare <<'ROWS'
    # those that were open stay open, at their numbers; none is added
    $ touch a b
    $ see fds "${base[@]}"
    $ exec 3<a 7<b 8>c; see fds "${base[@]}" --dev /dev --tmpfs /t --write x /w --bind a /a
    > fds: 0 1 2
    > fds: 0 1 2 3 7 8

    # they can be used
    $ echo text >a; exec 5<a
    $ inside sh -c 'cat <&5'
    > text

    # --pack-fds: from 3 on, in their order
    $ echo 7 >a; echo 20 >b; echo 5 >c; exec 7<a 20<b 5<c
    $ see fds "${base[@]}" --pack-fds
    $ inside --pack-fds sh -c 'cat <&3; cat <&4; cat <&5'
    $ inside --pack-fds bash -c 'echo $LISTEN_FDS $((LISTEN_PID - $$))'
    > fds: 0 1 2 3 4 5
    > 5
    > 7
    > 20
    > 3 0

    # --pack-fds: those in place already
    $ echo 3 >a; echo 4 >b; echo 9 >c; exec 3<a 4<b 9<c
    $ inside --pack-fds sh -c 'cat <&3; cat <&4; cat <&5; echo $LISTEN_FDS'
    > 3
    > 4
    > 9
    > 3

    # --pack-fds: many
    $ for n in {10..99}; do echo $n >f$n; eval "exec $n<f$n"; done
    $ inside --pack-fds bash -c 'echo $LISTEN_FDS; for ((n = 3; n < 93; n++)); do
    $     read -r got <&$n; [ $got -eq $((n + 7)) ] || echo $n is $got
    $ done'
    > 90

    # --pack-fds without any: nothing is set
    $ inside --pack-fds sh -c 'echo ${LISTEN_FDS-unset} ${LISTEN_PID-unset}'
    $ LISTEN_FDS=1 LISTEN_PID=2 inside --pack-fds sh -c 'echo $LISTEN_FDS $LISTEN_PID'
    > unset unset
    > 1 2

    # --pack-fds wins over --setenv and --unsetenv
    $ echo x >f; exec 5<f
    $ inside --pack-fds --setenv LISTEN_FDS 7 --unsetenv LISTEN_PID \
    $     bash -c 'echo $LISTEN_FDS $((LISTEN_PID - $$))'
    > 1 0
ROWS
}

@test "descriptors that close on exec are not handed on, nor counted" {
    need_program python3
    compare <<'ROWS'
    # 9 is to be closed
    $ echo 7 >a; exec 7<a 9<a
    $ /usr/bin/python3 -c '
    $ import os, sys
    $ os.set_inheritable(9, False)
    $ os.execvp(sys.argv[1], sys.argv[1:])' mkosi-sandbox "${base[@]}" --pack-fds \
    $     bash -c 'echo $LISTEN_FDS; for fd in /proc/$$/fd/*; do [ -L $fd ] && echo ${fd##*/}; done'
    > 1
    > 0
    > 1
    > 2
    > 3
    status 1
ROWS
}
