# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2154 # stderr, stderr_lines: set by run
# Which program's command line is spoken: by the name that nsroot was started under, or --dialect.

load ../lib/nsroot

setup() {
    enter_workplace
    LINKS=$BATS_TEST_TMPDIR/links
    mkdir "$LINKS"
    ln -s "$NSROOT" "$LINKS/bwrap"
    ln -s "$NSROOT" "$LINKS/fakeroot"
    ln -s "$NSROOT" "$LINKS/mkosi-sandbox"
}

# assert_speaks NAME COMMAND...: the command with --version says what that dialect's does.
assert_speaks() {
    local expected
    case $1 in
    nsroot) expected='^nsroot [0-9]+\.[0-9]+' ;;
    bwrap) expected='^bubblewrap [0-9]+\.[0-9]+\.[0-9]+$' ;;
    fakeroot) expected='^fakeroot version [0-9]+\.[0-9]+$' ;;
    mkosi-sandbox) expected='^[0-9]+\.[0-9]+$' ;;
    esac
    run --separate-stderr "${@:2}" --version
    assert_success
    # mkosi-sandbox's goes to standard error
    assert_regex "$output$stderr" "$expected"
}

@test "the name says it: of a link, by its path or from PATH" {
    for name in bwrap fakeroot mkosi-sandbox; do
        assert_speaks "$name" "$LINKS/$name"
        PATH=$LINKS:$PATH assert_speaks "$name" "$name"
        assert_speaks "$name" "../links/$name"
        ln -s "$NSROOT" "$name"
        assert_speaks "$name" "./$name"
        assert_speaks "$name" bash -c 'exec -a "$0" "$@"' "$name" "$NSROOT"
    done
}

@test "other names are nsroot's own, however much alike" {
    for name in bwrap2 my-bwrap BWRAP fakeroot-sysv faked mkosi mkosi-sandbox.py nsroot bwrap-; do
        ln -s "$NSROOT" "$LINKS/$name"
        assert_speaks nsroot "$LINKS/$name"
    done
    # the name is the last part
    mkdir bwrap
    ln -s "$NSROOT" bwrap/any
    assert_speaks nsroot bwrap/any
}

@test "--dialect says it, as the first option" {
    for name in bwrap fakeroot mkosi-sandbox nsroot; do
        assert_speaks "$name" "$NSROOT" --dialect "$name"
        assert_speaks "$name" "$NSROOT" --dialect="$name"
    done
    # all that follows is that program's
    run nsroot --dialect bwrap --ro-bind / / --dir /tmp -- pwd
    assert_success
    assert_output "$PWD"
    run nsroot --dialect mkosi-sandbox --bind / / pwd
    assert_success
    assert_output /
}

@test "--dialect with a name that is none, or without one" {
    run --separate-stderr nsroot --dialect podman --version
    assert_own_failure '--dialect podman: .*bwrap, fakeroot and mkosi-sandbox'
    run --separate-stderr nsroot --dialect=
    assert_own_failure --dialect
    run --separate-stderr nsroot --dialect '' true
    assert_own_failure --dialect
    run --separate-stderr nsroot --dialect
    assert_own_failure '--dialect: NAME is missing'
    run --separate-stderr nsroot --dialects bwrap
    assert_own_failure 'unknown option --dialects'
}

@test "--dialect that is not the first option" {
    run --separate-stderr nsroot --verbose --dialect bwrap --version
    assert_own_failure '--dialect: it is the first option'
    run --separate-stderr nsroot --dialect nsroot --dialect bwrap --version
    assert_own_failure '--dialect: it is the first option'
    printf '%s\n' --dialect bwrap >options
    run --separate-stderr nsroot --args-file options -- true
    assert_own_failure '--dialect: it is the first option'
    # nor is it an option of the other programs
    run --separate-stderr "$LINKS/bwrap" --dialect nsroot --version
    assert_status 1
    assert_equal "$stderr" 'bwrap: Unknown option --dialect'
    run --separate-stderr "$LINKS/mkosi-sandbox" --dialect nsroot --version
    assert_status 125
    assert_regex "$stderr" '^mkosi-sandbox: unknown option --dialect'
}

@test "messages and statuses are the dialect's, whichever way it was chosen" {
    for start in "$LINKS/bwrap" "$NSROOT --dialect bwrap"; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr $start --chdir /none --ro-bind / / true
        assert_status 1
        assert_equal "$stderr" "bwrap: Can't chdir to /none: No such file or directory"
    done
    for start in "$LINKS/mkosi-sandbox" "$NSROOT --dialect mkosi-sandbox"; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr $start --chdir /none --bind / / true
        assert_status 125
        assert_regex "$stderr" '^mkosi-sandbox: --chdir /none: .*No such file or directory$'
    done
}

@test "--version: of bwrap on standard output, of mkosi-sandbox on standard error" {
    run --separate-stderr "$LINKS/bwrap" --version
    assert_success
    assert_output 'bubblewrap 0.11.1'
    assert_equal "$stderr" ''
    run --separate-stderr "$LINKS/mkosi-sandbox" --version
    assert_success
    assert_output ''
    assert_regex "$stderr" '^27\.[0-9]+$'
}

@test "--help: every option of the dialect, and nothing of nsroot's own" {
    run --separate-stderr "$LINKS/bwrap" --help
    assert_success
    assert_equal "$stderr" ''
    assert_line --index 0 "usage: $LINKS/bwrap [OPTIONS] [--] COMMAND [ARGS]"
    assert_equal "$(grep -c '^  --' <<<"$output")" 67
    assert_line --regexp '^  --userns-block-fd FD '
    refute_output --partial --explain
    for option in -h --help; do
        run --separate-stderr "$LINKS/mkosi-sandbox" "$option"
        assert_success
        assert_output ''
        assert_equal "${stderr_lines[0]}" 'mkosi-sandbox [OPTIONS] [--] [COMMAND ARGS]'
        assert_regex "$stderr" '--map-delegate N'
        refute_regex "$stderr" '--explain'
    done
}

@test "usage: bwrap without a command shows it on standard error, by the name it was called" {
    run --separate-stderr "$LINKS/bwrap"
    assert_status 1
    assert_output ''
    assert_equal "${stderr_lines[0]}" "usage: $LINKS/bwrap [OPTIONS] [--] COMMAND [ARGS]"
    run --separate-stderr nsroot --dialect bwrap --ro-bind / / --
    assert_status 1
    assert_equal "${stderr_lines[0]}" 'usage: bwrap [OPTIONS] [--] COMMAND [ARGS]'
    PATH=$LINKS:$PATH run --separate-stderr bwrap --unshare-all
    assert_status 1
    assert_equal "${stderr_lines[0]}" 'usage: bwrap [OPTIONS] [--] COMMAND [ARGS]'
}

@test "nsroot --help all tells of --dialect" {
    run nsroot --help all
    assert_success
    assert_line --regexp '^  --dialect NAME '
    assert_output --partial 'nsroot-bwrap(1), nsroot-mkosi-sandbox(1)'
}

@test "a nested start by /proc/self/exe stays in the dialect" {
    for file in /proc/self/exe /proc/thread-self/exe; do
        assert_speaks bwrap "$LINKS/bwrap" --ro-bind / / --proc /proc -- "$file"
        assert_speaks bwrap "$NSROOT" --dialect bwrap --ro-bind / / --proc /proc -- "$file"
        assert_speaks mkosi-sandbox "$LINKS/mkosi-sandbox" --bind / / -- "$file"
        assert_speaks mkosi-sandbox "$NSROOT" --dialect=mkosi-sandbox --bind / / -- "$file"
        assert_speaks nsroot "$NSROOT" -- "$file"
    done
}

@test "... at any depth, and with a pid namespace" {
    inner=(--unshare-pid --ro-bind / / --proc /proc /proc/self/exe)
    assert_speaks bwrap "$LINKS/bwrap" "${inner[@]}" "${inner[@]}" "${inner[@]}"
    assert_speaks bwrap "$LINKS/bwrap" --as-pid-1 "${inner[@]}"
    inner=(--become-root --bind / / /proc/self/exe)
    assert_speaks mkosi-sandbox "$LINKS/mkosi-sandbox" "${inner[@]}" "${inner[@]}" "${inner[@]}"
}

@test "... but --argv0 has the last word" {
    assert_speaks nsroot "$LINKS/bwrap" --argv0 nsroot --ro-bind / / --proc /proc -- /proc/self/exe
}

@test "a dialect within another" {
    assert_speaks mkosi-sandbox "$LINKS/bwrap" --bind / / --dev /dev --proc /proc "$LINKS/mkosi-sandbox"
    assert_speaks bwrap "$LINKS/mkosi-sandbox" --bind / / "$LINKS/bwrap"
    run nsroot -- "$LINKS/bwrap" --ro-bind / / --dev /dev --proc /proc "$LINKS/mkosi-sandbox" --bind / / echo ran
    assert_success
    assert_output ran
}

@test "installed: the links work, and hide no program that has these names" {
    [ -n "${INSTALLED-}" ] || skip "wants an installation: run it by scripts/check"
    prefix=$INSTALLED/usr/local
    for name in bwrap fakeroot mkosi-sandbox; do
        assert_symlink_to "$prefix/bin/nsroot" "$prefix/libexec/nsroot/$name"
        # wherever the tree is moved to
        assert_regex "$(readlink "$prefix/libexec/nsroot/$name")" '^\.\./'
        assert_speaks "$name" "$prefix/libexec/nsroot/$name"
        PATH=$prefix/libexec/nsroot:$PATH assert_speaks "$name" "$name"
        assert_not_exist "$prefix/bin/$name"
    done
    names=(bwrap fakeroot mkosi-sandbox)
    # no program: of --show-owners=auto, where it is known how
    [ ! -e "$prefix/libexec/nsroot/nsroot-owners.so" ] || names+=(nsroot-owners.so)
    assert_holds_only "$prefix/libexec/nsroot" "${names[@]}"
    run "$prefix/libexec/nsroot/bwrap" --ro-bind / / --proc /proc /proc/self/exe --version
    assert_output 'bubblewrap 0.11.1'
}

@test "installed: each dialect has its manual page" {
    [ -n "${INSTALLED-}" ] || skip "wants an installation: run it by scripts/check"
    assert_file_not_empty "$INSTALLED/usr/local/share/man/man1/nsroot-bwrap.1"
    assert_file_not_empty "$INSTALLED/usr/local/share/man/man1/nsroot-mkosi-sandbox.1"
}
