# SPDX-License-Identifier: LGPL-2.1-or-later
# --remember: programs that packages are made with.

load ../lib/nsroot

remembering() {
    nsroot --remember F --show-owners trap "$@"
}

# each entry below a folder: name, kind, owner, permissions, device
listing='find . -mindepth 1 -printf "%P %y %U:%G %m %l\n" | sort'

@test "a static program: busybox" {
    need_program busybox
    [[ "$(file -L "$(command -v busybox)")" == *static* ]] || skip "wants a static busybox"
    run remembering -- sh -c '
        b=$(command -v busybox); $b mknod n c 1 3; $b chown 3:4 n; $b stat -c "%u:%g %F %t,%T" n; $b ls -ln n | $b cut -c 1-10
        $b touch f; $b chown -h 5:6 f; $b tar -cf t.tar n f; $b rm n f; $b tar -xf t.tar; $b stat -c "%u:%g %a %F" n f'
    assert_success
    assert_output $'3:4 character special file 1,3\ncrw-r--r--\n3:4 644 character special file\n5:6 644 regular empty file'
}

@test "raw system calls of i386" {
    need_tool rawcall
    # shellcheck disable=SC2016
    run remembering -- sh -c '
        echo >f
        "$TOOLS/rawcall" -32 182 @f 5 0xffff; stat -c %u:%g f
        "$TOOLS/rawcall" -32 212 @f 70000 6; stat -c %u:%g f
        "$TOOLS/rawcall" -32 14 @n 0x21a4 0x103; stat -c "%F %t,%T" n
        "$TOOLS/rawcall" -32 226 @f @trusted.x @ab 2 0; getfattr --only-values -n trusted.x f'
    if [ "${lines[0]}" = -38 ]; then skip "the kernel runs no programs of i386"; fi
    assert_output $'0\n5:0\n0\n70000:6\n0\ncharacter special file 1,3\n0\nab'
}

@test "install, mknod, tar, cp -a, mv and rm keep owners, and give them back" {
    run remembering -- sh -c "
        mkdir tree; cd tree
        install -o 2 -g 8 -m 4755 /bin/true prog; install -d -o 3 -m 0750 dir; mknod -m 660 dir/disk b 8 1
        echo >dir/file; chown 70000:80000 dir/file; ln dir/file hard; ln -s file dir/link; chown -h 9:9 dir/link
        $listing >../first
        tar -cf ../tree.tar .; cd ..; cp -a tree copy; mkdir untarred; tar -C untarred -xpf tree.tar
        mv copy moved; rm -r tree
        cd moved; $listing | diff ../first -; cd ../untarred; $listing | diff ../first -; cat ../first"
    assert_success
    assert_output 'dir d 3:0 750 
dir/disk b 0:0 660 
dir/file f 70000:80000 644 
dir/link l 9:9 777 file
hard f 70000:80000 644 
prog f 2:8 4755 '
    # what the archive says, whoever reads it
    assert_equal "$(tar --numeric-owner -tvf tree.tar ./dir/disk | awk '{ print $1, $2, $3 }')" "brw-rw---- 0/0 8,1"
    assert_equal "$(tar --numeric-owner -tvf tree.tar ./prog | awk '{ print $1, $2 }')" "-rwsr-xr-x 2/8"
}

@test "rsync -a" {
    need_program rsync
    run remembering -- sh -c "
        mkdir a; cd a; echo >f; chown 5:6 f; mknod n c 5 1; ln -s f l; chown -h 7:8 l; cd ..
        rsync -a --numeric-ids a/ b/; cd b; $listing"
    assert_output $'f f 5:6 644 \nl l 7:8 777 f\nn c 0:0 644 '
}

@test "dpkg-deb --build: the package has the owners of the tree" {
    need_program dpkg-deb
    run remembering -- sh -c '
        export TMPDIR=/tmp; umask 022; mkdir -p t/DEBIAN t/usr/games t/dev
        printf "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.com>\nDescription: x\n" >t/DEBIAN/control
        echo >t/usr/games/score; chown 0:60 t/usr/games/score; chmod 2755 t/usr/games/score
        mknod t/dev/thing c 5 1; chown 0:20 t/dev/thing
        dpkg-deb --build t x.deb >/dev/null && stat -c %u:%g t/usr/games/score'
    assert_success
    assert_output 0:60
    run bash -c "dpkg-deb --fsys-tarfile x.deb | tar --numeric-owner -tvf - | awk '{ print \$1, \$2, \$NF }'"
    assert_line '-rwxr-sr-x 0/60 ./usr/games/score'
    assert_line 'crw-r--r-- 0/20 ./dev/thing'
    assert_line 'drwxr-xr-x 0/0 ./usr/'
}

@test "a build in two phases: what one made, the next packs" {
    nsroot --remember F -- sh -c 'mkdir -p tree/etc; echo >tree/etc/shadow; chown 0:42 tree/etc/shadow; chmod 640 tree/etc/shadow'
    nsroot --remember F -- sh -c 'mkdir tree/dev; mknod tree/dev/null c 1 3'
    run remembering -- sh -c 'tar -cf - tree | tar --numeric-owner -tvf - | sed -E "s/ +/ /g" | cut -d " " -f 1-2'
    assert_line '-rw-r----- 0/42'
    assert_line 'crw-r--r-- 0/0'
}
