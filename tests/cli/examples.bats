# SPDX-License-Identifier: LGPL-2.1-or-later
# examples/shell and examples/plans. The others have files of their own: ebuild-phase.bats, and
# tests/e2e/image-build.bats.

load ../lib/nsroot

# try COMMAND...: under try-it; the list of changes without what follows it, in the file changes.
try() {
    local status=0
    TMPDIR=$BATS_TEST_TMPDIR "$CHECKOUT/examples/shell/try-it" "$@" 2>messages || status=$?
    grep '^[-+~] ' messages | sort >"$BATS_TEST_TMPDIR/changes"
    cp messages "$BATS_TEST_TMPDIR/messages"
    rm messages
    return "$status"
}

assert_changes() {
    assert_equal "$(cat "$BATS_TEST_TMPDIR/changes")" "$(printf '%s\n' "$@" | sort)"
}

# decide --apply|--discard: as the message of the last try says
decide() {
    local line
    line=$(grep -- "$1" "$BATS_TEST_TMPDIR/messages")
    bash -c "$line"
}

# snapshot FOLDER: names, kinds, permissions and contents
snapshot() {
    (cd "$1" && find . -printf '%P %M %l\n' | sort && find . -type f -print0 | sort -z | xargs -0r md5sum)
}

make_project() {
    mkdir -p project/{kept,replaced,removed}
    echo one >project/changed
    echo two >project/deleted
    echo three >project/replaced/old
    echo four >project/removed/file
    echo five >project/kept/file
    echo six >project/'odd'$'\n''name'
    ln -s changed project/link
}

work_on_project() {
    cat <<'END'
cd project
echo more >>changed
rm deleted 'odd
name'
rm -r replaced removed
mkdir replaced
echo new >replaced/new
ln -sf deleted link
mkdir -p deep/er
echo x >deep/er/file
chmod 0700 kept
touch kept/file
END
}

@test "safe-make: make, in this folder alone" {
    need_program make
    printf 'all:\n\techo made >result; id -u; touch ../beside || :\n' >Makefile
    run "$CHECKOUT/examples/shell/safe-make" -s
    assert_success
    assert_line 0
    assert_line --partial "Read-only file system"
    assert_equal "$(cat result)" made
    assert_not_exist ../beside
    run "$CHECKOUT/examples/shell/safe-make" -s no-such-target
    assert_status 2
}

@test "offline-configure: ./configure, with its arguments and without a network" {
    printf '#!/bin/sh\necho "$@"; ip -o link | wc -l; echo ok >config.status\n' >configure
    chmod +x configure
    run "$CHECKOUT/examples/shell/offline-configure" --prefix='/a b'
    assert_success
    assert_output '--prefix=/a b'$'\n'1
    assert_file_exist config.status
}

@test "try-it: the host stays as it is, and every change is shown" {
    make_project
    before=$(snapshot project)
    try bash -euc "$(work_on_project)"
    assert_equal "$(snapshot project)" "$before"
    assert_changes "~ $WORK/project/changed" "- $WORK/project/deleted" \
        "- \$'$WORK/project/odd\\nname'" "- $WORK/project/replaced/old" \
        "+ $WORK/project/replaced/new" "- $WORK/project/removed" "~ $WORK/project/link" \
        "+ $WORK/project/deep/" "+ $WORK/project/deep/er/" "+ $WORK/project/deep/er/file" \
        "~ $WORK/project/kept/"
}

@test "try-it --apply: the same as without try-it, and nothing is left" {
    make_project
    cp -a project tried
    try bash -euc "$(work_on_project)"
    (bash -euc "$(work_on_project)")
    mv project expected
    mv tried project
    decide --apply
    assert_equal "$(snapshot project)" "$(snapshot expected)"
    run ls -d "$BATS_TEST_TMPDIR"/try-it.*
    assert_failure
}

@test "try-it --discard: nothing is left, and nothing was done" {
    make_project
    before=$(snapshot project)
    try bash -euc "$(work_on_project); mkdir locked; touch locked/file; chmod 0 locked"
    grep -qF "+ $WORK/project/locked/file" "$BATS_TEST_TMPDIR/changes"
    decide --discard
    assert_equal "$(snapshot project)" "$before"
    run ls -d "$BATS_TEST_TMPDIR"/try-it.*
    assert_failure
}

@test "try-it: folders that belong to root can be changed too" {
    [ ! -w /etc ] || skip "the caller may do so anyway"
    try sh -euc 'echo x >/etc/nsroot-try-it; rm /etc/passwd; mkdir /var/lib/nsroot-try-it
        cp /etc/group /etc/group.new; echo x >>/etc/group.new; mv /etc/group.new /etc/group'
    assert_changes "+ /etc/nsroot-try-it" "- /etc/passwd" "+ /var/lib/nsroot-try-it/" "~ /etc/group"
    run decide --apply
    assert_failure
    assert_output --partial "Permission denied"
    assert_not_exist /etc/nsroot-try-it
    decide --discard
}

@test "try-it: a link in place of a folder, and the reverse, lead nowhere when applied" {
    mkdir folder outside
    echo secret >outside/file
    ln -s "$WORK/outside" link
    ln -s outside/file to-file
    try sh -euc 'rm link to-file; mkdir link; echo new | tee link/file to-file
        rmdir folder; ln -s /etc folder'
    assert_changes "~ $WORK/to-file" "- $WORK/link" "+ $WORK/link/" "+ $WORK/link/file" \
        "- $WORK/folder" "+ $WORK/folder"
    decide --apply
    assert_equal "$(cat outside/file)" secret
    assert_equal "$(cat link/file to-file)" new$'\n'new
    assert_equal "$(readlink folder)" /etc
}

@test "try-it: status and streams are the command's; nothing changed, nothing left" {
    run try sh -c 'cat; exit 7' <<<input
    assert_status 7
    assert_output input
    assert_changes ""
    run cat "$BATS_TEST_TMPDIR/messages"
    assert_output "Nothing was changed."
    run ls -d "$BATS_TEST_TMPDIR"/try-it.*
    assert_failure
}

@test "try-it: a folder that goes while the host is looked at is none" {
    mkdir bin
    cat >bin/find <<-'end'
		#!/bin/sh
		[ "$1" != ./etc ] || printf './etc/no-folder\0'
		exec /usr/bin/find "$@"
	end
    chmod +x bin/find
    PATH=$PWD/bin:$PATH run try sh -c 'exit 7'
    assert_status 7
    assert_equal "$(cat "$BATS_TEST_TMPDIR/messages")" "Nothing was changed."
}

@test "try-it: usage, and folders that are not its own" {
    run "$CHECKOUT/examples/shell/try-it"
    assert_status 2
    assert_output --partial "Usage: try-it"
    mkdir mine
    run "$CHECKOUT/examples/shell/try-it" --discard mine
    assert_status 2
    assert_dir_exist mine
}

# within_host OPTION... -- COMMAND: nsroot inside a host that has other folders.
within_host() {
    nsroot --ro-bind / / "$@"
}

@test "home-hidden.fstab: homes are empty, the project is there" {
    mkdir -p home/me/project home/other root
    echo secret >home/me/key
    echo secret >root/key
    run within_host --bind home /home --bind root /root --chdir /home/me/project -- \
        sh -c '"$1" --plan "$2" --bind . "$PWD" -- sh -c "pwd; ls -A /home /home/me /root /run; touch made
            touch /home/file || touch /usr/file || echo refused"' \
        sh "$NSROOT" "$CHECKOUT/examples/plans/home-hidden.fstab"
    assert_success
    assert_line /home/me/project
    assert_line refused
    refute_line key
    refute_line other
    assert_file_exist home/me/project/made
}

@test "image.fstab: the tree beside the plan, forgotten changes, and /src" {
    cp "$CHECKOUT/examples/plans/image.fstab" .
    mkdir -p image/etc image/usr
    echo ID=image >image/etc/os-release
    for link in bin lib lib64 sbin; do
        [ ! -L "/$link" ] || cp -P "/$link" image
    done
    cd image # the plan says where things are, not the current folder
    run nsroot --plan ../image.fstab --ro-bind /usr /usr --chdir /src -- \
        sh -c '. /etc/os-release; echo "$ID"; echo x >/etc/made; cat /etc/made; pwd; echo y >made'
    assert_success
    assert_output $'image\nx\n/src'
    assert_equal "$(cat ../made)" y
    assert_holds_only etc os-release
}

@test "ebuild.fstab: the folders of Portage, the rest read-only, secrets masked" {
    mkdir portage ssh
    echo secret >shadow
    echo key >ssh/ssh_host_key
    run within_host --bind portage /var/tmp/portage --bind shadow /etc/shadow --bind ssh /etc/ssh -- \
        "$NSROOT" --plan "$CHECKOUT/examples/plans/ebuild.fstab" --unshare-net -- \
        sh -c 'echo ok >/var/tmp/portage/built; cat /etc/shadow; ls -A /etc/ssh; touch /tmp/file
            touch /var/tmp/file || echo refused; test -e /var/cache/ccache || echo no ccache'
    assert_success
    assert_line refused
    assert_line "no ccache"
    refute_line secret
    refute_line ssh_host_key
    assert_file_exist portage/built
}
