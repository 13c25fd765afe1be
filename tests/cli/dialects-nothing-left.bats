# SPDX-License-Identifier: LGPL-2.1-or-later
# As nothing-left.bats, in the other dialects. bubblewrap's sandbox outlives its launcher by intent,
# until the last process inside ends; what is set up never does.

load ../lib/nsroot

# Arguments of nsroot, as one word each.
BWRAP="--dialect bwrap --dev-bind / /"
MKOSI="--dialect mkosi-sandbox --bind / /"

@test "bwrap: what the command leaves behind goes on, and pid 1 ends with it" {
    for options in "--unshare-pid" "" "--lock-file /etc/passwd"; do
        rm -f on over
        # shellcheck disable=SC2086
        run within 10 flock lock "$NSROOT" $BWRAP $options -- sh -c '
            setsid sh -c "echo >on; until test -e over; do sleep 0.01; done" >/dev/null 2>&1 &
            until test -s on; do sleep 0.01; done; exit 3'
        assert_status 3
        run flock --nonblock lock true
        [ "$status" -ne 0 ] || fail "$options: nothing goes on"
        touch over
        until_true flock --nonblock lock true
    done
}

@test "bwrap --die-with-parent: the launcher is killed, nothing is left" {
    for options in "--unshare-pid" "" "--lock-file /etc/passwd" "--unshare-pid --as-pid-1" \
        "--unshare-pid --uid 7"; do
        rm -f on
        # shellcheck disable=SC2086
        run nothing_left bash -c '"$NSROOT" "$@" --die-with-parent -- sh -c "echo >on; exec sleep 60" &
            until test -s on; do sleep 0.01; done; kill -KILL $!; wait $!' - $BWRAP $options
        [ "$status" -eq 137 ] || fail "$options: $status $output"
    done
}

@test "bwrap: the launcher is killed at any moment of the launch: what starts ends, nothing waits" {
    for options in "--unshare-pid --proc /proc" "" "--lock-file /etc/passwd" "--unshare-all --uid 7 --dev /dev"; do
        for delay in 0 0.0005 0.001 0.0015 0.002 0.0025 0.003 0.004 0.006; do
            # shellcheck disable=SC2086
            run nothing_left bash -c 'flock lock "$NSROOT" "$@" -- true & sleep '"$delay"'
                kill -KILL $!; wait $!; flock --timeout 10 lock true || exit 1' - $BWRAP $options
            [ "$status" -eq 0 ] || fail "$options, $delay: $status $output"
        done
    done
}

@test "bwrap: the launcher is killed while an fd is waited for: nothing is left" {
    for options in "--block-fd 9" "--block-fd 9 --unshare-pid --die-with-parent" \
        "--unshare-user --userns-block-fd 9"; do
        rm -f gate info
        mkfifo gate
        # shellcheck disable=SC2086
        run nothing_left bash -c '"$NSROOT" "$@" --info-fd 8 -- touch ran 9<>gate 8>info &
            until test -s info; do sleep 0.01; done; kill -KILL $!; wait $!' - $BWRAP $options
        [ "$status" -eq 137 ] || fail "$options: $status $output"
        assert_not_exist ran
    done
}

@test "bwrap: pid 1 is killed: nothing is left" {
    # shellcheck disable=SC2086
    run nothing_left bash -c '"$NSROOT" "$@" --unshare-pid --info-fd 8 -- sh -c "setsid sleep 60 & echo >on; sleep 60" 8>info &
        until test -s on; do sleep 0.01; done
        kill -KILL "$(sed -n "s/.*child-pid\": \([0-9]*\).*/\1/p" info)"; wait $!' - $BWRAP
    [ "$status" -ne 0 ]
    [ "$status" -ne 99 ] || fail "$output"
}

@test "bwrap: word of the start can't be sent: the command ends, though nothing but a lock is asked for" {
    need_program strace
    # shellcheck disable=SC2086
    # strace stays until all that it follows has ended
    run within 10 strace -f -qq -o /dev/null -e trace=pidfd_open -e inject=pidfd_open:error=EPERM \
        "$NSROOT" $BWRAP --lock-file /etc/passwd -- sleep 20
    assert_status 1
    assert_output --regexp "^bwrap: pidfd_open: "
}

@test "bwrap: a pipe that the command closes ends at once" {
    for options in "" "--unshare-pid" "--lock-file /etc/passwd" "--unshare-all --uid 7 --dev /dev" \
        "--unshare-pid --as-pid-1"; do
        rm -f ended
        # shellcheck disable=SC2086
        run within 10 bash -c '"$NSROOT" "$@" -- sh -c "exec >&-; until test -e ended; do sleep 0.01; done" |
            { cat; touch ended; }' - $BWRAP $options
        [ "$status" -eq 0 ] || fail "$options: $status"
    done
}

@test "the set-up fails: nothing is left" {
    for words in "$BWRAP --unshare-pid --chdir /no/such" "$BWRAP --chdir /no/such" \
        "$BWRAP --lock-file /no/such" "$MKOSI --chdir /no/such" "$MKOSI --bind /no/such /mnt"; do
        # shellcheck disable=SC2086
        run nothing_left "$NSROOT" $words -- true
        [ "$status" -eq 1 ] || [ "$status" -eq 125 ] || fail "$words: $status $output"
        assert_equal "${#lines[@]}" 1
    done
    assert_mounts_unchanged
    assert_holds_only .
}

@test "mkosi-sandbox: the command is alone: no process that helped to start it is there" {
    for options in "" "--become-root --suppress-chown" "--unshare-net --unshare-ipc"; do
        # shellcheck disable=SC2086
        run nothing_left bash -c 'echo $$; exec "$NSROOT" "$@" -- sh -c "echo \$\$; read -r children </proc/\$\$/task/\$\$/children; echo \$children"' - \
            $MKOSI $options
        assert_success
        assert_equal "${lines[0]}" "${lines[1]}"
        assert_equal "${#lines[@]}" 2
    done
}

@test "mkosi-sandbox: it is killed at any moment of the launch: nothing is left" {
    for options in "" "--become-root --dev /dev --unshare-net"; do
        for delay in 0 0.0005 0.001 0.0015 0.002 0.003 0.004; do
            # shellcheck disable=SC2086
            run nothing_left bash -c '"$NSROOT" "$@" -- sleep 60 & sleep '"$delay"'; kill -KILL $!; wait $!' - \
                $MKOSI $options
            [ "$status" -eq 137 ] || fail "$options, $delay: $status $output"
        done
    done
}

@test "no mount and no file is left" {
    # shellcheck disable=SC2086
    nsroot $BWRAP --tmpfs /mnt --overlay-src /etc --tmp-overlay /srv --unshare-pid -- true
    # shellcheck disable=SC2086
    nsroot $MKOSI --tmpfs /mnt --overlay-lowerdir /etc --overlay-upperdir tmpfs --overlay /srv -- true
    assert_mounts_unchanged
    assert_holds_only .
}
