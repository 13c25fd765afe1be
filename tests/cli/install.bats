# SPDX-License-Identifier: LGPL-2.1-or-later
# What `DESTDIR=... meson install` puts where. scripts/check makes the installation.

load ../lib/nsroot

setup() {
    [ -n "${INSTALLED-}" ] || skip "wants an installation: run it by scripts/check"
    PREFIX=$INSTALLED/usr/local
    enter_workplace
}

@test "install: the binary is in bin, executable by all, and not setuid" {
    assert_equal "$(stat -c %a "$PREFIX/bin/nsroot")" 755
    run "$PREFIX/bin/nsroot" --version
    assert_success
}

@test "install: the manual pages are in share/man, in their sections" {
    assert_file_not_empty "$PREFIX/share/man/man1/nsroot.1"
    assert_file_not_empty "$PREFIX/share/man/man5/nsroot-plan.5"
    assert_file_not_empty "$PREFIX/share/man/man5/nsroot-remember.5"
}

@test "install: man finds the manual page" {
    need_program man
    run man --manpath "$PREFIX/share/man" --where 1 nsroot
    assert_success
    assert_output "$PREFIX/share/man/man1/nsroot.1"
}

@test "install: the completions are where the shells look" {
    assert_file_not_empty "$PREFIX/share/bash-completion/completions/nsroot"
    assert_file_not_empty "$PREFIX/share/zsh/site-functions/_nsroot"
    assert_file_not_empty "$PREFIX/share/fish/vendor_completions.d/nsroot.fish"
}

@test "install: nothing lies outside of bin and share, but the preload library" {
    run find "$INSTALLED" -type f -not -path "$PREFIX/bin/*" -not -path "$PREFIX/share/*" \
        -not -path "$PREFIX/libexec/nsroot/nsroot-owners.so"
    assert_success
    assert_output ""
}

@test "install: the binary needs no library but libc" {
    need_program readelf
    run sh -c 'readelf --dynamic "$1" | sed -n "s/.*(NEEDED).*\[\(.*\)\]/\1/p" | grep -v "^lib\(c\|asan\|ubsan\|m\|gcc_s\)\."' \
        - "$PREFIX/bin/nsroot"
    assert_output ""
}

@test "install: the preload library needs no other, and is of no sanitizer" {
    need_program readelf
    local library=$PREFIX/libexec/nsroot/nsroot-owners.so
    [ -e "$library" ] || skip "there is none for this machine"
    run readelf --wide --dynamic --dyn-syms "$library"
    assert_success
    assert_output --partial ' fstatat'
    refute_output --partial '(NEEDED)'
    refute_output --partial asan
}
