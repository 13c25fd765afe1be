# SPDX-License-Identifier: LGPL-2.1-or-later
# mkosi-sandbox: --bind and its relatives.

load ../lib/mkosi

@test "binds, read-only and not" {
    compare <<'ROWS'
    # a folder, with what is in it
    $ mkdir d; touch d/a
    $ inside --bind d /e sh -c 'ls /e; touch /e/b'
    $ ls d
    > a
    > a
    > b

    # a file
    $ echo text >f
    $ inside --bind f /g/f sh -c 'cat /g/f; echo more >>/g/f'
    $ cat f
    > text
    > text
    > more

    # read-only
    $ mkdir d; touch f
    $ inside --ro-bind d /e --ro-bind f /f sh -c 'touch /e/x; echo >/f' 2>/dev/null || echo refused
    $ ls d
    $ mounts --ro-bind d /e --ro-bind f /f
    > refused
    > /e ./d ro
    > /f ./f ro

    # on the root itself: what it lacks is made in it, for good
    $ mkdir d; touch d/mine
    $ inside --bind d / true
    $ ls d
    > bin
    > lib
    > lib64
    > mine
    > proc
    > sbin
    > usr

    # a bind is recursive, and so is read-only
    $ mkdir -p d/sub e
    $ inside --bind d /e --tmpfs /e/sub --bind +/e /again sh -c 'touch /again/sub/x; ls /e/sub'
    $ inside --bind d /e --tmpfs /e/sub --ro-bind +/e /again touch /again/sub/x 2>/dev/null || echo no
    $ mounts --bind d /e --tmpfs /e/sub --ro-bind +/e /again
    > x
    > no
    > /again ./d ro
    > /again/sub tmpfs ro
    > /e ./d rw
    > /e/sub tmpfs rw

    # the flags of what is bound stay
    $ mkdir d
    $ stripped see mounts "${base[@]}" --tmpfs /a --bind d /e --ro-bind /proc /p
    has mount /a * rw,relatime - tmpfs tmpfs rw,*
    has mount /p * ro,* - proc proc rw*
ROWS
}

@test "sources that are missing" {
    compare <<'ROWS'
    # -try: nothing happens, no mount point is made
    $ touch f
    $ inside --bind-try none /a/b --ro-bind-try none/f /c --bind-try f/none /d ls /
    > bin
    > lib
    > lib64
    > proc
    > sbin
    > usr

    # -try is for the source alone
    $ ln -s nowhere dangling; touch f
    $ mounts --bind-try dangling /a --bind-try f /b --ro-bind-try f /c
    > /b ./f rw
    > /c ./f ro

    # -try with a source in the sandbox
    $ mounts --bind-try +/none /a --dir /some --bind-try +/some /b
    > /b tmpfs rw
ROWS
}

@test "symlinks as sources are followed, -nofollow binds them as they are" {
    compare <<'ROWS'
    # to a file, to a folder, over a folder
    $ mkdir -p d/e; touch d/e/f; ln -s d l; ln -s d/e/f lf
    $ mounts --bind l /a --bind lf /b --bind l/e /c
    > /a ./d rw
    > /b ./d/e/f rw
    > /c ./d/e rw

    # an absolute one
    $ mkdir d; ln -s "$PWD/d" l
    $ mounts --bind l /a
    > /a ./d rw

    # -nofollow: the link itself, on a mount point that is a file
    $ mkdir d; ln -s d l; ln -s nowhere dangling
    $ inside --bind-nofollow l /a/l --ro-bind-nofollow dangling /b stat -c '%N %F' /a/l /b
    > '/a/l' -> 'd' symbolic link
    > '/b' -> 'nowhere' symbolic link

    # -nofollow: only the last component is not followed
    $ mkdir d e; ln -s ../e d/l; ln -s d m
    $ inside --bind-nofollow m/l /a readlink /a
    > ../e

    # -nofollow: what is no link is bound as ever
    $ mkdir d; touch f
    $ mounts --bind-nofollow d /a --ro-bind-nofollow f /b
    > /a ./d rw
    > /b ./f ro

    # -nofollow is about the source: a folder goes where a link leads
    $ mkdir -p d r/e; ln -s e r/l
    $ mounts --bind r /a --bind-nofollow d /a/l
    > /a ./r rw
    > /a/e ./d rw

    # -nofollow over a link
    $ ln -s there l
    $ inside --symlink here /a --ro-bind-nofollow l /a readlink /a
    > there
ROWS
}

@test "mount points that are missing, and those that are symlinks" {
    compare <<'ROWS'
    # parents 0755, a folder 0755, a file 0644, whatever the umask
    $ mkdir d; touch f
    $ umask 077
    $ inside --bind d /a/b/d --bind f /c/e/f --tmpfs /t sh -c 'stat -c "%n %a %F" /a /a/b /c /c/e'
    $ mkdir n; inside --bind n /n --bind d /n/p/d --bind f /n/q/f true
    $ find n -printf '%P %m %y\n' | sort
    > /a 755 directory
    > /a/b 755 directory
    > /c 755 directory
    > /c/e 755 directory
    >  700 d
    > p 755 d
    > p/d 755 d
    > q 755 d
    > q/f 644 f

    # a symlink to a folder is followed inside the sandbox, for folders
    $ mkdir d
    $ mounts --dir /real --symlink /real /link --bind d /link/e
    > /real/e ./d rw

    # ... an absolute one does not lead out of it
    $ mkdir d
    $ inside --symlink /etc /link --bind d /link sh -c 'stat -c %N /link; ls -d /etc'
    > '/link' -> '/etc'
    > /etc

    # ... nor does one with too many ..
    $ mkdir d; touch d/here
    $ inside --symlink ../../../../../../../other /link --bind d /link ls /other
    > here

    # a file is mounted on the symlink, which stays what it is below
    $ echo text >f
    $ inside --dir /real --symlink /real/f /link --bind f /link sh -c 'cat /link; ls -l /real'
    > text
    > total 0

    # a symlink in the parents of a file
    $ echo text >f
    $ inside --dir /real --symlink /real /link --bind f /link/f cat /real/f
    > text

    # a folder over a folder, a file over a file
    $ mkdir d; touch f
    $ mounts --dir /a --bind d /a --write data /b --bind f /b
    > /a ./d rw
    > /b ./f rw

    # a symlink to itself is taken as text
    $ mkdir d
    $ inside --symlink loop /loop --bind d /loop/e true 2>/dev/null || echo failed
    > failed
ROWS
}

@test "+ names a source inside the sandbox" {
    compare <<'ROWS'
    # of what other options put there
    $ mkdir -p d/sub
    $ mounts --bind d /e --bind +/e/sub /f --ro-bind +/e /g
    > /e ./d rw
    > /f ./d/sub rw
    > /g ./d ro

    # symlinks are those of the sandbox
    $ mkdir d
    $ mounts --bind d /e --symlink /e /link --bind +/link /f
    > /e ./d rw
    > /f ./d rw

    # without a slash, the caller's folder is before it
    $ mkdir d
    $ inside --bind d "$PWD/d" --bind +d /e ls -d /e
    > /e

    # it comes after all others, whatever their names
    $ mkdir d
    $ inside --debug --bind +/z /a --bind d /z --dir /zz true 2>&1 | tail -n 3
    has + bind * -> /z
    has + mkdir /zz
    has + bind /z -> /a [[]relative[]]

    # a + that is part of a name
    $ mkdir ./+d; touch ./+d/f
    $ inside --bind ./+d /e ls /e
    > f

    # with -nofollow and with -try
    $ inside --symlink here /l --ro-bind-nofollow +/l /m --bind-try +/none /n readlink /m
    > here
ROWS
}

@test "--proc is a recursive bind of /proc" {
    compare <<'ROWS'
    # as --bind /proc
    before 26.9
    $ mkosi-sandbox --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib \
    $     --symlink usr/lib64 /lib64 --proc /p sh -c 'cat /p/self/comm; ls -d /p/sys/kernel'
    > cat
    > /p/sys/kernel

    # with its parents
    before 26.9
    $ inside --proc /a/b/proc test -e /a/b/proc/self && echo there
    > there
ROWS
}
