# SPDX-License-Identifier: LGPL-2.1-or-later
# Which namespaces are new, shared or entered.

load ../lib/nsroot

# new OPTION...: the kinds of namespace that are not the caller's, by their names in /proc/PID/ns
new() {
    local kind list
    list=$(nsroot "$@" -- sh -c 'cd /proc/self/ns && readlink cgroup ipc mnt net pid time user uts')
    for kind in cgroup ipc mnt net pid time user uts; do
        [[ "$list" == *"$(readlink /proc/self/ns/$kind)"* ]] || printf '%s ' "$kind"
    done
}

# holder COMMAND...: run it in the background and wait for it to say "ready" in ./holder
holder() {
    "$@" >holder &
    HOLDER=$!
    until_true grep -q ready holder
}

teardown() {
    [ -n "${HOLDER-}" ] || return 0
    # unshare --fork does not listen to TERM
    kill -KILL "$HOLDER" 2>/dev/null || true
    wait "$HOLDER" 2>/dev/null || true
}

@test "all are new but network and time" {
    run new
    assert_output "cgroup ipc mnt pid user uts "
}

@test "--unshare-all: the network and the clocks too" {
    need_kernel 5.6
    run new --unshare-all
    assert_output "cgroup ipc mnt net pid time user uts "
    run new --unshare-all --share-net
    assert_output "cgroup ipc mnt pid time user uts "
    run new --unshare-all --share-time
    assert_output "cgroup ipc mnt net pid user uts "
}

@test "--share-X keeps one" {
    run new --share-pid
    assert_output "cgroup ipc mnt user uts "
    run new --share-ipc
    assert_output "cgroup mnt pid user uts "
    run new --share-uts
    assert_output "cgroup ipc mnt pid user "
    run new --share-cgroup
    assert_output "ipc mnt pid user uts "
    run new --unshare-time --share-time
    assert_output "cgroup ipc mnt pid user uts "
}

@test "--unshare-X makes one new" {
    run new --unshare-time
    assert_output "cgroup ipc mnt pid time user uts "
    run new --share-pid --unshare-pid --share-ipc --unshare-ipc --share-uts --unshare-uts \
        --share-cgroup --unshare-cgroup --unshare-user --unshare-mount
    assert_output "cgroup ipc mnt pid user uts "
    run new --unshare-net
    assert_output "cgroup ipc mnt net pid user uts "
}

@test "--unshare-user-try and --unshare-cgroup-try" {
    run new --unshare-user-try --unshare-cgroup-try
    assert_output "cgroup ipc mnt pid user uts "
}

@test "one level of user namespace: the same ones are new" {
    run new --no-lock --unshare-net --unshare-time
    assert_output "cgroup ipc mnt net pid time user uts "
}

@test "--share-mount is refused" {
    run --separate-stderr nsroot --share-mount -- true
    assert_own_failure '--share-mount'
}

@test "--share-user wants rights that an ordinary user lacks" {
    [ "$(id -u)" -ne 0 ] || skip "wants to be an ordinary user"
    run --separate-stderr nsroot --share-user -- true
    assert_own_failure 'without a user namespace of its own, nsroot needs CAP_SYS_ADMIN'
}

@test "--hostname: inside alone" {
    before=$(uname -n)
    run nsroot --hostname inside.example -- uname -n
    assert_output inside.example
    assert_equal "$(uname -n)" "$before"
    run nsroot -- uname -n
    assert_output "$before"
    run --separate-stderr nsroot --share-uts --hostname inside -- true
    assert_own_failure '--hostname'
}

@test "root inside can change its own host name" {
    run nsroot --hostname a -- python3 -c 'import os, socket; socket.sethostname("b"); print(os.uname().nodename)'
    assert_output b
}

@test "--share-pid: the caller's processes are seen, and end with the command" {
    run nsroot --share-pid -- sh -c "test -d /proc/$$ && echo seen"
    assert_output seen
    run nothing_left "$NSROOT" --share-pid -- sh -c 'sleep 60 & exit 4'
    assert_status 4
}

@test "--unshare-time: clocks of its own" {
    run nsroot --unshare-time -- readlink /proc/self/ns/time /proc/self/ns/time_for_children
    assert_equal "${lines[0]}" "${lines[1]}"
    refute_line "$(readlink /proc/self/ns/time)"
}

@test "a cgroup namespace: the caller's cgroup looks like the root" {
    run nsroot -- cat /proc/self/cgroup
    assert_success
    refute_line --regexp ':/.+$'
}

@test "--mqueue: message queues of the sandbox's own" {
    run nsroot --mqueue /dev/mqueue -- sh -c 'touch /dev/mqueue/q && cat /dev/mqueue/q && findmnt -no FSTYPE /dev/mqueue'
    assert_success
    assert_line mqueue
    run --separate-stderr nsroot --share-ipc --mqueue /dev/mqueue -- true
    assert_own_failure '--mqueue /dev/mqueue: .*--unshare-ipc'
}

@test "System V IPC: the caller's is not seen" {
    id=$(ipcmk --shmem 4096 | grep -o '[0-9]*$')
    run nsroot -- ipcs -m
    refute_output --partial " $id "
    run nsroot --share-ipc -- ipcs -m
    assert_output --partial " $id "
    ipcrm --shmem-id "$id"
}

@test "--userns: enter a user namespace; the command's ids are those there" {
    holder unshare --user --map-root-user sh -c 'echo ready; exec sleep 60'
    run nsroot --userns 7 -- sh -c 'readlink /proc/self/ns/user; id -u; id -g' 7<"/proc/$HOLDER/ns/user"
    assert_success
    assert_output "$(readlink "/proc/$HOLDER/ns/user")"$'\n0\n0'
    run nsroot --userns 7 --cap-drop ALL -- grep CapEff /proc/self/status 7<"/proc/$HOLDER/ns/user"
    assert_output $'CapEff:\t0000000000000000'
}

@test "--userns and --netns: enter both" {
    holder unshare --user --map-root-user --net sh -c 'ip link set lo up; ip address add 10.9.9.9/8 dev lo; echo ready; exec sleep 60'
    run nsroot --userns 7 --netns 8 -- sh -c 'readlink /proc/self/ns/net; ip -o address' \
        7<"/proc/$HOLDER/ns/user" 8<"/proc/$HOLDER/ns/net"
    assert_success
    assert_line "$(readlink "/proc/$HOLDER/ns/net")"
    assert_output --partial 10.9.9.9/8
}

@test "--userns and --pidns: enter both" {
    holder unshare --user --map-root-user --pid --fork --mount-proc --kill-child sh -c 'echo ready; exec sleep 60'
    run nsroot --userns 7 --pidns 8 -- sh -c 'readlink /proc/self/ns/pid; tr "\0" " " </proc/1/cmdline' \
        7<"/proc/$HOLDER/ns/user" 8<"/proc/$HOLDER/ns/pid_for_children"
    assert_success
    assert_line --index 0 "$(readlink "/proc/$HOLDER/ns/pid_for_children")"
    assert_line --index 1 --partial "sleep 60"
}

@test "a namespace that belongs to another user namespace: advice" {
    holder unshare --user --map-root-user --net sh -c 'echo ready; exec sleep 60'
    run --separate-stderr nsroot --netns 8 -- true 8<"/proc/$HOLDER/ns/net"
    assert_own_failure '--netns 8: setns: Operation not permitted .*--userns'
}

@test "an fd of something else is refused" {
    run --separate-stderr nsroot --netns 8 -- true 8</proc/self/ns/ipc
    assert_own_failure '--netns 8: setns: Invalid argument'
    run --separate-stderr nsroot --pidns 8 -- true 8</dev/null
    assert_own_failure '--pidns 8: setns: Invalid argument'
    run --separate-stderr nsroot --userns 8 -- true
    assert_own_failure '--userns 8: Bad file descriptor'
}

@test "user namespaces can be made inside, unless --no-userns" {
    run nsroot -- unshare --user true
    assert_success
    for option in --no-userns --disable-userns; do
        run nsroot "$option" -- unshare --user true
        assert_failure
        assert_output --partial "No space left on device"
    done
}

@test "--no-userns: neither all capabilities nor one level let the limit be raised" {
    local script='echo 100 >/proc/sys/user/max_user_namespaces; unshare --user true'
    local options
    for options in "" "--cap-add ALL" "--no-lock" "--no-lock --cap-add ALL" "--map caller --cap-add ALL" \
        "--no-lock --ambient cap_sys_resource" "--no-lock --map caller --ambient ALL"; do
        # shellcheck disable=SC2086 # several options
        run nsroot --no-userns $options -- sh -c "$script"
        assert_failure
        assert_line --partial "unshare: unshare failed"
    done
}

@test "--no-userns holds for whom the command starts, and after a change of ids" {
    need_subids
    run nsroot --no-userns --map subid -- setpriv --reuid 5 --regid 5 --clear-groups unshare --user true
    assert_failure
}
