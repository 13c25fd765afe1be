# SPDX-License-Identifier: LGPL-2.1-or-later
# What else than binds a plan may hold: file systems, folders, files, symlinks, modes and masks.

load ../lib/nsroot

# on_host OPTION... -- COMMAND...: over a read-only host with a new /tmp.
on_host() {
    "$NSROOT" --ro-bind / / --tmpfs /tmp "$@"
}

@test "--tmpfs: empty, writable, mode 0755, gone at the end" {
    run on_host --tmpfs /opt -- sh -c 'ls -A /opt; stat -c "%a %u %g" /opt; echo text >/opt/file'
    assert_success
    assert_output "755 0 0"
    assert_not_exist /opt/file
}

@test "--tmpfs: --perms and --size are for the next one alone" {
    run on_host --perms 1777 --size 64K --tmpfs /opt --tmpfs /mnt -- \
        sh -c 'stat -c %a /opt /mnt; df --output=size -k /opt | tail -n 1
            head -c 80000 /dev/zero >/opt/big || head -c 80000 /dev/zero >/mnt/big && echo held'
    assert_success
    assert_line --index 0 1777
    assert_line --index 1 755
    assert_line --index 2 --regexp '^ *64$'
    assert_line --index 4 held
}

@test "--perms, --size: what is no number or belongs to nothing is refused" {
    run --separate-stderr nsroot --size 12x --tmpfs /opt -- true
    assert_own_failure '--size 12x'
    run --separate-stderr nsroot --perms 99 --tmpfs /opt -- true
    assert_own_failure '--perms 99'
    run --separate-stderr nsroot --perms 0700 -- true
    assert_own_failure '--perms'
    run --separate-stderr nsroot --perms 0700 --bind / / -- true
    assert_own_failure '--perms'
}

@test "--proc: of the sandbox, wherever it is wanted" {
    run on_host --proc /mnt -- sh -c 'cat /mnt/1/comm; ls -d /mnt/[0-9]* | wc -l'
    assert_success
    assert_line --index 0 nsroot
    run on_host --proc /tmp/proc -- sh -c 'readlink /tmp/proc/self | grep -q . && test -e /proc/self'
    assert_success
}

@test "--proc: what is the whole machine's can't be written to" {
    run on_host -- sh -c 'echo 0 >/proc/self/oom_score_adj && echo x >/proc/sys/kernel/core_pattern'
    assert_failure
    assert_output --partial core_pattern
}

@test "--sysfs: shows the network namespace" {
    run on_host --unshare-net --sysfs /sys -- ls /sys/class/net
    assert_success
    assert_output lo
    run on_host --sysfs /sys -- test -d /sys/class/net/lo
    assert_success
}

@test "--mqueue: message queues of the sandbox" {
    run on_host --mqueue /dev/mqueue -- sh -c ': >/dev/mqueue/queue && ls /dev/mqueue'
    assert_success
    assert_output queue
    run on_host --mqueue /tmp/mqueue -- ls -A /tmp/mqueue
    assert_success
    assert_output ""
}

@test "--dev: at any place, with working terminals and shared memory" {
    run on_host --dev /tmp/dev -- sh -c 'cd /tmp/dev && ls && echo x >null && echo x >shm/x &&
        head -c 4 zero | od -An -tx1 && readlink fd ptmx && : >mine'
    assert_success
    assert_line null
    assert_line ' 00 00 00 00'
    assert_line /proc/self/fd
    assert_line pts/ptmx
    refute_line console
    refute_line sda
}

@test "--dev: what is mounted in it comes after it, in any order of options" {
    run on_host --tmpfs /dev/extra --bind "$WORK" /dev/shm --dev /dev --symlink null /dev/zip -- \
        sh -c 'test -d /dev/extra && touch /dev/shm/mine && readlink /dev/zip'
    assert_success
    assert_output null
    assert_exist mine
}

@test "--dir: with parents; --perms; one that is there stays as it is" {
    run on_host --dir /tmp/a/b --perms 0700 --dir /tmp/c/d --perms 0750 --dir /etc -- \
        stat -c '%a %n' /tmp/a /tmp/a/b /tmp/c /tmp/c/d /etc
    assert_success
    assert_output $'755 /tmp/a\n755 /tmp/a/b\n700 /tmp/c\n700 /tmp/c/d\n755 /etc'
    run --separate-stderr on_host --dir /etc/passwd -- true
    assert_own_failure '--dir /etc/passwd: .*Not a directory'
}

@test "--write, --file: the contents byte for byte, mode 0666 or --perms, parents made" {
    printf 'a\0b\n' >data
    run on_host --write $'one\ntwo' /tmp/a/b --perms 0600 --write '' /tmp/empty \
        --file 3 /tmp/file -- sh -c 'cat /tmp/a/b; echo; stat -c "%a %s" /tmp/a/b /tmp/empty
            od -An -c /tmp/file' 3<data
    assert_success
    assert_output $'one\ntwo\n666 7\n600 0\n   a  \\0   b  \\n'
}

@test "--write: reaches the host through a writable bind, as a file of the caller" {
    mkdir folder
    echo old, and longer >folder/there
    run on_host --bind folder /mnt --write new /mnt/there --write text /mnt/made -- cat /mnt/there
    assert_success
    assert_output new
    assert_equal "$(cat folder/made)" text
}

@test "--write: can't be made where a folder is, or in a closed file system" {
    run --separate-stderr on_host --write text /tmp -- true
    assert_own_failure '--write.* /tmp: .*directory'
    run --separate-stderr on_host --write text /etc/passwd/below -- true
    assert_own_failure '--write.* /etc/passwd/below: .*Not a directory'
}

@test "--bind-data, --ro-bind-data: a file in memory, mode 0600 or --perms" {
    echo text >data
    run on_host --bind-data 3 /tmp/a --ro-bind-data 4 /etc/passwd --perms 0644 --bind-data 5 /etc/new -- \
        sh -c 'cat /tmp/a /etc/passwd /etc/new; stat -c %a /tmp/a /etc/passwd /etc/new
            echo more >>/tmp/a && cat /tmp/a; echo more >>/etc/passwd' 3<data 4<data 5<data
    assert_failure
    assert_output --regexp $'^text\ntext\ntext\n600\n600\n644\ntext\nmore\n.*Read-only file system$'
    assert_equal "$(cat data)" text
}

@test "--bind-data: the same file can be bound again, inside" {
    echo text >data
    run on_host --bind-data 3 /tmp/a -- sh -c ': >/tmp/b && mount --bind /tmp/a /tmp/b && cat /tmp/b' 3<data
    assert_success
    assert_output text
}

@test "--file, --bind-data: an fd that is closed, or read already" {
    run --separate-stderr on_host --file 9 /tmp/a -- true 9>&-
    assert_own_failure '--file 9'
    echo text >data
    run --separate-stderr on_host --file 3 /tmp/a --bind-data 3 /tmp/b -- true 3<data
    assert_own_failure '--bind-data 3'
}

@test "--symlink: says the text as it is; a like one that is there is fine, another not" {
    run on_host --symlink '../a b//./c' /tmp/x/link --symlink /etc/passwd /tmp/abs -- \
        sh -c 'readlink /tmp/x/link; head -c 4 /tmp/abs'
    assert_success
    assert_output $'../a b//./c\nroot'
    run on_host --tmpfs /opt --symlink a /opt/link -- readlink /opt/link
    assert_success
    ln -s text link
    run on_host --bind "$WORK" /mnt --symlink text /mnt/link -- readlink /mnt/link
    assert_success
    assert_output text
    run --separate-stderr on_host --bind "$WORK" /mnt --symlink other /mnt/link -- true
    assert_own_failure '--symlink other /mnt/link: .*existing destination is text'
}

@test "--remount-ro: a mount, not what is mounted in it; what is no mount is refused" {
    run on_host --tmpfs /opt --tmpfs /opt/sub --dir /opt/made --remount-ro /opt -- \
        sh -c 'ls /opt; touch /opt/sub/x; touch /opt/x'
    assert_failure
    assert_line --index 0 made
    assert_output --partial "'/opt/x': Read-only file system"
    refute_output --partial "'/opt/sub/x'"
    run --separate-stderr on_host --remount-ro /etc -- true
    assert_own_failure '--remount-ro /etc: .*\(it is no mount point\)'
    run --separate-stderr on_host --remount-ro /nothing -- true
    assert_own_failure '--remount-ro /nothing: .*No such file'
}

@test "--remount-ro of the root" {
    run nsroot --no-default-mounts --tmpfs / --ro-bind /usr /usr --symlink usr/bin /bin \
        --symlink usr/lib /lib --symlink usr/lib64 /lib64 --remount-ro / -- touch /file
    assert_failure
    assert_output --partial "Read-only file system"
}

@test "--chmod: after everything else, in any order of options" {
    run on_host --chmod 0711 /tmp/a --dir /tmp/a --chmod 04755 /tmp/b --write x /tmp/b -- \
        stat -c %a /tmp/a /tmp/b
    assert_success
    assert_output $'711\n4755'
    run --separate-stderr on_host --chmod 0711 /nothing -- true
    assert_own_failure '--chmod 0711 /nothing: .*No such file'
    run --separate-stderr on_host --chmod 0711 /etc -- true
    assert_own_failure '--chmod 0711 /etc: .*Read-only file system'
}

@test "--mask: a file, a folder, what a bind of the plan shows" {
    mkdir folder
    echo secret >folder/file
    run on_host --mask /etc/nsswitch.conf --mask /etc/apt --ro-bind folder /mnt --mask /mnt/file -- \
        sh -c 'cat /etc/nsswitch.conf /mnt/file; ls -A /etc/apt; touch /etc/apt/x'
    assert_failure
    assert_output "touch: cannot touch '/etc/apt/x': Read-only file system"
    run on_host --bind folder /mnt --mask /mnt/file -- sh -c 'echo gone >/mnt/file; rm -f /mnt/file'
    assert_equal "$(cat folder/file)" secret
}

@test "--mask: through a symlink it hides what that leads to; what is missing is refused" {
    mkdir folder
    echo secret >folder/file
    ln -s file folder/link
    run on_host --ro-bind folder /mnt --mask /mnt/link -- cat /mnt/file /mnt/link
    assert_success
    assert_output ""
    run --separate-stderr on_host --mask /etc/nothing -- true
    assert_own_failure '--mask /etc/nothing: .*No such file'
}

@test "--mask: what is bound below a masked folder is there" {
    run on_host --mask /etc --ro-bind /etc/hostname /etc/hostname \
        --tmpfs /etc/a/b -- sh -c 'ls /etc; touch /etc/a/b/x /etc/x'
    assert_failure
    assert_output $'a\nhostname\n'"touch: cannot touch '/etc/x': Read-only file system"
}

@test "--mask-try: hides what is there, and passes over what is not" {
    run nsroot --mask-try /etc/passwd --mask-try /nonexistent -- sh -c 'cat /etc/passwd; ls /nonexistent'
    assert_failure
    refute_output --partial root:
    assert_output --partial "No such file"
}
