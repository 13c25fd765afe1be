# SPDX-License-Identifier: LGPL-2.1-or-later
# --remember: what a command could try against the recorder, and that it can't be misled by paths.

load ../lib/nsroot

remembering() {
    nsroot --remember F --show-owners trap "$@"
}

# Prints what can be had of a process, by its number: nothing is right.
grab='
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def reach(pid):
    for name in "mem", "root", "cwd", "ns/user", "exe", "map_files":
        path = "/proc/%d/%s" % (pid, name)
        try:
            os.listdir(path) if name == "map_files" else os.readlink(path) if name != "mem" else os.open(path, os.O_RDONLY)
            print("reached", path)
        except OSError: pass
    for fd in range(32):
        try:
            os.readlink("/proc/%d/fd/%d" % (pid, fd)); print("fd", fd)
        except OSError: pass
    if libc.ptrace(16, pid, 0, 0) == 0 or libc.ptrace(0x4206, pid, 0, 0) == 0: print("traced")
    pidfd = libc.syscall(434, pid, 0)
    if pidfd < 0: sys.exit("no pidfd")
    for fd in range(32):
        if libc.syscall(438, pidfd, fd, 0) >= 0: print("got fd", fd)
    if libc.setns(pidfd, 0x10000000) == 0: print("entered")
'

@test "no process of nsroot gives its descriptors, memory or namespaces away, even with --share-pid" {
    [ "$(uname -m)" = x86_64 ] || skip "numbers of system calls"
    cat >grab.py <<<"$grab"'
found = 0
for name in os.listdir("/proc"):
    try: command = open("/proc/%s/comm" % name).read().strip()
    except OSError: continue
    if not name.isdigit() or command not in ("nsroot", sys.argv[1]): continue
    status = dict(l.split(":", 1) for l in open("/proc/%s/status" % name))
    if status["Uid"].split()[0] != str(os.getuid()): continue
    found += 1
    reach(int(name))
print(found >= 3)'
    run remembering --share-pid -- sh -c 'echo >f; chown 5 f; exec python3 grab.py "$(basename "$NSROOT")"'
    assert_output True
}

@test "no path through the recorder's own links leads out of the sandbox" {
    mkdir outside inside
    cat >inside/plant.py <<'END'
import os
tried = 0
def plant(folder):
    global tried
    for fd in range(32):
        tried += 1
        try: os.mknod("%s/fd/%d/planted" % (folder, fd), 0o20666, os.makedev(1, 3)); print("planted")
        except OSError: pass
    for link in "cwd", "root":
        try: os.chown("%s/%s/" % (folder, link), 5, 5); print("followed", link)
        except OSError: pass
for proc in "/proc", "/mnt":
    for pid in filter(str.isdigit, os.listdir(proc) if os.path.exists(proc) else ()):
        try: status = dict(l.split(":", 1) for l in open("%s/%s/status" % (proc, pid)))
        except OSError: continue
        # of the caller's processes those that are nsroot's: their descriptors can't be listed
        if status["Uid"].split()[0] not in ("0", str(os.getuid())): continue
        try: os.listdir("%s/%s/fd" % (proc, pid))
        except OSError: plant("%s/%s" % (proc, pid)); plant("%s/%s/task/%s" % (proc, pid, pid))
print("tried" if tried else "found no process to try")
END
    cd inside
    for option in --share-pid '--ro-bind /proc /mnt'; do
        # shellcheck disable=SC2086
        run nsroot --remember ../outside/F $option -- python3 plant.py
        assert_output tried
        assert_success
        [ ! -e ../outside/planted ]
    done
}

@test "/proc/self is the caller's with --share-pid, too, and through a procfs of the host" {
    # shellcheck disable=SC2016
    for option in --share-pid '--ro-bind /proc /mnt'; do
        rm -f f F
        # shellcheck disable=SC2086
        run remembering $option -- sh -c '
            echo >f; exec 9<f; for i in 10 11 12; do exec 9<f; done
            chown 5 /proc/self/fd/9; stat -c %u f; chown 6 /dev/fd/9; stat -c %u f; stat -L -c %u /proc/self/fd/9
            chown 7 /proc/self/cwd/f /proc/thread-self/root/nothing 2>/dev/null; stat -c %u f
            [ ! -e /mnt/self ] || chown 8 /mnt/self/fd/9; stat -L -c %u /dev/fd/9'
        assert_line --index 0 5
        assert_line --index 1 6
        assert_line --index 2 6
        assert_line --index 3 7
        [[ "$option" == --share* ]] || assert_line --index 4 8
    done
}

# Two threads: one asks for owners by a path, the other changes the path, and what lies there.
@test "a path that changes while it is looked at: nothing but the caller's own files is changed" {
    mkdir own
    chmod 0700 own
    cat >race.py <<'EOF'
import ctypes, os, threading, time
libc = ctypes.CDLL(None)
for name in "own/a", "own/b": open(name, "w").close()
path = ctypes.create_string_buffer(b"own/a", 64)
start = time.monotonic()
def owners(): return {(os.stat(n).st_uid, os.stat(n).st_gid) for n in ("own/a", "own/b")}
# two seconds, or as many as a busy machine takes to come to both files
def racing():
    seconds = time.monotonic() - start
    return seconds < 2 or (seconds < 30 and owners() != {(5, 6)})
def change():
    i = 0
    while racing():
        i += 1
        path.value = (b"own/a", b"own/b", b"/etc/passwd", b"own/link")[i % 4]
        try:
            os.symlink(("a", "/etc/passwd", "/proc/self/fd/0")[i % 3], "own/new")
            os.rename("own/new", "own/link")
        except OSError: pass
threads = [threading.Thread(target=change)]
def ask():
    while racing():
        libc.chown(path, 5, 6)
        libc.lchown(path, 5, 6)
        libc.setxattr(path, b"trusted.x", b"y", 1, 0)
        libc.mknod(path, 0o20600, 0x103)
threads += [threading.Thread(target=ask) for _ in range(2)]
for t in threads: t.start()
for t in threads: t.join()
print(owners())
print(os.stat("/etc/passwd").st_uid == 5)
EOF
    before=$(stat -c '%u:%g %a %Z' /etc/passwd)
    run remembering --ro-bind /etc /etc -- python3 race.py
    assert_line --index 0 '{(5, 6)}'
    assert_line --index 1 False
    assert_equal "$(stat -c '%u:%g %a %Z' /etc/passwd)" "$before"
    run nsroot --remember F -- true
    assert_success
}

@test "who has fewer rights finds nothing by a race that it could not find without" {
    need_subids
    need_program setpriv
    chmod 0755 .
    # shellcheck disable=SC2016
    # another user inside, and a folder that is closed to it: a link leads now in, now elsewhere
    run remembering --map subid -- sh -c '
        mkdir closed; echo >closed/f; chown 100000 closed/f; chmod 0700 closed; mkdir -m 0777 open; echo >open/f; chown 7 open/f
        race=$(cat)
        setpriv --reuid 7 --regid 7 --clear-groups --inh-caps=-all python3 -c "$race"; rm -r closed open' <<'EOF'
import os, threading, time
start = time.monotonic()
os.symlink("../open", "open/link")
seen = set()
# two seconds, or as many as a busy machine takes to see both
def racing():
    seconds = time.monotonic() - start
    return seconds < 2 or (seconds < 30 and len(seen) < 2)
def change():
    i = 0
    while racing():
        i += 1
        os.symlink(("../open", "../closed")[i % 2], "open/new")
        os.rename("open/new", "open/link")
t = threading.Thread(target=change); t.start()
while racing():
    try: seen.add(os.stat("open/link/f").st_uid)
    except OSError as e: seen.add(type(e).__name__)
t.join()
print(sorted(map(str, seen)))
EOF
    assert_output "['7', 'PermissionError']"
}
