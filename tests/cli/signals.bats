# SPDX-License-Identifier: LGPL-2.1-or-later
# Signals without a terminal: what is sent to nsroot reaches the command, which inherits what nsroot
# did. tests/cli/terminal.bats has the rest.

load ../lib/nsroot

# started COMMAND...: start it in the background; returns when its standard output has a line.
started() {
    "$@" >output &
    pid=$!
    until_true test -s output
}

# await PID: status is what it ended with.
await() {
    status=0
    wait "$1" || status=$?
}

@test "signals sent to nsroot reach the command, whose exit status comes back" {
    for signal in TERM INT HUP QUIT USR1 USR2 WINCH ALRM URG RTMIN+3; do
        rm -f output
        # bash: a shell in the background has INT and QUIT ignored, and may not trap them then
        started env --default-signal "$NSROOT" -- \
            bash -c "trap 'exit 42' $signal; echo on; while :; do sleep 0.01; done"
        kill -s "$signal" "$pid"
        await "$pid"
        [ "$status" -eq 42 ] || fail "$signal: $status"
    done
}

@test "CONT sent to nsroot reaches the command" {
    started "$NSROOT" -- bash -c "trap 'exit 42' CONT; echo on; while :; do sleep 0.01; done"
    kill -CONT "$pid"
    await "$pid"
    assert_status 42
}

@test "a signal that comes before the command has started ends the launch" {
    mkfifo gate
    for signal in TERM INT HUP QUIT; do
        rm -f info
        env --default-signal "$NSROOT" --block-fd 9 --info-fd 8 -- touch ran 9<>gate 8>info &
        pid=$!
        until_true test -s info
        kill -s "$signal" "$pid"
        await "$pid"
        [ "$status" -eq $((128 + $(kill -l "$signal"))) ] || fail "$signal: $status"
    done
    assert_not_exist ran
}

@test "a signal that is ignored does not end the launch" {
    mkfifo gate
    nohup env "$NSROOT" --block-fd 9 --info-fd 8 -- sh -c 'exit 42' 9<>gate 8>info 2>/dev/null &
    pid=$!
    until_true test -s info
    kill -HUP "$pid"
    echo >gate
    await "$pid"
    assert_status 42
}

@test "an alarm that was set before exec reaches the command" {
    need_program perl
    run within 10 perl -e 'alarm 1; exec @ARGV' "$NSROOT" -- sleep 30
    assert_status 142
}

@test "the signal mask and what is ignored are the caller's" {
    need_program python3
    cat >start <<'END'
import os, signal, sys
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
for name in ("HUP", "CHLD", "PIPE", "XFSZ", "USR2"):
    signal.signal(getattr(signal, "SIG" + name), signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGTERM, signal.SIGRTMIN + 2])
os.execvp(sys.argv[1], sys.argv[1:])
END
    python3 start grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status >outside
    python3 start "$NSROOT" -- grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status >inside
    assert_equal "$(<inside)" "$(<outside)"
    python3 start "$NSROOT" --as-pid-1 -- grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status >inside
    assert_equal "$(<inside)" "$(<outside)"
}

@test "kill(0) inside does not reach the caller's process group" {
    need_kernel 6.12
    bash -c 'trap "touch reached" TERM; "$NSROOT" -- sh -c "kill -TERM 0"; echo $? >status; :' &
    wait $!
    assert_equal "$(<status)" 143
    assert_not_exist reached
}

@test "a reader that goes away kills the command, not nsroot" {
    run bash -c '"$NSROOT" -- yes | head -n 1; echo "${PIPESTATUS[0]}"'
    assert_output "y"$'\n'"141"
}

@test "nsroot in the background of a script, and wait" {
    run sh -c '"$NSROOT" -- sh -c "exit 7" & wait $!'
    assert_status 7
}

@test "--timeout sends TERM" {
    run nsroot --timeout 0.2 -- sleep 60
    assert_status 143
    run nsroot --timeout 0.2 -- bash -c 'trap "exit 9" TERM; while :; do sleep 0.01; done'
    assert_status 9
    run nsroot --timeout 60 -- sh -c 'exit 4'
    assert_status 4
}

@test "--timeout kills what ignores TERM" {
    run nothing_left "$NSROOT" --timeout 0.1 -- sh -c 'trap "" TERM; sleep 60; sleep 60'
    assert_status 137
}

@test "--timeout ends a command that has stopped itself" {
    run within 20 "$NSROOT" --timeout 0.3 -- sh -c 'kill -STOP $$; sleep 60'
    assert_status 143
}

@test "--timeout counts while --block-fd waits" {
    mkfifo gate
    run within 20 "$NSROOT" --timeout 0.2 --block-fd 9 --json-status-fd 8 -- touch ran 9<>gate 8>status
    assert_status 137
    assert_not_exist ran
    run cat status
    refute_output --partial exit-code
}

@test "--timeout counts while --userns-block-fd waits" {
    mkfifo gate
    run within 20 "$NSROOT" --timeout 0.2 --userns-block-fd 9 --info-fd 8 -- touch ran 9<>gate 8>info
    assert_status 137
    assert_not_exist ran
}

@test "a forged signal of a timer is no --timeout" {
    need_program python3
    # rt_sigqueueinfo(2) has no wrapper
    case $(uname -m) in
    x86_64) number=129 ;;
    aarch64 | riscv64) number=138 ;;
    *) skip "which number has rt_sigqueueinfo here?" ;;
    esac
    for options in "" "--timeout 60"; do
        rm -f output
        # shellcheck disable=SC2086
        started "$NSROOT" $options -- bash -c 'trap "exit 42" CONT; trap "exit 43" TERM; echo on; while :; do sleep 0.01; done'
        python3 - "$number" $! <<'END'
import ctypes, signal, struct, sys
info = struct.pack("iii", signal.SIGCONT, 0, -2).ljust(128, b"\0")
libc = ctypes.CDLL(None, use_errno=True)
sys.exit(libc.syscall(int(sys.argv[1]), int(sys.argv[2]), int(signal.SIGCONT), info) != 0)
END
        await $!
        [ "$status" -eq 42 ] || fail "$options: $status"
    done
}
