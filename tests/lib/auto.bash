# SPDX-License-Identifier: LGPL-2.1-or-later
# For tests of --show-owners auto.
# shellcheck shell=bash

# A workplace for one test; skips it where auto is trap.
enter_auto() {
    enter_workplace
    # a sanitizer in a program of tests/lib wants to come first
    export ASAN_OPTIONS=${ASAN_OPTIONS-}:verify_asan_link_order=0
    nsroot --verbose --remember probe --show-owners auto -- true 2>notes
    ! grep 'as trap' notes || skip "there is no preload library for this machine"
}

# with_auto [OPTION]... -- COMMAND...: on the file F.
with_auto() {
    nsroot --remember F --show-owners auto "$@"
}
