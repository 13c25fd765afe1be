# SPDX-License-Identifier: LGPL-2.1-or-later
# Whatever ends the sandbox, and whenever: no process is left, no mount, no pipe stays open.

load ../lib/nsroot

# until_gone FILE: no process holds the lock that `flock FILE COMMAND` took.
until_gone() {
    until_true flock --nonblock "$1" true
}

@test "a daemon ends with the command" {
    run nothing_left "$NSROOT" -- sh -c 'setsid sh -c "sleep 60 & sleep 60" & exit 3'
    assert_status 3
}

@test "a daemon ends with the command, with --share-pid too" {
    run nothing_left "$NSROOT" --share-pid -- sh -c '(setsid sh -c "trap \"\" TERM; sleep 60 & sleep 60" &) ; exit 3'
    assert_status 3
}

@test "a daemon's pipe ends with the command" {
    run within 10 bash -c '"$NSROOT" -- sh -c "setsid sleep 60 & echo text" | cat'
    assert_success
    assert_output text
}

@test "a pipe that the command closes ends at once" {
    for options in "" "--no-lock" "--share-pid" "--lock-file /etc/passwd" "--tmp-overlay /etc"; do
        rm -f ended
        [[ $options != --tmp* ]] || options="--overlay-src /etc $options"
        # shellcheck disable=SC2086
        run within 10 bash -c '"$NSROOT" "$@" -- sh -c "exec >&-; until test -e ended; do sleep 0.01; done" |
            { cat; touch ended; }' - $options
        [ "$status" -eq 0 ] || fail "$options: $status"
    done
}

@test "nsroot is killed: nothing is left" {
    for options in "" "--no-lock" "--share-pid" "--as-pid-1" "--new-session"; do
        # shellcheck disable=SC2086
        flock lock "$TOOLS/subreaper" bash -c '"$NSROOT" --info-fd 8 "$@" -- \
            sh -c "(setsid sleep 60 &); trap : TERM HUP; echo >on; sleep 60; sleep 60" 8>info &
            until test -s on; do sleep 0.01; done; kill -KILL $!; wait $!' - $options 2>errors ||
            [ $? -eq 137 ] || fail "$options: $(<errors)"
        rm -f on
    done
}

@test "--as-pid-1 with another user: nsroot is killed, nothing is left" {
    need_subids
    # the change of ids clears what binds the command to nsroot: prctl(2), PR_SET_PDEATHSIG
    run nothing_left bash -c '"$NSROOT" --map subid --uid 7 --gid 7 --as-pid-1 --json-status-fd 9 -- sleep 60 9>started &
        until test -s started; do sleep 0.01; done; sleep 0.1; kill -KILL $!; wait $!'
    assert_status 137
}

@test "--share-pid: what the caller had started before exec lives on" {
    for command in true 'kill -KILL $PPID'; do
        # shellcheck disable=SC2016
        run nothing_left bash -c '
            (sleep 60 & echo $! >before; exec "$NSROOT" --share-pid -- sh -c "(setsid sleep 60 &); $1") 2>/dev/null
            kill "$(<before)" && while test -e "/proc/$(<before)"; do sleep 0.01; done' - "$command"
        [ "$status" -eq 0 ] || fail "$command: $status $output"
    done
}

@test "nsroot is killed at any moment of the launch: nothing is left" {
    for options in "" "--no-lock" "--share-pid" "--unshare-net"; do
        for delay in 0 0.0005 0.001 0.0015 0.002 0.0025 0.003 0.004 0.006; do
            # shellcheck disable=SC2086
            run nothing_left bash -c '"$NSROOT" "$@" -- sleep 60 & sleep '"$delay"'; kill -KILL $!; wait $!' - $options
            [ "$status" -eq 137 ] || fail "$options, $delay: $status $output"
        done
    done
}

@test "nsroot is killed while it waits for --block-fd: nothing is left" {
    mkfifo gate
    run nothing_left bash -c '"$NSROOT" --block-fd 9 --info-fd 8 -- touch ran 9<>gate 8>info &
        until test -s info; do sleep 0.01; done; kill -KILL $!; wait $!'
    assert_status 137
    assert_not_exist ran
}

@test "nsroot is killed while it waits for --userns-block-fd: nothing is left" {
    mkfifo gate
    run nothing_left bash -c '"$NSROOT" --userns-block-fd 9 --info-fd 8 -- touch ran 9<>gate 8>info &
        until test -s info; do sleep 0.01; done; kill -KILL $!; wait $!'
    assert_status 137
    assert_not_exist ran
}

@test "pid 1 is killed: nothing is left, and it is said" {
    for options in "" "--share-pid"; do
        rm -f info on
        # shellcheck disable=SC2086
        run nothing_left bash -c '"$NSROOT" --info-fd 8 "$@" -- sh -c "(setsid sleep 60 &); echo >on; sleep 60" 8>info &
            until test -s on; do sleep 0.01; done
            kill -KILL "$(sed -n "s/.*child-pid\": \([0-9]*\).*/\1/p" info)"; wait $!' - $options
        assert_status 125
        assert_output --partial "nsroot: pid 1 of the sandbox ended: signal 9"
    done
}

@test "--die-with-parent: the parent is killed, nothing is left" {
    for options in "" "--no-lock"; do
        # shellcheck disable=SC2086
        run nothing_left sh -c 'sh -c '\''"$NSROOT" --die-with-parent "$@" -- sh -c "echo >on; sleep 60"; :'\'' - "$@" &
            until test -s on; do sleep 0.01; done; kill -KILL $!; wait $!' - $options
        assert_status 137
        rm -f on
    done
}

@test "without --die-with-parent nsroot outlives its parent" {
    sh -c '"$NSROOT" -- sh -c "until test -e go; do sleep 0.01; done; touch went" & echo' >/dev/null
    touch go
    until_true test -e went
}

@test "--timeout ends daemons too" {
    for options in "" "--share-pid"; do
        # shellcheck disable=SC2086
        run nothing_left "$NSROOT" $options --timeout 0.2 -- sh -c '(setsid sleep 60 &); sleep 60'
        assert_status 143
    done
}

@test "no mount and no file is left" {
    nsroot --tmpfs /mnt --overlay-src /etc --tmp-overlay /srv -- true
    nsroot -- sh -c 'setsid sleep 60 & exit 0'
    assert_mounts_unchanged
    assert_holds_only .
}
