# SPDX-License-Identifier: LGPL-2.1-or-later
# nsroot-pack: what other programs make of each format; specs.

load ../lib/nsroot
load ../lib/pack

setup() {
    enter_workplace
    mkdir tree
    nsroot --remember memory -- sh -c "cd tree; $BUILD_TREE"
}

pack() {
    nsroot_pack --remember memory "$@" tree
}

@test "pax: GNU tar and bsdtar see owners, modes, devices, links" {
    pack >archive
    run list_tar archive
    assert_success
    assert_line --regexp '^-rw-r--r-- 8/12 +9 2017-07-14 .*\.123456789 file$'
    assert_line --regexp '^hrw-r--r-- 8/12 .* hard link to file$'
    assert_line --regexp '^hrw-r--r-- 8/12 .* folder/hard link to file$'
    assert_line --regexp '^lrwxrwxrwx 33/34 .* symlink -> file$'
    assert_line --regexp '^drwxrwsr-x 0/8 .* folder/$'
    assert_line --regexp '^drwxr-xr-x 0/0 .* folder/empty/$'
    assert_line --regexp '^prw-r----- 7/7 .* fifo$'
    assert_line --regexp '^crw-rw-rw- 0/0 +1,3 .* dev/null$'
    assert_line --regexp '^hrw-rw-rw- 0/0 .* dev/other link to dev/null$'
    assert_line --regexp '^brw-rw---- 0/6 +259,70000 .* dev/disk$'
    assert_line --regexp '^-rwsr-xr-x 0/8 .* bin/suid$'
    assert_line --regexp '^-rw-r--r-- 70000/4000000 .* ids$'
    assert_line --regexp ' 3000000 .* sparse$'
    assert_line --regexp ' new\\nline$'
    assert_line --regexp ' \\377$'
    assert_equal "$(bsdtar -tf archive | wc -l)" "$(find tree -printf '%i\n' | wc -l)"
}

@test "pax: contents, holes and attributes come back" {
    pack >archive
    mkdir out
    (cd out && tar --warning=no-unknown-keyword -xf ../archive --exclude=dev/*)
    for file in sparse hole ids hard bin/ping; do
        cmp "tree/$file" "out/$file"
    done
    assert [ "$(stat -c %b out/sparse)" -lt 100 ]
    assert [ "$(stat -c %b out/hole)" -lt 100 ]
    assert [ "$(stat -c %s archive)" -lt 400000 ]
    run getfattr --absolute-names -dm- out/folder
    refute_output --partial 'user.test'
    (cd out && tar --xattrs -xf ../archive folder)
    run getfattr --absolute-names -dm- out/folder
    assert_output --partial 'user.test'
    # version 2 of a capability, without the id of the sandbox's root
    run python3 - archive <<-'end'
		import sys, tarfile
		for member in tarfile.open(sys.argv[1], errors="surrogateescape"):
		    for name, value in sorted(member.pax_headers.items()):
		        if name.startswith("SCHILY."):
		            print(member.name, name, value.encode("utf-8", "surrogateescape").hex())
	end
    assert_line 'bin/ping SCHILY.xattr.security.capability 0100000200200000000000000000000000000000'
    assert_line 'file SCHILY.xattr.trusted.test 76616c7565'
    assert_equal "${#lines[@]}" 3
}

@test "pax: ACLs, with root for who made them, and ids that nobody could give" {
    setfacl -m u:65534:rx tree/ids || skip "wants a file system with ACLs"
    nsroot --remember memory -- setfacl -m u:4242:rw,g:4343:r tree/file
    pack >archive
    run tar --acls -tvvf archive ids file
    assert_output --partial 'user:65534:r-x'
    assert_output --partial 'user:4242:rw-'
    assert_output --partial 'group:4343:r--'
}

@test "nothing of the machine is in an archive: no times but one, no inodes, no devices" {
    pack >archive
    run grep -aoE '(atime|ctime|LIBARCHIVE|SCHILY\.(dev|ino|nlink))[^=]*=' archive
    assert_output ""
}

@test "ustar: what fits; what does not is refused" {
    run --separate-stderr pack --format=ustar
    assert_status 1
    assert_regex "$stderr" '^nsroot-pack: '
    rm -r tree/long tree/ids
    run -0 --separate-stderr sh -c '"$PACK" --remember memory --format=ustar tree >archive'
    assert_regex "$stderr" '^nsroot-pack: warning: attributes or ACLs of . files are left out'
    run list_tar archive
    assert_line --regexp '^-rw-r--r-- 8/12 +9 2017-07-14 .* file$'
    assert_line --regexp '^brw-rw---- 0/6 +259,70000 .* dev/disk$'
    mkdir out
    (cd out && tar -xf ../archive --exclude=dev/*)
    cmp tree/sparse out/sparse
}

@test "newc: cpio sees owners, devices, links; their contents come with the last name" {
    pack --format=newc >archive
    run cpio -tvn --quiet <archive
    assert_line --regexp '^-rw-r--r-- +3 8 +12 +9 .* hard$'
    assert_line --regexp '^crw-rw-rw- +2 0 +0 +1, +3 .* dev/other$'
    assert_line --regexp '^brw-rw---- +1 0 +6 +259, *70000 .* dev/disk$'
    assert_line --regexp '^lrwxrwxrwx +1 33 +34 .* symlink -> file$'
    mkdir out
    (cd out && cpio -idm --quiet --no-preserve-owner -f 'dev/*' <../archive)
    assert_equal "$(stat -c %h out/file)" 3
    cmp out/folder/hard tree/file
    cmp out/sparse tree/sparse
}

@test "newc: bsdtar reads it" {
    pack --format=newc >archive
    run bsdtar -tvf archive
    assert_success
    assert_line --regexp '^crw-rw-rw- .* 1,3 .* dev/null$'
}

@test "mtree: bsdtar packs by it, as if it were the tree" {
    pack --format=mtree >spec
    pack >archive
    rm tree/dev/* # it insists on the types of what is there
    (cd tree && bsdtar --format=pax -cf ../by-spec @../spec)
    list() {
        list_tar "$1" | sed -E 's,\./+,,; s/ link to (\.\/)?/ link to /; s,/$,,' | sort
    }
    diff <(list archive | grep -v ' dev/') <(list by-spec | grep -v ' dev/')
    run list_tar by-spec
    assert_line --regexp '^crw-rw-rw- 0/0 +1,3 .* \./dev/null$'
}

@test "mtree: mtree finds the tree as it says, but for what is remembered" {
    need_program mtree
    nsroot_pack --format=mtree tree >spec
    sed -i -E "s/ uid=0/ uid=$(id -u)/; s/ gid=0/ gid=$(id -g)/; s/ (uname|gname)=[^ ]+//g" spec
    run mtree -p tree -f spec
    assert_success
    assert_output ""
    chmod 0600 tree/ids
    run mtree -p tree -f spec
    assert_failure
    assert_output --partial ids
}

@test "--check: what is as the spec says, and each thing that is not" {
    pack --format=mtree >spec
    run pack --check spec
    assert_success
    assert_output ""
    nsroot --remember memory -- sh -c 'cd tree; chown 9:13 ids; chmod 0600 file
        ln -snf other symlink; chown -h 33:34 symlink; echo more >>etc/group
        rm fifo; mkdir fifo; touch new; rm dangling'
    run pack --check spec
    assert_status 1
    assert_line 'ids: uid is 9, not 70000'
    assert_line 'ids: gid is 13, not 4000000'
    assert_line 'file: mode is 0600, not 0644'
    assert_line 'symlink: link is other, not file'
    assert_line 'etc/group: size is 25, not 20'
    assert_line --regexp '^etc/group: time is [0-9.]+, not 1500000000.123456789$'
    assert_line 'fifo: type is dir, not fifo'
    assert_line 'new: not in the spec'
    assert_line 'dangling: missing'
    run nsroot_pack --check spec tree
    assert_line 'dev/null: type is file, not char'
}

@test "--check: what the spec does not say is not compared" {
    run nsroot_pack --check /dev/stdin --remember memory tree <<-'end'
		#mtree
		/set uid=8 mode=0600
		. type=dir uid=0 mode=0755
		/unset uid
		./file type=file
		/unset all
		./folder type=dir
	end
    assert_status 1
    assert_line 'file: mode is 0644, not 0600'
    refute_line --regexp '^(file: [ug]id|folder:|\.:)'
    echo '#mtree
. type=dir mode=u=rwx' >spec
    run --separate-stderr pack --check spec
    assert_status 1
    assert_regex "$stderr" '^nsroot-pack: --check spec: '
    assert_equal "$output" ""
}
