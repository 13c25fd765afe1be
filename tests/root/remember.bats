# SPDX-License-Identifier: LGPL-2.1-or-later
# What --remember shows an ordinary user is what real root sees.

load ../lib/nsroot
load ../lib/real-root

setup() {
    export SHOW=trap
    enter_both
}

@test "each call of owners, devices and attributes: as for real root, in both ABIs" {
    need_tool ownercalls
    for SHOW in trap auto; do
        compare "$TOOLS/ownercalls"
        [ "$(wc -l <user-F/F)" -gt 10 ]
        find real shown -mindepth 1 -delete
        compare "$TOOLS/ownercalls" -32
        find real shown user-F -mindepth 1 -delete
    done
}

@test "attributes by every call, ACLs, file capabilities, setgid folders: as for real root" {
    need_tool attributecalls
    compare "$TOOLS/attributecalls"
    find real shown -mindepth 1 -delete
    compare "$TOOLS/attributecalls" -32
}

@test "calls at the edges: no name, odd names, what is refused: as for real root" {
    compare_each "$TOOLS/edgecalls"
    [ "$(wc -l <by-user)" -gt 200 ]
}

@test "by names in a current folder that changes, also under a thread: as for real root" {
    compare_each "$TOOLS/foldercalls"
    [ "$(wc -l <by-user)" -ge 13 ]
}

@test "a device has no size, whatever is written to it" {
    cd shown
    for SHOW in trap auto; do
        run remembering -- sh -c "rm -f d; mknod d c 1 3; echo text >d; stat -c '%s %b %F' d"
        assert_output '0 0 character special file'
    done
}

@test "a tree of 50 owners, unpacked and packed by tar: the listing of real root" {
    mkdir tree
    for i in {1..50}; do
        mkdir "tree/d$i"
        echo "$i" >"tree/d$i/f"
        ln -s f "tree/d$i/l"
        chown -h "$((i * 1000)):$((i * 7))" "tree/d$i" "tree/d$i/f" "tree/d$i/l"
    done
    mknod tree/null c 1 3
    mknod tree/disk b 8 17
    mkfifo tree/fifo
    ln tree/d1/f tree/hard
    chmod 6755 tree/d2/f
    tar --sort=name --numeric-owner -cf tree.tar tree
    chmod a+r tree.tar
    compare tar -xpf ../tree.tar
    compare sh -c 'find tree -printf "%p %y %m %U:%G %n %l\n" | sort'
    compare sh -c 'ls -lnR --time-style=+ tree/d1 tree/d2; stat -c "%n %F %t,%T" tree/null tree/disk'
    compare sh -c 'tar --sort=name --numeric-owner -cf again.tar tree; cmp again.tar ../tree.tar'
    SHOW=auto
    compare sh -c 'find tree -printf "%p %y %m %U:%G %n %l\n" | sort; ls -lnR --time-style=+ tree
        tar --sort=name --numeric-owner -cf again.tar tree; cmp again.tar ../tree.tar'
    assert_equal "$(stat -c %u shown/tree/d7/f)" 1234
}

@test "in a user namespace inside: as for real root" {
    install -d -o 1234 -g 1234 user-F
    # shellcheck disable=SC2016
    compare sh -c '
        echo >own; echo >f; echo >g; echo >h; chown 5:6 f; chown 0:6 g; chown 5:0 h; ln -s f l; chown -h 7:8 l; mknod n c 1 3
        setfattr -n trusted.x -v 1 f; setfattr -n security.x -v 1 f; mkdir closed; echo >closed/f; chown 5 closed/f
        unshare -Ur sh -c "
            stat -c \"%n %u:%g %F\" own f g h l n closed/f
            chown 0:0 own && echo own; chown 0 f; chown 0 g && echo g; chown 0:0 g && echo g; chgrp 0 h; chown 0 h; chown 5 own; chown -h 0 l
            getfattr -n trusted.x f; getfattr --only-values -n security.x f; mknod m c 1 3; setfattr -n trusted.x -v 1 own
            unshare -Ur stat -c \"%n %u:%g\" own f g h
        " 2>&1; unshare -U stat -c "%n %u:%g" own f
        stat -c "%n %u:%g" own f g h l'
}

@test "cp -a, install, mv, find and rm: as for real root" {
    compare sh -c '
        mkdir a; echo >a/f; chown 5:6 a/f; ln a/f a/g; ln -s f a/l; chown -h 7:8 a/l; mknod a/n c 5 1
        setfattr -n trusted.x -v value a/f
        chown 9:10 a
        cp -a a b; mv a c
        install -o 2 -g 8 -m 4755 /bin/true c/inst; install -d -o 3 c/dir
        find . -printf "%p %y %m %U:%G %n %l\n" | sort
        getfattr -d -m - -R b c
        find . -user 5 | sort
        rm -r b; chown -R 11:12 c; find . -printf "%p %U:%G\n" | sort'
}

@test "all kinds of entries made, copied, packed and unpacked, with --show-owners auto: as for real root" {
    need_program setcap setfacl
    SHOW=auto
    # shellcheck disable=SC2016
    compare sh -c "$BOTH"'
        make_tree a; list a; cp -a a b; list b; tar --xattrs --acls -cf t.tar a; rm -r a; tar -xpf t.tar; list a
        find b -user 70000 -o -gid 5 | sort'
}

@test "rsync -a: as for real root" {
    need_program rsync
    compare sh -c '
        mkdir a; echo >a/f; chown 5:6 a/f; mknod a/n c 5 1; ln -s f a/l; chown -h 7:8 a/l
        rsync -aH --numeric-ids a/ b/
        find b -printf "%p %y %m %U:%G %l\n" | sort'
}

@test "real root with ids of its own: nothing but what it can't do is remembered" {
    cd real
    run nsroot --remember F --show-owners trap -- sh -c 'echo >f; chown 5:6 f; mknod n c 1 3; stat -c "%u:%g %F" f n'
    assert_success
    assert_output $'5:6 regular file\n0:0 character special file'
    assert_equal "$(stat -c %u:%g f)" 5:6
    assert_equal "$(grep -c uid= F)" 0
}

@test "a device made by root with other ids for files: without, and with --remember" {
    load ../lib/makers
    chmod 0755 real shown
    run env -C real unshare --mount --propagation private python3 -c "$MAKERS"
    assert_output "$MADE"
    cd shown
    run nsroot --remember ../F --show-owners trap -- python3 -c "$MAKERS"
    assert_output "$MADE"
    assert_equal "$(grep -c uid= ../F)" 0
}

@test "the recorder keeps no descriptor of a call" {
    mkfifo in
    chmod 0644 in
    # shellcheck disable=SC2016
    (cd shown && remembering -- sh -c '
        echo >ready; read -r line
        "$TOOLS/ownerstorm" 2 100 >/dev/null
        for i in 1 2 3 4 5 6 7 8 9; do
            chown 5 none; mknod ready c 1 3; setfattr -n trusted.a -v 1 ready; getfattr -d -m - ready
            chown 5 /proc/self/fd/0; chown 5 ready/none; setfattr -x trusted.none ready; stat -L /dev/fd/9
        done >/dev/null 2>&1
        echo >finished; read -r line') <in &
    local pid=$! child folder
    exec 8>in
    until_true test -e shown/ready
    # the one of the user's that stands in its /proc
    for child in $(pgrep -u 1234 nsroot); do
        [ "$(readlink "/proc/$child/cwd")" != /proc ] || folder=/proc/$child/fd
    done
    echo >&8
    until_true test -e shown/finished
    run find "$folder" -mindepth 1 -printf '%l\n'
    echo >&8
    exec 8>&-
    wait "$pid"
    # but those of the threads that it knows, the last 64, and of their current folders
    [ "$(grep -c pidfd <<<"$output")" -le 64 ] || fail "$output"
    [ "$(grep -cx "$PWD/shown" <<<"$output")" -le 64 ] || fail "$output"
    [ "$(grep -cvx -e '.*pidfd.*' -e "$PWD/shown" <<<"$output")" -lt 26 ] || fail "$output"
}

@test "real root under --remember: the archive is that of a tree made without" {
    load ../lib/pack
    rm -rf shown
    mkdir shown
    (cd real && sh -c "$BUILD_TREE")
    (cd shown && nsroot --remember ../F -- sh -c "$BUILD_TREE")
    assert_equal "$(stat -c %u:%g shown/ids)" 70000:4000000
    assert_equal "$(grep -c uid= F)" 0
    assert_equal "$(grep -c dev= F)" 2
    touch -d @1500000000 real shown
    nsroot_pack real >real.pax
    nsroot_pack --remember F shown >shown.pax
    cmp real.pax shown.pax
}

@test "a copied file of a lower layer keeps its owner when the kernel forgets the number that it had" {
    [ -w /proc/sys/vm/drop_caches ] || skip "wants to have the kernel forget"
    install -d -o 1234 -g 1234 low up work user-F
    install -o 1234 -g 1234 /dev/null low/f
    install -o 1234 -g 1234 /dev/null low/g
    mkfifo go
    # shellcheck disable=SC2016
    (exec setpriv --reuid 1234 --regid 1234 --clear-groups "$NSROOT" --remember user-F/F --show-owners trap \
        --overlay-src low --overlay "$PWD/up" "$PWD/work" "$PWD/shown" --chdir "$PWD/shown" -- sh -c '
            chown 5:6 f g; setfattr -n trusted.x -v 1 g; echo ready; read -r line
            stat -c "%n %u:%g" f g; getfattr --only-values -n trusted.x g; chown 7 f; chown 0:0 g; setfattr -x trusted.x g
            stat -c " %n %u:%g" f g') <go >out &
    pid=$!
    exec 8>go
    until_true grep -q ready out
    for _ in 1 2 3; do echo 2 >/proc/sys/vm/drop_caches; done
    echo >&8
    exec 8>&-
    wait "$pid"
    assert_equal "$(cat out)" $'ready\nf 5:6\ng 5:6\n1 f 7:6\n g 0:0'
    assert_equal "$(grep -c ' uid=7 gid=6$' user-F/F)" 1
}
