# SPDX-License-Identifier: LGPL-2.1-or-later
# fakeroot: what programs make of a tree with owners and devices: archives, images, copies.

load ../lib/compare

setup() {
    enter_comparison fakeroot
}

# of SHELL: a shell in it, in a folder with such a tree as "t"
# shellcheck disable=SC2016,SC2034 # it is that shell's; of compare
prelude='
umask 022
export SOURCE_DATE_EPOCH=1500000000 E2FSPROGS_FAKE_TIME=1500000000
of() {
    fakeroot -- bash -ec "
        mkdir -p t/dev t/etc t/home/u
        echo x >t/etc/shadow; chown 0:42 t/etc/shadow; chmod 640 t/etc/shadow
        mknod t/dev/null c 1 3; mknod -m 660 t/dev/disk b 8 17; chown 0:6 t/dev/disk; mkfifo t/dev/fifo
        echo su >t/etc/su; chown 0:8 t/etc/su; chmod 4755 t/etc/su
        echo home >t/home/u/f; chown -R 1000:1000 t/home/u; ln t/home/u/f t/home/hard
        ln -s x t/etc/link; chown -h 5:5 t/etc/link; chmod 2775 t/home; chown 0:50 t/home
        find t -depth -exec touch -h -d @1500000000 {} +
        $1"
}
'

@test "archives" {
    need_program cpio
    compare <<'ROWS'
    # tar
    $ of 'tar --sort=name --numeric-owner -cf a t'; tar --numeric-owner -tvf a | tr -s ' ' | cut -d ' ' -f 1-3,6-; cksum <a
    has brw-rw---- 0/6 8,17 t/dev/disk
    has lrwxrwxrwx 5/5 0 t/etc/link -> x
    has -rwsr-xr-x 0/8 3 t/etc/su

    # cpio
    $ of 'find t | LC_ALL=C sort | cpio --quiet -o -H newc --reproducible >a'; cpio -tvn --quiet <a | tr -s ' '; cksum <a
    has crw-r--r-- 1 0 0 1, 3 * t/dev/null
    has -rw-r----- 1 0 42 2 * t/etc/shadow
ROWS
}

@test "images" {
    need_program mksquashfs unsquashfs mke2fs debugfs
    compare <<'ROWS'
    # mksquashfs
    $ of 'mksquashfs t a -quiet -no-progress -noappend >/dev/null'; unsquashfs -lln a | tr -s ' '; cksum <a
    has brw-rw---- 0/6 8, 17 * squashfs-root/dev/disk
    has lrwxrwxrwx 5/5 1 * squashfs-root/etc/link -> x
    has drwxrwsr-x 0/50 * squashfs-root/home

    # mke2fs -d
    $ of 'truncate -s 4M a; mke2fs -q -t ext4 -d t a'
    $ for f in dev/disk etc/shadow etc/su etc/link home home/u/f; do debugfs -R "stat /$f" a; done 2>/dev/null |
    $     sed -nE 's/^Inode: [0-9]+ +(Type.*Flags).*/\1/p; /^User|Device maj/p' | tr -s ' '
    has Type: block special Mode: 0660 Flags
    has User: 0 Group: 6 *
    has Device major/minor number: 08:17 *
    has Type: regular Mode: 04755 Flags
    has User: 1000 Group: 1000 *
ROWS
}

@test "copies" {
    need_program rsync cpio
    compare <<'ROWS'
    # cp, tar, cpio and rsync: all like the tree itself
    $ of 'cp -a t 1; mkdir 2 3; tar -C t -cf - . | tar -C 2 -xpf -; (cd t; find . | cpio --quiet -pdm ../3 2>&1); rsync -aHD t/ 4
    $     for i in 1 2 3 4; do diff <(cd t; find . -exec stat -c "%A %u:%g %t,%T %h %n" {} + | sort) \
    $         <(cd $i; find . -exec stat -c "%A %u:%g %t,%T %h %n" {} + | sort) && echo same; done'
    > same
    > same
    > same
    > same
ROWS
}
