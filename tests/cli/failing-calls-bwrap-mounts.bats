# SPDX-License-Identifier: LGPL-2.1-or-later
# As failing-calls-bwrap.bats: each call that makes something in the tree, of every kind.

load ../lib/failing-calls

export DIALECT=bwrap

@test "folders, files, symlinks, modes" {
    echo text >contents
    fail_each_call -- --ro-bind / / --perms 0700 --size 1000000 --tmpfs /tmp --dir /tmp/dir \
        --file 7 /tmp/dir/file --perms 0600 --file 8 /tmp/other --symlink there /tmp/link \
        --symlink there /tmp/link --chmod 0711 /tmp/dir --remount-ro /tmp \
        7<contents 8</dev/null
}

@test "contents that are bound" {
    echo text >contents
    fail_each_call -- --ro-bind / / --tmpfs /tmp --bind-data 7 /tmp/data \
        --ro-bind-data 8 /tmp/read 7<contents 8</dev/null
}

# shellcheck disable=SC2094 # they are not written to
@test "binds: of devices, of fds, read-only, missing ones" {
    mkdir source
    echo text >source/file
    fail_each_call -- --dev-bind / / --tmpfs /tmp --bind source /tmp/deep/below \
        --ro-bind source/file /tmp/file --ro-bind-try /no/such/thing /tmp/none \
        --bind-fd 7 /tmp/fd --ro-bind-fd 8 /tmp/fd-read 7<source 8<source/file
}

@test "no root is named: an empty one, read-only in the end" {
    fail_each_call -- --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib \
        --symlink usr/lib64 /lib64 --proc /proc --dev /dev --unshare-pid \
        --ro-bind "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR" --remount-ro /
}

@test "message queues" {
    fail_each_call -- --ro-bind / / --dev /dev --mqueue /dev/mqueue --unshare-ipc
}

@test "overlays: persistent, of a tmpfs, read-only" {
    mkdir -p lower lower2 upper work/work # which overlayfs makes and nobody removes
    echo text | tee lower/file lower2/other >/dev/null
    fail_each_call -- --ro-bind / / --tmpfs /tmp \
        --overlay-src lower --overlay upper work /tmp/persistent \
        --overlay-src lower --overlay-src lower2 --ro-overlay /tmp/read \
        --overlay-src lower --tmp-overlay /tmp/memory
}

@test "options from an fd" {
    printf '%s\0' --ro-bind / / --tmpfs /tmp --dir /tmp/dir >words
    fail_each_call -- --args 7 7<words
}
