# SPDX-License-Identifier: LGPL-2.1-or-later
# As failing-calls.bats, in bubblewrap's dialect: status 1, and one line "bwrap: ...".

load ../lib/failing-calls

export DIALECT=bwrap
PLAIN=(--ro-bind / / --dev /dev --proc /proc --tmpfs /tmp)

@test "a pid namespace, with the usual mounts" {
    fail_each_call -- "${PLAIN[@]}" --unshare-pid
}

@test "a pid namespace, interrupted" {
    fail_each_call --error EINTR -- "${PLAIN[@]}" --unshare-pid
}

@test "no pid namespace: the command is the only child" {
    fail_each_call -- "${PLAIN[@]}"
}

@test "no pid namespace, interrupted" {
    fail_each_call --error EINTR -- "${PLAIN[@]}"
}

@test "memory, or fds, run out" {
    fail_each_call --error ENOMEM -- "${PLAIN[@]}" --unshare-pid
    fail_each_call --error EMFILE -- "${PLAIN[@]}"
}

@test "every namespace, and a host name" {
    fail_each_call -- --ro-bind / / --unshare-all --hostname inner
}

@test "other ids with devices, which take a second user namespace" {
    fail_each_call -- "${PLAIN[@]}" --uid 7 --gid 8
}

@test "no user namespaces inside" {
    fail_each_call -- --ro-bind / / --unshare-user --disable-userns
}

@test "the command as pid 1" {
    fail_each_call -- "${PLAIN[@]}" --unshare-pid --as-pid-1
}

@test "a session of its own, bound to its parent" {
    fail_each_call -- --ro-bind / / --unshare-pid --new-session --die-with-parent
}

@test "a lock, and an fd that stays open as long as anything inside" {
    : >lock
    fail_each_call -- --ro-bind / / --lock-file "$PWD/lock" --sync-fd 7 7</dev/null
    rm lock
}

@test "fds that tell what happens" {
    fail_each_call -- --ro-bind / / --unshare-pid --json-status-fd 8 --info-fd 6 8>>status 6>>info
    rm status info
}

@test "fds that are waited for" {
    fail_each_call -- --ro-bind / / --block-fd 7 --new-session 7</dev/null
}

@test "a capability, and the environment" {
    # the dynamic linker, loading libcap, does not say why it could not map
    fail_each_call --tolerate mmap -- --ro-bind / / --cap-add CAP_CHOWN --clearenv --setenv PATH "$PATH" \
        --chdir /usr
}

@test "a filter" {
    # read from its fd, which is at its end from the second launch on: so a new one each time
    printf '\6\0\0\0\0\0\377\177' >allow
    fail_each_call -- --ro-bind / / --seccomp 7 7<allow
    fail_each_call -- --ro-bind / / --unshare-pid --add-seccomp-fd 7 7<allow
    rm allow
}

@test "user namespaces that are entered, one in the other" {
    # shellcheck disable=SC2016
    unshare --user --map-root-user sh -c 'unshare --user --map-root-user sh -c "
        echo >on; while test -e on; do sleep 0.05; done" & echo $! >inner; wait' 3>&- &
    until_true test -s on
    fail_each_call -- --ro-bind / / --userns 7 7<"/proc/$!/ns/user"
    fail_each_call -- --ro-bind / / --userns 7 --userns2 8 7<"/proc/$!/ns/user" \
        8<"/proc/$(<inner)/ns/user"
    rm on
    wait $!
}
