# SPDX-License-Identifier: LGPL-2.1-or-later
# Where and how the command runs: its pid, directory, limits.

load ../lib/nsroot

@test "the command is not pid 1, so that signals have their default actions" {
    run nsroot -- sh -c 'test $$ -ne 1 && test $PPID -eq 1'
    assert_success
    run nsroot -- sh -c 'kill -TERM $$; echo survived'
    assert_status 143
}

@test "zombies of others are reaped" {
    run nsroot -- sh -c '(sh -c "exit 0" & :) ; for i in 1 2 3 4 5 6 7 8 9 10; do
        grep -l "State:.*zombie" /proc/[0-9]*/status || exit 0; sleep 0.1; done; exit 1' 2>/dev/null
    assert_success
}

@test "--as-pid-1 makes the command pid 1" {
    run nsroot --as-pid-1 -- sh -c 'echo $$; exit 42'
    assert_status 42
    assert_output 1
}

@test "--share-pid: the command sees the caller's processes, and has a parent" {
    run nsroot --share-pid -- sh -c 'test -d /proc/$1 && test $PPID -ne 1' - $$
    assert_success
}

@test "--chdir, and what is not there" {
    run nsroot --chdir /etc -- pwd
    assert_output /etc
    run --separate-stderr nsroot --chdir /none -- true
    assert_own_failure '--chdir /none: chdir: No such file'
}

@test "a current directory that is not inside: its nearest parent, or --same-dir refuses" {
    run nsroot --ro-bind / / --tmpfs "$(dirname "$PWD")" -- pwd
    assert_output "$(dirname "$PWD")"
    run --separate-stderr nsroot --ro-bind / / --tmpfs "$(dirname "$PWD")" --same-dir -- true
    assert_own_failure '--same-dir: chdir .*No such file'
    run nsroot --same-dir -- pwd
    assert_output "$PWD"
}

@test "a current directory that was removed" {
    mkdir gone
    cd gone
    rmdir ../gone
    run nsroot -- sh -c 'exit 5'
    assert_status 5
}

@test "the umask is the caller's, or --umask's" {
    umask 027
    run nsroot -- sh -c umask
    assert_output 0027
    run nsroot --umask 0077 -- sh -c umask
    assert_output 0077
}

@test "--nice" {
    run nsroot --nice 19 -- nice
    assert_output 19
    run --separate-stderr nsroot --nice -20 -- true
    assert_own_failure '--nice -20: setpriority'
}

@test "--rlimit, soft and hard" {
    run nsroot --rlimit nofile=64:128 --rlimit core=0 -- bash -c 'ulimit -Sn; ulimit -Hn; ulimit -c'
    assert_output $'64\n128\n0'
    run nsroot --rlimit nofile=4 -- bash -c 'ulimit -n'
    assert_output 4
    run nsroot --rlimit fsize=0 -- bash -c 'ulimit -f'
    assert_output 0
}

@test "limits are the command's alone: nsroot works under them" {
    run nsroot --rlimit fsize=0 --rlimit cpu=1 --rlimit as=100000000 --info-fd 9 -- true 9>info
    assert_success
    assert_file_not_empty info
}

@test "the caller's limits reach the command" {
    run bash -c 'ulimit -Sn 99; "$NSROOT" -- bash -c "ulimit -Sn; ulimit -Hn"'
    assert_output "99"$'\n'"$(ulimit -Hn)"
}

@test "limits and priorities that only root may raise are refused by name, before anything is done" {
    run --separate-stderr nsroot --rlimit nofile=infinity -- true
    assert_own_failure "--rlimit nofile: setrlimit"
    run --separate-stderr nsroot --nice -5 -- true
    assert_own_failure "--nice -5: setpriority"
}
