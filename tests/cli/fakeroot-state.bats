# SPDX-License-Identifier: LGPL-2.1-or-later
# fakeroot: the state file of -i and -s, and that ours and the original read each other's.

load ../lib/compare

setup() {
    enter_comparison fakeroot
}

# shellcheck disable=SC2034 # of compare
prelude='
shown() { fakeroot -i "$1" sh -c "find tree -printf \"%p %U:%G %m %y\n\"" | sort; }
# the fields of each line but those that are by chance, in the order of the names given
lines() {
    local file
    for file in "${@:2}"; do
        sed -n "s/^dev=[0-9a-f]*,ino=$(stat -c %i "$file"),/$file /p" "$1"
    done
}
umask 022
'

@test "what is written" {
    compare <<'ROWS'
    # a line for each file
    $ fakeroot -s s sh -c 'touch f; chown 5:6 f; chmod 4755 f; mkdir d; chown 7 d; mknod n b 8 300; chown 1 f'
    $ lines s f d n
    > f mode=104755,uid=1,gid=6,nlink=1,rdev=0
    > d mode=40755,uid=7,gid=0,nlink=2,rdev=0
    > n mode=60644,uid=0,gid=0,nlink=1,rdev=1050668

    # none for what is gone
    $ fakeroot -s s sh -c 'touch f g; chown 5 f g; rm f; touch h; chown 3 h; mv h g; mkdir d; chown 1 d; rmdir d'
    $ grep -c . s; grep -c uid=3 s
    > 1
    > 1

    # nothing to remember: an empty file
    $ fakeroot -s s true; ls s; grep -c . s
    > s
    > 0
    status 1

    # after a command that failed, or was killed
    $ touch f; fakeroot -s s sh -c 'chown 5 f; exit 3'; echo $?; lines s f
    > 3
    > f mode=100644,uid=5,gid=0,nlink=1,rdev=0
    $ fakeroot -s s sh -c 'chown 6 f; kill -KILL $$'; echo $?; lines s f
    2> ...
    > 137
    > f mode=100644,uid=6,gid=0,nlink=1,rdev=0

    # ... was not found
    $ fakeroot -s s ./none; echo $?; ls s
    2> ...
    > 127
    > s

    # the mode that copying with attributes gave
    $ fakeroot -s s sh -c 'touch f; chmod 640 f; chown 5:6 f; cp -a f g'; lines s f g
    > f mode=100640,uid=5,gid=6,nlink=1,rdev=0
    > g mode=100640,uid=5,gid=6,nlink=1,rdev=0

    # another file in its place, of which all is known still
    $ fakeroot -s s sh -c 'touch f g; chown 5 f g'; fakeroot -i s -s s sh -c 'chown 6 f'; lines s f g
    > f mode=100644,uid=6,gid=0,nlink=1,rdev=0
    > g mode=100644,uid=5,gid=0,nlink=1,rdev=0

    # another folder
    $ mkdir d; fakeroot -s d/s sh -c 'cd /; true'; ls d
    > s
ROWS
}

@test "what is read" {
    compare <<'ROWS'
    # owners, modes, devices
    $ fakeroot -s s sh -c 'mkdir tree; cd tree; touch f; mknod n c 1 3; ln -s f l; chown -h 1:2 l; chown 3:4 f .; chmod 2711 f'
    $ shown s
    > tree 3:4 755 d
    > tree/f 3:4 2711 f
    > tree/l 1:2 777 l
    > tree/n 0:0 644 c

    # without -s it stays
    $ fakeroot -s s sh -c 'mkdir tree; chown 5 tree'; fakeroot -i s chown 6 tree; shown s
    > tree 5:0 755 d

    # changed in the run
    $ fakeroot -s s sh -c 'touch f g; chown 5:6 f g'
    $ fakeroot -i s sh -c 'chmod 600 f; chown 7 f; rm g; touch g; stat -c "%u:%g %a" f g'
    > 7:6 600
    > 0:0 644

    # no such file: it says so, and goes on
    $ fakeroot -i none echo on
    > on
    2> *none*does not exist*

    # no regular one
    $ fakeroot -i . echo on
    > on
    2> *does not exist*

    # with -u
    $ touch f g; fakeroot -s s chown 5:6 f; fakeroot -i s -u stat -c %u:%g f g | sed "s/^$(id -u):$(id -g)$/mine/"
    > 5:6
    > mine
ROWS
}

@test "a FIFO is written to" {
    mkfifo pipe
    touch f
    within 20 cat pipe >written &
    "$OURS" -s pipe chown 5 f
    wait "$!"
    run cut -d, -f3- written
    assert_output 'mode=100644,uid=5,gid=0,nlink=1,rdev=0'
    [ -p pipe ]
}

# What both understand, of a tree that the program WHICH says makes.
make_tree() {
    PATH=$BIN:$PATH fakeroot -s "$1" bash -ec '
        mkdir -p tree/d/e
        cd tree
        for i in 1 2 3 4 5; do echo $i >f$i; chown $i:1$i f$i; chmod $((i + 1))750 f$i; done
        mknod c c 4 65; mknod b b 259 70000; mkfifo p; ln -s f1 l; ln f5 g
        chown 10:20 d; chmod 1777 d; chmod 0 d/e; chown -h 8:8 l p; chown 9 c; chmod 444 f2; chmod 60 b'
}

show_tree() {
    PATH=$BIN:$PATH fakeroot -i "$1" sh -c 'find tree -exec stat -c "%n %u:%g %a %h %F %t:%T" {} + | sort'
}

@test "ours and the original read each other's files" {
    [ -n "$REAL" ] || skip 'there is no fakeroot'
    for writer in ours real; do
        mkdir "$WORK/of-$writer"
        cd "$WORK/of-$writer"
        use "$writer"
        make_tree state
        for WHICH in ours real; do
            use "$WHICH"
            show_tree state >"shown-to-$WHICH"
            # and write what they read
            fakeroot -i state -s "written-by-$WHICH" true
        done
        assert_equal "$(grep -c . state)" "$(grep -c . written-by-ours)"
        diff -u shown-to-real shown-to-ours
        diff -u <(sort state) <(sort written-by-ours)
        diff -u <(sort written-by-real) <(sort written-by-ours)
    done
    # and they know the same of it
    cd "$WORK"
    diff -u of-real/shown-to-real of-ours/shown-to-ours
}
