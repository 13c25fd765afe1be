# SPDX-License-Identifier: LGPL-2.1-or-later
# The bwrap dialect: folders, files, links and modes that options make.

load ../lib/compare

setup() {
    enter_comparison bwrap
}

# shellcheck disable=SC2034 # rows use it
prelude='echo data >file && host+=(--tmpfs /tmp)'

@test "--dir" {
    compare <<'END'
    # 0755, or as --perms says
    $ bwrap "${host[@]}" --dir /tmp/a --perms 1741 --dir /tmp/b stat -c %a /tmp/a /tmp/b
    > 755
    > 1741

    # whatever the umask
    $ umask 0077
    $ bwrap "${host[@]}" --dir /tmp/a --perms 0777 --dir /tmp/b stat -c %a /tmp/a /tmp/b
    > 755
    > 777

    # with parents
    $ bwrap "${host[@]}" --dir /tmp/a/b/c stat -c %a /tmp/a /tmp/a/b /tmp/a/b/c
    > 755
    > 755
    > 755

    # one that is there is left as it is
    $ mkdir -m 0710 there
    $ bwrap "${host[@]}" --bind . /tmp/d --perms 0700 --dir /tmp/d/there --dir /tmp/d true
    $ stat -c %a there
    > 710

    # a link to one will do
    before 0.12.0
    $ ln -s . there
    $ bwrap "${host[@]}" --bind . /tmp/d --dir /tmp/d/there true

    # nor is a file
    $ bwrap "${host[@]}" --bind . /tmp/d --dir /tmp/d/file true
    2> bwrap: *
    status 1

    # nor can one be made in what is read-only
    $ bwrap "${host[@]}" --dir /new-in-root true
    2> bwrap: */new-in-root: Read-only file system*
    status 1

    # it is the caller's
    $ bwrap "${host[@]}" --unshare-user --uid 5 --gid 6 --dir /tmp/a stat -c '%u %g' /tmp/a
    > 5 6

    # --perms 0
    $ bwrap "${host[@]}" --perms 0 --dir /tmp/a stat -c %a /tmp/a
    > 0
END
}

@test "--perms of parents" {
    compare <<'END'
    # what group or others have nothing of in the mode, they have nothing of in new parents
    $ for mode in 1777 0755 0644 0750 0710 0720 0640 0700 0600 0705 0604 0001 0010 0000; do
    $     set -- "$@" --perms $mode --dir /tmp/of-$mode/dir
    $ done
    $ bwrap "${host[@]}" "$@" stat -c '%n %a' /tmp/of-1777 /tmp/of-0755 /tmp/of-0644 /tmp/of-0750 \
    $     /tmp/of-0710 /tmp/of-0720 /tmp/of-0640 /tmp/of-0700 /tmp/of-0600 /tmp/of-0705 /tmp/of-0604 \
    $     /tmp/of-0001 /tmp/of-0010 /tmp/of-0000
    > /tmp/of-1777 755
    > /tmp/of-0755 755
    > /tmp/of-0644 755
    > /tmp/of-0750 750
    > /tmp/of-0710 750
    > /tmp/of-0720 750
    > /tmp/of-0640 750
    > /tmp/of-0700 700
    > /tmp/of-0600 700
    > /tmp/of-0705 705
    > /tmp/of-0604 705
    > /tmp/of-0001 705
    > /tmp/of-0010 750
    > /tmp/of-0000 700

    # of the others too
    $ bwrap "${host[@]}" --perms 0640 --file 11 /tmp/a/f --perms 0604 --bind-data 12 /tmp/b/f \
    $     --perms 0644 --ro-bind-data 13 /tmp/c/f --perms 0700 --tmpfs /tmp/d/t \
    $     stat -c %a /tmp/a /tmp/b /tmp/c /tmp/d 11<file 12<file 13<file
    > 750
    > 705
    > 755
    > 700

    # without --perms, by the mode that there is then
    $ bwrap "${host[@]}" --dir /tmp/a/d --file 11 /tmp/b/f --bind-data 12 /tmp/c/f \
    $     --ro-bind-data 13 /tmp/d/f --tmpfs /tmp/e/t \
    $     stat -c %a /tmp/a /tmp/b /tmp/c /tmp/d /tmp/e 11<file 12<file 13<file
    > 755
    > 755
    > 700
    > 700
    > 755

    # or none at all
    $ bwrap "${host[@]}" --bind / /tmp/a/d --proc /tmp/b/d --dev /tmp/c/d --symlink x /tmp/d/d \
    $     --mqueue /tmp/e/d --unshare-ipc stat -c %a /tmp/a /tmp/b /tmp/c /tmp/d /tmp/e
    > 700
    > 700
    > 700
    > 700
    > 700
END
}

@test "--file" {
    compare <<'END'
    # the data, 0666
    $ bwrap "${host[@]}" --file 11 /tmp/f sh -c 'cat /tmp/f; stat -c %a /tmp/f' 11<file
    > data
    > 666

    # or as --perms says, whatever the umask
    $ umask 0077
    $ bwrap "${host[@]}" --file 11 /tmp/f --perms 0640 --file 12 /tmp/g stat -c %a /tmp/f /tmp/g \
    $     11<file 12<file
    > 666
    > 640

    # it can be written to
    $ bwrap "${host[@]}" --file 11 /tmp/f sh -c 'echo more >>/tmp/f; cat /tmp/f' 11<file
    > data
    > more

    # nothing is mounted
    $ bwrap "${host[@]}" --proc /proc --file 11 /tmp/f grep -c ' /tmp/f ' /proc/self/mountinfo 11<file
    > 0
    status 1

    # one that is there is emptied first, and its mode stays
    $ echo 'much that was there before' >there
    $ chmod 0640 there
    $ bwrap "${host[@]}" --bind . /tmp/d --perms 0600 --file 11 /tmp/d/there true 11<file
    $ cat there
    $ stat -c %a there
    > data
    > 640

    # of the standard input
    $ echo standard | bwrap "${host[@]}" --file 0 /tmp/f cat /tmp/f
    > standard

    # empty, and large
    $ head -c 1000000 /dev/zero >large
    $ bwrap "${host[@]}" --file 11 /tmp/e --file 12 /tmp/l stat -c %s /tmp/e /tmp/l 11</dev/null 12<large
    > 0
    > 1000000

    # from where the fd stands
    $ { read -r word; bwrap "${host[@]}" --file 0 /tmp/f cat /tmp/f; } <<<$'first\nsecond'
    > second

    # the fd is closed
    $ see fds "${host[@]}" --file 11 /tmp/f 11<file
    > fds: 0 1 2

    # and used once
    $ bwrap "${host[@]}" --file 11 /tmp/f --file 11 /tmp/g true 11<file
    2> bwrap: *
    status 1

    # one that is not open
    $ bwrap "${host[@]}" --file 11 /tmp/f true
    2> bwrap: *Bad file descriptor
    status 1

    # one that can't be read
    $ bwrap "${host[@]}" --file 11 /tmp/f true 11>out
    2> bwrap: *Bad file descriptor
    status 1

    # not over a folder
    $ bwrap "${host[@]}" --file 11 /tmp true 11<file
    2> bwrap: *
    status 1
END
}

@test "--bind-data and --ro-bind-data" {
    compare <<'END'
    # the data, 0600 or as --perms says
    $ bwrap "${host[@]}" --bind-data 11 /tmp/a --ro-bind-data 12 /tmp/b --perms 0644 --bind-data 13 \
    $     /tmp/c --perms 0444 --ro-bind-data 14 /tmp/d sh -c 'cat /tmp/[a-d]; stat -c %a /tmp/[a-d]' \
    $     11<file 12<file 13<file 14<file
    > data
    > data
    > data
    > data
    > 600
    > 600
    > 644
    > 444

    # whatever the umask
    $ umask 0077
    $ bwrap "${host[@]}" --perms 0666 --bind-data 11 /tmp/a stat -c %a /tmp/a 11<file
    > 666

    # one can be written to, the other not
    $ bwrap "${host[@]}" --bind-data 11 /tmp/a --perms 0666 --ro-bind-data 12 /tmp/b bash -c '
    $     echo more >>/tmp/a && cat /tmp/a; exec 2>&1; echo more >>/tmp/b' 11<file 12<file |
    $     sed 's/.*: //'
    > data
    > more
    > Read-only file system

    # they are mounts of files that are nowhere else
    $ see mounts "${host[@]}" --proc /proc --bind-data 11 /tmp/a --ro-bind-data 12 /tmp/b 11<file 12<file |
    $     sed -n 's/^\(mount \/tmp\/.\) dev [0-9]* of \S* \(.* -\).*/\1 \2/p'
    > mount /tmp/a rw,nosuid,nodev,relatime -
    > mount /tmp/b ro,nosuid,nodev,relatime -

    # over a file that is there, which stays as it is
    $ echo there >there
    $ bwrap "${host[@]}" --bind . /tmp/d --bind-data 11 /tmp/d/there sh -c '
    $     cat /tmp/d/there; echo more >/tmp/d/there' 11<file
    $ cat there
    > data
    > there

    # a new mount point is an empty file, 0444
    $ bwrap "${host[@]}" --bind . /tmp/d --bind-data 11 /tmp/d/new true 11<file
    $ stat -c '%a %s' new
    > 444 0

    # the fd is closed
    $ see fds "${host[@]}" --bind-data 11 /tmp/a --ro-bind-data 12 /tmp/b 11<file 12<file
    > fds: 0 1 2

    # and used once
    $ bwrap "${host[@]}" --ro-bind-data 11 /tmp/a --ro-bind-data 11 /tmp/b true 11<file
    $ bwrap "${host[@]}" --bind-data 11 /tmp/a --bind-data 11 /tmp/b true 11<file
    2> bwrap: *
    2> bwrap: *
    status 1

    # a pipe, and nothing at all
    $ bwrap "${host[@]}" --bind-data 11 /tmp/a --bind-data 12 /tmp/b wc -c /tmp/a /tmp/b \
    $     11< <(echo piped) 12</dev/null
    > 6 /tmp/a
    > 0 /tmp/b
    > 6 total

    # no folder goes on it
    $ bwrap "${host[@]}" --dir /tmp/a --ro-bind-data 11 /tmp/a true 11<file
    2> bwrap: *
    status 1
END
}

@test "--symlink" {
    compare <<'END'
    # its target is taken as it is
    $ bwrap "${host[@]}" --symlink ../x/./y /tmp/a --symlink /none /tmp/b readlink /tmp/a /tmp/b
    > ../x/./y
    > /none

    # again, with the same target
    since 0.9.0
    $ bwrap "${host[@]}" --symlink a /tmp/b --symlink a /tmp/b readlink /tmp/b
    > a

    # with another one
    since 0.9.0
    $ bwrap "${host[@]}" --symlink a /tmp/b --symlink c /tmp/b true
    2> bwrap: Can't make symlink at /tmp/b: existing destination is a
    status 1

    # over a file
    since 0.9.0
    $ bwrap "${host[@]}" --file 11 /tmp/f --symlink a /tmp/f true 11<file
    2> bwrap: Can't make symlink at /tmp/f: destination exists and is not a symlink
    status 1

    # over a folder
    since 0.9.0
    $ bwrap "${host[@]}" --symlink a /tmp true
    2> bwrap: Can't make symlink at /tmp: destination exists and is not a symlink
    status 1

    # in what is read-only: only one that is there
    $ bwrap "${host[@]}" --symlink a /new-in-root true
    2> bwrap: *symlink*/new-in-root: Read-only file system*
    status 1

    # one that is there
    since 0.9.0
    $ ln -s target link
    $ bwrap "${host[@]}" --ro-bind . /tmp/d --symlink target /tmp/d/link readlink /tmp/d/link
    > target

    # the messages name the option's path
    since 0.9.0
    $ bwrap "${host[@]}" --symlink a //tmp//b --symlink c //tmp//b true
    2> bwrap: Can't make symlink at //tmp//b: existing destination is a
    status 1

    # without a target
    $ bwrap "${host[@]}" --symlink '' /tmp/b true
    2> bwrap: *symlink*
    status 1
END
}

@test "--chmod" {
    compare <<'END'
    # what is there
    $ bwrap "${host[@]}" --dir /tmp/a --chmod 01750 /tmp/a stat -c %a /tmp/a
    > 1750

    # also on the host, through a bind
    $ bwrap "${host[@]}" --bind . /tmp/d --chmod 0600 /tmp/d/file true
    $ stat -c %a file
    > 600

    # what is not there
    $ bwrap "${host[@]}" --chmod 0600 /tmp/none true
    2> bwrap: *: No such file or directory
    status 1

    # what is read-only
    $ bwrap "${host[@]}" --ro-bind . /tmp/d --chmod 0600 /tmp/d/file true
    2> bwrap: *chmod*/tmp/d/file: Read-only file system*
    status 1

    # what is not the caller's
    $ bwrap --bind / / --chmod 0777 /usr true
    2> bwrap: *chmod*/usr: *
    status 1

    # the root
    $ bwrap "${bare[@]}" --chmod 0700 / stat -c %a /
    > 700
END
}
