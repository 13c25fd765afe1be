# SPDX-License-Identifier: LGPL-2.1-or-later
# Mount points that a read-only tree lacks: it shows them, and the host stays as it is.

load ../lib/nsroot

setup() {
    enter_workplace
    mkdir -p tree/there/deep bound
    echo there >tree/there/file
    echo beside >tree/file
    ln -s nowhere tree/dangling
    ln -s there tree/link
    echo text >bound/file
    echo data >data
    before=$(find tree -printf '%P %y %m %s %l\n' | sort)
    export before
}

# in_tree OPTION... -- COMMAND...: with the tree, read-only, at /mnt.
in_tree() {
    "$NSROOT" --ro-bind / / --ro-bind tree /mnt "$@"
}

assert_tree_unchanged() {
    assert_equal "$(find tree -printf '%P %y %m %s %l\n' | sort)" "$before"
}

@test "a file" {
    run in_tree --ro-bind data /mnt/new -- sh -c 'cat /mnt/new /mnt/file; ls -A /mnt; touch /mnt/x'
    assert_failure
    assert_output --regexp $'^data\nbeside\ndangling\nfile\nlink\nnew\nthere\n.*Read-only file system$'
    assert_tree_unchanged
}

@test "a folder, with folders above it that are missing too" {
    run in_tree --bind bound /mnt/a/b/c -- sh -c 'cat /mnt/a/b/c/file; echo x >/mnt/a/b/c/new
        touch /mnt/a/x; touch /mnt/a/b/x; touch /mnt/x'
    assert_failure
    assert_output --regexp $'^text(\n.*Read-only file system){3}$'
    assert_exist bound/new
    assert_tree_unchanged
}

@test "several, at several depths, of several kinds" {
    run in_tree --bind bound /mnt/1 --tmpfs /mnt/there/2 --ro-bind data /mnt/there/deep/3 \
        --dev /mnt/4 --proc /mnt/there/5 --bind-data 3 /mnt/6 --dir /mnt/there/7 \
        --write text /mnt/8/9 --symlink file /mnt/there/10 --overlay-src bound --tmp-overlay /mnt/11 \
        -- sh -c 'cd /mnt && cat 1/file there/deep/3 6 8/9 there/10 11/file there/file && test -c 4/null &&
            test -e there/5/self && touch there/2/x && test -d there/7 && cat file' 3<<<data
    assert_success
    assert_output $'text\ndata\ndata\ntextthere\ntext\nthere\nbeside'
    assert_tree_unchanged
}

@test "two levels: a mount that is missing in what a missing mount shows" {
    run in_tree --ro-bind bound /mnt/new --ro-bind data /mnt/new/inner/file --tmpfs /mnt/new/inner/x -- \
        sh -c 'cat /mnt/new/file /mnt/new/inner/file; touch /mnt/new/inner/y'
    assert_failure
    assert_output --regexp $'^text\ndata\n.*Read-only file system$'
    assert_tree_unchanged
    assert_holds_only bound file
}

@test "in / itself, with the host's submounts still there" {
    ls / >names
    run nsroot --ro-bind / / --bind bound /nsroot-test-new/folder --ro-bind data /nsroot-test-file -- \
        sh -c 'cat /nsroot-test-new/folder/file /nsroot-test-file; ls / >"$1"/inside
            ls -A /sys/kernel >/dev/null && touch /x' - "$WORK/bound"
    assert_failure
    assert_output --regexp $'^text\ndata\n'
    run nsroot --ro-bind / / --bind bound /nsroot-test-new -- sh -c 'ls / >/nsroot-test-new/inside'
    assert_success
    assert_equal "$(grep -v nsroot-test bound/inside)" "$(cat names)"
    assert_not_exist /nsroot-test-new
    assert_not_exist /nsroot-test-file
}

@test "in / and in folders below it, at once" {
    run nsroot --ro-bind / / --bind bound /nsroot-test --ro-bind data /etc/nsroot-test \
        --ro-bind data /etc/nsroot-test-a/b --ro-bind data /usr/share/nsroot-test -- \
        sh -c 'cat /nsroot-test/file /etc/nsroot-test /etc/nsroot-test-a/b /usr/share/nsroot-test
            touch /etc/x /usr/share/x'
    assert_failure
    assert_output --regexp $'^text\ndata\ndata\ndata(\n.*Read-only file system){2}$'
    assert_not_exist /etc/nsroot-test
}

@test "below a host's submount, and over one" {
    unshare -Urm true 2>/dev/null || skip "wants unshare -Urm"
    run unshare -Urm sh -ec '
        mount -t tmpfs none tree/there; mkdir tree/there/sub; mount -t tmpfs none tree/there/sub
        echo sub >tree/there/sub/file
        "$NSROOT" --ro-bind / / --ro-bind tree /mnt --ro-bind data /mnt/there/new \
            --bind bound /mnt/new -- sh -c "
            cat /mnt/there/new /mnt/new/file /mnt/there/sub/file /mnt/file
            touch /mnt/there/x; touch /mnt/there/sub/x; touch /mnt/x" || true
        find tree | sort'
    assert_output --regexp $'^data\ntext\nsub\nbeside(\n.*Read-only file system){3}\n'
    assert_line tree/there/sub/file
    refute_line --regexp '^tree.*(new|/x)'
    assert_tree_unchanged
}

@test "in a folder whose submounts are not locked: nothing is lost either" {
    unshare -Urm true 2>/dev/null || skip "wants unshare -Urm"
    run unshare -Urm sh -ec '
        mount -t tmpfs none tree/there; echo sub >tree/there/file
        "$NSROOT" --share-user --ro-bind / / --ro-bind tree /mnt --bind bound /mnt/new -- \
            cat /mnt/there/file /mnt/new/file'
    assert_success
    assert_output $'sub\ntext'
    assert_tree_unchanged
}

@test "a file covers a symlink, wherever it leads; a folder goes where it leads" {
    run in_tree --ro-bind data /mnt/dangling --bind bound /mnt/link -- \
        sh -c 'cat /mnt/dangling; ls /mnt/there'
    assert_success
    assert_output $'data\nfile'
    run in_tree --ro-bind data /mnt/link -- cat /mnt/link
    assert_success
    assert_output data
    assert_tree_unchanged
}

@test "through a symlink of the tree as a parent" {
    run in_tree --ro-bind data /mnt/link/new -- cat /mnt/there/new
    assert_success
    assert_output data
    run in_tree --ro-bind data /mnt/dangling/new -- cat /mnt/nowhere/new
    assert_success
    assert_output data
    assert_tree_unchanged
}

@test "in a read-only overlay" {
    mkdir top
    run nsroot --ro-bind / / --overlay-src tree --overlay-src top --ro-overlay /mnt \
        --ro-bind data /mnt/there/new --tmpfs /mnt/a -- sh -c 'cat /mnt/there/new /mnt/file; ls /mnt'
    assert_success
    assert_output $'data\nbeside\na\ndangling\nfile\nlink\nthere'
    assert_tree_unchanged
    assert_holds_only top
}

@test "in the default plan" {
    run nsroot --ro-bind data /etc/nsroot-test --tmpfs /usr/nsroot-test/a -- \
        sh -c 'cat /etc/nsroot-test; cat /etc/passwd >/dev/null; ls /usr/nsroot-test; test -x /usr/bin/env'
    assert_success
    assert_output $'data\na'
    assert_not_exist /etc/nsroot-test
}

@test "the folder keeps its mode, and its files stay what they are" {
    chmod 0751 tree/there
    run in_tree --ro-bind data /mnt/there/new -- stat -c '%a %s' /mnt/there /mnt/there/file
    assert_success
    assert_line --index 0 --regexp '^751 '
    assert_line --index 1 --regexp '^644 6$'
}

@test "for a symlink that is bound itself, behind a symlink" {
    ln -s anywhere symlink
    run in_tree --bind-nofollow symlink /mnt/link/new -- readlink /mnt/there/new
    assert_success
    assert_output anywhere
    assert_tree_unchanged
}

@test "with one level, too" {
    run in_tree --no-lock --bind bound /mnt/a/b --ro-bind data /mnt/there/new -- \
        sh -c 'cat /mnt/a/b/file /mnt/there/new /mnt/file'
    assert_success
    assert_output $'text\ndata\nbeside'
    assert_tree_unchanged
}

@test "nothing is made on the host for a plan that fails later" {
    run --separate-stderr in_tree --bind bound /mnt/new --bind bound /mnt/file -- true
    assert_own_failure '--bind bound /mnt/file: /mnt/file is no directory'
    assert_tree_unchanged
    assert_mounts_unchanged
}
