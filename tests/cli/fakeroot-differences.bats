# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2154 # stderr: set by run
# fakeroot: all that ours does otherwise than the original, and why.

load ../lib/compare

setup() {
    enter_comparison fakeroot
}

# shellcheck disable=SC2034 # of compare
prelude='umask 022'

@test "files" {
    compare <<'ROWS'
    # who clears LD_PRELOAD is reached
    differs the original is a preloaded library
    $ fakeroot sh -c 'touch f; chown 5:6 f; env -u LD_PRELOAD stat -c %u:%g f'
    > 5:6
    real has *

    # an owner is of a file, not of its inode number, however that was freed
    differs the original hears of the end of a file from preloaded programs alone
    $ fakeroot sh -c 'touch f; chown 5 f; env -u LD_PRELOAD rm f; touch f; stat -c %u f'
    > 0

    # file capabilities are set for real
    differs the original only remembers them
    $ set='import os, struct; open("f", "w"); value = struct.pack("<5I", 0x02000001, 1 << 13, 0, 0, 0)
    $ os.setxattr("f", "security.capability", value); print(len(os.getxattr("f", "security.capability")))'
    $ fakeroot python3 -c "$set"
    $ python3 -c 'import os; print(len(os.getxattr("f", "security.capability")))'
    > 20
    > 24

    # its variables are left as they are
    differs the original is a preloaded library
    $ LD_LIBRARY_PATH=/none fakeroot sh -c 'echo "$LD_LIBRARY_PATH ${LD_PRELOAD-none}"'
    > /none none
    real has *libfakeroot*

    # -u: the group stays
    differs in the original the group is 0 then
    $ fakeroot -u sh -c 'touch f; chown 5 f; stat -c %g f' | sed "s/^$(id -g)$/mine/"
    > mine
    real > 0

    # what is only made is not in the file
    differs the original has a line for each folder
    $ fakeroot -s s mkdir d; grep -c . s
    > 0
    real > 1
    status 1

    # a line of -i for a file of another type is for none
    differs the original takes the number alone
    $ fakeroot -s s sh -c 'mkdir f; chown 5 f'; sed 's/mode=4/mode=10/' s >t; fakeroot -i t stat -c %u:%g f
    > 0:0
    real > 5:0

    # io_uring
    differs the original lets it be
    $ fakeroot python3 -c 'import ctypes; c = ctypes.CDLL(None, use_errno=True); print(c.syscall(425, 0, None), ctypes.get_errno())'
    > -1 38
ROWS
}

@test "every kind of program is reached" {
    ln -s "$OURS" fakeroot
    # a raw system call: no library sees it
    touch f
    run ./fakeroot python3 -c '
import ctypes, os, platform
number = {"x86_64": 92, "aarch64": None}.get(platform.machine())
libc = ctypes.CDLL(None)
if number: libc.syscall(number, b"f", 5, 6)
else: os.chown("f", 5, 6)
status = os.stat("f"); print(status.st_uid, status.st_gid)'
    assert_success
    assert_output '5 6'
}

@test "ids" {
    compare <<'ROWS'
    # what is asked for is not shown
    differs the original keeps account of it
    $ fakeroot python3 -c 'import os; os.setuid(5); print(os.getuid())'
    > 0
    real > 5

    # what is setuid changes nothing: root's programs have no such right here
    differs to the original they are what they are
    $ fakeroot sh -c 'grep -h NoNewPrivs /proc/self/status' | tr -d '[:blank:]'
    > NoNewPrivs:1
    real > NoNewPrivs:0
ROWS
}

@test "the command line, and failures" {
    compare <<'ROWS'
    # a file that is not understood
    differs the original takes what comes before
    $ touch f; fakeroot -s s chown 5 f; echo garbage >>s; fakeroot -i s stat -c %u f
    2> fakeroot: -i s:2: not understood
    status 1
    real > 5

    # a folder that does not exist
    differs the original says nothing
    $ fakeroot -s none/s echo ran
    2> fakeroot: -s none/s: open the folder: No such file or directory
    status 1

    # a file that can't be written in the end
    differs the original says nothing
    $ mkdir d; fakeroot -s d/s rmdir d
    2> fakeroot: -s d/s: write: No such file or directory
    status 1

    # long options are written out
    differs the original takes what is long enough
    $ fakeroot --unknown echo ran
    2> fakeroot: unknown option --unknown*
    status 1
    real > ran

    # names may hold any bytes
    differs the original's shell looks at them once more
    $ fakeroot -s 'a b$(echo c)' true; ls
    > a b$(echo c)

    # an empty word
    differs the original's shell says 127
    $ fakeroot '' word
    2> fakeroot: the command is an empty word
    status 1
    real 2> ...
    real status 127

    # what was killed
    differs the original's shell says so
    $ fakeroot sh -c 'kill -KILL $$'
    status 137
    real 2> Killed*
    real status 137
ROWS
}

@test "inside a sandbox that remembers there is nothing to be had" {
    ln -s "$OURS" fakeroot
    run --separate-stderr nsroot --remember m --bind "$PWD" "$PWD" -- ./fakeroot true
    assert_status 1
    assert_regex "$stderr" '^fakeroot: .*remembers already'
}

@test "nor inside one that suppresses chown" {
    ln -s "$OURS" fakeroot
    run --separate-stderr nsroot -- ./fakeroot true
    assert_status 1
    assert_regex "$stderr" '^fakeroot: .*suppresses chown.*--no-suppress-chown'
    run nsroot --no-suppress-chown -- ./fakeroot sh -c 'touch f; chown 5:6 f; stat -c %u:%g f'
    assert_success
    assert_output 5:6
}

@test "nothing is left behind" {
    ln -s "$OURS" fakeroot
    for options in '' -u '-s s' '-i s -s s'; do
        # shellcheck disable=SC2086 # words
        run nothing_left "$PWD/fakeroot" $options -- sh -c 'touch f; chown 5 f; stat -c %u f'
        assert_success
        assert_output 5
    done
    assert_holds_only . f fakeroot s
}
