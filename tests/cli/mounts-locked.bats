# SPDX-License-Identifier: LGPL-2.1-or-later
# What root inside can't do to the mounts of the plan, and what does not cross to the host.

load ../lib/nsroot

setup() {
    enter_workplace
    mkdir folder beside
    echo secret >folder/hidden
    echo text >folder/shown
}

# A shell inside, with the folder read-only, masked and empty in places.
inside() {
    "$NSROOT" "$@" --ro-bind / / --tmpfs /tmp --ro-bind folder /mnt --mask /mnt/hidden \
        --bind beside /media -- sh -c "$script"
}

# assert_refused SCRIPT: it fails inside, and does not where the mounts are not locked: so it tries
# what it should.
assert_refused() {
    script=$1
    run inside
    assert_failure
    refute_output --partial secret
    run inside --no-lock
    assert_success
}

@test "read-only stays: remount" {
    assert_refused 'mount -o remount,bind,rw /mnt && echo >/mnt/new && rm /mnt/new'
}

@test "read-only stays: remount of the root" {
    script='mount -o remount,bind,rw / && touch /var/tmp/new'
    run inside
    assert_failure
    assert_not_exist /var/tmp/new
}

@test "read-only stays: a copy of the mount" {
    assert_refused 'mount --rbind /mnt /tmp && mount -o remount,bind,rw /tmp && echo >/tmp/new && rm /tmp/new'
}

@test "read-only stays: in a mount namespace of the command's own" {
    assert_refused 'unshare -m sh -c "mount -o remount,bind,rw /mnt && echo >/mnt/new && rm /mnt/new"'
}

@test "a mask stays: umount" {
    assert_refused 'umount /mnt/hidden && cat /mnt/hidden'
}

@test "a mask stays: umount -l of what it lies on" {
    assert_refused 'umount -l /mnt'
}

@test "a mask stays: a bind without submounts does not uncover it" {
    assert_refused 'mount --bind /mnt /tmp && cat /tmp/hidden'
}

@test "a mask stays: an overlay does not uncover it" {
    # with one level the kernel has no objection: the mask is not locked
    assert_refused 'mkdir /tmp/u /tmp/w /tmp/m && mount -t overlay -o \
        userxattr,lowerdir=/mnt,upperdir=/tmp/u,workdir=/tmp/w none /tmp/m && cat /tmp/m/hidden'
}

@test "/proc, /dev and a tmpfs can't be taken away" {
    for place in /proc /dev /dev/null /tmp /media; do
        script="umount -l $place"
        run inside
        assert_failure
    done
    script='umount -l /tmp'
    run inside --no-lock
    assert_success
}

@test "below the root there is nothing: no umount, pivot_root or chroot leads out" {
    script='umount -l / && ls /mnt/shown && exit 3
        mkdir /tmp/new && mount --rbind / /tmp/new && cd /tmp/new && pivot_root . tmp &&
        umount -l /tmp && cat /mnt/hidden
        test -e /mnt/shown || exit 4'
    run inside
    refute_output --partial secret
    assert_not_equal "$status" 3
    assert_not_equal "$status" 4
    need_program python3
    script='cd /; exec python3 -c "
import os
os.mkdir(\"/tmp/jail\")
os.chroot(\"/tmp/jail\")
for i in range(50): os.chdir(\"..\")
os.chroot(\".\")
print(sorted(os.listdir(\"/media\")), os.path.exists(\"/mnt/shown\"))
"'
    run inside
    assert_success
    assert_output "[] True"
}

@test "the command can mount for itself all the same" {
    script='mount -t tmpfs none /media && mount --bind /mnt /tmp/ 2>/dev/null ||
        mount --rbind /mnt /tmp && cat /tmp/shown && umount /media'
    run inside
    assert_success
    assert_output text
}

@test "what is mounted inside does not show outside" {
    script='mount -t tmpfs none /media && echo text >/media/file && cat /media/file'
    run inside
    assert_success
    assert_mounts_unchanged
    assert_holds_only beside
}

# outside SCRIPT: a mount namespace where the script is root and may mount.
outside() {
    unshare -Urm true 2>/dev/null || skip "wants unshare -Urm"
    run within 20 unshare -Urm --propagation "${propagation:-private}" sh -ec "$1"
}

@test "what is mounted outside, on a shared mount, does not show inside, or the reverse" {
    mkfifo ready go
    propagation=shared outside '
        mount -t tmpfs none beside
        mkdir beside/point
        "$NSROOT" --die-with-parent --bind / / --bind beside /mnt -- sh -c "
            mkdir /mnt/mine && mount -t tmpfs none /mnt/mine && echo >/mnt/mine/file
            echo >ready; read -r x <go; ls -A /mnt/point" &
        read -r x <ready
        mount -t tmpfs none beside/point
        echo text >beside/point/file
        ls -A beside/mine
        echo >go
        wait $!'
    assert_success
    assert_output ""
}

@test "flags that a mount has outside stay: nosuid, nodev, noexec, noatime" {
    outside '
        mount -t tmpfs -o nosuid,nodev,noexec,noatime none folder
        printf "#!/bin/sh\n" >folder/run; chmod +x folder/run
        "$NSROOT" --ro-bind / / --dev-bind folder /mnt -- sh -c "
            findmnt -no OPTIONS /mnt; /mnt/run"'
    assert_status 126
    assert_line --regexp 'nosuid.*nodev.*noexec.*noatime'
}

@test "submounts of a read-only bind are read-only too" {
    outside '
        mount -t tmpfs none folder; mkdir folder/sub; mount -t tmpfs none folder/sub
        mkdir folder/sub/sub; mount -t tmpfs none folder/sub/sub
        "$NSROOT" --ro-bind / / --ro-bind folder /mnt -- \
            sh -c "touch /mnt/x; touch /mnt/sub/x; touch /mnt/sub/sub/x; ls -A /mnt/sub/sub"'
    assert_success
    assert_equal "${#lines[@]}" 3
    assert_output --regexp "(.*Read-only file system.*){3}"
}

@test "submounts of a writable bind come along, and stay writable" {
    outside '
        mount -t tmpfs none folder; mkdir folder/sub; mount -t tmpfs none folder/sub
        "$NSROOT" --ro-bind / / --bind folder /mnt -- touch /mnt/sub/new
        ls folder/sub'
    assert_success
    assert_output new
}

@test "norbind: submounts stay away, or are refused where that would uncover something" {
    outside '
        mount -t tmpfs none folder; mkdir folder/sub; mount -t tmpfs none folder/sub
        "$NSROOT" --ro-bind / / --bind-flags norbind --bind folder /mnt -- true'
    assert_status 125
    assert_output --regexp "^nsroot: --bind folder /mnt: open_tree folder: Invalid argument \(.*submounts"
    run nsroot --ro-bind / / --bind-flags norbind --bind folder /mnt -- cat /mnt/shown
    assert_success
    assert_output text
}
