# SPDX-License-Identifier: LGPL-2.1-or-later
# Programs that packages are made with, under --remember: all that they make and print is what they
# make and print for real root.

load ../lib/nsroot
load ../lib/real-root

setup() {
    enter_both
    need_program getfattr setcap setfacl
}

@test "tar: packed, unpacked, with other owners, with attributes and ACLs" {
    compare_each sh -c "$BOTH"'
        make_tree t; list t
        tar --xattrs --xattrs-include="*" --acls -cf t.tar -C t .; tar --numeric-owner -tvf t.tar | sort
        mkdir x y z
        tar --xattrs --xattrs-include="*" --acls -xpf t.tar -C x; list x
        tar --numeric-owner --same-owner -xf t.tar -C y; list y
        tar --no-same-owner -xf t.tar -C z; list z
        tar --owner 40 --group 41 --numeric-owner -cf - -C t . | tar --numeric-owner -tvf - | sort'
    [ "$(wc -l <by-user)" -gt 150 ]
}

@test "cp, mv, install, chown -R, chgrp, find" {
    # shellcheck disable=SC2016
    compare_each sh -c "$BOTH"'
        make_tree t
        cp -a t u; list u
        cp -r --preserve=ownership,mode t v; list v
        cp -R t w; list w
        cp --attributes-only --preserve=all t/f g; mv t/f moved
        install -o 3 -g 4 -m 0640 t/d/hard inst; install -d -o 5 -g 6 -m 1777 folder/sub
        install -D -o 7 -g 8 t/suid a/b/c
        chown -R 11:12 u; chown -hR 13 v; chgrp -R 14 w; chown --reference=t/d moved
        chown --from=11 15 u/f; chown --from=99 16 u/d
        find . -user 15 -o -group 14 -o -nouser | sort; list .
        rm -r t u v w; list .'
}

@test "make install, with names from passwd and group" {
    printf '%s\n' 'install:' \
        $'\tinstall -d -o 3 -g 4 -m 2755 $(DESTDIR)/var/games' \
        $'\tinstall -o 0 -g games -m 2755 /bin/true $(DESTDIR)/var/games/g' \
        $'\tinstall -m 4755 /bin/true $(DESTDIR)/var/su' \
        $'\tcp -p /bin/false $(DESTDIR)/var/f; chown games:games $(DESTDIR)/var/f; chmod u+s $(DESTDIR)/var/f' \
        $'\tmkdir -p $(DESTDIR)/dev; mknod -m 600 $(DESTDIR)/dev/x c 10 20' \
        $'\tln -s f $(DESTDIR)/var/l; chown -h man $(DESTDIR)/var/l; chgrp -R mail $(DESTDIR)/dev' \
        >Makefile
    compare_each sh -c "$BOTH"'make -s -f ../Makefile install DESTDIR=dest; list dest; ls -lR --time-style=+ dest | sed "s/^total.*//"'
}

@test "cpio: every format, out, in and pass-through" {
    need_program cpio
    compare_each sh -c "$BOTH"'
        make_tree t
        cd t
        for format in newc crc odc ustar tar; do
            find . -depth | sort -r | cpio -o -H $format 2>/dev/null >../t.$format
            mkdir ../x.$format
            (cd ../x.$format; cpio -idm --no-absolute-filenames <../t.$format 2>/dev/null; list .)
            cpio -tvn <../t.$format 2>/dev/null | sort
        done
        find . -depth | cpio -pdm --quiet ../pass; list ../pass
        find . -depth | cpio -o -H newc -R 3:4 2>/dev/null | cpio -tvn 2>/dev/null | sort'
    [ "$(wc -l <by-user)" -gt 300 ]
}

@test "bsdtar: pax, ustar and newc; mtree" {
    need_program bsdtar
    compare_each sh -c "$BOTH"'
        make_tree t
        for format in pax ustar newc; do
            bsdtar --format $format -cf t.$format -C t .
            mkdir x$format
            bsdtar --same-owner --numeric-owner -xpf t.$format -C x$format; list x$format
            bsdtar --numeric-owner -tvf t.$format | sort
        done
        bsdtar --format mtree --options "!all,uid,gid,mode,type,device,link" -cf - -C t . | sort'
    [ "$(wc -l <by-user)" -gt 150 ]
}

@test "rsync -aHAX, and its options for owners" {
    need_program rsync
    compare_each sh -c "$BOTH"'
        make_tree t
        rsync -aHAX --numeric-ids t/ u/; list u
        # nothing is left to do
        rsync -aHAXi --numeric-ids t/ u/
        rsync -a --chown=40:41 t/ v/; list v
        rsync -a --no-o --no-g t/ w/; list w
        chown 77 u/f; rsync -aHAXi --numeric-ids t/ u/'
}

@test "a static busybox: tar, cp, chown, mknod, install, cpio, find" {
    need_program busybox
    # shellcheck disable=SC2016
    compare_each sh -c "$BOTH"'
        b=$(command -v busybox); make_tree t
        $b tar -cf t.tar -C t .; mkdir x; $b tar -xpf t.tar -C x; list x
        $b cp -a t u; list u; $b chown -R 11:12 u; $b chown -h 13:14 u/d/l; list u
        $b mknod n c 5 1; $b mknod m b 5 1; $b install -o 2 -g 3 -m 4755 /bin/true inst; $b chgrp 20 inst
        mkdir y; (cd t; find . | $b cpio -o -H newc 2>/dev/null) | (cd y; $b cpio -idm 2>/dev/null); list .
        $b find t -user 5 | sort; $b stat -c "%n %u %g %t,%T %F" t/dev/tty n m
        $b test -c n && echo char; $b test -b m && echo block; $b ls -ln t | sed "s/:.*//"; $b rm -r t u; list .'
}

@test "python: os, shutil, tarfile" {
    need_program python3
    compare_each sh -c "$BOTH"'make_tree t; python3 -c "
import os, shutil, stat, tarfile
os.chown(\"t/f\", 100, 200); os.lchown(\"t/d/l\", 1, 2)
with open(\"t/f\") as f:
    os.fchown(f.fileno(), 101, -1); print(os.fstat(f.fileno()).st_uid)
shutil.chown(\"t/cap\", 5, 6)
os.mknod(\"n\", stat.S_IFCHR | 0o600, os.makedev(1, 3)); print(os.stat(\"n\").st_rdev)
shutil.copytree(\"t\", \"u\", symlinks=True, ignore=lambda folder, names: [\"p\", \"tty\", \"sda\"])
with tarfile.open(\"t.tar\", \"w\") as archive:
    archive.add(\"t\", arcname=\".\")
os.mkdir(\"x\")
with tarfile.open(\"t.tar\") as archive:
    for m in sorted(archive.getmembers(), key=lambda m: m.name):
        print(m.name, m.uid, m.gid, oct(m.mode), m.type, m.devmajor, m.devminor)
    archive.extractall(\"x\", numeric_owner=True)
os.setxattr(\"t/f\", \"trusted.py\", b\"v\\0v\"); print(sorted(os.listxattr(\"t/f\")))
os.removexattr(\"t/f\", \"trusted.py\"); print(sorted(os.listxattr(\"t/f\")))
for e in sorted(os.scandir(\"t\"), key=lambda e: e.name):
    print(e.name, e.stat(follow_symlinks=False).st_uid)
shutil.move(\"t\", \"moved\"); shutil.rmtree(\"u\")
"; list .'
}

@test "dpkg-deb: built, unpacked; dpkg: unpacked into a root of its own" {
    need_program dpkg dpkg-deb
    # shellcheck disable=SC2016
    compare_each sh -c "$BOTH"'
        export TMPDIR=/tmp HOME=/; mkdir -p t/DEBIAN t/usr/games t/dev t/etc t/var/mail
        printf "%s\n" "Package: x" "Version: 1" "Architecture: all" "Maintainer: x <x@example.com>" "Description: x" >t/DEBIAN/control
        echo >t/usr/games/score; chown 0:60 t/usr/games/score; chmod 2755 t/usr/games/score
        echo >t/etc/shadow; chown 0:42 t/etc/shadow; chmod 640 t/etc/shadow
        chown 0:8 t/var/mail; chmod 2775 t/var/mail; ln -s score t/usr/games/l; chown -h 5:60 t/usr/games/l
        mknod t/dev/thing c 5 1; chown 0:20 t/dev/thing
        dpkg-deb --build t x.deb; dpkg-deb --fsys-tarfile x.deb | tar --numeric-owner -tvf - | sed "s/ 20[0-9-]* [0-9:]* / /"
        dpkg-deb -x x.deb x; list x; dpkg-deb -R x.deb y; list y
        mkdir -p r/var/lib/dpkg/info r/var/lib/dpkg/updates; : >r/var/lib/dpkg/status; : >r/var/lib/dpkg/available
        for again in 1 2; do
            dpkg --root="$PWD/r" --force-all --log=/dev/null --unpack x.deb 2>&1 | sed "s/^(.*//"
            list r
        done
        dpkg --root="$PWD/r" --force-all --log=/dev/null --purge x >/dev/null 2>&1; list r'
    grep -q '^dev/thing 0:20 644 1 $' by-user
}

@test "attributes, ACLs and capabilities, set, changed, shown and removed" {
    compare_each sh -c "$BOTH"'
        echo >f; setfattr -n trusted.a -v 1 f; setfattr -n trusted.b -v 0sAAEC f; setfattr -n security.foo -v bar f
        setfattr -n user.x -v y f; setfattr -x trusted.a f; setfattr -x trusted.none f; list .
        ln -s f l; setfattr -h -n trusted.l -v 1 l; setfattr -h -n user.l -v 1 l; list .
        setfacl -m u:1:r,g:2:rwx,u:99999:x f; list .; cp -a f g; list .; setfacl -x u:1 f; list .
        chmod 600 f; list .; setfacl -b f; list .
        setcap cap_chown=ep f; getcap f; chown 3 f; getcap f; setcap cap_chown=ep f; echo more >>f; getcap f
        setfattr -n system.foo -v 1 f; setfattr -n foo -v 1 f; setfattr -n trusted. -v 1 f; setfattr -n security. -v 1 f; setfattr -n trusted.dot. -v 1 f
        mknod n c 1 3; setfattr -n trusted.x -v 1 n; setfacl -m u:55:rw n; list .; chmod 600 n; list .
        getfattr -n trusted.missing f; cp --preserve=xattr f h; setfattr -n security.capability -v x f; list .
        mkdir d; setfacl -d -m u:33:rwx d; list .; setfacl -k d; list .; chmod 6755 f; setfattr -n trusted.y -v 1 f; list .'
}

@test "a program of Go" {
    need_program go
    cat >program.go <<'GO'
package main

import ("fmt"; "os"; "sync"; "syscall")

func main() {
	os.WriteFile("f", []byte("x"), 0644)
	os.Symlink("f", "l")
	fmt.Println(os.Chown("f", 5, 6), os.Lchown("l", 7, 8), os.Chown("missing", 1, 1))
	fmt.Println(syscall.Mknod("n", syscall.S_IFCHR|0666, 0x103), syscall.Setxattr("f", "trusted.go", []byte("v"), 0))
	var status syscall.Stat_t
	for _, name := range []string{"f", "l", "n"} {
		fmt.Println(syscall.Lstat(name, &status), status.Uid, status.Gid, status.Mode, status.Rdev)
	}
	var group sync.WaitGroup
	for g := 0; g < 16; g++ {
		group.Add(1)
		go func(g int) {
			defer group.Done()
			folder := fmt.Sprintf("d%d", g)
			os.Mkdir(folder, 0755)
			for i := 0; i < 50; i++ {
				path := fmt.Sprintf("%s/%d", folder, i)
				os.WriteFile(path, nil, 0600)
				os.Chown(path, g*1000+i, i)
			}
		}(g)
	}
	group.Wait()
}
GO
    for architecture in amd64 386; do
        HOME=$PWD GO111MODULE=off CGO_ENABLED=0 GOARCH=$architecture go build -o program program.go
        chmod 0755 program
        compare_each sh -c "$BOTH"'../program; list .'
        [ "$(grep -c ' 600 1 $' by-user)" -eq 800 ]
    done
}
