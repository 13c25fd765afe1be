# SPDX-License-Identifier: LGPL-2.1-or-later
# --show-owners auto with programs that the preload library could do harm to, or be led astray by.

load ../lib/nsroot
load ../lib/auto

setup() {
    enter_auto
}
@test "a dynamic program that has no C library starts" {
    need_tool lonely
    run with_auto --bind "$TOOLS" /mnt -- /mnt/lonely
    assert_success
    assert_output alive
}

@test "a program of musl is shown owners, and is told of errors" {
    need_program musl-gcc
    cat >look.c <<'.'
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
int main(void)
{
	struct stat s;
	errno = 77;
	int r = stat("f", &s);
	printf("%d %d %d:%d\n", r, errno, s.st_uid, s.st_gid);
	r = lstat("none", &s);
	printf("%d %d\n", r, errno == ENOENT);
}
.
    musl-gcc -o look look.c
    run with_auto -- sh -c 'echo >f; chown 5:6 f; ./look'
    assert_success
    assert_output $'0 77 5:6\n-1 1'
}

@test "a library of the user's for LD_PRELOAD goes before ours: what it calls next is ours" {
    run with_auto --bind "$TOOLS" /mnt --setenv LD_PRELOAD /mnt/wrapstat.so -- python3 -c '
import os
open("f", "w").close(); os.chown("f", 5, 6)
print(os.stat("f").st_uid, os.stat("f").st_gid, os.environ["LD_PRELOAD"])'
    assert_success
    assert_output "5 12345 /mnt/wrapstat.so:/dev/nsroot/owners.so"
}

@test "a user namespace that the C library does not know of, and a pid that was another's: as trap has it" {
    local how by=()
    for how in trap auto; do
        rm -f f
        run nsroot --remember "F$how" --show-owners "$how" --bind "$TOOLS" /mnt -- sh -c '
            echo >f; chown 5:6 f
            /mnt/samepid | sed "s/.*://"
            unshare --pid --fork /mnt/samepid shared
            python3 -c "
import ctypes, os, platform
print(os.stat(\"f\").st_uid)
unshare = 272 if platform.machine() == \"x86_64\" else 97
assert ctypes.CDLL(None).syscall(unshare, 0x10000000) == 0
print(os.stat(\"f\").st_uid)"'
        assert_success
        by+=("$output")
    done
    assert_equal "${by[1]}" "${by[0]}"
    assert_output $' 5\n 65534\npid 1: 5\npid 1: 65534\n5\n65534'
}

@test "chroot: the library is taken from LD_PRELOAD wherever it stands there" {
    local row
    for row in a.so "a.so:/dev/nsroot/owners.so:b.so" "/dev/nsroot/owners.so b.so" "/dev/nsroot/owners.so"; do
        run --separate-stderr with_auto --setenv LD_PRELOAD "$row" -- python3 -c '
import ctypes, os
libc = ctypes.CDLL(None)
libc.getenv.restype = ctypes.c_char_p
os.makedirs("tree", exist_ok=True)
os.chroot("tree")
print(libc.getenv(b"LD_PRELOAD"))'
        assert_success
        refute_output --partial owners
    done
    assert_output None
}

@test "ldd lists what it would without the library" {
    local how by=()
    for how in trap auto; do
        run nsroot --remember F --show-owners "$how" --setenv LD_PRELOAD libm.so.6 -- \
            sh -c 'ldd "$(command -v cat)" | cut -d "(" -f 1; LD_PRELOAD= ldd "$(command -v cat)" | cut -d "(" -f 1'
        assert_success
        assert_line --partial libm.so.6
        by+=("$output")
    done
    assert_equal "${by[1]}" "${by[0]}"
    run with_auto -- sh -c 'ldd "$(command -v cat)"'
    assert_success
    assert_line --partial libc.so
    refute_line --partial nsroot
}

@test "a root of its own, and an environment of its own: what is started there does not miss the library" {
    run --separate-stderr with_auto -- unshare --mount sh -c '
        echo >f; chown 5 f
        mount -t tmpfs none /dev; stat -c %u f
        python3 -c "
import os, subprocess
subprocess.run([\"stat\", \"-c%u\", \"f\"])
subprocess.run([\"stat\", \"-c%u\", \"f\"], env=dict(os.environ))
os.execvp(\"stat\", [\"stat\", \"-c%u\", \"f\"])"'
    assert_success
    assert_output $'5\n5\n5\n5'
    # shellcheck disable=SC2154
    assert_equal "$stderr" ""
}

@test "a copy of /dev in a tree: what is started there is not shown what was once" {
    run with_auto -- sh -c '
        echo >f; chown 5 f
        mkdir tree
        mount --rbind / tree
        mount -t tmpfs none tree/dev
        cp -a /dev/nsroot tree/dev/
        chown 6 f
        chroot tree stat -c %u "$PWD/f"
        : >tree/dev/nsroot/owners # of a disk that was full
        chroot tree stat -c %u "$PWD/f"'
    assert_success
    assert_output $'6\n6'
}
