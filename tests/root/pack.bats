# SPDX-License-Identifier: LGPL-2.1-or-later
# nsroot-pack beside real root: a tree that an ordinary user builds in a sandbox is the same, in
# each format, as what root builds really; and --apply makes it so.

load ../lib/nsroot
load ../lib/pack

setup() {
    need_root
    # the folders of bats, and those above, are root's alone
    PLACE=$(mktemp -d /var/tmp/nsroot-pack.XXXXXX)
    chmod 0755 "$PLACE"
    mkdir -p "$PLACE"/home/tree
    chown -R 4242:4243 "$PLACE"/home
    cd "$PLACE"/home || return
    as_user "$NSROOT" --remember memory -- sh -c "cd tree; $BUILD_TREE"
}

teardown() {
    [ -z "${PLACE-}" ] || rm -r "$PLACE"
}

as_user() {
    setpriv --reuid 4242 --regid 4243 --clear-groups "$@"
}

# build_really: the same tree, by root, as "real".
build_really() {
    mkdir real
    unshare --mount --propagation private sh -c "cd real; $BUILD_TREE"
}

pack() {
    as_user "$PACK" --remember memory "$@" tree
}

@test "tar: a listing equal to that of what root builds" {
    build_really
    tar -C real --sort=name --format=pax --xattrs --xattrs-include='*' -cf real.tar .
    pack >archive.tar
    # GNU tar has the second name of a device as a device of its own, and "./" before names
    list() {
        list_tar "$1" | grep -av ' dev/other' | grep -av ' \./dev/other$' | sed -E 's,(^| )\./,\1,g'
    }
    list real.tar | LC_ALL=C sort >expected
    list archive.tar | LC_ALL=C sort >got
    run diff expected got
    assert_output ""
    assert [ "$(wc -l <got)" -gt 25 ]
}

@test "tar: attributes and capabilities equal to those of what root builds" {
    build_really
    pack >archive.tar
    mkdir out
    unshare --mount --propagation private \
        tar -C out --xattrs --xattrs-include='*' --warning=no-unknown-keyword -xf archive.tar
    attributes() {
        (cd "$1" && find . -print0 | LC_ALL=C sort -z | xargs -0 getfattr -h -d -m - -e hex)
    }
    diff <(attributes real) <(attributes out)
    assert [ "$(attributes out | grep -c =)" -eq 5 ]
    run getcap out/bin/ping
    assert_output --partial 'cap_net_raw=ep'
    # and so it is all the way down
    "$PACK" real >real.pax
    "$PACK" out >out.pax
    cmp real.pax out.pax
    cmp real.pax archive.tar
}

@test "newc and mtree: equal to those of what root builds" {
    build_really
    for format in newc mtree; do
        "$PACK" --format=$format real >expected
        pack --format=$format >got
        cmp expected got
    done
    (cd real && find . -print0 | LC_ALL=C sort -z | cpio -0 -o -H newc --quiet) >real.cpio
    list() {
        cpio -tvn --quiet <"$1" | sed -E 's/^(d[^ ]+) +[0-9]+/\1 N/; s,\./,,' |
            sed -E '/ (file|folder\/hard|hard)$/s/ +[09] Jul/ N Jul/' | LC_ALL=C sort
    }
    pack --format=newc >got
    diff <(list real.cpio) <(list got)
}

# compare_acls SCRIPT: what it does, as root really and in a sandbox, is the same by each way out.
compare_acls() {
    touch probe
    setfacl -m u:4242:r probe || skip "wants a file system with ACLs"
    rm -r tree memory
    as_user mkdir tree
    # setfacl -m reads what is there
    as_user "$NSROOT" --remember memory --show-owners trap -- sh -c "cd tree; $1; touch -d @0 * ."
    mkdir real
    sh -c "cd real; $1; touch -d @0 * ."
    for format in pax ustar newc mtree; do
        "$PACK" --format=$format real >expected
        pack --format=$format >got
        cmp expected got
    done
    run list_tar <(pack --format=ustar)
    assert_line --regexp "^$(stat -c %A real/file) 0/0 .* file\$"
    run "$PACK" --check got real
    assert_output ""
    mkdir out
    pack | tar --acls -C out -xf -
    diff <(cd real && getfacl -nR .) <(cd out && getfacl -nR .)
    # others' archives of the tree
    mkdir filtered
    tar -C tree -cf - . | pack --filter | tar --acls -C filtered -xf -
    diff <(cd real && getfacl -nR .) <(cd filtered && getfacl -nR .)
    "$PACK" --apply --remember memory tree
    diff <(cd real && getfacl -nR .) <(cd tree && getfacl -nR .)
}

@test "ACLs: those that nobody could give, as root gives them" {
    compare_acls 'echo >file; setfacl -m u:77:rw,g:88:rx file; mkdir folder; setfacl -d -m g:88:rwx folder'
}

@test "ACLs: as chmod has left them" {
    compare_acls '
        for name in file mask none all setgid again; do echo >$name; setfacl -m u:77:rw,g:88:rx $name; done
        echo >unmasked; setfacl -m g:88:rwx,m::rx unmasked
        mkdir folder; setfacl -m u:77:rwx folder; setfacl -d -m g:88:rwx folder
        chmod 0640 file; chmod g=r mask; chmod 0400 none; chmod 0777 all; chmod 2755 setgid; chmod g=rwx unmasked
        chmod 0600 again; setfacl -m u:78:r again; chmod 0750 folder'
}

@test "--apply: the tree is as if root had built it" {
    build_really
    "$PACK" real >expected
    before=$(stat -c %Y tree tree/dev)
    run -0 "$PACK" --apply --remember memory tree
    assert_output ""
    assert_equal "$(stat -c '%u:%g %F %t,%T %h' tree/dev/null)" '0:0 character special file 1,3 2'
    assert_equal "$(stat -c %i tree/dev/null)" "$(stat -c %i tree/dev/other)"
    assert_equal "$(stat -c '%u:%g %a' tree/bin/suid)" '0:8 4755'
    assert_equal "$(getfattr --only-values -n trusted.test tree/file)" value
    assert_equal "$(stat -c %Y tree tree/dev)" "$before"
    "$PACK" tree >got
    cmp expected got
    # once more does no harm
    "$PACK" --apply --remember memory tree
    "$PACK" tree >got
    cmp expected got
    "$PACK" --format=mtree real >spec
    run "$PACK" --check spec tree
    assert_success
}

@test "attributes: the same bytes, whether they are remembered or real" {
    as_user "$NSROOT" --remember memory -- setfattr -n user.z -v 1 tree/file
    as_user setfattr -n user.a -v 1 tree/file
    pack >expected
    "$PACK" --apply --remember memory tree
    "$PACK" tree >got
    cmp expected got
}

@test "--apply: no file that has a name outside of the tree" {
    touch outside
    chown 0:0 outside
    ln outside tree/planted
    run --separate-stderr "$PACK" --apply --remember memory tree
    assert_status 1
    assert_equal "$stderr" "nsroot-pack: tree/planted: it has links outside of the tree"
}

@test "--apply: symlinks are changed, and never followed" {
    touch ../outside
    chown 7:7 ../outside
    ln -s ../../outside tree/leads-out
    ln -s ../.. tree/folder-out
    "$PACK" --apply --remember memory tree
    assert_equal "$(stat -c %u:%g ../outside)" 7:7
    assert_equal "$(stat -c %u:%g tree/symlink)" 33:34
}

@test "--apply: a folder that becomes a symlink meanwhile, at any moment, leads nowhere" {
    need_program strace
    mkdir -p ../outside/deep
    echo >../outside/deep/file
    touch ../outside/deep/null
    chown -R 7:7 ../outside
    before=$(find ../outside -printf '%p %U:%G %m %y %T@ %C@\n')
    moments=0
    for call in openat2 mknodat renameat fchownat; do
        for number in $(seq 30); do
            rm -rf trace tree memory
            as_user mkdir -p tree/swapped/deep
            as_user "$NSROOT" --remember memory -- \
                sh -c 'cd tree/swapped/deep; echo >file; chown 33:34 file; mknod null c 1 3'
            strace -o trace -e trace=$call -e inject=$call:signal=STOP:when="$number" \
                "$PACK" --apply --remember memory tree 2>errors &
            tracer=$!
            until_true grep -qsE -- '--- stopped by|\+\+\+ exited' trace
            if grep -q '+++ exited' trace; then
                wait $tracer
                break
            fi
            mv tree/swapped tree/away
            ln -s ../../outside tree/swapped
            moments=$((moments + 1))
            kill -CONT "$(pgrep -P $tracer)"
            wait $tracer || true
            assert_equal "$(find ../outside -printf '%p %U:%G %m %y %T@ %C@\n')" "$before"
        done
    done
    assert [ $moments -gt 15 ]
}

@test "a device that was written to is a device; another file in its place is not" {
    echo text >>tree/dev/disk
    before=$(stat -c %Y tree/dev/disk)
    for format in pax newc; do
        pack --format=$format >archive
        run bsdtar --numeric-owner -tvf archive
        assert_line --regexp '^brw-rw---- +[01] 0 +6 +259,70000 .* dev/disk$'
    done
    "$PACK" --apply --remember memory tree
    assert_equal "$(stat -c '%u:%g %F %t,%T %Y' tree/dev/disk)" "0:6 block special file 103,11170 $before"
    rm tree/dev/other
    echo text >tree/dev/other
    "$PACK" --apply --remember memory tree
    assert_equal "$(stat -c %F tree/dev/null)" 'character special file'
    assert_equal "$(stat -c %F tree/dev/disk)" 'block special file'
    assert_equal "$(cat tree/dev/other)" text
}

@test "root packs what a user has built: root inside is who owns FILE" {
    pack >by-user
    "$PACK" --remember memory tree >by-root
    cmp by-user by-root
}

@test "subordinate ids: packed in the sandbox, or by --owner-map" {
    mkdir shifted
    chown 100000:100000 shifted
    echo >shifted/file
    chown 100033:100034 shifted/file
    printf '%s\n' '100000-165535: 0:' ':100000-165535 :0' >map
    "$PACK" --owner-map map shifted >archive
    run list_tar archive
    assert_line --index 0 --regexp '^d[^ ]+ 0/0 '
    assert_line --index 1 --regexp '^-[^ ]+ 33/34 '
}
