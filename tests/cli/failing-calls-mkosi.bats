# SPDX-License-Identifier: LGPL-2.1-or-later
# As failing-calls.bats, in mkosi-sandbox's dialect, which executes the command in its own place.

load ../lib/failing-calls

export DIALECT=mkosi-sandbox

@test "the usual mounts" {
    fail_each_call -- --ro-bind / / --dev /dev --tmpfs /tmp --dir /tmp/dir --write text /tmp/file \
        --symlink there /tmp/link
}

@test "the usual mounts, interrupted" {
    fail_each_call --error EINTR -- --ro-bind / / --dev /dev --tmpfs /tmp
}

@test "memory, or fds, run out" {
    fail_each_call --error ENOMEM -- --ro-bind / / --dev /dev
    fail_each_call --error EMFILE -- --ro-bind / / --dev /dev
}

@test "as root, with what is suppressed and new namespaces" {
    fail_each_call -- --ro-bind / / --become-root --suppress-chown --suppress-sync --unshare-net \
        --unshare-ipc --chdir /usr
}

@test "a symlink over a file that is there, sources of the new root, missing ones" {
    mkdir source
    : >source/file
    fail_each_call -- --ro-bind / / --tmpfs /tmp --bind source /tmp/source \
        --symlink there /tmp/source/file --bind +/tmp/source /tmp/again \
        --ro-bind-try /no/such/thing /tmp/none --bind-nofollow "$PWD/source" /tmp/same
}

@test "overlays: persistent, of a tmpfs, read-only" {
    mkdir -p lower lower2 upper work/work # which overlayfs makes and nobody removes
    echo text | tee lower/file lower2/other >/dev/null
    fail_each_call -- --ro-bind / / --tmpfs /tmp --dev /dev \
        --overlay-lowerdir lower --overlay-upperdir upper --overlay-workdir work \
        --overlay /tmp/persistent \
        --overlay-lowerdir lower --overlay-upperdir tmpfs --overlay /tmp/memory \
        --overlay-lowerdir lower --overlay-lowerdir lower2 --overlay /tmp/read
}

@test "fds that are passed on" {
    fail_each_call -- --ro-bind / / --pack-fds 7</dev/null 9</dev/null
}
