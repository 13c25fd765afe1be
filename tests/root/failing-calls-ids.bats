# SPDX-License-Identifier: LGPL-2.1-or-later
# As tests/cli/failing-calls.bats, of a user with subordinate ids, which only root can try:
# the setuid newuidmap works under a filter that belongs to root alone.

load ../lib/failing-calls

# A user with subordinate ids, whom the last test removes.
setup_file() {
    export OWNER=nsroot-inject-$$
    touch /etc/subuid /etc/subgid
    useradd --system --add-subids-for-system --user-group --no-create-home "$OWNER"
}

teardown_file() {
    userdel "$OWNER" || userdel --force "$OWNER"
}

let_owner_in() {
    local folder=$PWD
    while [ "$folder" != / ]; do
        chmod a+x "$folder"
        folder=$(dirname "$folder")
    done
    chown "$OWNER:" .
}

@test "subordinate ids" {
    let_owner_in
    # the C library does not tell that it could not look up the user's name
    fail_each_call --user "$OWNER" --accept "no subordinate ids for" -- --map subid
}

@test "subordinate ids, one level" {
    let_owner_in
    fail_each_call --user "$OWNER" --accept "no subordinate ids for" -- --map subid --no-lock
}

@test "subordinate ids, interrupted" {
    let_owner_in
    # nothing interrupts the reading of ordinary files
    fail_each_call --user "$OWNER" --error EINTR --accept "no subordinate ids for" \
        --accept "/etc/sub" -- --map subid
}
