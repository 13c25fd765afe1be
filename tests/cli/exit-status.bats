# SPDX-License-Identifier: LGPL-2.1-or-later
# What comes back, and how the command is found.

load ../lib/nsroot

# shellcheck disable=SC2154 # stderr: set by run

@test "every exit status from 0 to 255 comes back" {
    nsroot -- true # so that a general failure is told once
    for want in 0 1 2 63 64 99 124 125 126 127 128 129 130 143 200 254 255; do
        status=0
        nsroot -- sh -c "exit $want" || status=$?
        [ "$status" -eq "$want" ] || fail "$want: $status"
    done
}

@test "death by signal n is 128+n" {
    for signal in 1 2 3 6 9 13 14 15 34 64; do
        status=0
        # What runs the tests may ignore some: GNU parallel does SIGALRM.
        nsroot -- env --default-signal sh -c "ulimit -c 0; kill -$signal \$\$" || status=$?
        [ "$status" -eq $((128 + signal)) ] || fail "$signal: $status"
    done
}

@test "nsroot dies of SIGINT as the command did" {
    need_program python3
    run python3 -c 'import os, signal, subprocess
signal.signal(signal.SIGINT, signal.default_int_handler)
print(subprocess.run([os.environ["NSROOT"], "--", "sh", "-c", "kill -INT $$"]).returncode)'
    assert_output -- -2
}

# script NAME FIRST-LINE...: an executable file.
script() {
    local name=$1
    shift
    printf '%s\n' "$@" >"$name"
    chmod 755 -- "$name"
}

@test "a missing interpreter: 126, and it is said" {
    script text '#!/no/such/interpreter' 'exit 0'
    run -126 --separate-stderr nsroot -- ./text
    assert_regex "$stderr" '^nsroot: \./text: .*interpreter'
}

@test "a missing interpreter is no end of the search in PATH" {
    mkdir first second
    script first/text '#!/no/such/interpreter'
    script second/text 'echo found'
    run env PATH="$PWD/first:$PWD/second:$PATH" "$NSROOT" -- text
    assert_success
    assert_output found
    run -126 --separate-stderr env PATH="$PWD/first:$PATH" "$NSROOT" -- text
    assert_regex "$stderr" '^nsroot: .*/first/text: .*interpreter'
}

@test "a file of that name in the current folder is not in PATH" {
    script such-text 'exit 0'
    run -127 --separate-stderr nsroot -- such-text
    assert_equal "$stderr" 'nsroot: such-text: exec: No such file or directory'
}

@test "a script without #! runs in the shell" {
    script text 'echo "$0: $1, $2"; exit 5'
    run nsroot -- ./text 'a b' c
    assert_status 5
    assert_output './text: a b, c'
}

@test "a script without #! that looks like an option is not one" {
    script -x 'echo "ran $1"'
    run env PATH=":$PATH" "$NSROOT" -- -x word
    assert_success
    assert_output 'ran word'
}

@test "the command is found by the PATH of its own environment" {
    mkdir first second
    script first/tool '#!/bin/sh' 'echo first'
    script second/tool '#!/bin/sh' 'echo second'
    PATH=$PWD/first:$PATH run nsroot --setenv PATH "$PWD/none:$PWD/second:/bin" -- tool
    assert_output second
    run nsroot --ro-bind / / --bind "$PWD/second" /mnt --setenv PATH /mnt:/bin -- tool
    assert_output second
}

@test "an empty element of PATH is the current directory" {
    script tool '#!/bin/sh' 'echo here'
    for path in ":/bin" "/bin:" "/bin::/usr/bin"; do
        run nsroot --setenv PATH "$path" -- tool
        assert_output here
    done
}

@test "a file on PATH that can't be executed is passed over, and told if there is no other" {
    mkdir first second
    : >first/tool
    script second/tool '#!/bin/sh' 'echo second'
    run nsroot --setenv PATH "$PWD/first:$PWD/second" -- tool
    assert_output second
    run -126 nsroot --setenv PATH "$PWD/first" -- tool
    assert_output --partial 'Permission denied'
}

@test "a folder of PATH that may not be searched: 127" {
    mkdir -m 0 closed
    run -127 nsroot --map caller --setenv PATH "$PWD/closed" -- tool
}

@test "without PATH the usual folders are searched" {
    run nsroot --clearenv -- sh -c 'exit 6'
    assert_status 6
}

@test "a folder, a path through a file, a loop, a name that is too long" {
    ln -s loop loop
    : >file
    run -126 nsroot -- "$PWD"
    run -127 nsroot -- ./file/command
    run -126 nsroot -- ./loop
    run nsroot -- "./$(printf '%0300d' 0)"
    [ "$status" -eq 126 ] || [ "$status" -eq 127 ]
    run --separate-stderr nsroot -- ''
    assert_own_failure
}

@test "a command through symbolic links" {
    ln -s /bin/sh link
    ln -s link again
    run nsroot -- ./again -c 'echo "$0"; exit 3'
    assert_status 3
    assert_output ./again
}

@test "--argv0" {
    run nsroot --argv0 other -- sh -c 'exec tr "\0" " " </proc/$$/cmdline'
    assert_success
    run nsroot --argv0 '-dash' -- sh -c 'echo "$0"'
    assert_output -- '-dash'
    run nsroot --argv0 '' -- sh -c 'tr "\0" "|" </proc/$$/cmdline'
    assert_output --regexp '^\|-c\|'
}

@test "an argument of 128 KiB, and very many" {
    long=$(head -c 131071 /dev/zero | tr '\0' x)
    run nsroot -- sh -c 'echo ${#1}' - "$long"
    assert_output 131071
    run nsroot -- sh -c 'echo $#' - $(seq 100000)
    assert_output 100000
}

@test "arguments that are too much for the kernel: 126" {
    head -c 140000 /dev/zero | tr '\0' x >long
    { printf '%s\0' -- true; cat long; printf '\0'; } >list
    run -126 --separate-stderr nsroot --args 9 9<list
    assert_regex "$stderr" '^nsroot: .*Argument list too long'
}
