# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# For tests of who makes a device.

# A script of python: devices and FIFOs made by root with other ids for files, in folders of its own.
# Prints owner, group and mode of the device, or the error; and of the FIFO where it is not the same.
# shellcheck disable=SC2034 # it is the tests' that load this
MAKERS='
import ctypes, errno, os, stat
libc = ctypes.CDLL(None, use_errno=True)
MKNOD = 1 << 27
def effective(caps):
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, sets) == 0
    sets[0] = sets[1] & caps & 0xffffffff
    assert libc.capset(header, sets) == 0
def files(uid, gid): libc.setfsgid(gid); libc.setfsuid(uid); effective(MKNOD)
def make(folder, kind, name):
    path = "%s/%s" % (folder, name)
    try: os.mknod(path, kind, os.makedev(1, 3))
    except OSError as e: return errno.errorcode[e.errno]
    s = os.stat(path)
    return "%d:%d %o" % (s.st_uid, s.st_gid, stat.S_IMODE(s.st_mode))
def attempt(who, change, folder, mode=0o644):
    if os.fork() == 0:
        change()
        name = who.replace(" ", "-")
        fifo, device = make(folder, stat.S_IFIFO | mode, name + ".fifo"), make(folder, stat.S_IFCHR | mode, name + ".device")
        print("%s: %s" % (who, device if fifo == device else "%s, FIFO %s" % (device, fifo)), flush=True)
        os._exit(0)
    os.wait()
os.umask(0o022)
for name, mode, uid, gid in ("all", 0o777, 0, 0), ("own", 0o755, 7, 8), ("shared", 0o2777, 0, 42), ("closed", 0o755, 0, 0):
    os.mkdir(name); os.chown(name, uid, gid); os.chmod(name, mode)
attempt("root", lambda: None, "all")
attempt("setegid", lambda: os.setegid(42), "all")
attempt("setfsgid", lambda: libc.setfsgid(42), "closed")
attempt("seteuid", lambda: (os.seteuid(7), effective(MKNOD)), "all")
attempt("seteuid, all rights", lambda: (os.seteuid(7), effective(-1)), "closed")
attempt("setfsuid alone", lambda: libc.setfsuid(7), "all")
attempt("setfsuid", lambda: files(7, 8), "own")
attempt("setfsuid, setgid folder", lambda: files(7, 8), "shared")
attempt("setfsuid, setgid folder, setgid", lambda: files(7, 8), "shared", 0o6775)
attempt("setgid folder, setgid", lambda: os.setegid(9), "shared", 0o6775)
attempt("setfsuid, closed folder", lambda: files(7, 8), "closed")
attempt("groups", lambda: (os.setgroups([8]), os.chown("closed", 0, 8), os.chmod("closed", 0o775), files(7, 9)), "closed")
'

# What it prints.
# shellcheck disable=SC2034
MADE='root: 0:0 644
setegid: 0:42 644
setfsgid: 0:42 644
seteuid: 7:0 644
seteuid, all rights: 7:0 644
setfsuid alone: EPERM, FIFO 7:0 644
setfsuid: 7:8 644
setfsuid, setgid folder: 7:42 644
setfsuid, setgid folder, setgid: 7:42 4755
setgid folder, setgid: 0:42 6755
setfsuid, closed folder: EACCES
groups: 7:9 644'
