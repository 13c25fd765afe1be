# SPDX-License-Identifier: LGPL-2.1-or-later
# Hosts that forbid this or that: each has its own advice. They are played by an outer sandbox or a
# user namespace whose limits are set; tests/e2e/initramfs.bats has real ones.

load ../lib/nsroot

# limited NAME VALUE COMMAND...: in a user namespace with a limit of its own
limited() {
    unshare --user --map-root-user sh -c 'echo "$2" >"/proc/sys/user/$1" && shift 2 && exec "$@"' - "$@"
}

@test "user.max_user_namespaces=0" {
    run --separate-stderr limited max_user_namespaces 0 "$NSROOT" -- true
    assert_own_failure 'No space left on device .*sysctl user.max_user_namespaces='
}

@test "limits that are reached" {
    run --separate-stderr limited max_user_namespaces 1 "$NSROOT" -- true
    assert_own_failure 'No space left on device .*a limit on namespaces is reached'
    run --separate-stderr limited max_pid_namespaces 0 "$NSROOT" -- true
    assert_own_failure 'No space left on device .*a limit on namespaces is reached'
    run --separate-stderr limited max_mnt_namespaces 0 "$NSROOT" -- true
    assert_own_failure 'No space left on device .*a limit on namespaces is reached'
    run --separate-stderr limited max_net_namespaces 0 "$NSROOT" --unshare-net -- true
    assert_own_failure 'No space left on device .*a limit on namespaces is reached'
}

@test "one user namespace is allowed: --no-lock does with it" {
    run limited max_user_namespaces 1 "$NSROOT" --no-lock -- id -u
    assert_success
    assert_output 0
}

@test "a container's filter forbids unshare" {
    run --separate-stderr nsroot --seccomp-deny unshare,clone,clone3 -- "$NSROOT" -- true
    assert_own_failure 'Operation not permitted .*a seccomp filter is in force'
}

@test "a container's filter knows no clone3: clone will do" {
    run nsroot --seccomp-deny clone3:ENOSYS -- "$NSROOT" -- id -u
    assert_success
    assert_output 0
    run --separate-stderr nsroot --seccomp-deny clone3:ENOSYS -- "$NSROOT" --unshare-time -- true
    assert_own_failure 'clone3: Function not implemented'
}

@test "a kernel or filter without the system calls that are needed" {
    local call
    for call in openat2 mount_setattr fsopen move_mount open_tree; do
        run --separate-stderr nsroot --seccomp-deny "$call:ENOSYS" -- "$NSROOT" -- true
        assert_own_failure 'Function not implemented .*Linux 5.12'
    done
}

@test "landlock, keyrings and the like are absent: they are done without" {
    run nsroot --seccomp-deny landlock_create_ruleset:ENOSYS,keyctl:ENOSYS -- "$NSROOT" -- id -u
    assert_success
    assert_output 0
}

@test "kernel.unprivileged_userns_clone=0, as Debian has it" {
    run --separate-stderr nsroot --tmpfs /proc/sys/kernel --file 7 /proc/sys/kernel/unprivileged_userns_clone \
        --seccomp-deny unshare,clone,clone3 -- "$NSROOT" -- true 7<<<0
    assert_own_failure 'Operation not permitted .*sysctl kernel.unprivileged_userns_clone=1'
}

@test "kernel.apparmor_restrict_unprivileged_userns=1, as Ubuntu has it" {
    run --separate-stderr nsroot --tmpfs /proc/sys/kernel \
        --file 7 /proc/sys/kernel/apparmor_restrict_unprivileged_userns \
        --seccomp-deny unshare,clone,clone3 -- "$NSROOT" -- true 7<<<1
    assert_own_failure 'Operation not permitted .*AppArmor.*"userns,"'
}

@test "in a chroot" {
    run --separate-stderr unshare --user --map-root-user --mount sh -c '
        mkdir jail && cd jail && for name in bin sbin lib lib64 usr etc dev proc sys tmp var; do
            [ -e /$name ] || continue
            mkdir $name && mount --rbind /$name $name
        done
        exec chroot . "$0" -- true' "$NSROOT"
    assert_own_failure 'Operation not permitted .*in a chroot the kernel allows no user namespaces'
}

@test "no subordinate ids: what gives some, and what does without" {
    run --separate-stderr nsroot --map caller --bind-data 7 /etc/subuid --bind-data 8 /etc/subgid \
        -- "$NSROOT" --map subid -- true 7</dev/null 8</dev/null
    assert_own_failure "no subordinate ids for $(id -un) .*usermod --add-subuids.*--map root"
}

@test "newuidmap and newgidmap are missing: what brings them, and what does without" {
    need_subids
    local masks=()
    for name in newuidmap newgidmap; do
        for folder in /usr/bin /usr/local/bin; do
            [ ! -e "$folder/$name" ] || masks+=(--mask "$folder/$name")
        done
    done
    run --separate-stderr nsroot --map caller "${masks[@]}" -- "$NSROOT" --map subid -- true
    assert_own_failure 'newgidmap: not found.*install the package uidmap.*--map root'
    run nsroot --map caller "${masks[@]}" -- "$NSROOT" -- id -u
    assert_output 0
}

@test "newuidmap gains no privileges: no_new_privs is named" {
    need_subids
    run --separate-stderr nsroot --map caller -- "$NSROOT" --map subid -- true
    assert_own_failure 'new[ug]idmap.*no_new_privs.*--map root'
}

@test "the current directory is not reachable" {
    mkdir gone
    cd gone
    rmdir ../gone
    run nsroot -- pwd
    assert_success
}
