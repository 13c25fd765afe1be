# SPDX-License-Identifier: LGPL-2.1-or-later
# --show-owners auto: what trap shows, without asking the recorder where a program can do without.

load ../lib/nsroot
load ../lib/auto

setup() {
    enter_auto
}

depth_of() {
    sed -n 's/^NSpid://p' "/proc/$1/status" | wc -w
}

# The process beside pid 1 that the launcher has started: it is in the launcher's pid namespace.
find_recorder() {
    local child children
    read -ra children <"/proc/$1/task/$1/children" || true # no newline at its end
    for child in "${children[@]}"; do
        [ "$(depth_of "$child")" -ne "$(depth_of "$1")" ] || recorder=$child
    done
    [ -n "$recorder" ]
}

# without_recorder OPTION... -- PROGRAM: run as with_auto; once PROGRAM has said "ready" the recorder is
# stopped, until it says "over" or 20 seconds are over. LINES: what it said in between.
without_recorder() {
    local recorder='' line=
    LINES=()
    mkfifo in out
    # shellcheck disable=SC2094
    "$NSROOT" --remember F --show-owners auto "$@" <in >out &
    local pid=$!
    exec 8>in 9<out
    read -r -t 20 line <&9
    assert_equal "$line" ready
    find_recorder "$pid"
    kill -STOP "$recorder"
    echo >&8
    while read -r -t 20 line <&9 && [ "$line" != over ]; do
        LINES+=("$line")
    done
    kill -CONT "$recorder"
    exec 8>&- 9<&-
    wait "$pid"
    assert_equal "$line" over
}

# a line of what stat(2) says, in Python
SHOW='import os, sys
def show(s): return "%d:%d:%o:%x" % (s.st_uid, s.st_gid, s.st_mode, s.st_rdev)'

@test "a dynamic program needs no recorder: one that is stopped is not missed" {
    without_recorder -- python3 -u -c "$SHOW"'
open("f", "w").close(); open("plain", "w").close(); os.symlink("f", "l")
os.chown("f", 5, 6); os.chown("l", 7, 8, follow_symlinks=False); os.mknod("n", 0o20600, 0x103)
os.setxattr("f", "user.x", b"y")
f = os.open("f", os.O_RDONLY)
print("ready")
sys.stdin.readline()
print(show(os.stat("f")), show(os.stat("l")), show(os.lstat("l")), show(os.fstat(f)), show(os.stat("n")),
      show(os.stat("plain")))
for file in "f", f: print(os.listxattr(file), os.getxattr(file, "user.x"))
print(os.listxattr("l", follow_symlinks=False))
print("over")'
    assert_equal "${LINES[0]}" "5:6:100644:0 5:6:100644:0 7:8:120777:0 5:6:100644:0 0:0:20600:103 0:0:100644:0"
    assert_equal "${LINES[*]:1}" "['user.x'] b'y' ['user.x'] b'y' []"
}

@test "nor is it for what lies in the lower layers of an overlay" {
    mkdir low up work m
    with_auto -- sh -c 'echo >low/f; echo >low/g; chown 5:6 low/f'
    without_recorder --overlay-src low --overlay "$PWD/up" "$PWD/work" "$PWD/m" -- python3 -u -c "$SHOW"'
print("ready")
sys.stdin.readline()
print(show(os.stat("m/f")), show(os.stat("m/g")))
open("m/f", "a").close()
print(show(os.stat("m/f")))
print("over")'
    assert_equal "${LINES[*]}" "5:6:100644:0 0:0:100644:0 5:6:100644:0"
}

@test "what one process sets, another sees at once" {
    run with_auto -- python3 -c '
import os
open("f", "w").close()
os.stat("f")
for i in range(1, 300):
    child = os.fork()
    if not child:
        os.chown("f", i, -1 if i % 2 else i)
        os._exit(0)
    os.waitpid(child, 0)
    s = os.stat("f")
    assert (s.st_uid, s.st_gid) == (i, i - i % 2), (i, s)
    if i % 10 == 0:
        os.chmod("f", 0o600 + i % 64)
        assert os.stat("f").st_mode & 0o7777 == 0o600 + i % 64
os.chown("f", 0, 0)
s = os.stat("f")
assert (s.st_uid, s.st_gid) == (0, 0)
print("good")'
    assert_success
    assert_output good
}

@test "attributes: those that are remembered, and others of the same and other names" {
    run with_auto -- python3 -c '
import ctypes, errno, os
for name in "f", "g": open(name, "w").close()
os.setxattr("f", "user.x", b"own")
def get(file, name):
    try: return os.getxattr(file, name)
    except OSError as e: return errno.errorcode[e.errno]
assert get("g", "trusted.x") == "ENODATA" and get("none", "user.x") == "ENOENT"
# another process, so that nothing can be known of it here
def run(what, *args):
    child = os.fork()
    if not child: what(*args); os._exit(0)
    os.waitpid(child, 0)
for i in range(100):
    run(os.setxattr, "f", "trusted.x", b"%d" % i)
    assert get("f", "trusted.x") == b"%d" % i and get("g", "trusted.x") == "ENODATA"
    assert os.listxattr("f") == ["user.x", "trusted.x"] and os.listxattr("g") == []
    assert get("f", "user.x") == b"own" and get("none", "user.x") == "ENOENT"
    run(os.removexattr, "f", "trusted.x")
    assert get("f", "trusted.x") == "ENODATA" and os.listxattr("f") == ["user.x"]
    if i == 50: os.removexattr("f", "user.x"); os.setxattr("f", "user.x", b"own")
run(os.setxattr, "f", "trusted.y", b"y")
libc = ctypes.CDLL(None, use_errno=True)
for file, name, size in (b"f", 1, 9), (b"f", 0, 9), (b"f", b"", 9), (b"f", b"trusted.y" * 99, 9), (0, b"trusted.y", 9), \
        (b"f", b"trusted.y", 0), (b"f", b"trusted.y", 9):
    ctypes.set_errno(0)
    print(libc.getxattr(ctypes.c_char_p(file or None), ctypes.c_void_p(name) if isinstance(name, int) else name,
        ctypes.create_string_buffer(9), ctypes.c_size_t(size)), errno.errorcode.get(ctypes.get_errno()))'
    assert_success
    assert_output $'-1 EFAULT\n-1 EFAULT\n-1 ERANGE\n-1 ERANGE\n-1 EFAULT\n1 None\n1 None'
}

@test "threads: no mixture of two owners, and none that was before" {
    run with_auto -- python3 -c '
import os, threading
open("f", "w").close()
os.chown("f", 1, 1)
over = False
bad = []
def look():
    last = 0
    while not over:
        s = os.stat("f")
        if s.st_uid != s.st_gid or s.st_uid < last: bad.append((last, s.st_uid, s.st_gid))
        last = s.st_uid
threads = [threading.Thread(target=look) for i in range(3)]
for t in threads: t.start()
for i in range(2, 3000): os.chown("f", i, i)
over = True
for t in threads: t.join()
print(bad)'
    assert_success
    assert_output '[]'
}

@test "a device is one from the first moment that its name is there" {
    run with_auto -- python3 -c '
import os, stat, threading
names = ["n%d" % i for i in range(1000)]
bad = []
def look():
    for name in names:
        while True:
            try: mode = os.stat(name).st_mode
            except FileNotFoundError: continue
            if not stat.S_ISCHR(mode): bad.append(oct(mode))
            break
thread = threading.Thread(target=look)
thread.start()
for name in names: os.mknod(name, 0o20644, 0x103)
thread.join()
print(bad)'
    assert_success
    assert_output '[]'
}

@test "an inode number that is given again, a name that moves, and a hard link" {
    run with_auto -- python3 -c '
import os
reused = 0
for i in range(300):
    open("f", "w").close(); os.chown("f", 5, 6); inode = os.stat("f").st_ino
    os.unlink("f")
    open("g", "w").close()
    s = os.stat("g"); reused += s.st_ino == inode
    assert (s.st_uid, s.st_gid) == (0, 0), i
    os.chown("g", 7, -1)
    s = os.stat("g")
    assert (s.st_uid, s.st_gid) == (7, 0), i
    os.rename("g", "h"); os.link("h", "g")
    assert os.stat("h").st_uid == 7 and os.stat("g").st_uid == 7
    os.unlink("g"); os.unlink("h")
print("good")'
    assert_success
    assert_output good
}

@test "what is static, and what has no environment, is answered by the recorder" {
    run with_auto -- sh -c 'echo >f; chown 5:6 f; env -i stat -c %u:%g f; env -u LD_PRELOAD ls -n f | cut -d " " -f 3,4'
    assert_success
    assert_output $'5:6\n5 6'
    need_program busybox
    [[ "$(file -L "$(command -v busybox)")" == *static* ]] || skip "wants a static busybox"
    run with_auto -- sh -c "$(command -v busybox) stat -c %u:%g f"
    assert_output 5:6
}

@test "the cookie: who uses it sees the real owner; another value is no cookie" {
    need_tool rawcall # x86-64
    run with_auto -- python3 -c '
import ctypes, os
open("f", "w").close(); os.chown("f", 5, 6)
libc = ctypes.CDLL(None)
def ask(last):
    room = ctypes.create_string_buffer(256)
    assert libc.syscall(262, -100, b"f", room, 0, ctypes.c_long(0), ctypes.c_ulong(last)) == 0
    return int.from_bytes(room[28:32], "little")
cookie = 0x6f776e65ffffe6c3
print(ask(cookie), ask(0), ask(cookie ^ 1), ask(cookie & 0xffffffff))'
    assert_success
    assert_output "0 5 5 5"
}

@test "more files than the table holds: right all the same" {
    awk 'BEGIN { print "nsroot-remember 1"
        for (i = 1; i <= 300000; i++) printf "fffff:%d:%x uid=5\n", i, i
        print "end 300000" }' >F
    run with_auto -- sh -c 'echo >f; chown 5:6 f; stat -c %u:%g f; chown 7 f; stat -c %u:%g f; stat -c %u F'
    assert_success
    assert_output $'5:6\n7:6\n0'
    run tail -n 1 F
    assert_output "end 300001"
}

@test "LD_PRELOAD: the user's own stays, before ours; --clearenv leaves ours" {
    run with_auto --setenv LD_PRELOAD libm.so.6 -- sh -c 'echo "$LD_PRELOAD"'
    assert_output "libm.so.6:/dev/nsroot/owners.so"
    run with_auto --clearenv -- /bin/sh -c 'echo "$LD_PRELOAD"; echo >g; /bin/chown 5 g; /usr/bin/stat -c %u g'
    assert_output $'/dev/nsroot/owners.so\n5'
    run nsroot --remember F --show-owners trap -- sh -c 'echo "[$LD_PRELOAD]"; ls /dev/nsroot'
    assert_failure
    assert_line --index 0 "[]"
}

@test "chroot: what is started there does not miss the library" {
    local show='import ctypes, os; os.mkdir("tree"); open("tree/f", "w").close(); os.chown("tree/f", 5, 6)
os.chroot("tree"); os.chdir("/"); print(os.stat("/f").st_uid, os.environb.get(b"LD_PRELOAD"), flush=True)
getenv = ctypes.CDLL(None).getenv; getenv.restype = ctypes.c_char_p; print(getenv(b"LD_PRELOAD"))'
    run with_auto -- python3 -c "$show"
    assert_success
    assert_output "5 b'/dev/nsroot/owners.so'
None"
    rm -r tree
    run with_auto --setenv LD_PRELOAD libm.so.6:libdl.so.2 -- python3 -c "$show"
    assert_output "5 b'libm.so.6:libdl.so.2:/dev/nsroot/owners.so'
b'libm.so.6:libdl.so.2'"
}

@test "a sandbox in the sandbox: its programs do not look for the library" {
    run with_auto --setenv LD_PRELOAD libm.so.6 --bind "$(dirname "$NSROOT")" /mnt -- /mnt/nsroot -- \
        sh -c 'echo "[$LD_PRELOAD]"'
    assert_success
    assert_output '[libm.so.6]'
    run with_auto --bind "$(dirname "$NSROOT")" /mnt -- /mnt/nsroot -- sh -c 'echo "[${LD_PRELOAD-none}]"'
    assert_success
    assert_output '[none]'
}

@test "in a user namespace made inside: as trap has it" {
    local how by=()
    for how in trap auto; do
        rm -f f
        run nsroot --remember "F$how" --show-owners "$how" -- sh -c '
            echo >f; chown 5:6 f; stat -c %u:%g f; unshare --user --map-root-user stat -c %u:%g f
            python3 -c "
import ctypes, os
print(os.stat(\"f\").st_uid)
assert ctypes.CDLL(None).unshare(0x10000000) == 0
print(os.stat(\"f\").st_uid)
if not os.fork(): print(os.stat(\"f\").st_gid); os._exit(0)
os.wait()"'
        assert_success
        by+=("$output")
    done
    assert_equal "${by[1]}" "${by[0]}"
    assert_line --index 0 5:6
}

@test "a program that is started under a filter that kills for madvise starts" {
    need_tool rawcall # x86-64
    run with_auto -- python3 -c '
import ctypes, os, struct
open("f", "w").close(); os.chown("f", 5, 6)
steps = [(0x20, 0, 0, 0), (0x15, 0, 1, 28), (0x06, 0, 0, 0x80000000), (0x06, 0, 0, 0x7fff0000)]
room = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(room)))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, program) == 0
os.execvp("stat", ["stat", "-c", "%u:%g", "f"])'
    assert_success
    assert_output 5:6
}

@test "a program whose own filter allows no more than stat is not killed" {
    need_tool rawcall # x86-64
    run with_auto -- python3 -c '
import ctypes, os, struct
open("f", "w").close(); os.chown("f", 5, 6)
steps = [(0x20, 0, 0, 0)]
for number in (25, 39, 303): # mremap, getpid, name_to_handle_at
    steps += [(0x15, 0, 1, number), (0x06, 0, 0, 0x80000000)]
steps += [(0x06, 0, 0, 0x7fff0000)]
room = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(room)))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, program) == 0
print(os.stat("f").st_uid, os.stat("F").st_uid)'
    assert_success
    assert_output "5 0"
}

@test "where it can't be had, it is trap, and --verbose says why" {
    local row
    echo >f
    for row in '--no-lock|mounts are not locked' '--bind /dev /dev|/dev is not nsroot' \
        '--tmpfs /dev/nsroot|something else' '--seccomp-deny acct|there are filters'; do
        # shellcheck disable=SC2086
        run --separate-stderr with_auto --verbose ${row%%|*} -- sh -c 'chown 5 f; stat -c %u f; echo "$LD_PRELOAD"'
        assert_success
        assert_output 5
        # shellcheck disable=SC2154
        assert_regex "$stderr" "--show-owners auto: as trap: ${row#*|}"
    done
}

@test "the folder can't be written to, nor the table be changed" {
    run with_auto -- sh -c 'echo >/dev/nsroot/owners; echo x >/dev/nsroot/new; mount -o remount,bind,rw /dev/nsroot; umount /dev/nsroot; ls /dev/nsroot'
    assert_success
    assert_line --partial 'owners: Read-only file system'
    assert_line --partial 'new: Read-only file system'
    assert_equal "${lines[-2]} ${lines[-1]}" "owners owners.so"
}
