# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154 # status, output, stderr: set by run
#
# What every bats file loads first:
#
#     load ../lib/nsroot
#
# scripts/check sets NSROOT (the binary under test), TOOLS (the programs of tests/lib) and
# INSTALLED (the DESTDIR that it lies in). Without them, what scripts/build made is taken, so that
# `bats tests/cli/basics.bats` works too, as an ordinary user who can read the checkout.

bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert
bats_load_library bats-file

LIB=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
CHECKOUT=$(dirname "$(dirname "$LIB")")
: "${NSROOT:=$CHECKOUT/build/nsroot}" "${TOOLS:=$CHECKOUT/build/tests/lib}"
export NSROOT TOOLS

# A file with a setup() of its own calls enter_workplace in it.
setup() {
    enter_workplace
}

# An empty folder of this test alone, as the current directory; bats removes it.
enter_workplace() {
    WORK=$BATS_TEST_TMPDIR/work
    mkdir "$WORK"
    cd "$WORK" || return
    remember_mounts
}

nsroot() {
    "$NSROOT" "$@"
}

is_sanitized() {
    grep -q __asan_init "$NSROOT"
}

# only_with [NAME=VALUE]... COMMAND...: env -i, but a sanitized nsroot is still told how to behave,
# and what tells it so is not shown.
only_with() {
    if ! is_sanitized; then
        env -i "$@"
    else
        (set -o pipefail && env -i ASAN_OPTIONS="${ASAN_OPTIONS-}" "$@" | sed '/^ASAN_OPTIONS=/d')
    fi
}

# nothing_left COMMAND...: the command's output and status, but status 99 and a list on standard
# error if it leaves a process behind, at any depth and in any namespace. A function can't be
# given: write `nothing_left "$NSROOT" ...`.
nothing_left() {
    "$TOOLS/subreaper" "$@"
}

remember_mounts() {
    MOUNTS_BEFORE=$(list_mounts)
}

# Without the ids, which the kernel gives again and again.
list_mounts() {
    cut -d ' ' -f 3- /proc/self/mountinfo
}

# Fails if the mounts that this test sees have changed since setup or remember_mounts.
assert_mounts_unchanged() {
    assert_equal "$(list_mounts)" "$MOUNTS_BEFORE"
}

# Fails unless the folder (default: the current one) holds just these names.
# assert_holds_only FOLDER [NAME...]
assert_holds_only() {
    local folder=$1
    shift
    assert_equal "$(cd "$folder" && find . -mindepth 1 -maxdepth 1 -printf '%P\n' | sort)" \
        "$(printf '%s\n' "$@" | sort)"
}

# on_terminal [STEP...] -- COMMAND...: run a command on a terminal of its own, typing and sending
# signals as `terminal.py --help` says; its output, its status, 124 when an expectation fails.
on_terminal() {
    TERM=dumb python3 "$LIB/terminal.py" "$@"
}

# until_true COMMAND...: try it again until it succeeds; fails after 10 seconds. In place of sleep.
until_true() {
    local tries
    for ((tries = 0; tries < 500; tries++)); do
        "$@" && return 0
        sleep 0.02
    done
    echo "still not true after 10 seconds: $*" >&2
    return 1
}

# within SECONDS COMMAND...: status 124 if the command is not done by then. No functions.
within() {
    timeout --kill-after=1 "$@"
}

need_root() {
    [ "$(id -u)" -eq 0 ] || skip "wants to be root"
}

# The caller has subordinate ids and the setuid helpers that hand them out.
need_subids() {
    local name
    name=$(id -un)
    if ! command -v newuidmap >/dev/null || ! command -v newgidmap >/dev/null; then
        skip "wants newuidmap and newgidmap"
    fi
    if ! grep -q "^$name:" /etc/subuid || ! grep -q "^$name:" /etc/subgid; then
        skip "wants subordinate ids"
    fi
}

# need_kernel MAJOR.MINOR
need_kernel() {
    local have
    have=$(uname -r)
    [ "$(printf '%s\n' "$1" "${have%%[!0-9.]*}" | sort -V | head -n 1)" = "$1" ] ||
        skip "wants Linux $1, this is $have"
}

# need_program NAME...
need_program() {
    local name
    for name in "$@"; do
        command -v "$name" >/dev/null || skip "wants $name"
    done
}

# need_tool NAME: a program of tests/lib that not every machine can build.
need_tool() {
    [ -x "$TOOLS/$1" ] || skip "wants $1 of tests/lib, which this machine can't build"
}

# assert_status N: of the last `run`.
assert_status() {
    if [ "$status" -ne "$1" ]; then
        batslib_print_kv_single_or_multi 8 expected "$1" actual "$status" output "$output" |
            batslib_decorate 'status differs' |
            fail
    fi
}

# assert_own_failure [REGEX]: the last `run --separate-stderr` ended by nsroot's own failure: status
# 125, nothing on standard output, one line "nsroot: ..." on standard error, matching REGEX.
assert_own_failure() {
    assert_status 125
    assert_equal "$output" ""
    assert_equal "${#stderr_lines[@]}" 1
    assert_regex "$stderr" "^nsroot: .*${1-}"
}
