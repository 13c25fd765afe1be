# SPDX-License-Identifier: LGPL-2.1-or-later
# As failing-calls.bats: each system call that makes a mount, of every kind, fails in turn.

load ../lib/failing-calls

# Something of each kind, all below the current directory.
make_sources() {
    mkdir -p source lower/sub lower2 upper work tree/read
    echo text | tee source/file lower/file lower2/other lower/sub/hidden >tree/read/file
    ln -s file lower/link
}

@test "tmpfs, folders, files, links, modes" {
    fail_each_call -- --ro-bind / / --tmpfs /tmp --perms 0700 --size 1000000 --tmpfs /tmp/inner \
        --dir /tmp/dir --write text /tmp/dir/file --file 7 /tmp/other --symlink there /tmp/link \
        --chmod 0711 /tmp/dir --remount-ro /tmp/inner 7</dev/null
}

@test "no root is named: an empty one" {
    fail_each_call -- --no-default-mounts --ro-bind /usr /usr --symlink usr/bin /bin \
        --symlink usr/lib /lib --symlink usr/lib64 /lib64 --proc /proc --dev /dev \
        --ro-bind "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR"
}

@test "binds, read-only, of a file, of an fd, masked" {
    make_sources
    fail_each_call -- --tmpfs /run --bind source /run/deep/below --ro-bind source /run/read \
        --ro-bind source/file /run/file --bind-try /no/such/thing /run/none \
        --bind-fd 7 /run/fd --mask /run/read/file --mask /run/deep/below 7<lower
}

@test "contents from an fd" {
    # apply_data reads the fd, which is at its end from the second launch on
    fail_each_call -- --tmpfs /run --bind-data 7 /run/data --ro-bind-data 9 /run/read \
        7</dev/null 9</dev/null
}

@test "a file put into a read-only tree" {
    make_sources
    # where there can be no overlay, or none by fd, binds do
    fail_each_call --tolerate fsopen --tolerate fsconfig --tolerate fsmount -- \
        --ro-bind tree /mnt --bind source/file /mnt/read/new
}

@test "a file put into a read-only tree, one level" {
    make_sources
    fail_each_call --tolerate fsopen --tolerate fsconfig --tolerate fsmount -- \
        --no-lock --ro-bind tree /mnt --bind source/file /mnt/read/new
}

@test "overlays: persistent, of a tmpfs, read-only" {
    make_sources
    fail_each_call -- --tmpfs /run \
        --overlay-src lower --overlay upper work /run/persistent \
        --overlay-src lower --overlay-src lower2 --ro-overlay /run/read \
        --overlay-src lower --tmp-overlay /run/tmpfs
}

@test "message queues of an ipc namespace" {
    fail_each_call -- --mqueue /dev/mqueue
}

@test "a sysfs of a network namespace" {
    # the host's where there can be no new one
    fail_each_call --tolerate fsopen --tolerate fsconfig --tolerate fsmount -- \
        --unshare-net --sysfs /sys
}

@test "a plan file" {
    make_sources
    cat >plan <<'END'
source  /mnt/a\040b  bind   ro,noexec
none    /run/new     tmpfs  mode=0700,size=1m
END
    fail_each_call --tolerate mmap -- --plan plan
}
