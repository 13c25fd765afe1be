# SPDX-License-Identifier: LGPL-2.1-or-later
# As many files as a large distribution has in its packages: each with an owner of its own.

load ../lib/nsroot
load ../lib/pack

setup() {
    enter_workplace
}

@test "200,000 files: made, shown, changed, packed" {
    need_program python3
    cat >many.py <<'END'
import os, sys

def names():
    for folder in range(200):
        for i in range(1000):
            yield f"tree/{folder}/{i}", folder, i

if sys.argv[1] == "make":
    for folder in range(200):
        os.makedirs(f"tree/{folder}")
    for name, folder, i in names():
        os.close(os.open(name, os.O_CREAT | os.O_WRONLY))
        os.chown(name, i + 1, folder + 1)
elif sys.argv[1] == "change":
    for name, folder, i in names():
        if i % 10 == 0:
            os.unlink(name)
        elif i % 10 == 1:
            os.chown(name, -1, 5000)
wrong = 0
for name, folder, i in names():
    if sys.argv[1] == "make" or i % 10:
        status = os.lstat(name)
        group = 5000 if sys.argv[1] == "change" and i % 10 == 1 else folder + 1
        wrong += (status.st_uid, status.st_gid) != (i + 1, group)
print("wrong:", wrong)
END
    run nsroot --remember F --show-owners trap -- python3 many.py make
    assert_output 'wrong: 0'
    [ "$(grep -c uid= F)" -eq 200000 ]
    run nsroot --remember F --show-owners auto -- python3 many.py change
    assert_output 'wrong: 0'
    nsroot_pack --remember F --format=ustar tree >tree.tar
    # a file more for each that is wrong
    run bash -c "tar --numeric-owner -tvf tree.tar | awk '
        !/\/\$/ { split(\$6, path, \"/\"); group = path[2] % 10 == 1 ? 5000 : path[1] + 1
            if (\$2 == path[2] + 1 \"/\" group) right++; else print }
        END { print right }'"
    assert_output 180000
}
