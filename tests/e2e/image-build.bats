# SPDX-License-Identifier: LGPL-2.1-or-later
# examples/image-build: a Debian root tree by an ordinary user, from the machine's package mirror.

load ../lib/nsroot
load ../lib/mirror

# Everything here looks at one image: building it is what takes the time.
setup_file() {
    export IMAGE=$BATS_FILE_TMPDIR/image.tar CACHE=$BATS_FILE_TMPDIR/cache
    export TMPDIR=$BATS_FILE_TMPDIR/tmp
    mkdir "$TMPDIR"
    if has_mirror; then
        build_image "$IMAGE" hello "less nano passwd"
    else
        export NO_MIRROR=yes
    fi
}

setup() {
    [ -z "${NO_MIRROR-}" ] || skip "wants apt, and a package mirror that answers"
    enter_workplace
}

build_image() {
    "$CHECKOUT/examples/image-build" --cache "$CACHE" "$@"
}

unpack_image() {
    mkdir image
    nsroot --ro-bind / / --bind image "$PWD/image" -- tar -C "$PWD/image" -xpf "$IMAGE"
}

in_image() {
    nsroot --bind image / -- "$@"
}

@test "everything in the tar belongs to root, by number" {
    tar --numeric-owner -tvf "$IMAGE" >list
    [ "$(wc -l <list)" -gt 3000 ]
    run awk '$2 != "0/0"' list
    assert_success
    assert_output ""
}

@test "the tar has the files of a Debian" {
    run tar -xOf "$IMAGE" ./etc/passwd
    assert_success
    assert_line --partial "root:x:0:0:"
    run tar -tvf "$IMAGE" ./usr/bin/hello ./usr/bin/nano ./usr/bin/su ./bin ./etc/shadow
    assert_success
    assert_line --regexp '^-rwsr-xr-x .* ./usr/bin/su$'
    assert_line --regexp '^lrwxrwxrwx .* ./bin -> usr/bin$'
    assert_line --regexp '^-rw-r----- .* ./etc/shadow$'
}

@test "the tar has nothing of the sandbox, of the overlays or of the build" {
    tar -tf "$IMAGE" >list
    run grep -E '/(run|proc|dev|tmp)/.|\.wh\.|/var/lib/apt/lists/.|/archives/.*deb|\.dpkg-(new|tmp)$' list
    assert_failure
    tar -tvf "$IMAGE" >list
    run grep -E '^[cbps]' list # whiteouts are devices
    assert_failure
}

@test "dpkg finds every package installed and nothing left to do" {
    unpack_image
    run in_image dpkg-query -W -f '${db:Status-Abbrev}\n'
    assert_success
    assert_equal "$(sort -u <<<"$output")" "ii "
    [ "${#lines[@]}" -gt 60 ]
    run in_image dpkg --audit
    assert_success
    assert_output ""
    run in_image dpkg-query -W -f '${Package}\n' hello less nano
    assert_success
}

@test "what was installed runs" {
    unpack_image
    run in_image hello
    assert_success
    assert_output "Hello, world!"
    run in_image stat -c '%u:%g %A' /usr/bin/su
    assert_output "0:0 -rwsr-xr-x"
}

@test "the build leaves nothing behind: no folder, no process, no mount" {
    assert_dir_exist "$TMPDIR"
    assert_holds_only "$TMPDIR"
    assert_mounts_unchanged
}

@test "the same packages give the same tar, whether the disk is waited for or not" {
    build_image --sync again.tar hello "less nano passwd"
    cmp "$IMAGE" again.tar
}

@test "a package that does not exist ends the build with apt's message, and leaves nothing" {
    run build_image again.tar no-such-package-here
    assert_failure
    assert_output --partial "Unable to locate package no-such-package-here"
    assert_not_exist again.tar
    assert_holds_only "$TMPDIR"
}
