# SPDX-License-Identifier: LGPL-2.1-or-later
# mkosi-sandbox of root, and of callers with some of root's privileges.

load ../lib/mkosi

setup() {
    need_root
    enter_comparison mkosi-sandbox
    # for those that root becomes in the rows
    chmod 0755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$BATS_TEST_TMPDIR" "$WORK"
}

@test "root stays root: no user namespace, no change of capabilities" {
    compare <<'ROWS'
    # namespaces: mounts alone, and what is asked for
    $ see namespaces "${base[@]}" | grep new
    $ see namespaces "${base[@]}" --become-root --unshare-ipc --unshare-net | grep new
    > mnt: new
    > ipc: new
    > mnt: new
    > net: new

    # ids
    $ see ids "${base[@]}" >seen; inside cat /proc/self/uid_map | cmp - /proc/self/uid_map
    $ grep -E 'setgroups|Uid' seen
    $ see ids "${base[@]}" --become-root | cmp - seen
    $ see ids "${base[@]}" --map-foreign | cmp - seen
    > setgroups: allow
    > Uid:	0	0	0	0

    # all five sets of capabilities
    $ grep ^Cap /proc/self/status >outside
    $ see caps "${base[@]}" | cmp - outside
    $ see caps "${base[@]}" --become-root --unshare-net --map-foreign | cmp - outside

    # ... whatever they are
    $ less=(setpriv --bounding-set -net_raw,-mknod --inh-caps +chown,-net_raw,-mknod)
    $ "${less[@]}" grep ^Cap /proc/self/status >outside
    $ "${less[@]}" mkosi-sandbox "${base[@]}" grep ^Cap /proc/self/status | cmp - outside

    # supplementary groups
    $ setpriv --groups 5,6 mkosi-sandbox "${base[@]}" grep ^Groups /proc/self/status
    > Groups:	5 6 

    # all other ids can be taken
    $ inside setpriv --reuid 5 --regid 6 --clear-groups id -u
    > 5
ROWS
}

@test "what root makes" {
    compare <<'ROWS'
    # --suppress-chown does not hold root back
    $ inside --suppress-chown --write '' /f sh -c 'chown 5:6 /f; stat -c %u:%g /f'
    $ inside --suppress-chown --become-root --write '' /f sh -c 'chown 7:8 /f; stat -c %u:%g /f'
    $ see privs "${base[@]}" --suppress-chown
    > 5:6
    > 7:8
    > NoNewPrivs:	0

    # ... --suppress-sync suppresses
    $ inside --suppress-sync /usr/bin/python3 -c 'import os; os.fsync(99); print("fine")'
    $ see privs "${base[@]}" --suppress-sync
    > fine
    > NoNewPrivs:	1

    # devices of its own are root's, and work
    $ inside --dev /dev sh -c 'stat -c "%U %n" /dev/null; echo x >/dev/null && mknod /n c 1 3 && echo x >/n'
    > UNKNOWN /dev/null

    # overlays have user.overlay attributes for root too
    $ mkdir l l/d up wk; touch l/d/f
    $ inside --overlay-lowerdir l --overlay-upperdir up --overlay-workdir wk --overlay /o \
    $     sh -c 'rm -r /o/d; mkdir /o/d; grep -c userxattr /proc/self/mountinfo'
    $ ! command -v getfattr >/dev/null || getfattr -m - -d up/d | grep trusted
    > 1
    status 1

    # files that are made are root's, with their modes
    $ umask 077
    $ inside --dir /a/tmp --write x /b --tmpfs /c stat -c '%n %a %u' / /a /a/tmp /b /c
    > / 755 0
    > /a 755 0
    > /a/tmp 1777 0
    > /b 600 0
    > /c 755 0
ROWS
}

@test "mounts of the host come in, those of the command do not go out" {
    compare <<'ROWS'
    # a mount that is made outside, on what is shared there
    $ mkdir -p s; mkfifo go
    $ unshare --mount --propagation private bash -c '
    $     mount -t tmpfs s s && mount --make-shared s && mkdir s/sub
    $     mkosi-sandbox "$@" --bind s /s --write "" /go --bind go /go sh -c "echo ready >/s/ready; read line </go
    $         ls /s/sub; mkdir /s/own; mount -t tmpfs own /s/own; touch /s/own/f" &
    $     until [ -e s/ready ]; do sleep 0.02; done
    $     mount -t tmpfs sub s/sub; touch s/sub/f; echo >go; wait; ls -A s/own' sh "${base[@]}"
    > f

    # nothing is left in the mount namespace of the caller
    $ cut -d ' ' -f 3- /proc/self/mountinfo >before
    $ inside --dev /dev --tmpfs /tmp --bind / /h true
    $ cut -d ' ' -f 3- /proc/self/mountinfo | cmp - before
ROWS
}

@test "callers that are neither root nor quite ordinary" {
    setpriv --reuid 1234 --regid 4321 --clear-groups test -x "$OURS" ||
        skip "wants a folder that all can enter"
    compare <<'ROWS'
    # root without CAP_SYS_ADMIN: a user namespace
    $ setpriv --bounding-set -sys_admin --inh-caps -sys_admin mkosi-sandbox "${base[@]}" \
    $     bash -c 'cat /proc/self/uid_map /proc/self/gid_map; grep -c 812c01df /proc/self/status' |
    $     tr -s ' '
    >  0 0 1
    >  0 0 1
    > 5

    # uid and gid are not the same
    $ user=(setpriv --reuid 1234 --regid 4321 --clear-groups mkosi-sandbox "${base[@]}")
    $ "${user[@]}" bash -c 'cat /proc/self/uid_map /proc/self/gid_map; id -u; id -g' | tr -s ' '
    $ "${user[@]}" --become-root bash -c 'cat /proc/self/[ug]id_map' | tr -s ' '
    >  1234 1234 1
    >  4321 4321 1
    > 1234
    > 4321
    >  0 4321 1
    >  0 1234 1

    # supplementary groups count, though they have no name inside
    $ chmod 0755 .; echo secret >f; chgrp 5 f; chmod 0640 f
    $ setpriv --reuid 1234 --regid 4321 --groups 5,6 mkosi-sandbox "${base[@]}" --bind f /f \
    $     sh -c 'grep ^Groups /proc/self/status; cat /f'
    > Groups:	65534 65534 
    > secret

    # a user with root's capabilities needs no user namespace
    $ some=+sys_admin,+sys_chroot,+setuid,+setgid,+chown,+dac_override
    $ user=(setpriv --reuid 1234 --regid 4321 --clear-groups --inh-caps "$some" --ambient-caps "$some")
    $ "${user[@]}" grep ^Cap /proc/self/status >outside
    $ "${user[@]}" mkosi-sandbox "${base[@]}" bash -c 'id -u; cat /proc/self/uid_map' >seen
    $ head -n 1 seen; tail -n 1 seen | cmp - /proc/self/uid_map
    $ "${user[@]}" mkosi-sandbox "${base[@]}" grep ^Cap /proc/self/status | cmp - outside
    > 1234

    # ... but for --become-root
    $ some=+sys_admin,+sys_chroot,+setuid,+setgid,+chown,+dac_override
    $ setpriv --reuid 1234 --regid 4321 --clear-groups --inh-caps "$some" --ambient-caps "$some" \
    $     mkosi-sandbox "${base[@]}" --become-root \
    $     bash -c 'cat /proc/self/uid_map /proc/self/gid_map; grep -c 812c01df /proc/self/status' |
    $     tr -s ' '
    >  0 1234 1
    >  0 4321 1
    > 5

    # in a user namespace of one id, root is held back by --suppress-chown
    $ unshare --user --map-root-user mkosi-sandbox "${base[@]}" --suppress-chown --write '' /f \
    $     sh -c 'chown 5:6 /f; stat -c %u:%g /f; grep NoNew /proc/self/status'
    > 0:0
    > NoNewPrivs:	1

    # ... and has all capabilities there, as before
    $ unshare --user --map-root-user grep ^Cap /proc/self/status >outside
    $ unshare --user --map-root-user mkosi-sandbox "${base[@]}" grep ^Cap /proc/self/status |
    $     cmp - outside
    $ unshare --user --map-root-user mkosi-sandbox "${base[@]}" --become-root --unshare-net \
    $     grep ^Cap /proc/self/status | cmp - outside
ROWS
}

@test "where user namespaces are forbidden" {
    compare <<'ROWS'
    # in a chroot the kernel makes none
    differs the original says five lines, and then where in its code it failed
    $ unshare --mount --propagation private bash -c '
    $     mkdir r; chmod 0755 . r; for d in /*; do
    $         [ -L "$d" ] && cp -a "$d" r/ && continue
    $         [ -d "$d" ] && mkdir "r$d" && mount --rbind "$d" "r$d"
    $     done
    $     chroot --userspec=1234:4321 r "$(command -v mkosi-sandbox)" "$@" true
    $     ' sh "${base[@]}"
    2> mkosi-sandbox: unshare user namespace: Operation not permitted*
    status 125
    real status 1
    real 2> *mkosi was forbidden to unshare namespaces*
    real 2> ...
ROWS
}

@test "a network that can't be unshared" {
    compare <<'ROWS'
    # for root without CAP_NET_ADMIN
    differs the original says nothing, and the command has the host's network
    $ setpriv --bounding-set -net_admin --inh-caps -net_admin mkosi-sandbox "${base[@]}" \
    $     --unshare-net readlink /proc/self/ns/net | cmp - <(readlink /proc/self/ns/net) && echo same
    > same
    2> mkosi-sandbox: *--unshare-net*
    real > same
ROWS
}
