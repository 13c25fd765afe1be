#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Run a command beside a stand-in for systemd-nsresourced and systemd-mountfsd of systemd 260.

fake-systemd.py [--log FILE] [--reply JSON | --silent] -- COMMAND [ARGS]

  --log FILE    append one JSON line for each call: {"method": ..., "parameters": ..., "uid": ...}
  --reply JSON  answer every call with this text and an fd, and do nothing
  --silent      answer no call

The services listen where the real ones do, but in a mount namespace of their own, over which a new
/run lies: wants CAP_SYS_ADMIN. As real root they do what is asked for: they write the id maps of
user namespaces, and make id-mapped mounts. The exit status is the command's, 128+n if signal n
killed it; the services end with it.
"""

import argparse
import array
import contextlib
import ctypes
import fcntl
import json
import os
import selectors
import signal
import socket
import stat
import struct
import sys

FOLDER = "/run/systemd"
FOREIGN = 2147352576
RANGE = 65536
FIRST_RANGE = 524288
DELEGATIONS_MAX = 16

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
MS_REC = 0x4000
MS_PRIVATE = 1 << 18
NS_GET_PARENT = 0xB702
NS_GET_OWNER_UID = 0xB704
O_PATH = 0o10000000
AT_EMPTY_PATH = 0x1000
OPEN_TREE_CLONE = 1
MOUNT_ATTR_RDONLY = 0x1
MOUNT_ATTR_IDMAP = 0x00100000
SYS_OPEN_TREE = 428
SYS_MOUNT_SETATTR = 442
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None, use_errno=True)


class Refusal(Exception):
    """An error of varlink: its name and parameters."""

    def __init__(self, name, **parameters):
        super().__init__(name)
        self.reply = {"error": name, "parameters": parameters}


def call(function, *arguments):
    result = function(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def setns(fd, kind):
    call(libc.setns, fd, kind)


class Stayer:
    """A process that is where enter() brought it, until it is closed."""

    def __init__(self, enter):
        ready, told = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
                enter()
                os.write(told, b"x")
                signal.pause()
            finally:
                os._exit(1)
        os.close(told)
        entered = os.read(ready, 1)
        os.close(ready)
        if not entered:
            self.__exit__()
            raise OSError(1, "the namespace can't be entered")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def map_of(self, kind):
        """Lines of (first id inside, first id as we see it, how many)."""
        with open(f"/proc/{self.pid}/{kind}_map") as file:
            return [tuple(map(int, line.split())) for line in file]


def in_child(work):
    """What work() returns, a text, from a process of its own; fds that it sends with it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    pid = os.fork()
    if pid == 0:
        try:
            text, fds = work()
        except OSError as error:
            text, fds = f"{error.errno}", []
        socket.send_fds(theirs, [text.encode() or b"0"], fds)
        os._exit(0)
    theirs.close()
    text, fds, _, _ = socket.recv_fds(ours, 16, 1)
    ours.close()
    os.waitpid(pid, 0)
    if text != b"0":
        raise OSError(int(text or b"5"), os.strerror(int(text or b"5")))
    return fds


def write_maps(userns_fd, parent_fd, lines):
    """lines: {"uid": [...], "gid": [...]}, in the words of the parent."""

    def write():
        # only a process of the parent, or of the namespace itself, may write
        if not is_own_userns(parent_fd):
            setns(parent_fd, CLONE_NEWUSER)
        for kind in ("gid", "uid"):
            text = "".join("%d %d %d\n" % line for line in lines[kind])
            fd = os.open(f"/proc/{stayer.pid}/{kind}_map", os.O_WRONLY)
            os.write(fd, text.encode())
        return "", []

    with Stayer(lambda: setns(userns_fd, CLONE_NEWUSER)) as stayer:
        in_child(write)


def inode(fd):
    return os.fstat(fd).st_ino


def is_own_userns(fd):
    return inode(fd) == os.stat("/proc/self/ns/user").st_ino


def ioctl_fd(fd, request):
    return call(libc.ioctl, fd, request)


def owner_of(userns_fd):
    buffer = array.array("I", [0])
    fcntl.ioctl(userns_fd, NS_GET_OWNER_UID, buffer)
    return buffer[0]


def translate(lines, outer):
    """An id as we see it, in the words of the namespace that has this map."""
    for inner, first, count in lines:
        if first <= outer < first + count:
            return inner + outer - first
    raise Refusal("io.systemd.System", origin="linux", errno=75, errnoName="EOVERFLOW")


def take(parameters, fds, known):
    """The parameters as an object, each with its type; fds in place of their numbers."""
    for name in parameters:
        if name not in known:
            raise Refusal("org.varlink.service.InvalidParameter", parameter=name)
    values = {}
    for name, kind in known.items():
        value = parameters.get(name)
        if type(value) is not kind and value is not None:
            raise Refusal("org.varlink.service.InvalidParameter", parameter=name)
        if name.endswith("FileDescriptor"):
            if value is None or not 0 <= value < len(fds):
                raise Refusal("org.varlink.service.InvalidParameter", parameter=name)
            value = fds[value]
        values[name] = value
    return values


class Nsresourced:
    NAME = "io.systemd.NamespaceResource"

    def __init__(self):
        self.next_range = FIRST_RANGE
        self.delegated = {}  # inode of a user namespace: the ranges that it can hand on

    def methods(self):
        return {f"{self.NAME}.AllocateUserRange": self.allocate}

    def new_range(self, parent_fd):
        if is_own_userns(parent_fd):
            self.next_range += RANGE
            return self.next_range - RANGE
        ranges = self.delegated.get(inode(parent_fd))
        if not ranges:
            raise Refusal(f"{self.NAME}.NoDynamicRange")
        return ranges.pop(0)

    def validate(self, values, userns_fd, peer):
        def invalid(name):
            return Refusal("org.varlink.service.InvalidParameter", parameter=name)

        kind = values["type"] or "managed"
        if not values["name"] or len(values["name"]) > 22:
            raise invalid("name")
        if kind not in ("self", "managed"):
            raise invalid("type")
        if values["size"] != (1 if kind == "self" else RANGE):
            raise invalid("size")
        if values["target"] not in (None, 0):
            raise invalid("target")
        if (values["delegateContainerRanges"] or 0) > DELEGATIONS_MAX:
            raise Refusal(f"{self.NAME}.TooManyDelegations")
        if owner_of(userns_fd) != peer.uid:
            raise invalid("userNamespaceFileDescriptor")
        with Stayer(lambda: setns(userns_fd, CLONE_NEWUSER)) as stayer:
            if stayer.map_of("uid") or stayer.map_of("gid"):
                raise invalid("userNamespaceFileDescriptor")
        return kind

    def first_lines(self, kind, target, parent_fd, peer):
        """The first line of each map."""
        if kind != "self":
            start = self.new_range(parent_fd)
            return {"uid": [(0, start, RANGE)], "gid": [(0, start, RANGE)]}
        if is_own_userns(parent_fd):
            own = {"uid": peer.uid, "gid": peer.gid}
        else:
            with Stayer(lambda: setns(parent_fd, CLONE_NEWUSER)) as stayer:
                own = {"uid": translate(stayer.map_of("uid"), peer.uid),
                       "gid": translate(stayer.map_of("gid"), peer.gid)}
        return {name: [(number if target is None else target, number, 1)]
                for name, number in own.items()}

    def allocate(self, parameters, fds, peer):
        values = take(parameters, fds, {
            "name": str, "size": int, "target": int, "userNamespaceFileDescriptor": int,
            "mangleName": bool, "type": str, "mapForeign": bool, "delegateContainerRanges": int})
        userns_fd = values["userNamespaceFileDescriptor"]
        kind = self.validate(values, userns_fd, peer)
        parent_fd = ioctl_fd(userns_fd, NS_GET_PARENT)
        try:
            lines = self.first_lines(kind, values["target"], parent_fd, peer)
            more = [self.new_range(parent_fd)
                    for _ in range(values["delegateContainerRanges"] or 0)]
            self.delegated[inode(userns_fd)] = list(more)
            if values["mapForeign"]:
                more.append(FOREIGN)
            for name in lines:
                lines[name] += [(start, start, RANGE) for start in more]
            write_maps(userns_fd, parent_fd, lines)
        finally:
            os.close(parent_fd)
        return {"name": values["name"]}, []


def clone_mount(directory_fd, peer):
    """A copy of the mount, without those below it, attached nowhere."""

    def clone():
        return call(libc.syscall, SYS_OPEN_TREE, directory_fd, b"",
                    OPEN_TREE_CLONE | os.O_CLOEXEC | AT_EMPTY_PATH)

    def clone_there():
        fd = os.open(f"/proc/{peer.pid}/ns/mnt", os.O_RDONLY)
        setns(fd, CLONE_NEWNS)
        return "", [clone()]

    try:
        return clone()
    except OSError:  # a folder of another mount namespace
        return in_child(clone_there)[0]


class Mountfsd:
    NAME = "io.systemd.MountFileSystem"

    def methods(self):
        return {f"{self.NAME}.MountDirectory": self.mount_directory}

    def validate(self, directory_fd, peer):
        with open(os.devnull) as file:
            usual = fcntl.fcntl(file, fcntl.F_GETFL)  # O_LARGEFILE, which each machine has its own
        flags = fcntl.fcntl(directory_fd, fcntl.F_GETFL)
        if flags & ~(os.O_DIRECTORY | os.O_NOFOLLOW | O_PATH | usual):
            raise Refusal(f"{self.NAME}.BadFileDescriptorFlags",
                          parameter="directoryFileDescriptor")
        status = os.fstat(directory_fd)
        if not stat.S_ISDIR(status.st_mode):
            raise OSError(20, "not a directory")
        if status.st_uid != peer.uid and not FOREIGN <= status.st_uid < FOREIGN + RANGE:
            raise Refusal("org.varlink.service.PermissionDenied")

    def idmap(self, mount_fd, userns_fd, read_only):
        """As a user namespace: first come the ids on disk, then those that are to be seen."""
        with Stayer(lambda: setns(userns_fd, CLONE_NEWUSER)) as stayer:
            bases = {name: [first for inner, first, count in stayer.map_of(name)
                            if inner == 0 and count == RANGE] for name in ("uid", "gid")}
        if not bases["uid"] or not bases["gid"]:
            raise Refusal("org.varlink.service.InvalidParameter",
                          parameter="userNamespaceFileDescriptor")
        with Stayer(lambda: call(libc.unshare, CLONE_NEWUSER)) as stayer:
            for name in ("uid", "gid"):
                with open(f"/proc/{stayer.pid}/{name}_map", "w") as file:
                    file.write(f"{FOREIGN} {bases[name][0]} {RANGE}\n")
            fd = os.open(f"/proc/{stayer.pid}/ns/user", os.O_RDONLY)
        attributes = struct.pack("QQQQ", MOUNT_ATTR_IDMAP | (MOUNT_ATTR_RDONLY if read_only else 0),
                                 0, 0, fd)
        try:
            call(libc.syscall, SYS_MOUNT_SETATTR, mount_fd, b"", AT_EMPTY_PATH, attributes,
                 ctypes.c_size_t(len(attributes)))
        finally:
            os.close(fd)

    def mount_directory(self, parameters, fds, peer):
        values = take(parameters, fds, {
            "mode": str, "directoryFileDescriptor": int, "userNamespaceFileDescriptor": int,
            "readOnly": bool})
        if values["mode"] != "foreign":
            raise Refusal("org.varlink.service.InvalidParameter", parameter="mode")
        self.validate(values["directoryFileDescriptor"], peer)
        mount_fd = clone_mount(values["directoryFileDescriptor"], peer)
        self.idmap(mount_fd, values["userNamespaceFileDescriptor"], values["readOnly"])
        return {"mountFileDescriptor": 0}, [mount_fd]


class Peer:
    def __init__(self, connection):
        size = struct.calcsize("iII")
        text = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        self.pid, self.uid, self.gid = struct.unpack("iII", text)


class Server:
    def __init__(self, arguments):
        self.arguments = arguments
        self.selector = selectors.DefaultSelector()
        self.kept = []  # connections that get no answer
        for service in (Nsresourced(), Mountfsd()):
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            path = f"{FOLDER}/{service.NAME}"
            listener.bind(path)
            os.chmod(path, 0o666)
            listener.listen()
            self.selector.register(listener, selectors.EVENT_READ, service.methods())

    def serve(self, pidfd):
        """Until the process has ended."""
        self.selector.register(pidfd, selectors.EVENT_READ)
        while True:
            for key, _ in self.selector.select():
                if key.fileobj == pidfd:
                    return
                connection, _ = key.fileobj.accept()
                if self.arguments.silent:
                    self.kept.append(connection)
                    continue
                # who called may have given up meanwhile
                with connection, contextlib.suppress(ConnectionError):
                    self.talk(connection, key.data)

    def talk(self, connection, methods):
        text, fds, _, _ = socket.recv_fds(connection, 65536, 16)
        try:
            while text and not text.endswith(b"\0"):
                text += connection.recv(65536) or b"\0"
            if not text:
                return
            reply, sent = self.answer(json.loads(text[:-1]), fds, Peer(connection), methods)
            if self.arguments.reply is not None:
                text, sent = self.arguments.reply.encode(), [0]
            else:
                text = json.dumps(reply).encode()
            try:
                socket.send_fds(connection, [text + b"\0"], sent)
            finally:
                if self.arguments.reply is None:
                    for fd in sent:
                        os.close(fd)
        finally:
            for fd in fds:
                os.close(fd)

    def answer(self, request, fds, peer, methods):
        parameters = request.get("parameters", {})
        if self.arguments.log:
            with open(self.arguments.log, "a") as file:
                json.dump({"method": request["method"], "parameters": parameters, "uid": peer.uid},
                          file)
                file.write("\n")
        if self.arguments.reply is not None:
            return {}, []
        method = methods.get(request["method"])
        try:
            if not method:
                raise Refusal("org.varlink.service.MethodNotFound", method=request["method"])
            parameters, sent = method(parameters, fds, peer)
            return {"parameters": parameters}, sent
        except Refusal as refusal:
            return refusal.reply, []
        except OSError as error:
            return {"error": "io.systemd.System",
                    "parameters": {"origin": "linux", "errno": error.errno}}, []


def enter_own_run():
    call(libc.unshare, CLONE_NEWNS)
    call(libc.mount, None, b"/", None, MS_REC | MS_PRIVATE, None)
    call(libc.mount, b"tmpfs", b"/run", b"tmpfs", 0, b"mode=0755")
    os.mkdir(FOLDER)


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--log")
    parser.add_argument("--reply")
    parser.add_argument("--silent", action="store_true")
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def main():
    arguments = parse()
    enter_own_run()
    server = Server(arguments)
    pid = os.fork()
    if pid == 0:
        try:
            os.execvp(arguments.command[0], arguments.command)
        except OSError as error:
            print(f"fake-systemd: {arguments.command[0]}: {error.strerror}", file=sys.stderr)
            os._exit(127)
    server.serve(os.pidfd_open(pid))
    _, status = os.waitpid(pid, 0)
    sys.exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))


main()
