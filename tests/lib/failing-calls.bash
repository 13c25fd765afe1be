# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154 # output: set by run
#
# For the bats files that fail one system call after the other.

load ../lib/nsroot

# Hundreds of launches a test, perhaps with sanitizers and on a busy machine.
export BATS_TEST_TIMEOUT=180

setup() {
    need_tool inject
    enter_workplace
    cat >"$BATS_TEST_TMPDIR/tell" <<'END'
#!/bin/bash
# How the sandbox looks from inside, the same each time. Not sh: dash's handler of SIGCHLD may
# interrupt a fork that waits to be let through (see inject-run.c); those of bash restart it.
exec 2>&1
pwd; env | grep -v ^LISTEN_PID= | sort; id; hostname
grep -E '^(Cap|Groups|NoNew|Seccomp|Sig[BI])' /proc/self/status
sed 's/ - .*//; s/\(shared\|master\|from\):[0-9]*/\1/g' /proc/self/mountinfo | cut -d ' ' -f 4- | sort -s -k 2,2
ls -l /proc/self/fd | sed 's/.* \([0-9]* ->\)/\1/; s/:.*//' | grep -v /proc/
ls /dev
ulimit -a; nice; umask
END
    chmod 0755 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/tell"
}

# fail_each_call [OPTION OF INJECT...] -- [OPTION OF NSROOT...]
# In the dialect that DIALECT names; below the command that the array `beside` holds, if any.
fail_each_call() {
    local options=() before dialect=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    [ -z "${DIALECT-}" ] || dialect=(--dialect "$DIALECT")
    # once the command runs, pid 1's own words are not believed; and what may be writable below
    # /proc is covered
    [ "${DIALECT-}" != bwrap ] ||
        options+=(--accept "pid 1 of the sandbox has failed" --tolerate faccessat2)
    # calls of the sanitizer's own, which dies of their failure
    ! is_sanitized || options+=(--skip mmap --skip sigaltstack --skip mprotect --skip madvise)
    before=$(find . | sort)
    run env -i PATH="$PATH" HOME=/ ASAN_OPTIONS="${ASAN_OPTIONS-}" \
        UBSAN_OPTIONS="${UBSAN_OPTIONS-}" "${beside[@]}" "$TOOLS/inject" "${dialect[@]}" \
        "${options[@]}" "$NSROOT" "${dialect[@]}" "${@:2}" -- "$BATS_TEST_TMPDIR/tell"
    assert_success
    echo "$output"
    assert_mounts_unchanged
    assert_equal "$(find . | sort)" "$before"
}
