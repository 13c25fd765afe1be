# SPDX-License-Identifier: LGPL-2.1-or-later
# That rows of ../lib/compare can fail: each line of one, where it is not true.

load ../lib/compare

# A program of which all is known stands in for both.
setup() {
    printf '#!/bin/sh\n[ "$1" != --version ] || exec echo bubblewrap 0.11.1\necho out\necho err >&2\nexit 3\n' \
        >"$BATS_TEST_TMPDIR/known"
    chmod +x "$BATS_TEST_TMPDIR/known"
    export BWRAP=$BATS_TEST_TMPDIR/known REAL_BWRAP=$BATS_TEST_TMPDIR/known
    enter_comparison bwrap
}

# row LINE...: compare a row with these lines.
row_of() {
    printf '%s\n' '# row' '$ bwrap' "$@" | compare
}

@test "a row that is true" {
    row_of '> out' '2> err' 'status 3'
    row_of 'has o?t' 'lacks in' '2> e*' 'status 3'
    row_of '> out' '2> ...' 'status 3'
}

@test "rows that are not" {
    local lines
    for lines in '> out|2> err|status 2' '> out|2> err' '> in|2> err|status 3' '> out|> more|2> err|status 3' \
        '2> err|status 3' '> out|status 3' '> out|2> other|status 3' '> out|2> err|2> more|status 3' \
        'has in|2> err|status 3' 'has out|lacks out|2> err|status 3' 'has out|has in|2> err|status 3' \
        '> out|2> err|status 3|unknown'; do
        IFS='|' read -ra words <<<"$lines"
        run row_of "${words[@]}"
        [ "$status" -eq 1 ] || fail "taken for true: $lines"
    done
    run compare </dev/null
    assert_failure
}

@test "rows about a difference" {
    row_of 'differs why' '> out' '2> err' 'status 3' 'real > out' 'real 2> err' 'real status 3'
    run row_of 'differs why' '> out' '2> err' 'status 3' 'real > in' 'real 2> err' 'real status 3'
    assert_failure
    assert_output --partial 'real: standard output differs from: expected'
    run row_of 'differs why' '> in' '2> err' 'status 3' 'real > out' 'real 2> err' 'real status 3'
    assert_failure
    assert_output --partial 'ours: standard output differs from: expected'
}

@test "what both do must be the same" {
    printf '#!/bin/sh\n[ "$1" != --version ] || exec echo bubblewrap 0.11.1\necho other\n' >other
    printf '#!/bin/sh\necho out\n' >out
    chmod +x other out
    BWRAP=$PWD/out REAL_BWRAP=$PWD/other
    find_ours
    find_real
    run row_of 'has o*t*'
    assert_failure
    assert_output --partial 'ours: standard output differs from: real 0.11.1'
}

@test "the real program is asked only where it has a say" {
    # shellcheck disable=SC2034 # of compare
    REAL=/bin/false REAL_VERSION=0.8.0
    row_of 'since 0.9.0' '> out' '2> err' 'status 3'
    row_of 'before 0.8.0' '> out' '2> err' 'status 3'
    row_of 'differs why' '> out' '2> err' 'status 3'
    run row_of 'since 0.8.0' '> out' '2> err' 'status 3'
    assert_failure
    run row_of '> out' '2> err' 'status 3'
    assert_failure
}
