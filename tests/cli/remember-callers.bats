# SPDX-License-Identifier: LGPL-2.1-or-later
# --remember: what the recorder knows of a caller is right after the caller, or another, has changed it.

load ../lib/nsroot

remembering() {
    nsroot --remember F --show-owners trap "$@"
}

entries() {
    sed -n 's/^end //p' F
}

@test "chroot by another thread, and by a process that shares it: paths lead to the new root at once" {
    [ "$(uname -m)" = x86_64 ] || skip "numbers of system calls"
    run remembering -- python3 -c '
import ctypes, os, threading
libc = ctypes.CDLL(None, use_errno=True)
here = os.getcwd()
os.mkdir("r"); os.makedirs("r" + here)
for n in ("f", "r/f", "r" + here + "/f"): open(n, "w").close()
def show(where): print(where, [os.stat(n, dir_fd=d).st_uid for n in ("f", "r/f", "r" + here + "/f")])
d = os.open(".", os.O_RDONLY); path = here + "/f"
go, done = threading.Event(), threading.Event()
def work():
    os.chown(path, 1, 1); go.set(); done.wait(); os.chown(path, 2, 2)
t = threading.Thread(target=work); t.start(); go.wait(); show("before")
os.chroot("r"); done.set(); t.join(); show("thread")
# CLONE_FS without CLONE_VM: a child that shares the root alone
os.chown("/f", 3, 3); r, w = os.pipe()
if libc.syscall(56, 0x200 | 17, 0, 0, 0, 0) == 0:
    os.chown("/f", 4, 4); os.fchdir(d); os.chroot("."); os._exit(0)
os.wait(); show("child"); os.chown("/f", 5, 5); show("shared")'
    assert_output 'before [1, 0, 0]
thread [1, 0, 2]
child [1, 4, 2]
shared [5, 4, 2]'
}

@test "unshare and setns after the first call: the new namespaces count" {
    [ "$(uname -m)" = x86_64 ] || skip "numbers of system calls"
    run remembering -- python3 -c '
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
os.mkdir("m"); open("m/f", "w").close(); os.chown("m/f", 1, 1); path = os.getcwd() + "/m"
mine = os.open("/proc/self/ns/mnt", os.O_RDONLY)
assert libc.unshare(0x20000) == 0
assert libc.mount(b"none", path.encode(), b"tmpfs", 0, None) == 0
open(path + "/f", "w").close(); print(os.stat(path + "/f").st_uid)
os.chown(path + "/f", 2, 2); print(os.stat(path + "/f").st_uid)
assert libc.setns(mine, 0x20000) == 0
print(os.stat(path + "/f").st_uid)
assert libc.unshare(0x10000000) == 0
open("/proc/self/setgroups", "w").write("deny")
open("/proc/self/uid_map", "w").write("0 0 1"); open("/proc/self/gid_map", "w").write("0 0 1")
s = os.stat(path + "/f"); print(s.st_uid, s.st_gid)
try: os.chown(path + "/f", 0, 0)
except OSError as e: print(e.strerror)'
    assert_output $'0\n2\n1\n65534 65534\nOperation not permitted'
    # the tmpfs is no more, but what is remembered of its file does no harm
    [ "$(entries)" -ge 1 ]
}

@test "pids that are given again: each process has its own root and current directory" {
    # shellcheck disable=SC2016
    run remembering -- sh -c '
        mkdir a b; echo >a/f; echo >b/f; echo >f
        for i in $(seq 150); do (cd a; chown $i f); (cd b; chown $((i + 1000)) f); done
        stat -c "%n %u" a/f b/f f'
    assert_output $'a/f 150\nb/f 1150\nf 0'
}

@test "hardly any file descriptors: many callers all the same" {
    mkfifo go
    cat >callers <<-'end'
		for i in $(seq 60); do
		    (echo >f$i; chown $i f$i; read -r line <go) &
		done
		# none has ended when the last one calls
		until [ "$(stat -c %u f* 2>/dev/null | grep -vcx 0)" -eq 60 ]; do sleep 0.02; done
		exec 3<>go
		seq 60 >&3
		wait
		stat -c %u f* | sort -n | tail -n 1
	end
    # shellcheck disable=SC2016
    run bash -c 'ulimit -n 40; "$NSROOT" --remember F --show-owners trap -- sh callers'
    assert_success
    assert_output 60
    assert_equal "$(entries)" 60
}

@test "a current directory that is removed, or cannot be reached" {
    run remembering -- sh -c '
        mkdir gone; cd gone; echo >f; exec 9<f; rm f; rmdir ../gone
        chown 5 f; chown 5 /proc/self/fd/9; stat -L -c %u /proc/self/fd/9; chown 6 . ; stat -c %u .; mknod n c 1 3'
    assert_line --index 0 --partial 'No such file or directory'
    assert_line --index 1 5
    assert_line --index 2 6
    assert_line --index 3 --partial 'No such file or directory'
}

@test "names of every length, and links that lead up and out" {
    run remembering -- python3 -c '
import os
n = "n" * 255
open(n, "w").close(); os.chown(n, 1, 1); print(os.stat(n).st_uid)
for bad in ("n" * 256, "a/" * 2047 + "b", "x/" * 3000):
    try: os.chown(bad, 1, 1)
    except OSError as e: print(e.strerror)
deep = "/".join(["d" * 200] * 19); os.makedirs(deep); open(deep + "/f", "w").close()
os.chown(deep + "/f", 2, 2); print(os.stat(deep + "/f").st_uid)
os.symlink("." + "/.." * 40 + os.getcwd() + "/" + n, "up"); os.chown("up", 3, 3); print(os.stat(n).st_uid)
os.symlink("s0", "s"); open("target", "w").close()
for i in range(39): os.symlink("s%d" % (i + 1) if i < 38 else "target", "s%d" % i)
os.chown("s", 4, 4); print(os.stat("target").st_uid)
os.rename("s", "t"); os.symlink("t", "s")
try: os.chown("s", 5, 5)
except OSError as e: print(e.strerror)'
    assert_output $'1\nFile name too long\nNo such file or directory\nFile name too long\n2\n3\n4\nToo many levels of symbolic links'
}

@test "links through /proc/self: as many as the kernel follows" {
    run remembering -- python3 -c '
import errno, os
open("f", "w").close(); os.mkdir("d"); open("d/f", "w").close()
def code(function, *args):
    try: function(*args); return "followed"
    except OSError as e: return errno.errorcode[e.errno]
for to in "f", "/proc/self/cwd/f", "/proc/thread-self/cwd/d/f", "/dev/fd/50":
    os.dup2(os.open("f", os.O_RDONLY), 50)
    last = to
    for i in range(42):
        os.symlink(last, "s%d" % i); last = "s%d" % i
    # what opens a file is not heard of
    for i in range(42):
        kernel, ours = code(os.open, "s%d" % i, os.O_PATH), code(os.chown, "s%d" % i, 5, 5)
        if i == 0 or kernel != before: print(to, i, kernel)
        if kernel != ours: print(to, i, kernel, ours)
        before = kernel
    for i in range(42): os.unlink("s%d" % i)'
    assert_output 'f 0 followed
f 40 ELOOP
/proc/self/cwd/f 0 followed
/proc/self/cwd/f 38 ELOOP
/proc/thread-self/cwd/d/f 0 followed
/proc/thread-self/cwd/d/f 38 ELOOP
/dev/fd/50 0 followed
/dev/fd/50 37 ELOOP'
}
