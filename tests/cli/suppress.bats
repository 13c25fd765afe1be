# SPDX-License-Identifier: LGPL-2.1-or-later
# Changes of owner, and syncs, that succeed without being done.

load ../lib/nsroot

EINVAL=-22

@test "chown of anything to anybody succeeds, and changes nothing" {
    run nsroot -- sh -ec 'echo >file; ln -s file link; chown root:mail file; chown 5:6 file; chgrp 77 file
        chown -h 5:6 link; chown 4000000000 file; stat -c %u:%g file link'
    assert_success
    assert_output $'0:0\n0:0'
    assert_equal "$(stat -c %u:%g file)" "$(id -u):$(id -g)"
}

@test "install -o, cp -p and tar -p succeed" {
    run nsroot -- sh -ec 'echo >file; install -o mail -g 4321 -m 0640 file installed; cp -p file copied
        tar --owner=1234 --group=1234 -cf tar file && mkdir out && tar --same-owner -xpf tar -C out
        stat -c %u:%g installed copied out/file'
    assert_success
    assert_output $'0:0\n0:0\n0:0'
}

@test "programs that change their user succeed" {
    run nsroot -- python3 -c '
import os
os.setgroups([1, 2])
os.setresgid(5, 5, 5)
os.setresuid(5, 5, 5)
os.setgid(6); os.setuid(6); os.setreuid(7, 7); os.setegid(8); os.seteuid(8)
print("done")'
    assert_success
    assert_output "done"
}

@test "every call that changes owners, native and i386" {
    need_tool rawcall
    : >file
    local call
    # chown fchown lchown fchownat
    for call in "92 @file 5 5" "93 1 5 5" "94 @file 5 5" "260 -100 @file 5 5 0"; do
        # shellcheck disable=SC2086 # several arguments
        run nsroot -- "$TOOLS/rawcall" $call
        assert_output 0
    done
    # the same, lchown and fchown and chown for 16 and 32 bits, fchownat
    for call in "16 @file 5 5" "95 1 5 5" "182 @file 5 5" "198 @file 5 5" "207 1 5 5" "212 @file 5 5" "298 -100 @file 5 5 0"; do
        # shellcheck disable=SC2086
        run nsroot -- "$TOOLS/rawcall" -32 $call
        assert_output 0
    done
}

@test "--no-suppress-chown: the kernel's answer" {
    run nsroot --no-suppress-chown -- sh -c 'echo >file; chown 5:5 file'
    assert_failure
    assert_output --partial "Invalid argument"
    need_tool rawcall
    run nsroot --no-suppress-chown -- "$TOOLS/rawcall" -32 212 @file 5 5
    assert_output $EINVAL
}

@test "--map caller has one id too: chown is suppressed" {
    run nsroot --map caller -- sh -c 'echo >file; chown 0:0 file'
    assert_success
}

@test "--map subid: chown is real, unless --suppress-chown" {
    need_subids
    run nsroot --map subid -- sh -c 'echo >file; chown 5:6 file; stat -c %u:%g file; chown 4000000000 file'
    assert_failure
    assert_line --index 0 5:6
    assert_output --partial "Invalid argument"
    rm -f file
    run nsroot --map subid --suppress-chown -- sh -c 'echo >file; chown 5:6 file; stat -c %u:%g file'
    assert_success
    assert_output 0:0
}

# fsync(2) of a pipe fails if it gets as far as the kernel
syncs='
import os, ctypes
r, w = os.pipe()
libc = ctypes.CDLL(None)
libc.syncfs(9999) == 0 or exit("syncfs")
libc.msync(ctypes.c_void_p(1), 1, 0) == 0 or exit("msync")
libc.sync_file_range(9999, ctypes.c_long(0), ctypes.c_long(0), 0) == 0 or exit("sync_file_range")
os.fsync(r)
os.fdatasync(r)
os.sync()
print("done")'

@test "--suppress-sync: syncs succeed without being done" {
    run nsroot --suppress-sync -- python3 -c "$syncs"
    assert_success
    assert_output "done"
    run nsroot -- python3 -c 'import os; os.fsync(os.pipe()[0])'
    assert_failure
    assert_output --partial "Invalid argument"
}

@test "--suppress-sync: O_SYNC at open is fine, and what is written is there" {
    run nsroot --suppress-sync -- sh -ec 'dd if=/dev/zero of=file bs=1k count=1 oflag=sync conv=fsync status=none; sync file'
    assert_success
    assert_equal "$(stat -c %s file)" 1024
}

@test "--suppress-sync: i386 too" {
    need_tool rawcall
    local call
    # fsync fdatasync syncfs sync_file_range msync
    for call in 118 148 344 314 144; do
        run nsroot --suppress-sync -- "$TOOLS/rawcall" -32 $call 9999 1 1
        assert_output 0
    done
    run nsroot -- "$TOOLS/rawcall" -32 118 9999
    assert_output -- -9
}
