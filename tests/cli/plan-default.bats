# SPDX-License-Identifier: LGPL-2.1-or-later
# What is there without a plan of the user's own, and what the user's entries add to it.

load ../lib/nsroot

@test "the current directory below /tmp: there, with nothing beside it" {
    place=$(mktemp -d /tmp/nsroot-test.XXXXXX)
    cd "$place"
    run nsroot -- sh -c 'pwd; echo text >file; ls /tmp'
    rm_output=$(cat file; rm -r "$place")
    assert_success
    assert_output "$place"$'\n'"${place#/tmp/}"
    assert_equal "$rm_output" text
}

@test "the current directory is /tmp itself: the host's, as it is the one to work in" {
    cd /tmp
    name=nsroot-test.$$.$RANDOM
    run nsroot -- touch "$name"
    assert_success
    assert_file_exist "$name"
    rm "$name"
}

@test "the current directory is /: read-only" {
    cd /
    run nsroot -- sh -c 'pwd; touch /nsroot-test'
    assert_failure
    assert_line --index 0 /
    assert_line --index 1 --partial "Read-only file system"
}

@test "the current directory is the home folder" {
    cd ~
    run nsroot -- sh -c 'pwd; touch nsroot-test && rm nsroot-test'
    assert_success
    assert_output ~
}

@test "the current directory is a file system of the kernel's: not bound over the new one" {
    cd /proc/self/fd
    run nsroot -- sh -c 'pwd; ls -d /proc/1'
    assert_success
    assert_line /proc/1
    cd /dev/shm
    run nsroot -- sh -c 'pwd; ls -A .'
    assert_success
    assert_output /dev/shm
}

@test "the current directory can't be found any more" {
    mkdir gone
    cd gone
    rmdir ../gone
    run nsroot -- pwd
    assert_success
    assert_output /
}

@test "the current directory comes with its submounts" {
    unshare -Urm true 2>/dev/null || skip "wants unshare -Urm"
    run unshare -Urm sh -ec 'mkdir sub; mount -t tmpfs none sub; "$NSROOT" -- touch sub/new; ls sub'
    assert_success
    assert_output new
}

@test "binds on top, where the host has nothing, and in the new /tmp and /run" {
    mkdir folder
    echo text >folder/file
    run nsroot --bind folder /nsroot-test --ro-bind folder /tmp/a/b --bind folder /run/c -- \
        sh -c 'cat /nsroot-test/file /tmp/a/b/file /run/c/file; touch here /tmp/x /run/x'
    assert_success
    assert_output $'text\ntext\ntext'
    assert_exist here
}

@test "an entry of the user's replaces one of the default plan" {
    mkdir folder
    : >folder/mine
    run nsroot --bind folder /tmp --ro-bind folder /run --ro-bind "$WORK" "$WORK" -- \
        sh -c 'ls /tmp /run; touch /tmp/new; ! touch here'
    assert_success
    assert_line --index 1 mine
    assert_exist folder/new
    assert_not_exist here
}

@test "a root of the user's: that is the whole plan, with /proc and /dev" {
    mkdir -p image/usr
    for name in bin lib lib64; do ln -s "usr/$name" "image/$name"; done
    run nsroot --ro-bind image / --ro-bind /usr /usr -- ls /
    assert_success
    assert_output $'bin\ndev\nlib\nlib64\nproc\nusr'
    run nsroot --tmpfs / --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib \
        --symlink usr/lib64 /lib64 -- sh -c 'ls /; touch /new; test -c /dev/null && test -e /proc/self'
    assert_success
    assert_output $'bin\ndev\nlib\nlib64\nproc\nusr'
}

@test "--no-default-mounts: what was asked for, and no more" {
    run nsroot --no-default-mounts --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib \
        --symlink usr/lib64 /lib64 -- ls /
    assert_success
    assert_output $'bin\nlib\nlib64\nusr'
    run -127 nsroot --no-default-mounts -- true
}

@test "names can be resolved where /etc/resolv.conf leads into /run" {
    unshare -Urm true 2>/dev/null || skip "wants unshare -Urm"
    script='
        mount -t tmpfs none /run; mkdir -p /run/resolver
        echo "nameserver 192.0.2.1" >/run/resolver/stub.conf; echo secret >/run/other
        mkdir etc; ln -s ../run/resolver/stub.conf etc/resolv.conf
        cp /etc/passwd /etc/group etc/; mount --bind etc /etc
        "$NSROOT" $1 -- sh -c "cat /etc/resolv.conf; ls -A /run /run/resolver"'
    run unshare -Urm sh -ec "$script" - --share-net
    assert_success
    assert_output $'nameserver 192.0.2.1\n/run:\nresolver\n\n/run/resolver:\nstub.conf'
    run unshare -Urm sh -ec "rm -r etc; $script" - --unshare-net
    assert_failure
    assert_output --partial 'No such file'
}

@test "the current directory is the one nsroot was started in, though its path leads elsewhere by now" {
    need_program strace
    mkdir -p parent/here parent/target
    cd parent/here
    # swapped after nsroot has read its path, and before it opens it
    strace -f -o /dev/null -e trace=unshare -e inject=unshare:delay_enter=1000000:when=1 \
        "$NSROOT" -- sh -c 'echo inside >file' &
    sleep 0.3
    mv ../here ../moved
    ln -s target ../here
    wait $!
    assert_file_exist ../moved/file
    assert_file_not_exist ../target/file
}

@test "what makes no root leaves the default one there" {
    for options in "--dir /" "--bind-try /nonexistent /" "--ro-bind-try $PWD/nonexistent /" "--chmod 0755 /tmp --dir /" \
        "--remount-ro /" "--perms 0755 --dir /"; do
        # shellcheck disable=SC2086 # several options
        run nsroot $options -- sh -c 'cat /proc/self/comm; touch file /tmp/file && ls; rm file; touch /usr/nsroot-test'
        assert_failure
        assert_line --index 0 cat
        assert_line --index 1 file
        assert_line --index 2 --partial "Read-only file system"
    done
    run nsroot --tmpfs / --dir / --chmod 0711 / --no-default-mounts --explain -- true
    assert_success
    refute_output --partial "bind /"
}

@test "a root that is tried and there is the root" {
    mkdir -p image/usr
    for name in bin lib lib64; do ln -s "usr/$name" "image/$name"; done
    run nsroot --bind-try image / --ro-bind /usr /usr -- ls /
    assert_success
    assert_output $'bin\ndev\nlib\nlib64\nproc\nusr'
}

@test "what can't be the root is refused by name" {
    for option in --proc --sysfs --mqueue --dev --mask; do
        run --separate-stderr nsroot "$option" / -- true
        assert_own_failure "$option /: ${option#--} can't be the root"
        run --separate-stderr nsroot "$option" //. -- true
        assert_own_failure "can't be the root"
    done
    run --separate-stderr nsroot --symlink a / -- true
    assert_own_failure "--symlink /: symlink can't be the root"
    run --separate-stderr nsroot --write text / -- true
    assert_own_failure "can't be the root"
    echo text >text
    run --separate-stderr nsroot --bind-data 5 / -- true 5<text
    assert_own_failure "can't be the root"
    echo "none / proc" >plan
    run --separate-stderr nsroot --plan plan -- true
    assert_own_failure "plan:1 /: proc can't be the root"
}
