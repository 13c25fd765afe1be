# SPDX-License-Identifier: LGPL-2.1-or-later
# fakeroot: the command line, the command, and what files look like (more: fakeroot-*.bats).

load ../lib/compare

setup() {
    enter_comparison fakeroot
}

# shellcheck disable=SC2034 # of compare
prelude='
owner() { stat -c "%n %u:%g %a" "$@"; }
# in_it SHELL [OPTION...]: a shell in it
in_it() { local shell=$1; shift; fakeroot "$@" -- bash -c "owner() { stat -c \"%n %u:%g %a\" \"\$@\"; }; $shell"; }
umask 022
'

@test "owners are what the command said" {
    compare <<'ROWS'
    # of files
    $ fakeroot -- sh -c 'touch f; chown 5:6 f; stat -c %u:%g f'
    > 5:6

    # the user alone, the group alone
    $ in_it 'touch f g; chown 5 f; chgrp 6 g; owner f g'
    > f 5:0 644
    > g 0:6 644

    # of a folder, a symlink and what it leads to
    $ in_it 'mkdir d; touch f; ln -s f l; chown 1:2 d; chown -h 3:4 l; owner d f l; chown 5:6 l; owner f l'
    > d 1:2 755
    > f 0:0 644
    > l 3:4 777
    > f 5:6 644
    > l 3:4 777

    # of a file with several names, by each of them
    $ in_it 'touch f; ln f g; chown 4 f; rm f; owner g; mv g h; owner h'
    > g 4:0 644
    > h 4:0 644

    # back to root
    $ in_it 'touch f; chown 5:6 f; chown 0:0 f; owner f'
    > f 0:0 644

    # with the setuid bit, which stays
    $ in_it 'touch f; chmod 6755 f; chown 5:6 f; owner f'
    > f 5:6 6755

    # of files of others, which are root's until then
    $ in_it 'owner / /etc/passwd; chown 7:8 /etc/passwd; owner /etc/passwd'
    > / 0:0 755
    > /etc/passwd 0:0 644
    > /etc/passwd 7:8 644

    # modes of files of others, too
    $ in_it 'chmod 4711 /etc/passwd; owner /etc/passwd'; owner /etc/passwd
    > /etc/passwd 0:0 4711
    > /etc/passwd 0:0 644

    # outside, nothing has changed
    $ touch f; in_it 'chown 5:6 f'; [ "$(stat -c %u:%g f)" = "$(id -u):$(id -g)" ]
ROWS
}

@test "what is made anew has no owner of before" {
    compare <<'ROWS'
    # after rm
    $ in_it 'touch f; chown 5 f; rm f; touch f; owner f'
    > f 0:0 644

    # after rmdir
    $ in_it 'mkdir d; chown 5 d; rmdir d/; mkdir d; owner d'
    > d 0:0 755

    # after mv onto it
    $ in_it 'touch f g; chown 5 f; chown 6 g; mv f g; owner g; rm g; touch f g; owner f g'
    > g 5:0 644
    > f 0:0 644
    > g 0:0 644

    # mv onto itself does nothing
    $ in_it 'touch f; chown 5 f; mv f f 2>/dev/null; owner f'
    > f 5:0 644
ROWS
}

@test "modes and devices" {
    compare <<'ROWS'
    # a device
    $ in_it 'mknod -m 600 n c 5 1; stat -c "%F %a %t:%T" n; ls -l n | cut -d" " -f1,3-6'
    > character special file 600 5:1
    > crw------- root root 5, 1

    # with another mode and owner
    $ in_it 'mknod n b 8 300; chown 1:2 n; chmod 640 n; stat -c "%F %a %t:%T %u:%g" n'
    > block special file 640 8:12c 1:2

    # copied
    $ in_it 'mknod n c 1 3; chown 9 n; cp -a n m; stat -c "%F %t:%T %u" m'
    > character special file 1:3 9

    # mode 0 is one, too
    $ in_it 'touch f; chmod 0 f; owner f; echo text >f; cat f'
    > f 0:0 0
    > text

    # outside, the owner can go on
    $ in_it 'touch f; mkdir d; chmod 444 f; chmod 55 d; owner f d'; owner f d | cut -d" " -f1,3
    > f 0:0 444
    > d 0:0 55
    > f 644
    > d 755

    # ... in new folders, too
    $ in_it 'mkdir -m 0 d; mkdir -m 070 e; (umask 777; mkdir f); owner d e'; owner d e | cut -d" " -f1,3; chmod 700 f
    > d 0:0 0
    > e 0:0 70
    > d 700
    > e 770

    # install
    $ in_it 'touch f; install -o 8 -g 9 -m 2755 f g; install -d -o 1 -g 2 -m 1777 d; owner g d'
    > g 8:9 2755
    > d 1:2 1777
ROWS
}

@test "-u shows real owners" {
    compare <<'ROWS'
    # of the caller's files and of others'
    $ touch f; in_it 'owner f /etc' -u | sed "s/$(id -u):$(id -g)/mine/"
    > f mine 644
    > /etc 0:0 755

    # unless they were changed
    $ in_it 'touch f; chown 5:6 f; owner f; chown 0:0 f; owner f; id -u' -u
    > f 5:6 644
    > f 0:0 644
    > 0

    # by its long name
    $ touch f; in_it 'owner f' --unknown-is-real | grep -c " $(id -u):$(id -g) "
    > 1
ROWS
}

@test "who the command is" {
    compare <<'ROWS'
    # root
    $ fakeroot id
    > uid=0(root) gid=0(root) groups=0(root)

    # changes of ids succeed
    $ need='import os; os.setgroups([1, 2]); os.setgid(5); os.setresuid(5, 5, 5); print("done")'
    $ fakeroot python3 -c "$need"
    > done

    # it is told of where it is
    $ fakeroot sh -c 'test "$FAKEROOTKEY" -gt 0 && echo "$FAKED_MODE"'; fakeroot -u sh -c 'echo "$FAKED_MODE"'
    > unknown-is-root
    > unknown-is-real

    # and is not again
    $ fakeroot sh -c 'fakeroot true' 2>&1 | grep -c '^fakeroot: FAKEROOTKEY set to [0-9]'
    $ FAKEROOTKEY=5 fakeroot true
    > 1
    2> ...
    status 1

    # its current directory, environment, umask and open files are the caller's
    $ mkdir d; cd d; umask 027; A=b fakeroot sh -c 'basename "$PWD"; echo $A; umask; cat <&7' 7<<<seven
    > d
    > b
    > 0027
    > seven
ROWS
}

@test "the command line" {
    compare <<'ROWS'
    # values in a word of their own or not, letters together
    $ touch f; for i in "-s t" -st "-us t" "-ust" "-s t --"; do fakeroot $i chown 5 f; grep -c uid=5 t; rm t; done | uniq -c | tr -s ' '
    >  5 1

    # options without a use here
    $ fakeroot --fd-base 5 -b 6 -- echo yes
    > yes

    # options end at the first word
    $ fakeroot echo -s x
    > -s x

    # version
    before 1.32
    $ fakeroot -v; fakeroot --version
    > fakeroot version 1.31
    > fakeroot version 1.31

    # help is a failure, on standard error
    $ fakeroot -h
    2> *
    2> ...
    status 1

    # ... that names the options
    $ fakeroot --help 2>help; for i in -s -i -u -b -h -v --lib --faked --unknown-is-real --version; do
    $     grep -qE -e "(^|[[| ])$i([] |]|$)" help || echo "no $i"
    $ done

    # an unknown option
    $ fakeroot -x true
    2> ...
    status 1
    $ fakeroot --nonsense true
    2> ...
    status 1

    # a value that is missing
    $ fakeroot -s
    2> ...
    status 1

    # no command: the shell
    $ echo 'id -u' | SHELL=/bin/sh fakeroot
    > 0
    $ echo 'id -u' | env -u SHELL fakeroot
    > 0
ROWS
}

@test "how it ends" {
    compare <<'ROWS'
    # with the command's status
    $ fakeroot true; fakeroot sh -c 'exit 37'
    status 37

    # by a signal
    $ fakeroot sh -c 'kill -TERM $$'
    2> ...
    status 143

    # not found, not executable
    $ fakeroot ./none; echo $?; touch f; fakeroot ./f; echo $?
    > 127
    > 126
    2> ...

    # what the command started lives on, and has owners
    $ mkfifo start end
    $ fakeroot sh -c 'touch f; chown 5 f; (read x <start; stat -c %u f >end 2>&1) >/dev/null 2>&1 & exit 4'; echo $?
    $ timeout 10 cat end >said & echo go >start; wait; grep -x 5 said || echo forgotten
    differs the original has forgotten it by then
    > 4
    > 5
    real > 4
    real > forgotten

    # SIGINT to it alone waits for the command
    $ fakeroot sh -c 'echo ready >ready; read x <&7; exit 5' 7< <(until [ -s ready ]; do :; done; sleep 0.2; echo) & pid=$!
    $ until [ -s ready ]; do :; done; kill -INT $pid; wait $pid
    status 5
ROWS
}
