# SPDX-License-Identifier: LGPL-2.1-or-later
# Images and sandboxes that try to lead nsroot's set-up, or what runs after it, to the host's files.

load ../lib/nsroot
load ../lib/image

host_state() {
    find host -printf '%P %y %m %s %T@ %l\n' | sort
}

setup() {
    enter_workplace
    make_image image
    mkdir -p host/folder
    echo precious >host/file
    echo precious >host/folder/file
    before=$(host_state)
}

# Symlinks to a path of the host, in all ways there are.
links_to() {
    local up=../../../../../../../../../../../..
    printf '%s\n' "$1" "$up$1" "/proc/self/root$1" "/proc/1/root$1" "/proc/thread-self/cwd/${1##*/}"
}

# Every kind of entry at a target. It may fail or land within the image; the host stays as it is.
try_all_at() {
    local target=$1 options
    echo data >data
    mkdir -p lower upper work source
    local -a kinds=(
        "--bind source $target" "--ro-bind data $target" "--bind-nofollow data $target"
        "--dev-bind /dev/null $target" "--tmpfs $target" "--proc $target" "--sysfs $target"
        "--dev $target" "--mqueue $target" "--dir $target" "--perms 0700 --dir $target"
        "--write text $target" "--file 3 $target" "--bind-data 3 $target" "--symlink text $target"
        "--mask $target" "--chmod 0711 $target" "--remount-ro $target"
        "--overlay-src lower --tmp-overlay $target"
        "--overlay-src lower --overlay upper work $target"
        "--tmpfs $target/deep/er" "--write text $target/deep/er" "--dir $target/deep/er"
        "--symlink text $target/deep/er" "--ro-bind data $target/deep/er"
    )
    for options in "${kinds[@]}"; do
        status=0
        # shellcheck disable=SC2086 # several words
        within 10 "$NSROOT" --bind image / $options -- /none 2>error 3<data || status=$?
        # 127: set up, and /none is not there
        case $status in
        125 | 127) ;;
        *) fail "$options: status $status: $(cat error)" ;;
        esac
        assert_equal "$options: $(host_state)" "$options: $before"
    done
}

@test "a symlink in the image as target leads nowhere else: a folder" {
    while read -r link; do
        ln -sfn "$link" image/evil
        try_all_at /evil
    done < <(links_to "$WORK/host")
}

@test "a symlink in the image as target leads nowhere else: a file" {
    while read -r link; do
        ln -sfn "$link" image/evil
        try_all_at /evil
    done < <(links_to "$WORK/host/file")
}

@test "a symlink in the image as target leads nowhere else: something new" {
    while read -r link; do
        ln -sfn "$link" image/evil
        try_all_at /evil
    done < <(links_to "$WORK/host/new")
}

@test "a symlink in the image as a parent of the target leads nowhere else" {
    while read -r link; do
        ln -sfn "$link" image/evil
        try_all_at /evil/file
        try_all_at /evil/new
    done < <(links_to "$WORK/host")
}

@test "absolute links of an image resolve in the image" {
    mkdir image/run/inner
    ln -s /run image/var-run
    run in_image image --write text /var-run/inner/file -- cat /run/inner/file
    assert_success
    assert_output text
    assert_equal "$(cat image/run/inner/file)" text
}

@test "/dev or /proc of the image is a symlink to the host" {
    rmdir image/dev image/proc
    ln -s "$WORK/host/folder" image/dev
    ln -s "$WORK/host/folder" image/proc
    run in_image image -- sh -c 'echo text >/dev/null'
    assert_equal "$(host_state)" "$before"
}

@test "/dev/null of the image is not what masks: it may be anything" {
    ln -s /etc/secret image/dev/null
    echo secret >image/etc/secret
    run in_image image --no-default-mounts --mask /etc/secret -- sh -c \
        'cat /etc/secret; stat -c "%F %t:%T" /etc/secret'
    assert_success
    assert_output "character special file 1:3"
}

@test "/proc of the image is a fake: not asked for anything" {
    mkdir -p image/proc/self/fd image/proc/sys
    echo fake >image/proc/self/uid_map
    for fd in 3 4 5 6 7 8 9 10 11; do ln -s "$WORK/host/file" "image/proc/self/fd/$fd"; done
    echo text >image/etc/file
    run in_image image --no-default-mounts --chmod 0400 /etc/file --bind-data 3 /etc/data -- \
        stat -c %a /etc/file 3<host/file
    assert_success
    assert_output 400
    assert_equal "$(host_state)" "$before"
}

@test "a FIFO, a device or a socket where a file is to be written: refused, no hanging" {
    mkfifo image/etc/fifo
    run --separate-stderr within 10 "$NSROOT" --bind image / --write text /etc/fifo -- /none
    assert_own_failure '--write.* /etc/fifo'
    run --separate-stderr within 10 "$NSROOT" --ro-bind image / --dev /dev \
        --write text /dev/tty -- /none
    assert_own_failure '--write.* /dev/tty'
}

@test "a target that is swapped for a symlink all the time" {
    need_program python3
    mkdir image/swapped
    ln -s "$WORK/host" image/link
    cat >swap.py <<'END'
import ctypes, os
libc = ctypes.CDLL(None)
parent = os.getppid()
while os.getppid() == parent:
    libc.renameat2(-100, b"image/swapped", -100, b"image/link", 2)
END
    python3 swap.py 3>&- &
    swapper=$!
    for _ in {1..40}; do
        "$NSROOT" --bind image / --write text /swapped/file --dir /swapped/new \
            --bind host/folder /swapped/bind --tmpfs /swapped/a/b -- /none 2>/dev/null || true
    done
    kill "$swapper"
    assert_equal "$(host_state)" "$before"
}

@test "the current directory and open fds of the caller stay outside" {
    cd host
    run in_image ../image -- sh -c 'pwd; ls /proc/self/fd; ls -A .' 7<folder 9<file
    assert_success
    assert_line --index 0 /
    refute_line 7
    refute_line 9
    refute_line folder
    run in_image ../image -- cat /proc/self/cwd/file
    assert_failure
}

@test "with --chdir into a link of the image, the host stays out of reach" {
    ln -s "$WORK/host" image/evil
    run in_image image --chdir /evil -- ls
    assert_failure
    refute_output --partial folder
}

@test "no folder for the set-up is made anywhere: nothing to predict" {
    need_program strace
    TMPDIR=/nowhere strace -f -o trace -e trace=mkdir,mkdirat,mknod,mknodat,openat \
        "$NSROOT" --ro-bind / / --tmpfs /tmp --bind host /opt/new/deep --bind-data 3 /etc/passwd \
        -- true 3<host/file
    run grep -E '^[0-9]+ +(mkdir|mknod)\(|(mkdirat|mknodat)\(AT_FDCWD|openat\(AT_FDCWD.*O_CREAT' trace
    assert_output ""
}

@test "nothing of the image is opened or run before the command" {
    need_program strace
    for file in etc/ld.so.preload etc/ld.so.cache etc/passwd etc/group etc/nsswitch.conf; do
        echo /evil.so >"image/$file"
    done
    strace -f -o trace -e trace=openat,openat2,open,execve,pivot_root \
        "$NSROOT" --bind image / --ro-bind /usr /usr -- /none 2>error || true
    grep -q pivot_root trace
    # pid 1 may write its id maps just then, by an fd of the host's procfs; what is resumed began
    # on a line of its own
    run sh -c "sed '1,/pivot_root/d' trace | grep -E 'open|execve' |
        grep -vE 'execve\(.* = -1 ENOENT|openat\([0-9]+, \"self/[ug]id_map\"|<\.\.\. openat resumed>'"
    assert_output ""
}
