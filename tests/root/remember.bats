# SPDX-License-Identifier: LGPL-2.1-or-later
# What --remember shows an ordinary user is what real root sees.

load ../lib/nsroot

setup() {
    need_root
    enter_workplace
    chmod 0755 .
    mkdir real
    install -d -o 1234 -g 1234 shown shown-auto
    # a sanitizer in a program of tests/lib wants to come first
    export ASAN_OPTIONS=${ASAN_OPTIONS-}:verify_asan_link_order=0
    # the user gets to it by its own path alone
    local folder=$PWD
    while [ "$folder" != / ]; do
        chmod a+x "$folder"
        folder=$(dirname "$folder")
    done
}

# Fails unless a command prints and returns the same for real root, in one folder, as for an ordinary
# user who remembers, in others: by --show-owners trap and auto.
# compare COMMAND...
compare() {
    local by_root by_user how folder
    # an umask, groups and mounts of its own for each
    by_root=$(cd real && umask 022 && unshare --mount --propagation private "$@" 2>&1; echo "status $?")
    for how in trap auto; do
        folder=shown
        [ "$how" = trap ] || folder=shown-auto
        by_user=$(cd "$folder" && umask 022 &&
            setpriv --reuid 1234 --regid 1234 --clear-groups "$NSROOT" --remember "../user-F/F-$how" \
                --show-owners "$how" -- "$@" 2>&1; echo "status $?")
        assert_equal "$by_user" "$by_root"
    done
}

@test "each call of owners, devices and attributes: as for real root, in both ABIs" {
    need_tool ownercalls
    install -d -o 1234 -g 1234 user-F
    compare "$TOOLS/ownercalls"
    [ "$(wc -l <user-F/F-trap)" -gt 10 ]
    find real shown shown-auto -mindepth 1 -delete
    compare "$TOOLS/ownercalls" -32
}

@test "a tree of 50 owners, unpacked and packed by tar: the listing of real root" {
    install -d -o 1234 -g 1234 user-F
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
    assert_equal "$(stat -c %u shown/tree/d7/f)" 1234
}

@test "cp -a, install, mv, find and rm: as for real root" {
    install -d -o 1234 -g 1234 user-F
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

@test "rsync -a: as for real root" {
    need_program rsync
    install -d -o 1234 -g 1234 user-F
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
