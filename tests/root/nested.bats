# SPDX-License-Identifier: LGPL-2.1-or-later
# Real root: nsroot inside itself and elsewhere; other hosts than this, as root can make them.

load ../lib/nsroot

setup() {
    need_root
    enter_workplace
}

@test "real root, three deep: works, with a warning for /proc" {
    run --separate-stderr nsroot -- "$NSROOT" -- "$NSROOT" -- sh -c 'id -u; echo $$; test -d /proc/self/fd && echo there'
    assert_success
    assert_output $'0\n2\nthere'
    assert_regex "$stderr" 'warning: .*/proc'
}

@test "real root, three deep: signals, exit status and end come through" {
    run nothing_left "$NSROOT" -- "$NSROOT" -- "$NSROOT" -- sh -c 'sleep 60 & exit 9'
    assert_status 9
    run nothing_left "$NSROOT" -- sh -c 'for i in 1 2 3 4 5 6; do sleep 60 & done; "$0" -- "$0" -- sh -c "kill -TERM \$\$"' "$NSROOT"
    assert_status 143
}

@test "real root, three deep: still nothing to write to" {
    run nsroot -- "$NSROOT" -- "$NSROOT" -- bash -c 'for file in /proc/sys/kernel/core_pattern /proc/sysrq-trigger; do
        [ ! -e $file ] || { exec 9>>$file; } 2>/dev/null && [ -e $file ] && echo opened $file; done; :'
    assert_success
    refute_output --partial opened
}

@test "real root, inside: another user, a map of its own" {
    run nsroot -- "$NSROOT" --uid 1234 --gid 1235 -- sh -c 'id -u; id -g'
    assert_success
    assert_line 1234
    assert_line 1235
    run nsroot -- "$NSROOT" --map-uid 0:100000:10 --map-gid 0:100000:10 -- cat /proc/self/uid_map
    assert_success
    assert_line --regexp '^ *0 +100000 +10$'
}

@test "real root inside unshare and bubblewrap" {
    run unshare --mount --pid --fork "$NSROOT" -- id -u
    assert_success
    assert_output 0
    run unshare --mount --pid --fork --mount-proc "$NSROOT" -- sh -c 'id -u; echo /proc/[0-9]*'
    assert_success
    assert_line --index 0 0
    need_program bwrap
    run bwrap --bind / / --dev-bind /dev /dev "$NSROOT" -- id -u
    assert_success
    assert_output 0
}

@test "hidepid=2: an ordinary user gets a sandbox" {
    run unshare --mount sh -c '
        cd / && mount -o remount,hidepid=2 /proc || exit 77
        setpriv --reuid 4321 --regid 4321 --clear-groups "$0" -- sh -c "id -u; cd /proc; echo [0-9]*"
        status=$?
        mount -o remount,hidepid=0 /proc
        exit $status' "$NSROOT"
    [ "$status" -ne 77 ] || skip "hidepid can't be set here"
    assert_success
    assert_output --regexp $'^0\n1 2( [0-9]+)?$'
}

@test "hidepid=2 in a /proc of its own: users and ranges of ids" {
    run unshare --mount --pid --fork sh -c '
        cd / && mount -t proc -o hidepid=2 proc /proc || exit 77
        setpriv --reuid 4321 --regid 4321 --clear-groups "$0" -- id -u &&
        setpriv --reuid 4321 --regid 4321 --clear-groups "$0" --share-pid -- id -u &&
        "$0" --map-uid 0:100000:10 --map-gid 0:100000:10 -- id -u' "$NSROOT"
    [ "$status" -ne 77 ] || skip "hidepid can't be set here"
    assert_success
    assert_output $'0\n0\n0'
}

@test "a chroot that is a mount: real root with --share-user" {
    mkdir jail
    run unshare --mount sh -c '
        mount --bind jail jail && cd jail && for name in bin sbin lib lib64 usr etc dev proc var; do
            [ -e /$name ] || continue
            mkdir $name && mount --rbind /$name $name
        done
        mkdir tmp
        chroot . "$0" -- true
        chroot . "$0" --share-user -- sh -c "id -u; ls -d /jail; touch /etc/changed"' "$NSROOT"
    assert_line --index 0 --partial "Operation not permitted"
    assert_line --index 1 0
    assert_line --partial "/etc/changed"
    assert_line --partial "Read-only file system"
}

@test "a network namespace of the host: --netns" {
    need_program ip
    unshare --net sh -c 'ip link set lo up; ip address add 10.8.8.8/8 dev lo; echo ready; exec sleep 60' >holder &
    holder=$!
    until_true grep -q ready holder
    run nsroot --netns 7 -- ip -o address 7<"/proc/$holder/ns/net"
    assert_success
    assert_output --partial 10.8.8.8/8
    run nsroot --netns 7 -- ip link set lo down 7<"/proc/$holder/ns/net"
    assert_failure
    run nsroot --share-user --netns 7 -- ip -o address 7<"/proc/$holder/ns/net"
    assert_success
    assert_output --partial 10.8.8.8/8
    kill "$holder"
}

@test "newuidmap is missing: real root needs none" {
    run unshare --mount sh -c '
        for name in newuidmap newgidmap; do
            [ ! -e /usr/bin/$name ] || mount --bind /dev/null /usr/bin/$name
        done
        "$0" --map-uid 0:100000:10 --map-gid 0:100000:10 -- id -u' "$NSROOT"
    assert_success
    assert_output 0
}
