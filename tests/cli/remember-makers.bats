# SPDX-License-Identifier: LGPL-2.1-or-later
# --remember: whose a device is that is made by a process with other ids for files, with ids of the
# sandbox's own. What a FIFO gets in its place, which the kernel makes itself, is what is right.

load ../lib/nsroot
load ../lib/makers

@test "--map subid: a device is made with the ids of who makes it, where that one may" {
    need_subids
    chmod 0755 .
    run nsroot --map subid --remember F --show-owners trap -- python3 -c "$MAKERS"
    assert_success
    assert_output "$MADE"
    assert_equal "$(grep -c dev= F)" 10
    assert_equal "$(grep -c uid= F)" 0
    run nsroot --map subid -- rm -r all own shared closed
}
