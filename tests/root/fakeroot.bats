# SPDX-License-Identifier: LGPL-2.1-or-later
# fakeroot's dialect for real root: no user namespace; owners are given, and remembered as well.

load ../lib/compare

setup() {
    need_root
    enter_comparison fakeroot
}

# shellcheck disable=SC2034 # of compare
prelude='umask 022'

@test "owners are given for real, devices are not made" {
    compare <<'ROWS'
    # an owner
    $ fakeroot -s s sh -c 'touch f; chown 5:6 f; stat -c %u:%g f'; stat -c %u:%g f; cut -d, -f3- s
    > 5:6
    > 5:6
    > mode=100644,uid=5,gid=6,nlink=1,rdev=0

    # a device
    $ fakeroot sh -c 'mknod n c 1 3; stat -c "%F %t:%T" n'; stat -c %F n
    > character special file 1:3
    > regular empty file

    # changes of ids are not done
    $ fakeroot python3 -c 'import os; os.setgroups([]); os.setgid(5); os.setuid(5); open("f", "w")'; stat -c %u:%g f
    > 0:0

    # files of others are root's
    $ touch f; chown 7:8 f; fakeroot stat -c %u:%g f; fakeroot -u stat -c %u:%g f
    > 0:0
    > 7:8
ROWS
}

@test "there is no user namespace, and no right is taken" {
    ln -s "$OURS" fakeroot
    run ./fakeroot readlink /proc/self/ns/user
    assert_output "$(readlink /proc/self/ns/user)"
    run ./fakeroot grep CapEff /proc/self/status
    assert_output "$(grep CapEff /proc/self/status)"
}

@test "a file system of the host is unmounted although owners were changed in it" {
    ln -s "$OURS" fakeroot
    mkdir m
    # shellcheck disable=SC2016
    run unshare --mount --propagation private sh -c '
        mount -t tmpfs none m; mkfifo in
        ./fakeroot sh -c "(cd m; echo >f; chown 5 f; stat -c %u f); echo >ready; read -r line <in" &
        while [ ! -e ready ]; do sleep 0.05; done
        umount m && echo unmounted
        echo >in; wait'
    assert_success
    assert_output $'5\nunmounted'
}
