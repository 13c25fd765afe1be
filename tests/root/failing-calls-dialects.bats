# SPDX-License-Identifier: LGPL-2.1-or-later
# As tests/cli/failing-calls-bwrap.bats and failing-calls-mkosi.bats, of real root, who needs no
# user namespace.

load ../lib/failing-calls

@test "bwrap: the usual mounts" {
    DIALECT=bwrap fail_each_call -- --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp \
        --unshare-pid
    DIALECT=bwrap fail_each_call -- --ro-bind / / --dev /dev --proc /proc
}

@test "bwrap: a user namespace, other ids and devices" {
    DIALECT=bwrap fail_each_call -- --ro-bind / / --dev /dev --proc /proc --unshare-user --uid 7 --gid 8
}

@test "bwrap: a capability less, every namespace" {
    DIALECT=bwrap fail_each_call --tolerate mmap -- --ro-bind / / --cap-drop CAP_SYS_ADMIN \
        --unshare-all --hostname inner
}

@test "mkosi-sandbox: the usual mounts" {
    DIALECT=mkosi-sandbox fail_each_call -- --ro-bind / / --dev /dev --tmpfs /tmp --become-root \
        --suppress-chown --suppress-sync
}

@test "mkosi-sandbox: new namespaces" {
    DIALECT=mkosi-sandbox fail_each_call -- --ro-bind / / --unshare-net --unshare-ipc
}

@test "mkosi-sandbox: the foreign range of ids" {
    DIALECT=mkosi-sandbox fail_each_call -- --ro-bind / / --map-foreign
}

@test "bwrap: a pid namespace that is entered" {
    DIALECT=bwrap fail_each_call -- --ro-bind / / --pidns 7 7</proc/self/ns/pid
}
