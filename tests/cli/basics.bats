# SPDX-License-Identifier: LGPL-2.1-or-later
# The first things that a user tries.

load ../lib/nsroot

@test "--version names the program and its version" {
    run nsroot --version
    assert_success
    assert_output --regexp '^nsroot [0-9]+\.[0-9]+\.[0-9]+'
}

@test "--help names the groups of options and how to see all" {
    run --separate-stderr nsroot --help
    assert_success
    assert_output --partial "nsroot [OPTIONS]"
    assert_output --partial "--help all"
    assert_equal "$stderr" ""
}

@test "--help all is longer than --help" {
    run nsroot --help
    short=${#lines[@]}
    run nsroot --help all
    assert_success
    [ "${#lines[@]}" -gt "$short" ]
}

@test "an unknown option is refused by its name" {
    run --separate-stderr nsroot --frobnicate -- true
    assert_own_failure '--frobnicate'
}

@test "a mistyped option brings the nearest known one" {
    run --separate-stderr nsroot --unshare-nett -- true
    assert_own_failure '--unshare-nett.*--unshare-net([^t]|$)'
}

@test "an option that lacks its value is refused by its name" {
    run --separate-stderr nsroot --hostname
    assert_own_failure '--hostname'
}

@test "what follows -- is the command, even if it looks like an option" {
    run -127 --separate-stderr nsroot -- --version
    assert_regex "$stderr" '^nsroot: .*--version'
}

@test "an option after the command belongs to the command" {
    run nsroot printf '%s\n' --version
    assert_success
    assert_output -- "--version"
}

@test "arguments reach the command as they are" {
    run nsroot -- printf '[%s]' '' ' a  b ' $'new\nline' '*' $'\xff'
    assert_success
    assert_output "[][ a  b ]["$'new\nline'"][*]["$'\xff'"]"
}

@test "success is 0" {
    run nsroot -- true
    assert_success
    assert_output ""
}

@test "the command's own exit status comes back" {
    run nsroot -- false
    assert_status 1
    run nsroot -- sh -c 'exit 42'
    assert_status 42
}

@test "a command that can't be executed: 126" {
    : >not-executable
    run -126 --separate-stderr nsroot -- ./not-executable
    assert_regex "$stderr" '^nsroot: .*not-executable.*Permission denied'
}

@test "a command that does not exist: 127" {
    run -127 --separate-stderr nsroot -- /no/such/command
    assert_regex "$stderr" '^nsroot: .*/no/such/command.*No such file'
}

@test "a command that is not on PATH: 127" {
    run -127 --separate-stderr nsroot -- no-such-command
    assert_regex "$stderr" '^nsroot: .*no-such-command'
}

@test "nsroot's own failure: 125" {
    run --separate-stderr nsroot --bind /no/such/source /mnt -- true
    assert_own_failure '/no/such/source.*No such file'
}

@test "a command that a signal killed: 128 and its number" {
    run nsroot -- sh -c 'kill -TERM $$'
    assert_status 143
    run nsroot -- sh -c 'kill -KILL $$'
    assert_status 137
}

@test "with no command the user's shell runs" {
    SHELL=/bin/sh run nsroot <<<'echo from the shell; exit 7'
    assert_status 7
    assert_output "from the shell"
}

@test "the command is root" {
    run nsroot -- id -u
    assert_output 0
    run nsroot -- id -g
    assert_output 0
}

@test "root inside is the caller outside" {
    nsroot -- touch made-inside
    assert_equal "$(stat -c %u:%g made-inside)" "$(id -u):$(id -g)"
}

@test "the current directory is kept" {
    mkdir 'a b'
    cd 'a b'
    run nsroot -- pwd
    assert_success
    assert_output "$PWD"
}

@test "the current directory is writable" {
    nsroot -- sh -c 'echo text >file'
    assert_equal "$(cat file)" text
}

@test "the rest of the host can be read, not written" {
    echo there >"$BATS_TEST_TMPDIR/beside"
    case $BATS_TEST_TMPDIR in
    /tmp/*) skip "/tmp is a new one inside: wants TMPDIR elsewhere" ;;
    esac
    run nsroot -- cat "$BATS_TEST_TMPDIR/beside"
    assert_output there
    run nsroot -- sh -c "echo changed >$BATS_TEST_TMPDIR/beside"
    assert_failure
    assert_output --partial "Read-only file system"
    assert_equal "$(cat "$BATS_TEST_TMPDIR/beside")" there
}

@test "/tmp and /run are new, and writable" {
    run nsroot -- sh -c 'echo text >/tmp/file && echo text >/run/file && cat /tmp/file /run/file'
    assert_success
    assert_output "text"$'\n'"text"
    assert_not_exist /run/file
}

@test "/proc shows the sandbox alone" {
    run nsroot -- sh -c 'echo /proc/[0-9]*'
    assert_success
    assert_output --regexp '^/proc/1( /proc/[0-9]+){1,2}$'
}

@test "/dev has what a build needs" {
    run nsroot -- sh -c 'for device in null zero full random urandom tty; do
        test -c /dev/$device || echo $device; done
        echo gone >/dev/null && test -d /dev/pts && test -d /dev/shm && test -L /dev/stdin'
    assert_success
    assert_output ""
}

@test "standard input, output and error are the command's" {
    run --separate-stderr nsroot -- sh -c 'cat; echo error >&2' <<<input
    assert_success
    assert_output input
    assert_equal "$stderr" error
}

@test "the environment reaches the command" {
    NSROOT_TEST_VALUE='a b' run nsroot -- sh -c 'echo "$NSROOT_TEST_VALUE"'
    assert_output 'a b'
}

@test "nothing is left behind: no process, no mount, no file" {
    run nothing_left "$NSROOT" -- sh -c 'sleep 60 & exit 3'
    assert_status 3
    assert_output ""
    assert_mounts_unchanged
    assert_holds_only .
}
