# SPDX-License-Identifier: LGPL-2.1-or-later
# mkosi-sandbox: --dir, --tmpfs, --symlink, --write, --dev, and the root of the sandbox.

load ../lib/mkosi

@test "the root is a small file system of its own, writable" {
    compare <<'ROWS'
    # what it is
    $ inside sh -c 'stat -f -c %T /; stat -c "%a %F" /; echo x >/x && cat /x'
    > tmpfs
    > 755 directory
    > x

    # its mount
    $ stripped see mounts "${base[@]}"
    has mount / dev 1 of / rw,relatime - tmpfs tmpfs rw,*
    lacks */oldroot*

    # nothing of the host but what is asked for
    $ inside ls -A /
    > bin
    > lib
    > lib64
    > proc
    > sbin
    > usr

    # its owner is the caller
    $ me inside stat -c '%u:%g' /
    $ me inside --become-root stat -c '%u:%g' /
    > ID:ID
    > 0:0

    # the host's /tmp is as ever, and nothing is left in it
    $ before=$(ls -A "${TMPDIR:-/tmp}")
    $ inside --bind /tmp /tmp --bind "${TMPDIR:-/tmp}" /t ls -A /t >listed
    $ [ "$(cat listed)" = "$before" ] || echo other
ROWS
}

@test "--dir and --tmpfs" {
    compare <<'ROWS'
    # modes: 0755, but 1777 for what is called tmp; parents 0755; whatever the umask
    $ umask 027
    $ inside --dir /a/b/tmp --dir /c/dir --dir /tmp --dir /d/mytmp --tmpfs /e/var/tmp --tmpfs /f/g \
    $     stat -c '%n %a' /a /a/b /a/b/tmp /c /c/dir /tmp /d/mytmp /e /e/var /e/var/tmp /f /f/g
    > /a 755
    > /a/b 755
    > /a/b/tmp 1777
    > /c 755
    > /c/dir 755
    > /tmp 1777
    > /d/mytmp 755
    > /e 755
    > /e/var 755
    > /e/var/tmp 1777
    > /f 755
    > /f/g 755

    # below a tmp, 0755 again
    $ inside --dir /tmp/x --tmpfs /q/tmp/y stat -c '%n %a' /tmp /tmp/x /q/tmp /q/tmp/y
    > /tmp 755
    > /tmp/x 755
    > /q/tmp 755
    > /q/tmp/y 755

    # --dir: what is there is left alone
    $ mkdir -m 0700 d d/tmp
    $ inside --bind d /e --dir /e --dir /e/tmp stat -c '%n %a' /e /e/tmp
    $ stat -c %a d d/tmp
    > /e 700
    > /e/tmp 700
    > 700
    > 700

    # --dir: a file is left alone too
    $ mkdir d; touch d/tmp
    $ inside --bind d /e --dir /e/tmp stat -c %F /e/tmp
    > regular empty file

    # --dir follows symlinks inside
    $ inside --symlink /b /a --dir /a/x --dir /b sh -c 'stat -c "%n %F" /a /b/x'
    > /a symbolic link
    > /b/x directory

    # --tmpfs is empty, has no limit and no flags of its own, and hides what was there
    $ mkdir d; touch d/f
    $ inside --bind d /e --tmpfs /e/f/.. ls -A /e
    $ inside --bind d /up --tmpfs /up/e ls -A /up
    $ stripped see mounts "${base[@]}" --tmpfs /t
    has e
    has f
    has mount /t dev * of / rw,relatime - tmpfs tmpfs rw,*

    # --tmpfs over a symlink to a folder
    $ inside --symlink /b /a --dir /b/c --tmpfs /a/d --tmpfs /a sh -c 'ls -A /b; readlink /a'
    > c
    > d
    > /b
ROWS
}

@test "--symlink" {
    compare <<'ROWS'
    # as given, not made absolute
    $ inside --symlink ../x /a --symlink 'with space/' /b --symlink /abs /c readlink /a /b /c
    > ../x
    > with space/
    > /abs

    # the same link is there already: fine, and no mount
    $ inside --symlink x /a --symlink x /a readlink /a
    $ mounts --symlink x /a --symlink x /a
    > x

    # ... in what is bound
    $ mkdir d; ln -s x d/l
    $ inside --ro-bind d /e --symlink x /e/l readlink /e/l
    > x

    # another link, or a file: the new link is mounted over it
    $ mkdir d; ln -s x d/l; echo data >d/f
    $ inside --ro-bind d /e --symlink y /e/l --symlink z /e/f readlink /e/l /e/f
    $ readlink d/l; cat d/f
    > y
    > z
    > x
    > data

    # ... a dangling one, and one to a folder
    $ inside --symlink /usr /a --symlink none /b --symlink /bin /a --symlink /x /b readlink /a /b
    > /bin
    > /x

    # an existing folder is an error
    $ inside --dir /a --symlink x /a true 2>/dev/null || echo failed
    > failed

    # parents are followed
    $ inside --dir /a --symlink a /b --symlink x /b/l readlink /a/l
    > x

    # nothing of how it was done is left over
    $ inside --write x /a --symlink x /a ls -A /
    > a
    > bin
    > lib
    > lib64
    > proc
    > sbin
    > usr
ROWS
}

@test "--write" {
    compare <<'ROWS'
    # the data as it is, without a newline; nothing at all
    $ inside --write 'some text' /a --write '' /b sh -c 'cat /a; echo; stat -c %s /b'
    > some text
    > 0

    # lines, and letters of more than one byte
    $ inside --write $'one\ntwo\n\xc3\xa9' /a od -An -c /a
    >    o   n   e  \n   t   w   o  \n 303 251

    # parents 0755, the file as the umask has it
    $ umask 027; inside --write x /a/b/c stat -c '%n %a' /a /a/b /a/b/c
    $ umask 000; inside --write x /c stat -c '%n %a' /c
    > /a 755
    > /a/b 755
    > /a/b/c 640
    > /c 666

    # a file that is there is truncated and keeps its mode
    $ mkdir d; echo long text >d/f; chmod 0600 d/f
    $ inside --bind d /e --write new /e/f true
    $ cat d/f; echo; stat -c %a d/f
    > new
    > 600

    # symlinks are followed inside the sandbox
    $ inside --dir /dir --symlink /dir/new /l --write x /l sh -c 'cat /dir/new; echo; readlink /l'
    > x
    > /dir/new

    # ... and not to the host
    $ echo precious >f
    $ mkdir d; ln -s "$PWD/f" d/l
    $ inside --bind d /e --dir "$PWD" --write x /e/l true; cat f
    > precious

    # a folder is an error
    $ inside --dir /a --write x /a true 2>/dev/null || echo failed
    > failed
ROWS
}
