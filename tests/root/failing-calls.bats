# SPDX-License-Identifier: LGPL-2.1-or-later
# As tests/cli/failing-calls.bats, of real root.

load ../lib/failing-calls

@test "real root" {
    fail_each_call --
}

@test "real root, one level" {
    fail_each_call -- --no-lock
}

@test "real root, a map of its own" {
    fail_each_call -- --map-uid 0:0:1000 --map-gid 0:0:1000 --gid 6
}

@test "real root without a user namespace" {
    fail_each_call -- --share-user
}
