# SPDX-License-Identifier: LGPL-2.1-or-later
# nsroot-pack --filter: archives of other programs, changed on their way.

load ../lib/nsroot
load ../lib/pack

setup() {
    enter_workplace
    mkdir tree
    nsroot --remember memory -- sh -c "cd tree; $BUILD_TREE"
}

@test "--filter --remember: an archive that another program made of the tree" {
    tar -C tree --format=pax --sort=name -cf plain .
    nsroot_pack --filter --remember memory tree <plain >filtered
    run list_tar filtered
    assert_line --regexp '^-rw-r--r-- 8/12 +9 .* \./file$'
    assert_line --regexp '^crw-rw-rw- 0/0 +1,3 .* \./dev/null$'
    assert_line --regexp '^lrwxrwxrwx 33/34 .* \./symlink -> file$'
    mkdir out
    (cd out && tar --warning=no-unknown-keyword -xf ../filtered --exclude=./dev/*)
    cmp tree/sparse out/sparse
    cmp tree/hole out/hole
    (cd tree && find . -print0 | LC_ALL=C sort -z | cpio -0 -o -H newc --quiet) >plain
    nsroot_pack --filter --remember memory tree <plain >filtered
    run cpio -tvn --quiet <filtered
    assert_line --regexp '^-rw-r--r-- +3 8 +12 .* hard$'
    assert_line --regexp '^brw-rw---- +1 0 +6 +259, *70000 .* dev/disk$'
}

@test "--filter --spec: owner, group, mode by path; the rest passes" {
    tar -C tree -cf plain ./file ./ids ./sparse
    cat >spec <<-'end'
		#mtree
		./file type=file uid=5 gid=6 mode=0640
		./ids type=file gid=7
	end
    run -0 --separate-stderr sh -c '"$PACK" --filter --spec spec <plain >filtered'
    assert_equal "$stderr" "nsroot-pack: warning: 1 entries are not in the spec: left as they are"
    run list_tar filtered
    assert_line --regexp '^-rw-r----- 5/6 .* \./file$'
    assert_line --regexp "^-rw-r--r-- $(id -u)/7 .* \\./ids\$"
    assert_line --regexp "^-rw-r--r-- $(id -u)/$(id -g) .* \\./sparse\$"
}

@test "--filter: what is no archive, or not a whole one" {
    for input in /dev/null memory; do
        run --separate-stderr sh -c '"$PACK" --filter --spec /dev/null <"$1" >filtered' - "$input"
        assert_status 1
        assert_regex "$stderr" '^nsroot-pack: standard input: '
    done
    tar -C tree -cf plain ./bin
    head -c 20000 plain >part
    run --separate-stderr sh -c '"$PACK" --filter --spec /dev/null <part >filtered'
    assert_status 1
    assert_regex "$stderr" '^nsroot-pack: standard input: '
    run --separate-stderr nsroot_pack --filter --remember memory <plain
    assert_status 1
    assert_regex "$stderr" 'TREE, which it is about, is missing'
}

@test "--filter --remember: capabilities and ACLs without the ids of the machine" {
    setfacl -m u:0:rw tree/ids || skip "wants a file system with ACLs"
    setfacl -b tree/ids
    nsroot --remember memory -- setfacl -d -m g:0:rwx tree/folder
    tar -C tree --xattrs --xattrs-include='*' --acls --format=pax --sort=name -cf plain .
    nsroot_pack --filter --remember memory tree <plain >filtered
    nsroot_pack --remember memory tree >packed
    attributes() {
        python3 - "$1" <<-'end'
			import os, sys, tarfile
			for member in tarfile.open(sys.argv[1], errors="surrogateescape"):
			    for name, value in member.pax_headers.items():
			        if name.startswith("SCHILY."):
			            value = value.encode("utf-8", "surrogateescape")
			            print(os.path.normpath(member.name), name, value)
		end
    }
    diff <(attributes packed | sort) <(attributes filtered | sort)
    run attributes filtered
    assert_output --partial 'bin/ping SCHILY.xattr.security.capability'
    assert_output --partial 'folder SCHILY.acl.default'
    assert_output --partial 'file SCHILY.xattr.trusted.test'
}

@test "--filter: links of a newc archive keep their contents" {
    (cd tree && printf '%s\n' ./file ./hard ./folder ./folder/hard ./sparse |
        cpio -o -H newc --quiet) >plain
    nsroot_pack --filter --remember memory tree <plain >filtered
    mkdir out
    (cd out && cpio -idm --quiet --no-preserve-owner <../filtered)
    assert_equal "$(stat -c %h out/file)" 3
    cmp tree/file out/folder/hard
    cmp tree/sparse out/sparse
}

@test "--filter: what is compressed comes out without" {
    tar -C tree -cf plain ./file ./ids
    nsroot_pack --filter --remember memory tree <plain >expected
    for compression in gzip bzip2 xz zstd lz4; do
        bsdtar --format=pax --$compression -cf packed @plain
        run -1 cmp -s plain packed
        nsroot_pack --filter --remember memory tree <packed >filtered
        cmp expected filtered
    done
    head -c "$(($(stat -c %s packed) / 2))" packed >part
    run --separate-stderr sh -c '"$PACK" --filter --spec /dev/null <part >filtered'
    assert_status 1
    assert_regex "$stderr" '^nsroot-pack: standard input: '
}

@test "--filter: what only pax holds, behind a first entry that needs nothing of it" {
    bsdtar -cf first -C tree ./folder/empty
    nsroot_pack --remember memory tree >rest
    (head -c 512 first && cat rest) >plain # an empty folder is its header alone
    nsroot_pack --filter --spec /dev/null <plain >filtered 2>warning
    run python3 -c 'import tarfile
for member in tarfile.open("filtered", errors="surrogateescape"):
    if "SCHILY.xattr.trusted.test" in member.pax_headers:
        print(member.name, member.mtime)'
    assert_output 'file 1500000000.1234567'
    run --separate-stderr sh -c '"$PACK" --filter --format=ustar --spec /dev/null <plain >filtered'
    assert_status 1
    assert_regex "$stderr" ' ustar holds '
}

@test "--filter: holes stay holes, at the start, in the middle, at the end, and alone" {
    rm -r tree
    mkdir tree out
    for name in none start middle end; do
        printf "%09000d" 1 >tree/$name
    done
    truncate -s 1M tree/end tree/middle tree/alone
    for name in start middle; do
        printf x | dd of=tree/$name bs=1 seek=500k conv=notrunc status=none
    done
    truncate -s 0 tree/start
    printf x | dd of=tree/start bs=1 seek=500k conv=notrunc status=none
    nsroot_pack tree >expected
    nsroot_pack --filter --spec /dev/null <expected >filtered 2>warning
    tar -C out -xf filtered
    diff -r tree out
    assert [ "$(du -k out | cut -f 1)" -lt 200 ]
    tar -C tree -S --format=gnu -cf plain .
    nsroot_pack --filter --spec /dev/null <plain >filtered 2>warning
    rm -r out
    mkdir out
    tar -C out -xf filtered
    diff -r tree out
    assert [ "$(du -k out | cut -f 1)" -lt 200 ]
}

@test "--filter: ways to write a name; what leads out of the tree is nothing of it" {
    mkdir tree/deep
    (cd tree && tar -P --transform 's,^,./deep/..//./,' -cf ../up ./file &&
        tar -P --transform 's,^,././/,' -cf ../dots ./file)
    nsroot_pack --filter --remember memory tree <dots >filtered
    run list_tar filtered
    assert_line --regexp ' 8/12 '
    echo secret >outside
    tar -P --transform 's,^,../,' -cf out outside
    run -0 --separate-stderr sh -c '"$PACK" --filter --remember memory tree <out >filtered'
    assert_equal "$stderr" "nsroot-pack: warning: 1 entries are not in the tree: left as they are"
    nsroot_pack --filter --remember memory tree <up >filtered
    run list_tar filtered
    assert_line --regexp ' 8/12 '
}
