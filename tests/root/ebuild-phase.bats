# SPDX-License-Identifier: LGPL-2.1-or-later
# examples/ebuild-phase for a Portage that runs as root: owners are kept, the rest is as for users.

load ../lib/nsroot

setup() {
    need_root
    enter_workplace
    mkdir -p portage/cat/pkg-1/image
    export PORTAGE_BUILDDIR=$PWD/portage/cat/pkg-1
}

sandbox() {
    "$CHECKOUT/examples/ebuild-phase" "$@"
}

@test "what a phase gives to others belongs to them" {
    run sandbox 'id -u; cd "$PORTAGE_BUILDDIR/image" && install -m4750 -o 250 -g 81 /bin/true one &&
        touch two && chown 12345:54321 two'
    assert_success
    assert_output 0
    assert_equal "$(cd "$PORTAGE_BUILDDIR/image" && stat -c '%n %u:%g %a' one two)" \
        $'one 250:81 4750\ntwo 12345:54321 644'
}

@test "the rest of the host is read-only to root, too" {
    run sandbox "touch '$PWD/file' || mount -o remount,rw / || umount /tmp || echo refused"
    assert_success
    assert_line refused
    assert_not_exist file
}
