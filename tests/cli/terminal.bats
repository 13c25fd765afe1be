# SPDX-License-Identifier: LGPL-2.1-or-later
# On a terminal: job control, from outside and inside, and whose the terminal is.

load ../lib/nsroot

# under_shell [STEP...]: what a user does in an interactive shell, which then ends.
under_shell() {
    on_terminal --expect 'out> ' "$@" --expect 'out> ' --send 'exit 0\r' \
        -- env PS1='out> ' INNER='in> ' bash --norc --noprofile -i
}

# Tells when it has started and when it goes on; ends with the word that it reads.
make_reader() {
    cat >reader <<'END'
trap 'echo again' CONT
echo on
until read -r -t 0.05 word; do :; done
echo "got $word"
END
}

# Commands that the tests send signals to are bash: dash loses some that come while it is in vfork(2).

# The inner shell that tests talk to; its prompt is "in> ".
INNER_SHELL='env PS1="$INNER" "$NSROOT" -- bash --norc --noprofile -i'

@test "Ctrl-C ends the command" {
    run on_terminal --expect on --send '\x03' -- "$NSROOT" -- sh -c 'echo on; exec sleep 60'
    assert_status 130
}

@test "Ctrl-C that the command handles does not end it" {
    run on_terminal --expect on --send '\x03' -- \
        "$NSROOT" -- bash -c 'trap "echo caught; exit 3" INT; echo on; while :; do sleep 0.05; done'
    assert_status 3
    assert_output --partial caught
}

@test "Ctrl-C ends the loop of a shell, too" {
    run on_terminal --expect on --send '\x03' -- \
        bash -c "while :; do '$NSROOT' -- sh -c 'echo on; exec sleep 60'; done"
    assert_status 130
}

@test "a command that ends well after Ctrl-C does not end the loop of a shell" {
    run on_terminal --expect on --send '\x03' -- bash -c "for i in 1 2; do '$NSROOT' -- \
        bash -c 'test -e twice && exit; >twice; trap \"exit 0\" INT; echo on; while :; do sleep 0.05; done'; done; echo all"
    assert_success
    assert_output --partial all
}

@test "Ctrl-\\ ends the command, and nsroot leaves no core of its own" {
    run on_terminal --expect on --send '\x1c' -- bash -c "ulimit -c unlimited
        '$NSROOT' -- sh -c 'ulimit -c 0; echo on; exec sleep 60'; echo status \$?"
    assert_success
    assert_output --partial "status 131"
    assert_holds_only .
}

@test "Ctrl-Z stops the job, fg continues it" {
    make_reader
    run under_shell --send "$NSROOT -- bash -c 'bash reader; echo e\"\"nd'\r" --expect 'on\s' \
        --send '\x1a' --expect Stopped --expect 'out> ' \
        --send 'fg\r' --expect again --send 'word\r' --expect 'got word' --expect end
    assert_success
}

@test "bg continues the job without the terminal" {
    run under_shell --send "$NSROOT -- bash -c 'echo o\"\"n; until test -e go; do sleep 0.05; done; echo d\"\"one'\r" \
        --expect 'on\s' --send '\x1a' --expect Stopped --expect 'out> ' \
        --send 'bg\r' --expect 'out> ' --send '>go\r' --expect 'done' --send 'wait; echo status $?\r' \
        --expect 'status 0'
    assert_success
}

@test "a stopped job is ended by kill" {
    run under_shell --send "$NSROOT -- bash -c 'echo o\"\"n; cat'\r" --expect 'on\s' \
        --send '\x1a' --expect Stopped --expect 'out> ' \
        --send 'P=$(jobs -p); kill %1; while kill -0 $P; do sleep 0.05; done\r'
    assert_success
    assert_output --partial 'Exit 143'
}

@test "a command that handles Ctrl-Z itself goes on" {
    run on_terminal --expect on --send '\x1a' -- \
        "$NSROOT" -- bash -c 'trap "echo caught; exit 3" TSTP; echo on; while :; do sleep 0.05; done'
    assert_status 3
    assert_output --partial caught
}

@test "a command that tidies up at Ctrl-Z and then stops, stops the job" {
    cat >script <<'END'
trap 'echo tidy; kill -STOP $$; echo again; exit 0' TSTP
# no sleep(1): Ctrl-Z would stop it too, and bash would wait for it
mkfifo never
exec 9<>never
echo on
while :; do read -rt 0.05 -u 9; done
END
    run under_shell --send "$NSROOT -- bash script\r" \
        --expect 'on\s' --send '\x1a' --expect tidy --expect Stopped --expect 'out> ' \
        --send 'fg\r' --expect again
    assert_success
}

@test "a job in the background that reads is stopped" {
    run under_shell --send "$NSROOT -- cat &\r" --expect 'out> ' --send 'wait %1\r' --expect Stopped \
        --expect 'out> ' --send 'P=$(jobs -p); kill %1; while kill -0 $P; do sleep 0.05; done\r'
    assert_success
}

@test "stop and go sent to nsroot, again and again, lose nothing" {
    "$NSROOT" -- sh -c 'echo on; until test -e end; do sleep 0.01; done; exit 4' >output &
    pid=$!
    until_true grep -q on output
    for _ in {1..200}; do
        kill -TSTP "$pid"
        kill -CONT "$pid"
    done
    touch end
    status=0
    wait "$pid" || status=$?
    assert_equal "$status" 4
}

@test "a shell inside has job control of its own" {
    make_reader
    run under_shell --send "$INNER_SHELL\r" --expect 'in> ' \
        --send 'bash reader\r' --expect 'on\s' --send '\x1a' --expect Stopped --expect 'in> ' \
        --send 'fg\r' --expect again --send '\x03' --expect 'in> ' \
        --send 'sleep 60 &\r' --expect 'in> ' --send 'jobs\r' --expect Running --expect 'in> ' \
        --send 'exit 5\r' --expect 'out> ' --send 'echo status $?\r' --expect 'status 5'
    assert_success
    refute_output --partial "no job control"
}

@test "suspend in a shell inside stops the job outside" {
    run under_shell --send "$INNER_SHELL\r" --expect 'in> ' \
        --send 'suspend\r' --expect Stopped --expect 'out> ' \
        --send 'fg\r' --expect 'in> ' --send 'echo $((20 + 3))\r' --expect 23 --expect 'in> ' \
        --send 'suspend\r' --expect Stopped --expect 'out> ' \
        --send 'fg\r' --expect 'in> ' --send 'exit\r'
    assert_success
}

@test "a shell inside that is killed leaves the terminal to whom it belongs" {
    run on_terminal --expect 'in> ' --send 'kill -KILL $$\r' --expect 'status 137' --send 'word\r' \
        -- env INNER='in> ' sh -c "$INNER_SHELL; echo status \$?; read -r word; echo got \$word"
    assert_success
    assert_output --partial "got word"
}

@test "--foreground: Ctrl-C reaches the command, the terminal comes back" {
    run on_terminal --expect on --send '\x03' --expect 'status 3' --send 'word\r' -- sh -c "
        '$NSROOT' --foreground -- bash -c 'trap \"exit 3\" INT; echo on; while :; do sleep 0.05; done' 2>/dev/null
        echo status \$?; read -r word; echo got \$word"
    assert_success
    assert_output --partial "got word"
}

@test "--foreground: Ctrl-Z stops the job, fg continues all of it" {
    make_reader
    run under_shell --send "$NSROOT --foreground -- bash -c 'bash reader; echo e\"\"nd'\r" --expect 'on\s' \
        --send '\x1a' --expect Stopped --expect 'out> ' \
        --send 'fg\r' --expect again --send 'word\r' --expect 'got word' --expect end
    assert_success
}

@test "--new-session: there is no terminal, but Ctrl-C still ends the command" {
    run on_terminal --expect on --send '\x03' -- "$NSROOT" --new-session -- \
        bash -c 'true </dev/tty && echo terminal; trap "exit 3" INT; echo on; while :; do sleep 0.05; done'
    assert_status 3
    refute_output --partial terminal
}

@test "the size of the terminal, and its change" {
    run on_terminal --size 30x90 --expect '30 90' --resize 40x100 --expect '40 100' -- "$NSROOT" -- \
        bash -c 'trap "stty size; exit 3" WINCH; stty size; while :; do sleep 0.05; done'
    assert_status 3
}

@test "a terminal that is closed tells the command" {
    run on_terminal --expect on --hangup -- "$NSROOT" -- \
        bash -c 'trap ">told; exit 3" HUP; echo on; while :; do sleep 0.05; done'
    assert_status 3
    assert_exist told
}

@test "Ctrl-C while nsroot waits for --block-fd" {
    mkfifo gate
    run on_terminal --expect child-pid --send '\x03' -- \
        bash -c "exec '$NSROOT' --block-fd 9 --info-fd 2 -- touch ran 9<>gate"
    assert_status 130
    assert_not_exist ran
}

@test "Ctrl-C while nsroot waits for --userns-block-fd" {
    mkfifo gate
    run on_terminal --expect child-pid --send '\x03' -- \
        bash -c "exec '$NSROOT' --userns-block-fd 9 --info-fd 2 -- touch ran 9<>gate"
    assert_status 130
    assert_not_exist ran
}

@test "Ctrl-Z while nsroot waits for --block-fd" {
    mkfifo gate
    run under_shell --send "$NSROOT --block-fd 9 --info-fd 2 -- touch ran 9<>gate\r" \
        --expect child-pid --send '\x1a' --expect Stopped --expect 'out> ' \
        --send 'P=$(jobs -p); kill %1; while kill -0 $P; do sleep 0.05; done\r'
    assert_success
    assert_output --partial 'Exit 143'
    assert_not_exist ran
}

@test "nothing can be typed into the terminal, by no ABI" {
    run on_terminal -- "$NSROOT" -- "$TOOLS/push-input"
    assert_success
    assert_output --partial 'TIOCSTI: Operation not permitted'
    assert_output --partial 'TIOCLINUX: Operation not permitted'
    run grep -v 'Operation not permitted' <<<"$output"
    assert_failure
}

@test "nothing can be typed into the terminal with --cap-add ALL" {
    run on_terminal -- "$NSROOT" --cap-add ALL -- "$TOOLS/push-input"
    assert_success
    run grep -v 'Operation not permitted' <<<"$output"
    assert_failure
}
