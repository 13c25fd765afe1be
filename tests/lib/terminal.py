#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Run a command on a terminal of its own, as its session's leader.

terminal.py [--timeout S] [--size ROWSxCOLUMNS] [STEP...] -- COMMAND [ARGS]

Steps are taken in the order given; then the command's end is awaited.
  --expect REGEX   wait until the output, from the last match on, has this
                   (it sees the echo of what was sent, too)
  --send TEXT      type TEXT; \\r, \\n, \\x03 and the like are understood
  --signal NAME    send a signal to the command alone: TERM, STOP, ...
  --resize RxC     change the size of the terminal; the kernel sends SIGWINCH
  --pause S        let time go by, reading on
  --hangup         close the terminal, as when its window is closed

Standard output gets all that the terminal showed, without carriage returns. The exit status is
the command's, 128+n if signal n killed it, and 124 if an expectation or the end did not come
within the timeout (10 seconds each); standard error then says which.
"""

import argparse
import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time


class Step(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        namespace.steps.append((self.dest, values))


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.set_defaults(steps=[])
    parser.add_argument("--timeout", type=float, default=10)
    parser.add_argument("--size", default="24x80")
    for name in ("expect", "send", "signal", "resize", "pause"):
        parser.add_argument("--" + name, action=Step)
    parser.add_argument("--hangup", action=Step, nargs=0)
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


class Terminal:
    def __init__(self, command, size, timeout):
        self.timeout = timeout
        self.output = b""
        self.matched = 0
        self.status = None
        # The command waits for this byte, so that the first size it sees is the one asked for.
        go_read, go_write = os.pipe()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.read(go_read, 1)
            os.close(go_read)
            os.close(go_write)
            # a login starts so, whatever the suite was started with: nohup, & in a script
            for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
                signal.signal(number, signal.SIG_DFL)
            try:
                os.execvp(command[0], command)
            except OSError as error:
                print(f"terminal: {command[0]}: {error.strerror}", file=sys.stderr)
                os._exit(127)
        os.close(go_read)
        self.resize(size)
        os.write(go_write, b"x")
        os.close(go_write)

    def resize(self, size):
        rows, columns = (int(number) for number in size.split("x"))
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, wait):
        """Take what is there within `wait` seconds; false once nobody holds the other side."""
        if self.fd < 0 or not select.select([self.fd], [], [], max(wait, 0))[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # EIO: the last process that had it open is gone
            data = b""
        self.output += data
        return bool(data)

    def until(self, what, done):
        deadline = time.monotonic() + self.timeout
        while not done():
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(what)
            if not self.read(min(left, 0.02)):
                ended = self.ended()  # before `done`, which may wait for just that
                if done():
                    return
                if ended:
                    raise TimeoutError(f"{what} (the command has ended)")
                time.sleep(0.005)

    def ended(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
        return self.status is not None

    def expect(self, regex):
        def found():
            match = re.search(regex.encode(), self.output[self.matched:])
            if match:
                self.matched += match.end()
            return match

        self.until(f"waiting for {regex!r}", found)

    def send(self, text):
        os.write(self.fd, codecs.decode(os.fsencode(text), "unicode_escape").encode("latin-1"))

    def signal(self, name):
        os.kill(self.pid, getattr(signal, "SIG" + name))

    def pause(self, seconds):
        end = time.monotonic() + float(seconds)
        while (left := end - time.monotonic()) > 0:
            if not self.read(left):
                time.sleep(max(end - time.monotonic(), 0))

    def hangup(self, _):
        os.close(self.fd)
        self.fd = -1

    def finish(self):
        self.until("waiting for the command to end", self.ended)
        # What was written last may still be in the terminal; others may hold it open for ever.
        end = time.monotonic() + 0.2
        while self.fd >= 0 and time.monotonic() < end and self.read(0.02):
            if not select.select([self.fd], [], [], 0.02)[0]:
                break
        if os.WIFSIGNALED(self.status):
            return 128 + os.WTERMSIG(self.status)
        return os.WEXITSTATUS(self.status)

    def kill(self):
        """Kill the whole session: jobs of a shell have process groups of their own."""
        for name in os.listdir("/proc"):
            try:
                if name.isdigit() and os.getsid(int(name)) == self.pid:
                    os.kill(int(name), signal.SIGKILL)
            except OSError:
                pass


def main():
    arguments = parse()
    terminal = Terminal(arguments.command, arguments.size, arguments.timeout)
    try:
        for name, value in arguments.steps:
            getattr(terminal, name)(value)
        status = terminal.finish()
    except TimeoutError as error:
        terminal.kill()
        print(f"terminal: timed out {error}", file=sys.stderr)
        status = 124
    sys.stdout.buffer.write(terminal.output.replace(b"\r", b""))
    sys.stdout.flush()
    sys.exit(status)


main()
