# SPDX-License-Identifier: LGPL-2.1-or-later
# Plans of tens of thousands of entries, and what an ordinary user's limits make of them.

load ../lib/nsroot

# As many binds as the kernel lets one mount namespace have, with room for the host's own mounts:
# there are two namespaces with the plan in it, each counted by itself.
need_mounts() {
    local most=100000
    [ ! -r /proc/sys/fs/mount-max ] || most=$(cat /proc/sys/fs/mount-max)
    [ "$most" -ge "$1" ] || skip "wants fs.mount-max of $1, this is $most"
}

@test "50,000 file binds, by --args" {
    need_mounts 60000
    echo text >file
    seq 0 49999 | sed 's,\(.*\)\(.\)$,--ro-bind\nfile\n/tmp/\2/\1\2,' | tr '\n' '\0' >args
    run nsroot --args 3 -- sh -c 'ls /tmp/* | grep -cx "[0-9][0-9]*"; cat /tmp/9/49999 /tmp/0/0; echo >/tmp/7/7' 3<args
    assert_failure
    assert_line --index 0 50000
    assert_line --index 1 text
    assert_line --index 2 text
    assert_line --index 3 --partial 'Read-only file system'
}

@test "20,000 binds of different folders, by a plan file, with the limit of open files at 1024" {
    need_mounts 30000
    mkdir source
    (cd source && seq 20000 | xargs mkdir)
    seq 20000 | sed 's,.*,source/& /tmp/& bind,' >plan
    ulimit -Sn 1024
    run nsroot --plan plan -- sh -c 'echo /tmp/* | wc -w; touch /tmp/19999/new; ulimit -Sn'
    assert_success
    assert_output $'20000\n1024'
    assert_exist source/19999/new
}

@test "... even where the hard limit is that low" {
    mkdir source
    (cd source && seq 3000 | xargs mkdir)
    seq 3000 | sed 's,.*,source/& /tmp/& bind,' >plan
    ulimit -n 256
    run nsroot --plan plan -- sh -c 'echo /tmp/* | wc -w; touch /tmp/2999/new; ulimit -n'
    assert_success
    assert_output $'3000\n256'
}

@test "20,000 folders, files and symlinks" {
    seq 20000 | sed 's,.*,none /tmp/d/&/& dir\n& /tmp/l/& symlink,' >plan
    run nsroot --plan plan -- sh -c 'ls /tmp/d | wc -l; ls /tmp/l | wc -l; test -d /tmp/d/77/77 && readlink /tmp/l/88'
    assert_success
    assert_output $'20000\n20000\n88'
}

@test "3,000 mount points that a read-only tree lacks" {
    mkdir tree
    echo text >file
    seq 3000 | sed 's,.*,file /mnt/&/& bind ro,' >plan
    run nsroot --ro-bind / / --ro-bind tree /mnt --plan plan -- sh -c 'ls /mnt | wc -l; cat /mnt/2999/2999; touch /mnt/x'
    assert_failure
    assert_line --index 0 3000
    assert_line --index 1 text
    assert_holds_only tree
}

@test "a source that is missing at the end of a large plan is named" {
    seq 5000 | sed 's,.*,/etc /tmp/& bind,' >plan
    echo '/nothing /tmp/last bind' >>plan
    run --separate-stderr nsroot --plan plan -- true
    assert_own_failure 'plan:5001: bind /nothing /tmp/last'
}

@test "binds that the outer one shows are dropped: 20,000 of them cost no mount" {
    mkdir source
    (cd source && seq 20000 | xargs mkdir)
    seq 20000 | sed "s,.*,$WORK/source/& /mnt/& bind," >plan
    run nsroot --bind "$WORK/source" /mnt --plan plan -- sh -c 'ls /mnt | wc -l; wc -l </proc/self/mountinfo'
    assert_success
    assert_line --index 0 20000
    [ "${lines[1]}" -lt 1000 ]
}

@test "more mounts than the kernel takes: refused, saying so" {
    [ "$(cat /proc/sys/fs/mount-max)" -le 100000 ] || skip "wants fs.mount-max of 100000 at the most"
    : >file
    seq 110000 | sed 's,.*,--bind\nfile\n/tmp/&,' | tr '\n' '\0' >args
    run --separate-stderr nsroot --args 3 -- true 3<args
    assert_own_failure '--bind file /tmp/[0-9]*: .*No space left on device.*mount-max'
}

@test "a tree 200 folders deep, each level bound" {
    path=/tmp
    options=()
    for i in {1..200}; do
        path+=/$i
        options+=(--bind source "$path")
    done
    mkdir source
    run nsroot "${options[@]}" -- sh -c 'touch "$1/new"' - "$path"
    assert_success
    assert_exist source/new
}
