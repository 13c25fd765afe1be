# SPDX-License-Identifier: LGPL-2.1-or-later
# mkosi-sandbox: ids, capabilities and namespaces of an ordinary user.

load ../lib/mkosi

@test "ids" {
    compare <<'ROWS'
    # the caller alone, as itself
    $ me see ids "${base[@]}"
    > uid_map: ID ID 1
    > gid_map: ID ID 1
    > setgroups: deny
    > Uid:	ID	ID	ID	ID
    > Gid:	ID	ID	ID	ID
    > Groups:	ID 

    # --become-root: as root
    $ me see ids "${base[@]}" --become-root
    > uid_map: 0 ID 1
    > gid_map: 0 ID 1
    > setgroups: deny
    > Uid:	0	0	0	0
    > Gid:	0	0	0	0
    > Groups:	0 

    # files that are made belong to the caller outside
    $ mkdir d
    $ inside --bind d /e touch /e/a
    $ inside --become-root --bind d /e touch /e/b
    $ me stat -c '%u:%g' d/a d/b
    > ID:ID
    > ID:ID

    # what is root's outside is nobody's
    $ inside --become-root stat -c '%u:%g' /usr
    $ inside stat -c '%u:%g' /usr
    > 65534:65534
    > 65534:65534

    # no other ids
    $ inside --become-root sh -c 'touch /x; chown 1:1 /x 2>&- || echo failed'
    $ inside --become-root setpriv --reuid 5 --clear-groups true 2>/dev/null || echo failed
    > failed
    > failed
ROWS
}

@test "capabilities" {
    compare <<'ROWS'
    # all five sets, as itself and as root
    $ see caps "${base[@]}"
    $ see caps "${base[@]}" --become-root
    > CapInh:	00000000812c01df
    > CapPrm:	00000000812c01df
    > CapEff:	00000000812c01df
    > CapBnd:	00000000812c01df
    > CapAmb:	00000000812c01df
    > CapInh:	00000000812c01df
    > CapPrm:	00000000812c01df
    > CapEff:	00000000812c01df
    > CapBnd:	00000000812c01df
    > CapAmb:	00000000812c01df

    # two more with --unshare-net
    $ see caps "${base[@]}" --unshare-net
    $ see caps "${base[@]}" --become-root --unshare-net --unshare-ipc | sort -u
    > CapInh:	00000000812c15df
    > CapPrm:	00000000812c15df
    > CapEff:	00000000812c15df
    > CapBnd:	00000000812c15df
    > CapAmb:	00000000812c15df
    > CapAmb:	00000000812c15df
    > CapBnd:	00000000812c15df
    > CapEff:	00000000812c15df
    > CapInh:	00000000812c15df
    > CapPrm:	00000000812c15df

    # no others with the other options
    $ see caps "${base[@]}" --unshare-ipc --dev /dev --suppress-chown --suppress-sync | sort -u |
    $     cut -f 2 | uniq -c
    >       5 00000000812c01df

    # the command can gain privileges as ever, unless something is suppressed
    $ see privs "${base[@]}" --become-root
    $ see privs "${base[@]}" --suppress-chown
    $ see privs "${base[@]}" --suppress-sync
    > NoNewPrivs:	0
    > NoNewPrivs:	1
    > NoNewPrivs:	1

    # they are those of the user namespace: securebits and keyrings are as ever
    $ inside setpriv --dump | grep -E 'Securebits|death'
    > Securebits: [none]
    > Parent death signal: [none]
ROWS
}

@test "the command can mount, also what is below other mounts" {
    compare <<'ROWS'
    # a tmpfs, a bind, a move, an unmount
    $ mkdir d; touch d/f
    $ inside --become-root --bind d /e --dir /t bash -c 'mount -t tmpfs t /t && touch /t/x && mount --bind /e /t &&
    $     ls /t && umount /t && ls /t && umount /t && ls /t && echo done'
    > f
    > x
    > done

    # what the options mounted
    $ mkdir d; touch d/f
    $ inside --become-root --bind d /e bash -c 'umount /e && ls -A /e && echo gone'
    > gone

    # what was made read-only by it
    $ mkdir d
    $ inside --become-root --ro-bind d /e bash -c 'mount -o remount,bind,rw /e && touch /e/x && echo written'
    > written

    # a chroot, and namespaces in it
    $ inside --become-root bash -c 'mkdir /n && mount --rbind / /n && chroot /n unshare -mpf --fork \
    $     sh -c "echo \$\$"'
    > 1
ROWS
}

@test "namespaces" {
    compare <<'ROWS'
    # only those of users and mounts are new
    $ see namespaces "${base[@]}"
    > cgroup: same
    > ipc: same
    > mnt: new
    > net: same
    > pid: same
    > user: new
    > uts: same

    # --unshare-ipc, --unshare-net
    $ see namespaces "${base[@]}" --unshare-ipc | grep new
    $ see namespaces "${base[@]}" --unshare-net | grep new
    $ see namespaces "${base[@]}" --unshare-net --unshare-ipc | grep -c same
    > ipc: new
    > mnt: new
    > user: new
    > mnt: new
    > net: new
    > user: new
    > 3

    # ... nor is that of time
    $ readlink /proc/self/ns/time | cmp - <(inside readlink /proc/self/ns/time)

    # --unshare-net: loopback is there, and down
    $ inside --unshare-net bash -c 'grep -c : /proc/net/dev
    $     (: >/dev/tcp/127.0.0.1/80) 2>&1 | grep -om 1 "Network is unreachable"'
    > 1
    > Network is unreachable

    # ... it can be raised
    $ inside --unshare-net --become-root bash -c 'ip link set lo up &&
    $     (: >/dev/tcp/127.0.0.1/80) 2>&1 | grep -om 1 "Connection refused"'
    > Connection refused

    # without it the network is the host's
    $ inside cat /proc/net/dev | cut -d : -f 1 | cmp - <(cut -d : -f 1 /proc/net/dev)
ROWS
}

@test "within itself" {
    compare <<'ROWS'
    # with the same ids: no further user namespace, capabilities are kept
    $ self=$(command -v mkosi-sandbox)
    $ me inside --bind / / -- "$self" --bind / / bash -c 'cat /proc/self/uid_map; grep -c 812c01df \
    $     /proc/self/status' | tr -s ' ' | sed 's/^ //'
    > ID ID 1
    > 5

    # ... root in root
    $ self=$(command -v mkosi-sandbox)
    $ inside --bind / / --become-root readlink /proc/self/ns/user >/dev/null
    $ inside --bind / / --become-root sh -c 'readlink /proc/self/ns/user
    $     "$1" --bind / / --become-root readlink /proc/self/ns/user' sh "$self" | uniq | wc -l
    > 1

    # --become-root of one that is not: a user namespace in the other
    $ self=$(command -v mkosi-sandbox)
    $ me inside --bind / / "$self" --bind / / --become-root bash -c 'cat /proc/self/uid_map; id -u
    $     grep -c 812c01df /proc/self/status' | tr -s ' ' | sed 's/^ //'
    > 0 ID 1
    > 0
    > 5

    # ... as mkosi runs its scripts: the inner one with a network of its own
    $ self=$(command -v mkosi-sandbox)
    $ inside --bind / / "$self" --bind / / --become-root --unshare-net \
    $     bash -c 'id -u; grep -c 812c15df /proc/self/status; grep -c : /proc/net/dev'
    > 0
    > 5
    > 1

    # four times
    $ self=$(command -v mkosi-sandbox); again=("$self" --bind / / --dir /tmp/n --become-root)
    $ inside --bind / / "${again[@]}" "${again[@]}" "${again[@]}" id -u
    > 0

    # mounts of the outer one are seen, and can be undone
    $ self=$(command -v mkosi-sandbox); mkdir d; touch d/f
    $ inside --bind / / --bind d /mnt "$self" --bind / / sh -c 'ls /mnt; umount /mnt; ls /mnt | grep -x f'
    > f
    status 1
ROWS
}
