# SPDX-License-Identifier: LGPL-2.1-or-later
# Real root as the caller: ids.

load ../lib/nsroot

setup() {
    need_root
    enter_workplace
}

who='echo $(id -u):$(id -g) $(id -ru):$(id -rg) $(id -G)'

@test "real root: every id is there, as it is" {
    run nsroot -- cat /proc/self/uid_map /proc/self/gid_map
    assert_output "$(cat /proc/self/uid_map /proc/self/gid_map)"
    run nsroot -- sh -c 'echo >file; chown 33:34 file'
    assert_success
    assert_equal "$(stat -c %u:%g file)" 33:34
}

@test "real root, --map root and caller: one id" {
    for map in root caller; do
        run nsroot --map $map -- sh -c "$who; sed -E 's/ +/ /g' /proc/self/uid_map /proc/self/gid_map"
        assert_output $'0:0 0:0 0\n 0 0 1\n 0 0 1'
    done
}

@test "real root, --map-uid: ranges without newuidmap, the host's root not among them" {
    run nsroot --map-uid 0:100000:1000 --map-gid 0:200000:1000 -- sh -c "$who; cat /proc/self/setgroups"
    assert_output $'0:0 0:0 0\nallow'
    chmod 0777 .
    run nsroot --map-uid 0:100000:1000 --map-gid 0:200000:1000 -- sh -c 'echo >file; chown 5:6 file; echo >root'
    assert_success
    assert_equal "$(stat -c %u:%g file root)" $'100005:200006\n100000:200000'
    run nsroot --map-uid 0:100000:1000 --map-gid 0:200000:1000 -- sh -c 'echo >/proc/sys/kernel/core_pattern'
    assert_failure
}

@test "real root, --uid and --gid: that user, without root's groups and capabilities" {
    run setpriv --groups 4,5 "$NSROOT" --uid 1234 --gid 1235 -- sh -c "$who; grep -E 'Cap(Prm|Eff|Bnd|Amb)|Groups' /proc/self/status"
    assert_success
    assert_line --index 0 "1234:1235 1234:1235 1235"
    assert_line --regexp $'^Groups:\t *$'
    refute_line --regexp 'Cap.*:.*[1-9a-f]'
}

@test "real root, --uid: its files only" {
    echo secret >secret
    chmod 0600 secret
    run nsroot --uid 1234 --gid 1235 -- cat secret
    assert_failure
    assert_output --partial "Permission denied"
}

@test "real root, --share-user: no user namespace, chown is real" {
    run nsroot --share-user -- sh -c 'readlink /proc/self/ns/user; id -u; echo >file; chown 33:34 file'
    assert_success
    assert_output "$(readlink /proc/self/ns/user)"$'\n0'
    assert_equal "$(stat -c %u:%g file)" 33:34
    run nsroot --share-user --uid 1234 --gid 1235 -- sh -c "$who; grep CapEff /proc/self/status"
    assert_output $'1234:1235 1234:1235 1235\nCapEff:\t0000000000000000'
}

@test "real root, --share-user: the default plan is read-only, and no capability beyond what is given" {
    run nsroot --share-user -- sh -c 'touch /etc/changed'
    assert_failure
    assert_output --partial "Read-only file system"
    value=$(nsroot --share-user -- sed -n 's/CapBnd:.//p' /proc/self/status)
    run capsh --decode="$value"
    refute_output --regexp 'cap_sys_module|cap_sys_boot|cap_sys_rawio|cap_sys_time|cap_syslog'
}

@test "real root without user namespaces: --unshare-user-try does without" {
    run unshare --mount sh -c '
        mount -t tmpfs tmpfs /proc/sys/user && echo 0 >/proc/sys/user/max_user_namespaces
        exec "$0" --unshare-user-try -- readlink /proc/self/ns/user' "$NSROOT"
    assert_success
    assert_output "$(readlink /proc/self/ns/user)"
}

@test "real root, --map subid: root's own subordinate ids" {
    if grep -q '^root:' /etc/subuid && grep -q '^root:' /etc/subgid; then
        run nsroot --map subid -- cat /proc/self/uid_map
        assert_success
    else
        run --separate-stderr nsroot --map subid -- true
        assert_own_failure 'no subordinate ids for root'
    fi
}
