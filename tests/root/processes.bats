# SPDX-License-Identifier: LGPL-2.1-or-later
# As real root: the same holds for pid 1, signals and ends as for an ordinary user.

load ../lib/nsroot

@test "pid 1 shows neither environment nor memory, program or fds" {
    for options in "" "--cap-add ALL" "--no-lock --cap-add ALL"; do
        # shellcheck disable=SC2086
        SECRET=environment run nsroot $options --setenv WORD argument --clearenv -- \
            /bin/sh -c 'cat /proc/1/cmdline /proc/1/environ /proc/1/mem; readlink /proc/1/exe; ls -l /proc/1/fd; true'
        assert_success
        refute_output --partial environment
        refute_output --partial argument
        refute_output --partial "$NSROOT"
        refute_output --partial socket:
        assert_output --partial 'Permission denied'
    done
}

@test "nsroot is killed: nothing is left" {
    for options in "" "--no-lock" "--share-pid" "--as-pid-1" "--uid 7 --gid 7 --as-pid-1"; do
        # shellcheck disable=SC2086
        run nothing_left bash -c '"$NSROOT" "$@" -- sleep 60 & sleep 0.1; kill -KILL $!; wait $!' - $options
        [ "$status" -eq 137 ] || fail "$options: $status $output"
    done
}

@test "nsroot is killed, with the caller's user namespace: nothing is left" {
    run nothing_left bash -c '"$NSROOT" --share-user -- sleep 60 & sleep 0.1; kill -KILL $!; wait $!'
    assert_status 137
}

@test "signals reach a command of another user" {
    run nsroot --uid 7 --gid 7 --timeout 0.2 -- sleep 60
    assert_status 143
}

@test "nothing can be typed into the terminal" {
    run on_terminal -- "$NSROOT" --cap-add ALL -- "$TOOLS/push-input"
    assert_success
    assert_output --partial 'TIOCSTI: Operation not permitted'
    run grep -v 'Operation not permitted' <<<"$output"
    assert_failure
}

@test "real root raises limits" {
    need_root
    hard=$(ulimit -Hn)
    [ "$hard" != unlimited ] || skip "there is no limit to raise"
    (ulimit -Hn $((hard + 10))) 2>/dev/null || skip "this root has no CAP_SYS_RESOURCE"
    run nsroot --rlimit "nofile=$((hard + 10))" -- sh -c 'ulimit -Hn'
    assert_success
    assert_output "$((hard + 10))"
}

@test "real root raises its priority" {
    need_root
    nice -n -3 true 2>/dev/null || skip "this root has no CAP_SYS_NICE"
    run nsroot --nice -3 -- nice
    assert_success
    assert_output -- -3
}
