# SPDX-License-Identifier: LGPL-2.1-or-later
# The environment, what of nsroot itself can be seen inside, and what of the caller can be reached.

load ../lib/nsroot

@test "the environment is passed on, with PWD as it is inside" {
    mkdir real
    ln -s real link
    run only_with A=1 PWD=/wrong "$NSROOT" -- env
    assert_output --partial A=1
    assert_line "PWD=$(pwd -P)"
    run only_with PWD=/wrong "$NSROOT" --chdir /etc -- /usr/bin/env
    assert_line PWD=/etc
}

@test "--setenv, --unsetenv and --clearenv are done in their order" {
    run only_with A=1 B=2 "$NSROOT" --unsetenv A --setenv B 3 --setenv C '4=4' -- /usr/bin/env
    refute_line --partial A=
    assert_line B=3
    assert_line C=4=4
    run only_with A=1 "$NSROOT" --setenv B 2 --clearenv --setenv C 3 --setenv D 4 --unsetenv D -- /usr/bin/env
    assert_equal "$(grep -v ^PWD= <<<"$output")" C=3
    run only_with A=1 "$NSROOT" --setenv A 2 --setenv A 3 -- /usr/bin/env
    assert_line A=3
    assert_equal "$(grep -c ^A= <<<"$output")" 1
}

@test "an empty environment stays empty, but for PWD" {
    run only_with "$NSROOT" -- /usr/bin/env
    assert_output "PWD=$PWD"
}

@test "the caller's session is hidden with the default plan only" {
    run only_with SSH_AUTH_SOCK=/s DBUS_SESSION_BUS_ADDRESS=d XDG_RUNTIME_DIR=/r "$NSROOT" -- /usr/bin/env
    assert_output "PWD=$PWD"
    run only_with SSH_AUTH_SOCK=/s "$NSROOT" --setenv SSH_AUTH_SOCK /own -- /usr/bin/env
    assert_line SSH_AUTH_SOCK=/own
    run only_with SSH_AUTH_SOCK=/s "$NSROOT" --ro-bind / / -- /usr/bin/env
    assert_line SSH_AUTH_SOCK=/s
}

@test "pid 1 shows neither its environment nor its arguments, memory, program or fds" {
    for options in "" "--cap-add ALL" "--no-lock --cap-add ALL"; do
        # shellcheck disable=SC2086
        SECRET=environment run nsroot $options --setenv WORD argument --clearenv -- \
            /bin/sh -c 'cat /proc/1/cmdline; cat /proc/1/environ; cat /proc/1/mem; readlink /proc/1/exe
                ls -l /proc/1/fd; readlink /proc/1/cwd; readlink /proc/1/root; cat /proc/1/auxv; true'
        assert_success
        refute_output --partial environment
        refute_output --partial argument
        refute_output --partial "$NSROOT"
        refute_output --partial socket:
        assert_output --partial 'Permission denied'
    done
}

@test "pid 1 can't be traced" {
    need_program python3
    cat >trace <<'END'
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace(0x4206, 1, None, None)  # PTRACE_SEIZE
print(os.strerror(ctypes.get_errno()))
END
    for options in "" "--cap-add ALL" "--no-lock --cap-add ALL" "--map caller"; do
        # shellcheck disable=SC2086
        run nsroot $options -- python3 trace
        assert_output 'Operation not permitted'
    done
}

@test "the program of pid 1 can't be changed through /proc/1/exe" {
    cp "$NSROOT" copy
    run "$PWD/copy" --bind "$PWD" "$PWD" --cap-add ALL -- sh -c 'chmod 700 /proc/1/exe; : >>/proc/1/exe'
    assert_failure
    assert_equal "$(stat -c %a copy)" "$(stat -c %a "$NSROOT")"
}

@test "keys of the caller's session are not possessed" {
    need_program python3
    cat >keys <<'END'
import ctypes, os, platform, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
add, ctl = {"x86_64": (248, 250), "aarch64": (217, 219)}[platform.machine()]
if sys.argv[1] == "search":
    key = libc.syscall(ctl, 10, -3, b"user", b"nsroot-test", 0)  # KEYCTL_SEARCH
    print("found" if key > 0 else os.strerror(ctypes.get_errno()))
else:
    libc.syscall(ctl, 1, None)  # KEYCTL_JOIN_SESSION_KEYRING
    if libc.syscall(add, b"user", b"nsroot-test", b"secret", 6, -3) < 0:
        sys.exit(77)
    os.execvp(sys.argv[2], sys.argv[2:])
END
    run python3 keys with python3 keys search
    [ "$status" -ne 77 ] || skip "no keys can be made here"
    assert_output found
    run python3 keys with "$NSROOT" --allow-keyring -- python3 keys search
    assert_output 'Required key not available'
    run python3 keys with "$NSROOT" -- python3 keys search
    assert_output 'Function not implemented'
}

@test "abstract sockets of the caller are out of reach, though the network is shared" {
    need_kernel 6.12
    need_program python3
    cat >socket-test <<'END'
import os, socket, subprocess, sys
name = "\0nsroot-test-%d" % os.getpid()
listener = socket.socket(socket.AF_UNIX)
listener.bind(name)
listener.listen()
code = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect('\\0' + sys.argv[1])"
for prefix in [], [os.environ["NSROOT"], "--"]:
    done = subprocess.run(prefix + ["python3", "-c", code, name[1:]], stderr=subprocess.PIPE)
    print(done.stderr.decode().strip().split("\n")[-1] or "connected")
END
    run python3 socket-test
    assert_line --index 0 connected
    assert_line --index 1 --partial 'Operation not permitted'
}
