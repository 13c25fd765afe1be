# SPDX-License-Identifier: LGPL-2.1-or-later
# mkosi-sandbox: --overlay and what belongs to it.

load ../lib/mkosi

# What each row begins with.
overlay_prelude='
mkdir l1 l2 up wk
echo 1 >l1/both; echo 2 >l2/both; echo 1 >l1/one; echo 2 >l2/two
two=(--overlay-lowerdir l1 --overlay-lowerdir l2)
'

setup() {
    enter_comparison mkosi-sandbox
    prelude+=$overlay_prelude
}

@test "layers" {
    compare <<'ROWS'
    # the last lower folder is the topmost
    $ inside "${two[@]}" --overlay /o sh -c 'cd /o; grep . *'
    > both:2
    > one:1
    > two:2

    # without an upper folder it is read-only
    $ inside "${two[@]}" --overlay /o sh -c 'touch /o/x' 2>/dev/null || echo refused
    $ ls l1 l2
    > refused
    > l1:
    > both
    > one
    >
    > l2:
    > both
    > two

    # changes go to the upper folder
    $ inside "${two[@]}" --overlay-upperdir up --overlay-workdir wk --overlay /o \
    $     sh -c 'cd /o; echo new >both; rm one; echo x >x; mkdir d; ls -A'
    $ cd up; stat -c '%n %F' *; cat both; ls ../l1 ../l2
    > both
    > d
    > two
    > x
    > both regular file
    > d directory
    > one character special file
    > x regular file
    > new
    > ../l1:
    > both
    > one
    >
    > ../l2:
    > both
    > two

    # ... and are there the next time
    $ overlay=("${two[@]}" --overlay-upperdir up --overlay-workdir wk --overlay /o)
    $ inside "${overlay[@]}" rm /o/one
    $ inside "${overlay[@]}" ls /o
    > both
    > two

    # with "tmpfs" as upper folder they are forgotten
    $ overlay=("${two[@]}" --overlay-upperdir tmpfs --overlay /o)
    $ inside "${overlay[@]}" sh -c 'cd /o; rm one; echo x >x; ls -A'
    $ inside "${overlay[@]}" ls -A /o
    $ ls -A l1 | wc -l
    > both
    > two
    > x
    > both
    > one
    > two
    > 2

    # one lower folder and an upper one
    $ inside --overlay-lowerdir l1 --overlay-upperdir tmpfs --overlay /o cat /o/both
    > 1

    # replaced folders are opaque
    $ mkdir l1/d; touch l1/d/old
    $ inside "${two[@]}" --overlay-upperdir up --overlay-workdir wk --overlay /o \
    $     sh -c 'rm -r /o/d; mkdir /o/d; ls -A /o/d'
    $ inside "${two[@]}" --overlay-upperdir up --overlay-workdir wk --overlay /o ls -A /o/d

    # each --overlay takes what was said since the one before
    $ inside "${two[@]}" --overlay-upperdir tmpfs --overlay /o "${two[@]}" --overlay /p \
    $     sh -c 'touch /o/x; touch /p/x 2>&-; ls /o /p'
    > /o:
    > both
    > one
    > two
    > x
    >
    > /p:
    > both
    > one
    > two

    # what no --overlay follows is without effect, and is not looked at
    $ inside --overlay-lowerdir none --overlay-upperdir none --overlay-workdir none echo fine
    > fine

    # a work folder is for an upper folder: else nothing uses it
    $ for upper in '--overlay-upperdir tmpfs' ''; do
    $     inside "${two[@]}" $upper --overlay-workdir wk --overlay /o sh -c '
    $         touch /o/x 2>&- && echo writable || echo read-only; cat /o/both'
    $ done; ls -A wk
    > writable
    > 2
    > read-only
    > 2

    # the last upper and work folder count
    $ mkdir up2
    $ inside --overlay-lowerdir l1 --overlay-upperdir none --overlay-upperdir up2 \
    $     --overlay-workdir none --overlay-workdir wk --overlay /o touch /o/x
    $ ls up2
    > x
ROWS
}

@test "mount points and order" {
    compare <<'ROWS'
    # made 0755, or 1777 for a tmp; parents 0755
    $ umask 077; chmod 755 l1 l2 up
    $ mounts "${two[@]}" --overlay /a/o | cut -d ' ' -f 1,2
    $ inside "${two[@]}" --overlay /a/o --dir /a/o/both/.. stat -c '%n %a' /a /a/o
    > /a/o overlay
    > /a 755
    > /a/o 755

    # the root of the overlay looks like the topmost folder
    $ chmod 0750 l1; chmod 0711 l2; chmod 0700 up
    $ inside "${two[@]}" --overlay /o stat -c %a /o
    $ inside "${two[@]}" --overlay-upperdir up --overlay-workdir wk --overlay /o stat -c %a /o
    $ inside "${two[@]}" --overlay-upperdir tmpfs --overlay /o stat -c %a /o
    $ inside "${two[@]}" --overlay-upperdir tmpfs --overlay /o/tmp stat -c '%n %a' /o /o/tmp
    > 711
    > 700
    > 755
    > /o 755
    > /o/tmp 1777

    # sorted among the others, binds on top
    $ mkdir d; touch d/in-d
    $ inside --dir /o/x --bind d /o/d --bind l1 /p "${two[@]}" --overlay-upperdir tmpfs --overlay /o \
    $     "${two[@]}" --overlay /p sh -c 'ls /o /o/d /p'
    > /o:
    > both
    > d
    > one
    > two
    > x
    >
    > /o/d:
    > in-d
    >
    > /p:
    > both
    > one

    # on the root
    $ inside "${two[@]}" --overlay-upperdir tmpfs --overlay / ls /
    > bin
    > both
    > lib
    > lib64
    > one
    > proc
    > sbin
    > two
    > usr

    # folders are the host's, by way of symlinks too, and relative to the caller's folder
    $ ln -s l2 link; ln -s "$PWD/l1" absolute
    $ inside --overlay-lowerdir ./absolute --overlay-lowerdir link/. --overlay /o cat /o/both
    > 2

    # a symlink as mount point is followed inside
    $ inside --symlink /real /o --dir /real "${two[@]}" --overlay /o sh -c 'readlink /o' || echo failed
    > /real

    # "tmpfs" means no folder of that name
    $ mkdir tmpfs
    $ inside "${two[@]}" --overlay-upperdir tmpfs --overlay /o touch /o/x
    $ ls -A tmpfs

    # the upper folder may be in another bind
    $ inside --bind up /up "${two[@]}" --overlay-upperdir up --overlay-workdir wk --overlay /o \
    $     sh -c 'touch /o/x; ls /up'
    > x
ROWS
}

@test "files keep what an ordinary user's overlay can keep" {
    need_program setfattr
    compare <<'ROWS'
    # marks are user.overlay attributes, so that the caller can read and remove them
    $ mkdir l1/d; touch l1/d/old
    $ inside "${two[@]}" --overlay-upperdir up --overlay-workdir wk --overlay /o \
    $     sh -c 'rm -r /o/d; mkdir /o/d'
    $ getfattr -m - -d up/d | grep -o 'user.overlay.opaque'
    > user.overlay.opaque

    # attributes of the user are copied up
    $ setfattr -n user.note -v kept l1/one
    $ inside "${two[@]}" --overlay-upperdir up --overlay-workdir wk --overlay /o touch /o/one
    $ getfattr --only-values -n user.note up/one; echo
    > kept

    # index, metacopy and redirect_dir are off, whatever the kernel's defaults
    $ inside "${two[@]}" --overlay-upperdir tmpfs --overlay /o grep -c ' /o .*overlay.*userxattr' \
    $     /proc/self/mountinfo
    $ inside "${two[@]}" --overlay-upperdir tmpfs --overlay /o \
    $     grep -cE ' /o .*(index=on|metacopy=on|redirect_dir=on|volatile)' /proc/self/mountinfo
    > 1
    > 0
    status 1
ROWS
}
