# SPDX-License-Identifier: LGPL-2.1-or-later
# The plan as real root, and as an ordinary user among files of others.

load ../lib/nsroot

setup() {
    enter_workplace
    chmod 0755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$BATS_TEST_TMPDIR" "$WORK" 2>/dev/null || true
}

# as_user COMMAND...: nobody in particular, without root's files. Skips where the path to them is
# closed to others.
as_user() {
    setpriv --reuid=4242 --regid=4242 --clear-groups test -x . ||
        skip "wants a workplace that others can reach"
    setpriv --reuid=4242 --regid=4242 --clear-groups env HOME=/ "$@"
}

@test "parents of mode 0711 that belong to another user: as source, target, root and layer" {
    mkdir -p closed/folder/sub closed/image/{usr,upper,work} image/closed/point
    for name in bin lib lib64; do ln -s "usr/$name" "image/$name"; done
    echo text >closed/folder/file
    chmod 0755 closed/folder closed/folder/sub image image/closed/point
    chmod 0644 closed/folder/file
    chmod 0711 closed image/closed
    run as_user "$NSROOT" --ro-bind / / --tmpfs /tmp --ro-bind closed/folder /tmp/a \
        --ro-bind closed/folder/file /tmp/b --tmpfs "$WORK/closed/folder/sub" -- \
        sh -c 'cat /tmp/a/file /tmp/b && touch closed/folder/sub/new'
    assert_success
    assert_output $'text\ntext'
    run as_user "$NSROOT" --ro-bind image / --ro-bind /usr /usr --ro-bind closed/folder /closed/point -- \
        cat /closed/point/file
    assert_success
    assert_output text
    run as_user "$NSROOT" --ro-bind / / --overlay-src closed/folder --tmp-overlay /mnt -- cat /mnt/file
    assert_success
    assert_output text
}

@test "a user: what the user can't read can't be bound, and says so" {
    mkdir -m 0700 secret
    mkdir secret/folder
    run --separate-stderr as_user "$NSROOT" --ro-bind / / --bind secret/folder /mnt -- true
    assert_own_failure '--bind secret/folder /mnt: .*Permission denied'
    run as_user "$NSROOT" --ro-bind / / --bind secret /mnt -- ls /mnt
    assert_failure
    assert_output --partial 'Permission denied'
}

@test "a user: a mount point that is missing in another's writable bind" {
    mkdir -m 0755 theirs
    run --separate-stderr as_user "$NSROOT" --ro-bind / / --bind theirs /mnt --tmpfs /mnt/new -- true
    assert_own_failure "--tmpfs /mnt/new: mount point /mnt/new: Permission denied"
    run as_user "$NSROOT" --ro-bind / / --ro-bind theirs /mnt --tmpfs /mnt/new -- touch /mnt/new/file
    assert_success
    assert_holds_only theirs
}

@test "a user: an overlay of another's tree; files of ids that are not mapped can't be changed" {
    mkdir -p tree/sub
    chmod 0755 tree tree/sub
    echo text >tree/file
    mkdir upper work
    chown 4242:4242 upper work
    run as_user "$NSROOT" --ro-bind / / --overlay-src tree --overlay upper work /mnt -- sh -c '
        cat /mnt/file && rm /mnt/file && echo new >/mnt/new && ls /mnt'
    assert_success
    assert_output $'text\nnew\nsub'
    assert_exist tree/file
    assert_equal "$(stat -c %u upper/new)" 4242
    assert_holds_only work
}

@test "root: owners and modes of a tree reach the overlay's upper as they are" {
    mkdir -p tree/sub upper work
    echo text >tree/sub/file
    chown 4242:4343 tree/sub/file
    run nsroot --ro-bind / / --overlay-src tree --overlay upper work /mnt -- sh -c '
        stat -c %u:%g /mnt/sub/file; echo more >>/mnt/sub/file; chown 17:18 /mnt/sub'
    assert_success
    assert_output 4242:4343
    assert_equal "$(stat -c %u:%g upper/sub upper/sub/file)" $'17:18\n4242:4343'
    assert_holds_only work
}

@test "root: an overlay of / takes changes anywhere, and upper holds just these" {
    mkdir upper work
    run nsroot --overlay-src / --overlay upper work / -- sh -c '
        echo text >/usr/share/nsroot-test && echo more >>/etc/passwd && rm /etc/group && mkdir /nsroot-test'
    assert_success
    assert_equal "$(cd upper && find . -mindepth 1 -printf '%P %y\n' | sort)" \
        $'etc d\netc/group c\netc/passwd f\nnsroot-test d\nusr d\nusr/share d\nusr/share/nsroot-test f'
    assert_not_exist /usr/share/nsroot-test
    assert_exist /etc/group
    assert_holds_only work
}

@test "root: the default plan is read-only for root too" {
    run nsroot -- sh -c 'touch /etc/nsroot-test; mount -o remount,bind,rw / ; touch /usr/nsroot-test'
    assert_failure
    assert_not_exist /etc/nsroot-test
    assert_not_exist /usr/nsroot-test
}

@test "root: what of /proc is the machine's can't be written to, in a new one and in a bind" {
    before=$(cat /proc/sys/kernel/core_pattern)
    run nsroot -- sh -c 'echo "$1" >/proc/sys/kernel/core_pattern' - "$before"
    assert_failure
    assert_output --partial 'Read-only file system'
    run nsroot -- sh -c 'echo b >/proc/sysrq-trigger'
    assert_failure
    run nsroot --ro-bind / / --bind /proc /mnt -- sh -c 'echo "$1" >/mnt/sys/kernel/core_pattern' - "$before"
    assert_failure
    run nsroot -- sh -c 'umount /proc/sys || mount -o remount,bind,rw /proc/sys; echo "$1" >/proc/sys/kernel/core_pattern' - "$before"
    assert_failure
    run nsroot -- sh -c 'cat /proc/kcore /proc/kmsg 2>/dev/null | wc -c'
    assert_output 0
}

@test "root: binds of devices, and a private /dev without the host's disks" {
    run nsroot --ro-bind / / --dev-bind /dev /dev -- sh -c 'echo x >/dev/null'
    assert_success
    run nsroot -- sh -c 'ls /dev/vd* /dev/sd* /dev/mem /dev/kmsg 2>/dev/null; echo x >/dev/null'
    assert_success
    assert_output ""
    run nsroot -- sh -c 'mknod /tmp/null c 1 3 && echo x >/tmp/null'
    assert_failure
}

@test "root: images whose links lead to the host" {
    mkdir -p image/{usr,proc,dev} host
    echo precious >host/file
    for target in "$WORK/host" "/proc/self/root$WORK/host" "../../../../../../../../../../..$WORK/host"; do
        ln -sfn "$target" image/evil
        for options in "--write x /evil/file" "--tmpfs /evil/new" "--dir /evil/new" "--dev /evil" "--symlink x /evil/new" \
            "--bind host /evil/new" "--chmod 0711 /evil"; do
            # shellcheck disable=SC2086 # several words
            "$NSROOT" --bind image / --ro-bind /usr /usr $options -- /usr/bin/true 2>error || true
            assert_equal "$options: $(find host -printf '%P %m %s ')" "$options:  755 $(stat -c %s host) file 644 9 "
        done
    done
}

@test "root: with --share-user, submounts are not lost in views and overlays" {
    mkdir -p tree/sub upper work
    # shellcheck disable=SC2016 # for the inner shell
    run unshare -m sh -ec 'mount -t tmpfs none tree/sub; echo sub >tree/sub/file
        "$NSROOT" --share-user --ro-bind / / --ro-bind tree /mnt --tmpfs /mnt/new -- \
            sh -c "cat /mnt/sub/file; touch /mnt/new/x; touch /mnt/x"'
    assert_failure
    assert_line --index 0 sub
    assert_output --partial "'/mnt/x': Read-only file system"
    assert_holds_only tree sub
}

@test "root, other ids mapped: what is made in memory belongs to root inside, what is on disk does not" {
    mkdir -p image/usr lower/sub bound
    for name in bin lib lib64; do ln -s "usr/$name" "image/$name"; done
    chmod 0777 bound
    echo text >data
    map=(--map-uid 0:100000:65536 --map-gid 0:100000:65536)
    run nsroot "${map[@]}" --tmpfs / --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib \
        --symlink usr/lib64 /lib64 --dir /a/b --perms 0700 --dir /c --perms 0700 --write text /d/e --symlink x /l/link \
        --bind-data 5 /data --perms 0711 --bind-data 6 /data2 --overlay-src lower --tmp-overlay /o --dir /o/new \
        --dir /o/sub/new --perms 0600 --write text /o/sub/file --tmpfs /o/t/u --bind bound /bound --dir /bound/made \
        -- sh -c 'stat -c "%n %u:%g %a" / /a /a/b /c /d /d/e /l /l/link /data /data2 /o /o/new /o/sub/new /o/sub/file \
            /o/t /o/t/u /bin && touch /o/mine /c/mine && cat /o/sub/file && stat -c "%n %u" /bound/made /o/sub' 5<data 6<data
    assert_success
    assert_output "\
/ 0:0 755
/a 0:0 755
/a/b 0:0 755
/c 0:0 700
/d 0:0 700
/d/e 0:0 700
/l 0:0 755
/l/link 0:0 777
/data 0:0 600
/data2 0:0 711
/o 0:0 755
/o/new 0:0 755
/o/sub/new 0:0 755
/o/sub/file 0:0 600
/o/t 0:0 755
/o/t/u 0:0 755
/bin 0:0 777
text/bound/made 65534
/o/sub 65534"
    assert_equal "$(stat -c %u bound/made)" 0
    # in the view of a read-only tree too
    run nsroot "${map[@]}" --ro-bind image / --ro-bind /usr /usr --dir /new/sub --perms 0600 --write text /file \
        --symlink x /link -- sh -c 'stat -c "%n %u:%g" /new /new/sub /file /link && cat /file'
    assert_success
    assert_output $'/new 0:0\n/new/sub 0:0\n/file 0:0\n/link 0:0\ntext'
}
