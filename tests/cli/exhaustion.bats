# SPDX-License-Identifier: LGPL-2.1-or-later
# When fds, processes, memory or space run out: nsroot's own failure, told in one line, or success.

load ../lib/nsroot

# ended_well LIMIT COMMAND...: success, or status 125 and one line "nsroot: ..."; nothing is left.
# Sets successes, failures.
ended_well() {
    run --separate-stderr within 10 "$TOOLS/subreaper" bash -c "ulimit $1 && exec \"\$@\"" - \
        "${@:2}"
    if [ "$status" -eq 0 ]; then
        successes=$((successes + 1))
    else
        echo "ulimit $1"
        assert_own_failure "$expected"
        failures=$((failures + 1))
    fi
}

setup() {
    enter_workplace
    successes=0 failures=0 expected=
}

@test "few fds" {
    expected='Too many open files'
    for limit in {6..40}; do
        ended_well "-n $limit" "$NSROOT" --unshare-net -- /bin/true
    done
    [ "$failures" -gt 2 ]
    [ "$successes" -gt 2 ]
}

@test "few fds, one level" {
    expected='Too many open files'
    for limit in {6..40}; do
        ended_well "-n $limit" "$NSROOT" --no-lock --unshare-net -- /bin/true
    done
    [ "$failures" -gt 2 ]
    [ "$successes" -gt 2 ]
}

@test "with few fds the sandbox is the same" {
    # for contents there is a hidden mount over "/", which must not come along
    command=(nsroot --tmpfs /mnt --bind-data 7 /mnt/file --
        sh -c "cut -d ' ' -f 5,6 /proc/self/mountinfo | sort")
    normal=$("${command[@]}" 7</dev/null)
    few=$(ulimit -n 40 && "${command[@]}" 7</dev/null)
    assert_equal "$few" "$normal"
}

@test "no more processes" {
    [ "$(id -u)" -ne 0 ] || skip "root has no such limit"
    # bash is one itself, and may count those of other tests
    ended_well "-u 1" "$NSROOT" -- /bin/true
    assert_equal "$failures" 1
}

@test "little memory" {
    ! is_sanitized || skip "the address sanitizer wants terabytes"
    # from not enough to load the program, which is not ours to tell, to plenty
    for limit in 6000 8000 10000 12000 20000 50000 200000; do
        run --separate-stderr within 10 "$TOOLS/subreaper" \
            bash -c 'ulimit -v "$1" && exec "${@:2}"' - "$limit" "$NSROOT" -- /bin/true
        [ "$status" -ne 124 ] && [ "$status" -ne 99 ] && [ "$status" -lt 128 ]
        # shellcheck disable=SC2154 # run sets it
        [ "$(wc -l <<<"$stderr")" -le 1 ]
    done
    assert_success
}

@test "a full tmpfs" {
    head -c 100000 /dev/zero >data
    expected='No space left on device'
    ended_well "-c 0" "$NSROOT" --size 40960 --tmpfs /mnt --file 7 /mnt/file -- /bin/true 7<data
    assert_equal "$failures" 1
}

@test "a file size limit" {
    head -c 100000 /dev/zero >data
    expected='File too large'
    ended_well "-f 8" "$NSROOT" --tmpfs /mnt --file 7 /mnt/file -- /bin/true 7<data
    assert_equal "$failures" 1
}

@test "nowhere to tell an error" {
    run nothing_left "$NSROOT" --frobnicate 2>/dev/full
    assert_status 125
    run nothing_left bash -c '"$@" 2>&-' - "$NSROOT" --frobnicate
    assert_status 125
    run nothing_left bash -c '"$@" 2>&-' - "$NSROOT" --bind /no/such/thing /mnt -- true
    assert_status 125
}

@test "nowhere to tell what happens" {
    run --separate-stderr nothing_left "$NSROOT" --json-status-fd 7 -- true 7>/dev/full
    assert_own_failure 'json-status-fd 7.*No space left'
    run --separate-stderr nothing_left "$NSROOT" --info-fd 7 -- true 7>/dev/full
    assert_own_failure 'info-fd 7.*No space left'
}
