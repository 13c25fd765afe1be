# SPDX-License-Identifier: LGPL-2.1-or-later
# The bwrap dialect, as an ordinary user: namespaces, ids, capabilities.

load ../lib/compare

setup() {
    enter_comparison bwrap
}

# ids ARGUMENT...: what `see ids` says, with the caller's as ID.
# shellcheck disable=SC2034 # rows use it
prelude='host+=(--proc /proc)
ids() {
    see ids "$@" | sed "s/\<\($UID\|$(id -g)\)\>/ID/g" | grep -v ^Groups
}'

@test "namespaces" {
    compare <<'END'
    # without options, mounts and user
    $ see namespaces "${host[@]}"
    > cgroup: same
    > ipc: same
    > mnt: new
    > net: same
    > pid: same
    > user: new
    > uts: same

    # --unshare-user-try leaves it where none can be made; an ordinary user has to have one
    $ bwrap --bind / / --uid 0 --gid 0 --cap-add ALL bash -c '
    $     echo 0 >/proc/sys/user/max_user_namespaces
    $     bwrap --bind / / --unshare-user-try readlink /proc/self/ns/user | grep -cF "$(readlink /proc/self/ns/user)"
    $     bwrap --bind / / --unshare-user true'
    > 1
    2> bwrap: *
    2> ...
    status 1

    # one by one
    $ for name in user ipc pid net uts cgroup cgroup-try user-try; do
    $     echo $name: $(see namespaces "${host[@]}" --unshare-$name | sed -n 's/: new//p')
    $ done
    > user: mnt user
    > ipc: ipc mnt user
    > pid: mnt pid user
    > net: mnt net user
    > uts: mnt user uts
    > cgroup: cgroup mnt user
    > cgroup-try: cgroup mnt user
    > user-try: mnt user

    # all
    $ see namespaces "${host[@]}" --unshare-all
    > cgroup: new
    > ipc: new
    > mnt: new
    > net: new
    > pid: new
    > user: new
    > uts: new

    # --share-net undoes what came before it
    $ see namespaces "${host[@]}" --unshare-all --share-net | grep net
    $ see namespaces "${host[@]}" --unshare-net --share-net | grep net
    > net: same
    > net: same

    # not what comes after
    $ see namespaces "${host[@]}" --share-net --unshare-net | grep net
    $ see namespaces "${host[@]}" --share-net --unshare-all | grep net
    > net: new
    > net: new

    # a network of its own is 127.0.0.1, up
    $ bwrap "${host[@]}" --unshare-net python3 -c '
    $ import socket
    $ print([name for _, name in socket.if_nameindex()])
    $ server = socket.create_server(("127.0.0.1", 0))
    $ socket.create_connection(server.getsockname())
    $ print("reached")'
    > ['lo']
    > reached

    # with the whole of 127.0.0.1/8 and nothing else
    $ bwrap "${host[@]}" --unshare-net ip -4 -br addr | tr -s ' '
    $ bwrap "${host[@]}" --unshare-net ip route show table main
    > lo UNKNOWN 127.0.0.1/8 

    # --hostname
    $ bwrap "${host[@]}" --unshare-uts --hostname some.name hostname
    > some.name

    # with a namespace of its own only
    $ bwrap "${host[@]}" --hostname some.name true
    $ bwrap "${host[@]}" --hostname some.name --unshare-pid true
    2> bwrap: Specifying --hostname requires --unshare-uts
    2> bwrap: Specifying --hostname requires --unshare-uts
    status 1

    # which --unshare-all has
    $ bwrap "${host[@]}" --hostname some.name --unshare-all hostname
    > some.name

    # a name that is too long
    $ bwrap "${host[@]}" --unshare-uts --hostname "$(printf '%065d' 0)" true
    2> bwrap: Can't set hostname to 0*: *
    status 1

    # the cgroup namespace begins where the caller is
    $ bwrap "${host[@]}" --unshare-cgroup cat /proc/self/cgroup | cut -d : -f 3 | sort -u
    > /

    # without one it is seen where it is
    $ bwrap "${host[@]}" cat /proc/self/cgroup | diff - /proc/self/cgroup
END
}

@test "ids" {
    compare <<'END'
    # the caller's own
    $ ids "${host[@]}"
    > uid_map: ID ID 1
    > gid_map: ID ID 1
    > setgroups: deny
    > Uid:	ID	ID	ID	ID
    > Gid:	ID	ID	ID	ID

    # --uid and --gid, of the namespace that an ordinary user has anyway
    $ ids "${host[@]}" --uid 0 --gid 5
    > uid_map: 0 ID 1
    > gid_map: 5 ID 1
    > setgroups: deny
    > Uid:	0	0	0	0
    > Gid:	5	5	5	5

    # with --dev in two steps
    $ ids "${host[@]}" --dev /dev --uid 7 --gid 8
    > uid_map: 7 0 1
    > gid_map: 8 0 1
    > setgroups: deny
    > Uid:	7	7	7	7
    > Gid:	8	8	8	8

    # unless the caller is to be root
    $ ids "${host[@]}" --dev /dev --uid 0 --gid 0
    > uid_map: 0 ID 1
    > gid_map: 0 ID 1
    > setgroups: deny
    > Uid:	0	0	0	0
    > Gid:	0	0	0	0

    # one of both is enough for two
    $ ids "${host[@]}" --dev /dev --uid 0 --gid 5
    > uid_map: 0 0 1
    > gid_map: 5 0 1
    > setgroups: deny
    > Uid:	0	0	0	0
    > Gid:	5	5	5	5

    # groups that are not mapped are nobody's
    $ bwrap "${host[@]}" --gid 5 id -G | tr ' ' '\n' | grep -vc '^5$\|^65534$'
    > 0
    status 1
END
}

@test "user namespaces inside" {
    compare <<'END'
    # may be made
    $ bwrap "${host[@]}" --unshare-user bwrap --ro-bind / / echo done
    > done

    # not after --disable-userns
    since 0.8.0
    $ bwrap "${host[@]}" --unshare-user --disable-userns bwrap --ro-bind / / true
    2> bwrap: *
    status 1

    # nor can that be undone
    since 0.8.0
    $ bwrap --bind / / --proc /proc --unshare-user --uid 0 --cap-add ALL --disable-userns sh -c '
    $     echo 100 >/proc/sys/user/max_user_namespaces; unshare -U true'
    2> unshare: unshare failed: No space left on device
    status 1

    # it looks as otherwise, but for one more map
    since 0.8.0
    $ ids "${host[@]}" --unshare-user --disable-userns --uid 5
    > uid_map: 5 5 1
    > gid_map: ID ID 1
    > setgroups: deny
    > Uid:	5	5	5	5
    > Gid:	ID	ID	ID	ID

    # --disable-userns wants --unshare-user, said aloud
    since 0.8.0
    $ bwrap "${host[@]}" --disable-userns true
    $ bwrap "${host[@]}" --disable-userns --unshare-user-try true
    2> bwrap: --disable-userns requires --unshare-user
    2> bwrap: --disable-userns requires --unshare-user
    status 1

    # --assert-userns-disabled
    since 0.8.0
    $ bwrap "${host[@]}" --assert-userns-disabled true
    2> bwrap: creation of new user namespaces was not disabled as requested
    status 1

    # holds with --disable-userns
    since 0.8.0
    $ bwrap "${host[@]}" --unshare-user --disable-userns --assert-userns-disabled echo done
    > done

    # what goes with what
    since 0.8.0
    $ bwrap "${host[@]}" --userns-block-fd 11 true 11</dev/null
    $ bwrap "${host[@]}" --unshare-user --userns-block-fd 11 true 11</dev/null
    $ bwrap "${host[@]}" --unshare-user --userns 11 true 11</dev/null
    $ bwrap "${host[@]}" --unshare-user-try --userns 11 true 11</dev/null
    $ bwrap "${host[@]}" --unshare-all --userns 11 true 11</dev/null
    $ bwrap "${host[@]}" --unshare-user --userns-block-fd 11 --info-fd 12 --disable-userns true 11</dev/null 12>/dev/null
    2> bwrap: --userns-block-fd requires --unshare-user
    2> bwrap: --userns-block-fd requires --info-fd
    2> bwrap: --userns *not compatible *--unshare-user
    2> bwrap: --userns *not compatible *--unshare-user-try
    2> bwrap: --userns *not compatible *--unshare-user-try
    2> bwrap: --disable-userns is not compatible with*--userns-block-fd
    status 1
END
}

@test "capabilities" {
    compare <<'END'
    # none
    $ see caps,privs "${host[@]}"
    > CapInh:	0000000000000000
    > CapPrm:	0000000000000000
    > CapEff:	0000000000000000
    > CapBnd:	0000000000000000
    > CapAmb:	0000000000000000
    > NoNewPrivs:	1

    # nor for root inside, whatever else is asked for
    $ see caps,privs "${host[@]}" --uid 0 --gid 0 --dev /dev --unshare-all
    > CapInh:	0000000000000000
    > CapPrm:	0000000000000000
    > CapEff:	0000000000000000
    > CapBnd:	0000000000000000
    > CapAmb:	0000000000000000
    > NoNewPrivs:	1

    # --cap-add is for all five sets
    $ see caps "${host[@]}" --cap-add CAP_NET_ADMIN --cap-add cap_chown
    > CapInh:	0000000000001001
    > CapPrm:	0000000000001001
    > CapEff:	0000000000001001
    > CapBnd:	0000000000001001
    > CapAmb:	0000000000001001

    # in the second user namespace too
    $ see caps "${host[@]}" --dev /dev --cap-add CAP_SYS_ADMIN
    > CapInh:	0000000000200000
    > CapPrm:	0000000000200000
    > CapEff:	0000000000200000
    > CapBnd:	0000000000200000
    > CapAmb:	0000000000200000

    # as root
    $ see caps "${host[@]}" --uid 0 --cap-add CAP_CHOWN
    > CapInh:	0000000000000001
    > CapPrm:	0000000000000001
    > CapEff:	0000000000000001
    > CapBnd:	0000000000000001
    > CapAmb:	0000000000000001

    # all that there are
    $ see caps "${host[@]}" --cap-add ALL | cut -f 2 | sort -u
    $ see caps "${host[@]}" --cap-add all | cut -f 2 | sort -u
    has 000001ffffffffff

    # in order
    $ see caps "${host[@]}" --cap-add ALL --cap-drop ALL --cap-add CAP_KILL | cut -f 2 | sort -u
    $ see caps "${host[@]}" --cap-add CAP_KILL --cap-drop CAP_KILL | cut -f 2 | sort -u
    > 0000000000000020
    > 0000000000000000

    # --cap-drop of what there is not
    $ see caps "${host[@]}" --cap-drop CAP_KILL --cap-drop ALL | cut -f 2 | sort -u
    > 0000000000000000

    # pid 1 has none, if not at once
    $ bwrap "${host[@]}" --unshare-pid --cap-add CAP_NET_ADMIN --proc /proc sh -c '
    $     until grep -q "^CapPrm:.0000000000000000" /proc/1/status; do :; done; grep ^CapEff /proc/1/status'
    > CapEff:	0000000000000000
END
}

# userns_depth PID: how many user namespaces it is below this process.
userns_depth() {
    python3 - "$1" <<'END'
import fcntl, os, sys
own = os.stat("/proc/self/ns/user").st_ino
fd = os.open(f"/proc/{sys.argv[1]}/ns/user", os.O_RDONLY)
depth = 0
while os.fstat(fd).st_ino != own:
    fd = fcntl.ioctl(fd, 0xB702)  # NS_GET_PARENT
    depth += 1
print(depth)
END
}

# depth_is N ARGUMENT...: with one namespace bwrap's, with two the one that --dev brings.
depth_is() {
    local depth=$1
    shift
    mkfifo pid hold
    bwrap --ro-bind / / --bind "$PWD" "$PWD" "$@" bash -c 'echo $$ >pid; read -r <hold' &
    read -r child <pid
    run userns_depth "$child"
    echo >hold
    wait $!
    assert_output "$depth"
}

@test "user namespaces nest no deeper than is needed" {
    on_each depth_is 1
    on_each depth_is 1 --unshare-user --uid 5
    on_each depth_is 2 --dev /dev
    on_each depth_is 1 --dev /dev --uid 0 --gid 0
    on_each depth_is 2 --unshare-user --disable-userns
}
