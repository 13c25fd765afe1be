# SPDX-License-Identifier: LGPL-2.1-or-later
# Filters of system calls: those of every launch, and the user's.

load ../lib/nsroot

# call OPTION... -- [-32] NUMBER [ARG]...: what the kernel returns inside
call() {
    local options=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    nsroot "${options[@]}" "$1" "$TOOLS/rawcall" "${@:2}"
}

EPERM=-1 ENOSYS=-38 ENOTTY=-25
TIOCSTI=0x5412 TIOCLINUX=0x541c

# make_filter NUMBER ERRNO: a program that lets one system call fail
make_filter() {
    python3 -c '
import struct, sys
# load the number; if it is uname, fail; else allow
code = [(0x20, 0, 0, 0), (0x15, 0, 1, int(sys.argv[1])), (0x06, 0, 0, 0x50000 | int(sys.argv[2])), (0x06, 0, 0, 0x7fff0000)]
sys.stdout.buffer.write(b"".join(struct.pack("=HBBI", *line) for line in code))' "$1" "$2"
}

uname_number() {
    case $(uname -m) in
    x86_64) echo 63 ;;
    aarch64 | riscv64) echo 160 ;;
    *) skip "number of uname not known here" ;;
    esac
}

@test "input can't be pushed into the terminal: TIOCSTI and TIOCLINUX, by every way in" {
    need_tool rawcall
    local request
    for request in $TIOCSTI $TIOCLINUX; do
        run call -- 16 0 "$request" @x
        assert_output $EPERM
        run call -- 16 0 $((request | 1 << 32)) @x
        assert_output $EPERM
        run call -- -32 54 0 "$request" @x
        assert_output $EPERM
    done
    run call -- 16 0 0x5401 @x
    assert_output $ENOTTY
}

@test "x32 system calls: ENOSYS" {
    need_tool rawcall
    run call -- $((0x40000000 + 39))
    assert_output $ENOSYS
    run call -- $((0x40000000 + 16)) 0 $TIOCSTI @x
    assert_output $ENOSYS
}

@test "io_uring: ENOSYS, unless --allow-io-uring" {
    need_tool rawcall
    # io_uring_setup, without which there is nothing for the other two to work on
    run call -- 425 8 0
    assert_output $ENOSYS
    run call -- -32 425 8 0
    assert_output $ENOSYS
    run call --allow-io-uring -- 425 8 0
    refute_output $ENOSYS
}

@test "the filters hold with one level, as another user, and for what is executed later" {
    need_tool rawcall
    run call --no-lock -- 425 8 0
    assert_output $ENOSYS
    run call --map caller -- 425 8 0
    assert_output $ENOSYS
    run nsroot -- sh -c "unshare --user --map-root-user $TOOLS/rawcall 425 8 0"
    assert_output $ENOSYS
}

@test "--seccomp: a compiled filter" {
    number=$(uname_number)
    run nsroot --seccomp 7 -- uname 7< <(make_filter "$number" 7)
    assert_failure
    assert_output --partial "Argument list too long"
    run nsroot -- uname
    assert_success
}

@test "--add-seccomp-fd: several; that of nsroot is in force still" {
    number=$(uname_number)
    run nsroot --add-seccomp-fd 7 --add-seccomp-fd 8 -- sh -c 'uname; grep Seccomp_filters /proc/self/status' \
        7< <(make_filter "$number" 7) 8< <(make_filter 99999 1)
    assert_output --partial "Argument list too long"
    assert_line --regexp $'^Seccomp_filters:\t[3-9]'
}

@test "--seccomp: what is no program is refused" {
    run --separate-stderr nsroot --seccomp 7 -- true 7<<<"abc"
    assert_own_failure '--seccomp 7: not a BPF program'
    run --separate-stderr nsroot --seccomp 7 -- true 7</dev/null
    assert_own_failure '--seccomp 7'
    run --separate-stderr nsroot --seccomp 7 -- true 7< <(head -c 64 /dev/zero)
    assert_own_failure 'seccomp'
}

@test "--seccomp-deny: EPERM, or the errno that is given" {
    run nsroot --seccomp-deny mkdir,mkdirat -- mkdir folder
    assert_failure
    assert_output --partial "Operation not permitted"
    run nsroot --seccomp-deny mkdir:ENOSPC,mkdirat:ENOSPC -- mkdir folder
    assert_failure
    assert_output --partial "No space left on device"
    assert_not_exist folder
}

@test "--seccomp-deny: by int 0x80 too" {
    need_tool rawcall
    run call --seccomp-deny mkdir -- 83 @folder 0755
    assert_output $EPERM
    run call --seccomp-deny mkdir -- -32 39 @folder 0755
    assert_output $EPERM
    run call -- -32 39 @folder 0755
    assert_output 0
}

@test "--seccomp-deny: an unknown name is refused" {
    run --separate-stderr nsroot --seccomp-deny mkdir,nosuchcall -- true
    assert_own_failure '--seccomp-deny: nosuchcall'
    run --separate-stderr nsroot --seccomp-deny mkdir:ENOSUCH -- true
    assert_own_failure '--seccomp-deny: .*ENOSUCH'
}

@test "--seccomp-allow-only: all else is ENOSYS" {
    # what a shell that prints something wants
    python3 - >names <<'PYTHON'
import subprocess, re
trace = subprocess.run(["strace", "-f", "-qq", "-o", "/dev/stdout", "sh", "-c", "echo allowed"],
                       capture_output=True, text=True).stdout
names = set(re.findall(r"^\d*\s*(\w+)\(", trace, re.M)) | {"execve", "exit_group"}
print("# as strace has it", *sorted(names), sep="\n")
PYTHON
    grep -q write names || skip "strace can't trace here"
    run nsroot --seccomp-allow-only names -- sh -c 'echo allowed'
    assert_success
    assert_output allowed
    run nsroot --seccomp-allow-only names -- sh -c 'kill -0 $$ && echo sent'
    assert_failure
    assert_output --partial "Function not implemented"
}

@test "a filter that forbids what nsroot itself needs is installed after that" {
    run nsroot --seccomp-deny mount,pivot_root,unshare,clone3,prctl,seccomp,capset -- echo works
    assert_success
    assert_output works
}
