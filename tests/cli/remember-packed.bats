# SPDX-License-Identifier: LGPL-2.1-or-later
# From chown to the archive: with one id and with subordinate ids it is the same, to the byte.

load ../lib/nsroot
load ../lib/pack

hex() {
    printf %s "$1" | od -An -v -tx1 | tr -d ' \n'
}

@test "subordinate ids: owners are real, devices and trusted.* remembered; the archives are the same" {
    need_subids
    need_program setcap setfattr
    mkdir one many
    (cd one && nsroot --remember "$WORK/one.F" -- sh -c "$BUILD_TREE")
    (cd many && nsroot --map subid --remember "$WORK/many.F" -- sh -c "$BUILD_TREE")
    # two devices, an attribute, and ids outside of the map
    assert_equal "$(sed -n 's/^[^ ]*:[^ ]* //p' many.F | sort)" "$(printf '%s\n' \
        'dev=b:259:70000' 'dev=c:1:3' 'uid=70000 gid=4000000' "xattr.$(hex trusted.test)=$(hex value)")"
    assert_not_equal "$(stat -c %u many/file)" "$(id -u)"
    local format
    for format in pax ustar newc mtree; do
        nsroot_pack --remember one.F --format "$format" one >"one.$format" 2>one.error || true
        nsroot --map subid -- "$PACK" --remember many.F --format "$format" many >"many.$format" 2>many.error || true
        cmp "one.$format" "many.$format"
        diff <(sed 's/one/many/g' one.error) many.error
    done
    run list_tar one.pax
    assert_line --regexp '^crw-rw-rw- 0/0 +1,3 .* dev/null$'
    assert_line --regexp '^-rw-r--r-- 8/12 .* file$'
    assert_line --regexp '^-rw-r--r-- 70000/4000000 .* ids$'
    assert_line --regexp '^lrwxrwxrwx 33/34 .* symlink -> file$'
    nsroot --map subid -- rm -rf many
}
