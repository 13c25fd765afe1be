# SPDX-License-Identifier: LGPL-2.1-or-later
# nsroot inside itself and inside other launchers.

load ../lib/nsroot

# What a good sandbox shows: root, alone, in a folder that can be written to.
look='id -u; cd /proc; echo [0-9]*; cd "$OLDPWD"; echo text >made && rm made; chown 5:5 /tmp; echo $?'

assert_good() {
    assert_success
    assert_output --regexp $'^0\n1 2( [0-9]+)?\n0$'
}

@test "three deep" {
    run nsroot -- "$NSROOT" -- "$NSROOT" -- sh -c "$look"
    assert_good
}

@test "three deep, with one level each" {
    run nsroot --no-lock -- "$NSROOT" --no-lock -- "$NSROOT" --no-lock -- sh -c "$look"
    assert_good
}

@test "three deep, with all that can be new" {
    run nsroot --unshare-all --unshare-time -- "$NSROOT" --unshare-all -- "$NSROOT" --unshare-all -- sh -c "$look"
    assert_good
}

@test "three deep, as root, as oneself, as root" {
    run nsroot -- "$NSROOT" --uid 77 --gid 78 -- "$NSROOT" -- sh -c "$look"
    assert_good
}

@test "inside, --map subid of a map with many ids" {
    need_subids
    run nsroot --map subid -- "$NSROOT" --map-uid 0:0:1 --map-uid 1:1:100 --map-gid 0:0:1 --map-gid 1:1:100 -- \
        sh -c 'touch f; chown 50:60 f; stat -c %u:%g f; rm f'
    assert_success
    assert_output 50:60
    run nsroot --map subid -- "$NSROOT" --map identity -- sh -c 'touch f; chown 50:60 f; stat -c %u:%g f; rm f'
    assert_success
    assert_output 50:60
}

@test "signals, exit status and end come through three levels" {
    run nothing_left "$NSROOT" -- "$NSROOT" -- "$NSROOT" -- sh -c 'sleep 60 & exit 9'
    assert_status 9
    run nothing_left "$NSROOT" -- "$NSROOT" -- "$NSROOT" -- sh -c 'kill -TERM $$'
    assert_status 143
}

@test "inside unshare, with and without a new /proc" {
    run unshare -Urmpf "$NSROOT" -- sh -c "$look"
    assert_good
    run unshare -Urmpf --mount-proc "$NSROOT" -- sh -c "$look"
    assert_good
    run unshare -Ur "$NSROOT" -- sh -c "$look"
    assert_good
}

@test "inside unshare that maps nobody: said clearly" {
    run --separate-stderr unshare -U "$NSROOT" -- true
    assert_own_failure "the caller's ids are not mapped"
}

@test "inside bubblewrap" {
    need_program bwrap
    run bwrap --unshare-all --bind / / --proc /proc --dev /dev --chdir "$PWD" "$NSROOT" -- sh -c "$look"
    assert_good
    run bwrap --bind / / --dev-bind /dev /dev --chdir "$PWD" "$NSROOT" -- sh -c "$look"
    assert_good
}

@test "bubblewrap inside" {
    need_program bwrap
    run nsroot -- bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev id -u
    assert_success
    assert_output 0
}

@test "parts of /proc are hidden outside: a warning, and what there is of /proc" {
    run --separate-stderr nsroot --tmpfs /proc/bus -- "$NSROOT" -- sh -c 'id -u; test -d /proc/self/fd && echo there'
    assert_success
    assert_output $'0\nthere'
    assert_regex "$stderr" '^nsroot: warning: .*/proc'
}

@test "parts of /proc are hidden outside: the foreign pid numbers do no harm" {
    # numbers of /proc are the outer ones: more processes there than here
    run nothing_left "$NSROOT" --tmpfs /proc/bus -- sh -c '
        for i in 1 2 3 4 5 6 7 8 9; do sleep 60 & done
        "$0" --map caller -- sh -c "
            readlink /proc/self/exe >/dev/null && echo \$\$; kill -9 \$\$"' "$NSROOT"
    assert_status 137
    assert_line 2
    need_subids
    run nsroot --map subid --tmpfs /proc/bus -- sh -c '
        sleep 0.1 & "$0" --map identity -- sh -c "cat /proc/self/uid_map"' "$NSROOT"
    assert_success
    assert_line --regexp '^ *1 +1 +65536$'
}

@test "the root file system is read-only outside" {
    run nsroot --ro-bind / / --remount-ro / -- "$NSROOT" -- sh -c 'id -u; touch /etc/x'
    assert_line --index 0 0
    assert_line --index 1 --partial "Read-only file system"
}

@test "/proc is read-only outside: said clearly" {
    run --separate-stderr nsroot --ro-bind /proc /proc -- "$NSROOT" -- true
    assert_own_failure '/proc/self/.*Read-only.*/proc is read-only'
}

@test "there is no /proc outside: said clearly" {
    ! grep -q __asan_init "$NSROOT" || skip "the address sanitizer wants a /proc"
    run --separate-stderr nsroot --tmpfs /proc -- "$NSROOT" -- true
    assert_own_failure '/proc: there is no procfs .*mount -t proc'
}
