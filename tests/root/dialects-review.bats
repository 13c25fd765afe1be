# SPDX-License-Identifier: LGPL-2.1-or-later
# The dialects where root does what hardly anybody does.

load ../lib/compare

setup() {
    need_root
    case $BATS_TEST_DESCRIPTION in
    *--map-foreign*) enter_comparison mkosi-sandbox ;;
    *) enter_comparison bwrap ;;
    esac
    # for those that root becomes
    chmod 0755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$BATS_TEST_TMPDIR" "$WORK"
}

# shellcheck disable=SC2034 # rows use it
prelude='outside() { unshare --mount --propagation private "$@"; }'

@test "root that lacks a capability can add all others" {
    compare <<'END'
    # as in a container
    $ less=(setpriv --bounding-set -sys_module)
    $ "${less[@]}" grep ^CapEff /proc/self/status >expected
    $ "${less[@]}" bwrap "${host[@]}" --cap-add ALL grep ^CapEff /proc/self/status | diff expected -

    # nor is it given by name
    $ less=(setpriv --bounding-set -sys_module)
    $ "${less[@]}" bwrap "${host[@]}" --cap-drop ALL --cap-add CAP_SYS_MODULE --cap-add CAP_KILL \
    $     grep ^CapEff /proc/self/status
    differs the real one keeps all that root has where it can't set what is asked for
    > CapEff:	0000000000000020
END
}

@test "a procfs that is read-only outside is not writable inside" {
    compare <<'END'
    # that of the caller is bound
    $ outside sh -c 'mount -o remount,bind,ro /proc
    $     bwrap --bind / / --proc /proc sh -c ": >/proc/self/oom_score_adj"' 2>&1 | grep -c 'Read-only'
    > 1
END
}

# The user namespace belongs to somebody else: entering it makes the kernel forget who is to end us.
ends_with_its_parent() {
    local holder launcher
    setpriv --reuid 5 --regid 5 --clear-groups unshare --user sleep 60 3>&- &
    holder=$!
    until_true can_be_mapped "$holder"
    # shellcheck disable=SC2016
    bash -c 'bwrap --userns 11 --die-with-parent --unshare-pid --bind / / sh -c "echo >ready; exec sleep 60" &
        echo $! >launcher
        until [ -e ready ]; do sleep 0.02; done
        kill -KILL $$' 11<"/proc/$holder/ns/user" 3>&- || true
    launcher=$(<launcher)
    kill "$holder"
    until_true has_ended "$launcher"
}

can_be_mapped() {
    [ "$(readlink "/proc/$1/ns/user")" != "$(readlink /proc/self/ns/user)" ] &&
        echo 0 0 65536 >"/proc/$1/uid_map" && echo 0 0 65536 >"/proc/$1/gid_map"
}

has_ended() {
    [ ! -e "/proc/$1" ] || grep -q '^State:[[:space:]]*Z' "/proc/$1/status"
}

@test "--die-with-parent holds in a user namespace that is entered" {
    on_each ends_with_its_parent
}

@test "--map-foreign of who has the rights leaves setgroups(2) denied" {
    compare <<'END'
    # more than one group is mapped
    $ caps=+chown,+setuid,+setgid
    $ setpriv --reuid 5 --regid 5 --clear-groups --inh-caps "$caps" --ambient-caps "$caps" \
    $     mkosi-sandbox --bind / / --map-foreign cat /proc/self/setgroups
    > deny
END
}
