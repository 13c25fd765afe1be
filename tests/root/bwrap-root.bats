# SPDX-License-Identifier: LGPL-2.1-or-later
# The bwrap dialect, as root: no user namespace unless one is asked for, and all capabilities.

load ../lib/compare

setup() {
    need_root
    enter_comparison bwrap
}

# shellcheck disable=SC2034 # rows use it
prelude='host+=(--proc /proc)
# caps_as_outside: the five sets, or how they differ from those of the caller, on standard input
as_outside() {
    diff <(grep "^Cap$1" /proc/self/status) <(grep "^Cap$1") && echo as outside
}'

@test "namespaces and ids of root" {
    compare <<'END'
    # mounts alone
    $ see namespaces "${host[@]}"
    > cgroup: same
    > ipc: same
    > mnt: new
    > net: same
    > pid: same
    > user: same
    > uts: same

    # all: those of users too
    $ see namespaces "${host[@]}" --unshare-all | grep -c new
    > 7

    # ids are the host's
    $ bwrap "${host[@]}" cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups >inside
    $ cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups | diff - inside

    # groups too
    $ setpriv --groups 3,4 bwrap "${host[@]}" id -G
    > 0 3 4

    # --unshare-user: the one id
    $ see ids "${host[@]}" --unshare-user | grep -v Groups
    > uid_map: 0 0 1
    > gid_map: 0 0 1
    > setgroups: deny
    > Uid:	0	0	0	0
    > Gid:	0	0	0	0

    # another one
    $ see ids "${host[@]}" --unshare-user --uid 5 --gid 6 | grep -v Groups
    > uid_map: 5 0 1
    > gid_map: 6 0 1
    > setgroups: deny
    > Uid:	5	5	5	5
    > Gid:	6	6	6	6

    # which wants a user namespace
    $ bwrap "${host[@]}" --uid 5 true
    $ bwrap "${host[@]}" --gid 5 true
    $ bwrap "${host[@]}" --uid 5 --unshare-pid true
    2> bwrap: Specifying --uid requires --unshare-user or --userns
    2> bwrap: Specifying --gid requires --unshare-user or --userns
    2> bwrap: Specifying --uid requires --unshare-user or --userns
    status 1

    # unless it is one's own
    $ bwrap "${host[@]}" --uid 0 --gid 0 id -u
    > 0

    # --unshare-user-try makes one
    $ see namespaces "${host[@]}" --unshare-user-try | grep user
    > user: new

    # --dev makes none
    $ see namespaces "${host[@]}" --dev /dev | grep user
    > user: same

    # --disable-userns
    since 0.8.0
    $ bwrap "${host[@]}" --unshare-user --disable-userns unshare -U true
    2> unshare: *
    status 1
END
}

@test "capabilities of root" {
    compare <<'END'
    # as outside
    $ see caps "${host[@]}" | as_outside
    > as outside

    # in a pid namespace
    $ see caps "${host[@]}" --unshare-pid --proc /proc | as_outside
    > as outside

    # in a user namespace no more than outside
    $ see caps "${host[@]}" --unshare-user | as_outside
    > as outside

    # nor with --dev there
    $ see caps "${host[@]}" --unshare-user --dev /dev | as_outside
    > as outside

    # another user there has none, but may get them
    $ see caps "${host[@]}" --unshare-user --uid 5 | grep -v CapBnd
    $ see caps "${host[@]}" --unshare-user --uid 5 | grep CapBnd | as_outside Bnd
    > CapInh:	0000000000000000
    > CapPrm:	0000000000000000
    > CapEff:	0000000000000000
    > CapAmb:	0000000000000000
    > as outside

    # --cap-drop ALL: without a user namespace the bounding set stays
    $ see caps "${host[@]}" --cap-drop ALL | grep -v CapBnd
    $ see caps "${host[@]}" --cap-drop ALL | grep CapBnd | as_outside Bnd
    > CapInh:	0000000000000000
    > CapPrm:	0000000000000000
    > CapEff:	0000000000000000
    > CapAmb:	0000000000000000
    > as outside

    # in one it goes too
    $ see caps "${host[@]}" --unshare-user --cap-drop ALL | cut -f 2 | sort -u
    > 0000000000000000

    # some alone
    $ see caps "${host[@]}" --cap-drop ALL --cap-add CAP_CHOWN --cap-add CAP_KILL | grep -v CapBnd
    > CapInh:	0000000000000021
    > CapPrm:	0000000000000021
    > CapEff:	0000000000000021
    > CapAmb:	0000000000000021

    # all but one
    $ see caps "${host[@]}" --cap-drop CAP_CHOWN | grep -v CapBnd | cut -f 2 | uniq |
    $     while read -r mask; do echo $((0x$mask | 1)); done >inside
    $ while read -r name mask; do [ "$name" != CapEff: ] || echo $((0x$mask)); done </proc/self/status | diff - inside

    # pid 1 has none, if not at once
    $ bwrap "${host[@]}" --unshare-pid --proc /proc sh -c '
    $     until grep -q "^CapPrm:.0000000000000000" /proc/1/status; do :; done; grep ^CapEff /proc/1/status'
    > CapEff:	0000000000000000

    # no_new_privs
    $ see privs "${host[@]}"
    > NoNewPrivs:	1
END
}

@test "mounts of root" {
    compare <<'END'
    # of a new procfs, folders that root could write into are read-only
    $ see mounts "${host[@]}" --unshare-pid --proc /proc | sed -n 's/^\(mount \/proc\S*\) dev [0-9]*/\1/p'
    has mount /proc of / rw,nosuid,nodev,noexec,relatime - proc proc rw
    has mount /proc/irq of /irq ro,nosuid,nodev,noexec,relatime - proc proc rw
    has mount /proc/bus of /bus ro,nosuid,nodev,noexec,relatime - proc proc rw

    # so nothing is written there
    $ file=$(find /proc/irq -name smp_affinity | head -n 1)
    $ [ -n "$file" ] || { echo Read-only file system >&2; exit 1; }
    $ bwrap "${host[@]}" --unshare-pid --proc /proc bash -c ": >>$file"
    2> *Read-only file system
    status 1

    # the same of the host's
    $ see mounts --bind / / --tmpfs /mnt --proc /mnt/p |
    $     sed -n 's/^\(mount \/mnt\/p\S*\) dev [0-9]* of \(\S*\) \(r[wo],\).*/\1 \2 \3/p'
    has mount /mnt/p / rw,
    has mount /mnt/p/irq /irq ro,
    has mount /mnt/p/bus /bus ro,

    # what there is
    $ see mounts --ro-bind / / --tmpfs /tmp --bind "$PWD" /tmp/d --unshare-pid --proc /proc --dev /dev
    has mount /tmp/d *

    # in a user namespace
    $ see mounts --ro-bind / / --tmpfs /tmp --bind "$PWD" /tmp/d --unshare-user --unshare-pid \
    $     --proc /proc --dev /dev
    has mount /tmp/d *

    # the host's message queues
    $ bwrap "${host[@]}" --mqueue /mnt stat -f -c %T /mnt
    > mqueue

    # --dev
    $ bwrap "${host[@]}" --dev /dev stat -c '%n %F %a %u %g' /dev /dev/null /dev/shm /dev/pts/ptmx
    > /dev directory 755 0 0
    > /dev/null character special file 666 0 0
    > /dev/shm directory 755 0 0
    > /dev/pts/ptmx character special file 666 0 0

    # --bind has no devices, not even for root
    $ bwrap --bind / / sh -c ': >/dev/null'
    2> *Permission denied
    status 2

    # files are made with any owner's rights, and are root's
    $ mkdir -m 0700 other
    $ chown 4242:4243 other
    $ bwrap --bind / / --dir "$PWD/other/dir" --file 11 "$PWD/other/file" true 11</dev/null
    $ stat -c '%u %g' other other/dir other/file
    > 4242 4243
    > 0 0
    > 0 0
END
    assert_mounts_unchanged
}

# What is mounted on the host later is seen inside, below what was bound, but not the other way round.
mounts_come_in() {
    unshare --mount --propagation private bash -c '
        mkdir shared
        mount -t tmpfs tmpfs shared && mount --make-shared shared && mkdir shared/a shared/b
        mkfifo ready go
        bwrap --bind / / "$@" bash -c "echo >ready; read -r <go
            test -e shared/a/new && echo seen inside
            mount -t tmpfs tmpfs shared/b && echo >shared/b/new" 3>&- &
        read -r <ready
        mount -t tmpfs tmpfs shared/a && echo >shared/a/new
        timeout 10 sh -c "echo >go"
        wait $!
        test -e shared/b/new && echo seen outside' bash "$@" || true
}

comes_in() {
    run mounts_come_in "$@"
    assert_line 'seen inside'
    refute_line 'seen outside'
    assert_mounts_unchanged
}

@test "mounts of the host come in, and none go out" {
    on_each comes_in
    on_each comes_in --unshare-user --cap-add ALL
}
