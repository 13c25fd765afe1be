# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2034 # beside: fail_each_call uses it
#
# As tests/cli/failing-calls-mkosi.bats, beside a stand-in for systemd's services: fake-systemd.py.

load ../lib/failing-calls

export DIALECT=mkosi-sandbox
FOREIGN=2147352576 # the first id of the range

# The dynamic linker does not say why it could not map libjson-c, which says itself that getrandom(2)
# failed.

# Started by an ordinary user, who needs the services.
@test "ranges of ids that are delegated" {
    let_others_in
    beside=(python3 "$LIB/fake-systemd.py" -- setpriv --reuid 4242 --regid 4243 --clear-groups)
    fail_each_call --accept libjson-c --skip getrandom -- --ro-bind / / --map-delegate 1
    fail_each_call --accept libjson-c --skip getrandom -- --ro-bind / / --become-root --map-foreign
}

@test "binds of foreign ids" {
    let_others_in
    [ "$(stat -f -c %T .)" != tmpfs ] || need_kernel 6.3 # id-mapped mounts of it
    mkdir tree
    : >tree/file
    chown -R "$FOREIGN:$FOREIGN" tree
    beside=(python3 "$LIB/fake-systemd.py" -- setpriv --reuid 4242 --regid 4243 --clear-groups)
    fail_each_call --accept libjson-c --skip getrandom -- --ro-bind / / --tmpfs /tmp --bind-foreign tree /tmp/tree
}

@test "binds of foreign ids, interrupted" {
    let_others_in
    [ "$(stat -f -c %T .)" != tmpfs ] || need_kernel 6.3 # id-mapped mounts of it
    mkdir tree
    chown -R "$FOREIGN:$FOREIGN" tree
    beside=(python3 "$LIB/fake-systemd.py" --)
    fail_each_call --accept libjson-c --error EINTR -- --ro-bind / / --tmpfs /tmp --ro-bind-foreign tree /tmp/tree
}

let_others_in() {
    local folder=$PWD
    [ "$(readlink /proc/self/ns/user)" = 'user:[4026531837]' ] || skip "wants real root"
    while [ "$folder" != / ]; do
        chmod a+x "$folder"
        folder=$(dirname "$folder")
    done
}
