# SPDX-License-Identifier: LGPL-2.1-or-later
# --remember: the links of procfs that lead to what other processes have. Who asks gets no further by
# the recorder than by itself: readlink(2), which the recorder never hears of, has the same check.

load ../lib/nsroot

remembering() {
    nsroot --remember F --show-owners trap "$@"
}

# try_all(NAME, PID, CALLERS) prints a line for each caller that follows the links of a process: what
# the kernel says to that, and what is wrong where the recorder says otherwise.
# A caller: its name, what makes it so, the owner that it is to see of a file that is owned by
# 100005, and the error of its chown.
processes='
import ctypes, errno, os, signal, sys
libc = ctypes.CDLL(None, use_errno=True)
PTRACE, ALL = 1 << 19, (1 << 41) - 1
def keep(caps):
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    sets = (ctypes.c_uint32 * 6)()
    assert libc.capget(header, sets) == 0
    for i in range(6): sets[i] &= (caps >> 32 * (i // 3)) & 0xffffffff
    assert libc.capset(header, sets) == 0
def lower(caps):
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    sets = (ctypes.c_uint32 * 6)()
    assert libc.capget(header, sets) == 0
    for i in 0, 3: sets[i] &= (caps >> 32 * (i // 3)) & 0xffffffff
    assert libc.capset(header, sets) == 0
def become(uid):
    assert libc.prctl(8, 1, 0, 0, 0) == 0
    os.setresgid(uid, uid, uid); os.setresuid(uid, uid, uid)
    assert libc.prctl(4, 1, 0, 0, 0) == 0
def nest():
    assert libc.unshare(0x10000000) == 0
    open("/proc/self/setgroups", "w").write("deny")
    open("/proc/self/uid_map", "w").write("0 0 1"); open("/proc/self/gid_map", "w").write("0 0 1")
def undumpable(): assert libc.prctl(4, 0, 0, 0, 0) == 0
# The pid of one that holds f and is in d.
def start(change):
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open("f", os.O_RDONLY), 50); os.chdir("d")
        change(); os.write(w, b".")
        signal.pause()
    os.close(w); assert os.read(r, 1) == b"."; os.close(r)
    return pid
def code(function, *args):
    try: return 0, function(*args)
    except OSError as e: return e.errno, None
def try_links(pid, who, seen, refused):
    wrong, allowed = [], set()
    here = os.getcwd()
    for link, rest in ("fd/50", ""), ("cwd", "/f"), ("root", here + "/f"), ("task/%s/fd/50" % pid, ""):
        link = "/proc/%s/%s" % (pid, link)
        kernel, _ = code(os.readlink, link)
        allowed.add(kernel)
        r, status = code(os.stat, link + rest)
        if r != kernel or (r == 0 and status.st_uid != seen): wrong += ["stat", link, kernel, r, status and status.st_uid]
        r, _ = code(os.chown, link + rest, 0 if seen == 65534 else seen, -1)
        if r != (kernel or refused): wrong += ["chown", link, kernel, r]
    print(who, *sorted(errno.errorcode.get(e, "followed") for e in allowed), *wrong, flush=True)
def try_all(name, pid, callers):
    for who, change, seen, refused in callers:
        child = os.fork()
        if child == 0:
            change(); try_links(pid, name + " by " + who + ":", seen, refused); os._exit(0)
        os.waitpid(child, 0)
    if pid != "self": os.kill(pid, 9); os.waitpid(pid, 0)
os.mkdir("d")
for n in "f", "d/f": open(n, "w").close(); os.chown(n, 100005, 100005)
'

@test "with one id: as the kernel follows them, by capabilities and whether a process is dumpable" {
    run remembering -- python3 -c "$processes"'
callers = [("root", lambda: None, 100005, 0), ("one without CAP_SYS_PTRACE", lambda: keep(ALL & ~PTRACE), 100005, 0),
    ("one that has it permitted alone", lambda: lower(ALL & ~PTRACE), 100005, 0),
    ("one without capabilities", lambda: keep(0), 100005, errno.EINVAL)]
try_all("one like us", start(lambda: None), callers)
try_all("one with fewer", start(lambda: keep(1)), callers)
try_all("one with none", start(lambda: keep(0)), callers)
try_all("one that is not dumpable", start(lambda: (keep(0), undumpable())), callers)'
    assert_success
    assert_output 'one like us by root: followed
one like us by one without CAP_SYS_PTRACE: EACCES
one like us by one that has it permitted alone: EACCES
one like us by one without capabilities: EACCES
one with fewer by root: followed
one with fewer by one without CAP_SYS_PTRACE: followed
one with fewer by one that has it permitted alone: followed
one with fewer by one without capabilities: EACCES
one with none by root: followed
one with none by one without CAP_SYS_PTRACE: followed
one with none by one that has it permitted alone: followed
one with none by one without capabilities: followed
one that is not dumpable by root: followed
one that is not dumpable by one without CAP_SYS_PTRACE: EACCES
one that is not dumpable by one that has it permitted alone: EACCES
one that is not dumpable by one without capabilities: EACCES'
}

@test "the own links of who has no rights are open to it, in every thread" {
    run remembering -- python3 -c "$processes"'
import threading
os.dup2(os.open("f", os.O_RDONLY), 50); os.chdir("d"); undumpable(); lower(ALL & ~PTRACE)
try_links(os.getpid(), "self:", 100005, 0)
def other(): try_links(os.getpid(), "thread:", 100005, 0); try_links(threading.get_native_id(), "thread by its number:", 100005, 0)
t = threading.Thread(target=other); t.start(); t.join()'
    assert_success
    assert_output 'self: followed
thread: followed
thread by its number: followed'
}

@test "--map subid: by user, too" {
    need_subids
    chmod 0755 .
    run remembering --map subid -- python3 -c "$processes"'
callers = [("root", lambda: None, 100005, 0), ("one without CAP_SYS_PTRACE", lambda: keep(ALL & ~PTRACE), 100005, 0),
    ("a user who may change files", lambda: (become(7), change_files()), 100005, 0),
    ("root as a user for files", lambda: (libc.setfsgid(7), libc.setfsuid(7), change_files()), 100005, 0)]
def change_files():
    sets = (ctypes.c_uint32 * 6)(31, 31, 0, 0, 0, 0)
    assert libc.capset((ctypes.c_uint32 * 2)(0x20080522, 0), sets) == 0
try_all("root", start(lambda: keep(0)), callers[:2])
try_all("a user", start(lambda: become(7) or keep(0)), callers)
try_all("another user", start(lambda: become(8) or keep(0)), callers)
os.unlink("f"); os.unlink("d/f"); os.rmdir("d")'
    assert_success
    assert_output 'root by root: followed
root by one without CAP_SYS_PTRACE: followed
a user by root: followed
a user by one without CAP_SYS_PTRACE: EACCES
a user by a user who may change files: followed
a user by root as a user for files: followed
another user by root: followed
another user by one without CAP_SYS_PTRACE: EACCES
another user by a user who may change files: EACCES
another user by root as a user for files: EACCES'
}

@test "in a user namespace inside: nothing outside of it, and within as the kernel does" {
    run remembering -- python3 -c "$processes"'
callers = [("root", lambda: None, 65534, errno.EPERM), ("one without CAP_SYS_PTRACE", lambda: keep(ALL & ~PTRACE), 65534, errno.EPERM),
    ("one without capabilities", lambda: keep(0), 65534, errno.EPERM), ("root of one more", nest, 65534, errno.EPERM)]
outside, bare = start(lambda: None), start(lambda: keep(0))
nest()
try_all("one outside", outside, callers)
try_all("one outside with none", bare, callers)
try_all("one like us", start(lambda: None), callers)
try_all("one with none", start(lambda: keep(0)), callers)
try_all("one deeper", start(nest), callers)
try_all("one that is not dumpable", start(lambda: (keep(0), undumpable())), callers)'
    assert_success
    assert_output 'one outside by root: EACCES
one outside by one without CAP_SYS_PTRACE: EACCES
one outside by one without capabilities: EACCES
one outside by root of one more: EACCES
one outside with none by root: EACCES
one outside with none by one without CAP_SYS_PTRACE: EACCES
one outside with none by one without capabilities: EACCES
one outside with none by root of one more: EACCES
one like us by root: followed
one like us by one without CAP_SYS_PTRACE: EACCES
one like us by one without capabilities: EACCES
one like us by root of one more: EACCES
one with none by root: followed
one with none by one without CAP_SYS_PTRACE: followed
one with none by one without capabilities: followed
one with none by root of one more: EACCES
one deeper by root: followed
one deeper by one without CAP_SYS_PTRACE: followed
one deeper by one without capabilities: followed
one deeper by root of one more: EACCES
one that is not dumpable by root: EACCES
one that is not dumpable by one without CAP_SYS_PTRACE: EACCES
one that is not dumpable by one without capabilities: EACCES
one that is not dumpable by root of one more: EACCES'
}
