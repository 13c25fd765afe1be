# SPDX-License-Identifier: LGPL-2.1-or-later
# Each system call of a launch fails in turn: nsroot ends, soon, with status 125 and one line that
# tells why, and leaves nothing. tests/lib/inject.c says how it is done.
# One call alone: $TOOLS/inject --list --at PROCESS:N "$NSROOT" ...

load ../lib/failing-calls

@test "the default plan" {
    fail_each_call --
}

@test "the default plan, interrupted" {
    fail_each_call --error EINTR --
}

@test "memory, fds or the kernel's patience run out" {
    fail_each_call --error ENOMEM --
    fail_each_call --error EMFILE --
}

@test "a network of its own, with addresses, and a host name" {
    fail_each_call -- --unshare-net --loopback-address 10.0.0.1/8 --loopback-address fd::1/8 \
        --hostname inner
}

@test "one level of user namespace" {
    fail_each_call -- --no-lock
}

@test "one level, interrupted" {
    fail_each_call --error EINTR -- --no-lock --unshare-net
}

@test "no pid 1 of nsroot's own" {
    fail_each_call -- --as-pid-1
}

@test "no pid namespace" {
    fail_each_call -- --share-pid
}

@test "a lock, a time limit and no user namespaces inside" {
    : >lock
    fail_each_call -- --lock-file "$PWD/lock" --timeout 60 --no-userns
    rm lock
}

@test "limits, priority, ids, capabilities and a session of its own" {
    # the dynamic linker, loading libcap, does not say why it could not map
    fail_each_call --tolerate mmap -- --rlimit nofile=512 --nice "$(nice)" --umask 077 --uid 7 --gid 8 --cap-add chown \
        --new-session
}

@test "a filter made at run time" {
    # libseccomp asks the kernel what it can do, and takes to something else
    fail_each_call --tolerate seccomp --tolerate mmap -- --seccomp-deny ptrace
}

@test "fds passed on, and fds that tell what happens" {
    fail_each_call -- --pack-fds --keep-fd 7 --keep-fd 9 --json-status-fd 8 --info-fd 6 \
        7</dev/null 9</dev/null 8>>status 6>>info
    rm status info
}

@test "pid 1 ends when the set-up fails, though a seccomp filter lacks pidfd_send_signal" {
    need_program strace
    run --separate-stderr within 10 strace -f -qq -o /dev/null -e trace=pidfd_send_signal \
        -e inject=pidfd_send_signal:error=ENOSYS "$NSROOT" --bind /no/such/thing /mnt -- true
    assert_own_failure '/no/such/thing'
}
