# SPDX-License-Identifier: LGPL-2.1-or-later
# --remember: which file an owner belongs to, and what every kind of call and program sees.

load ../lib/nsroot

# remembering OPTION... -- COMMAND...: on the file F, shown.
remembering() {
    nsroot --remember F --show-owners trap "$@"
}

entries() {
    sed -n 's/^end //p' F
}

@test "500 files made anew, one after another: none has the owner of one before" {
    # shellcheck disable=SC2016
    run remembering -- sh -c '
        for i in $(seq 500); do
            echo >f
            stat -c "%u:%g %F" f
            chown 5:6 f
            rm f
        done | sort | uniq -c | sed "s/^ *//"'
    assert_success
    assert_output "500 0:0 regular file"
    # nor in the next sandbox
    # shellcheck disable=SC2016
    run remembering -- sh -c 'for i in $(seq 500); do echo >f$i; done; stat -c %u:%g f* | sort -u'
    assert_output 0:0
}

@test "an owner follows the file: renames, hard links, no name at all" {
    run remembering -- sh -c '
        echo >a; chown 5:6 a; mv a b; ln b c; mkdir d; mv b d/e
        stat -c "%u:%g %h" d/e c
        exec 3<>c; rm c d/e; stat -L -c "%u:%g %h" /proc/self/fd/3 <&3
        cp d/../F copy; echo >c; stat -c %u:%g c copy
        mkdir x y; chown 7 x; mv -T x y; stat -c %u y'
    assert_success
    assert_output $'5:6 2\n5:6 2\n5:6 0\n0:0\n0:0\n7'
}

@test "a file without a name keeps what is done to its descriptor" {
    run remembering -- python3 -c '
import ctypes, os
f = os.open(".", os.O_TMPFILE | os.O_RDWR, 0o644)
os.fchown(f, 5, 6)
linked = ctypes.CDLL(None).linkat(-100, b"/proc/self/fd/%d" % f, -100, b"named", 0x400)
assert linked == 0
s = os.stat("named"); print(s.st_uid, s.st_gid)
os.unlink("named"); os.fchown(f, 7, -1)
s = os.fstat(f); print(s.st_uid, s.st_gid)'
    assert_output $'5 6\n7 6'
}

@test "what is asked back to the caller's own ids is forgotten" {
    run remembering -- sh -c 'echo >f; chown 5:6 f; chown 0 f; stat -c %u:%g f; chown 0:0 f; stat -c %u:%g f'
    assert_output $'0:6\n0:0'
    assert_equal "$(entries)" 0
}

@test "read-only mounts: EROFS; files of owners that are not mapped: EPERM" {
    echo >f
    ln -s f l
    mkdir rw
    run nsroot --remember rw/F --ro-bind / / --bind rw "$PWD/rw" --show-owners trap -- sh -c '
        chown 5 f; chown -h 5 l; mknod d c 1 3; setfattr -n trusted.x -v 1 f; chown 5 rw; stat -c %u f rw'
    assert_line --index 0 --partial 'Read-only file system'
    assert_line --index 1 --partial 'Read-only file system'
    assert_line --index 2 --partial 'Read-only file system'
    assert_line --index 3 --partial 'Read-only file system'
    assert_line --index 4 0
    assert_line --index 5 5
    # the host's /usr is writable for no mapped owner
    run remembering --bind / / -- sh -c 'chown 5 /usr/bin/env; chown -h 5 /bin; setfattr -n trusted.x -v 1 /usr/bin/env'
    [ "$(id -u)" -eq 0 ] || [ "$(grep -c 'Operation not permitted' <<<"$output")" -eq 3 ] || fail "$output"
    [ "$(id -u)" -eq 0 ] || assert_equal "$(entries)" 0
}

@test "paths as the kernel takes them: descriptors, folders, /proc/self, the current directory" {
    need_tool rawcall
    run remembering -- sh -c '
        mkdir d; echo >d/f; exec 9<d/f; cd d
        chown 5 /proc/self/fd/9; stat -c %u f
        chown 6 /proc/self/cwd/f; stat -c %u f
        chown 7 /proc/thread-self/cwd/../d/f; stat -c %u /proc/self/cwd/f
        chown 8 "/proc/$$/cwd/f"; stat -c %u f
        chown 9 ./../d//f; stat -L -c %u /proc/self/fd/9
        ln -s "$PWD/f" l; chown 10 l; stat -c %u f l; chown -h 11 l; stat -c %u f l'
    assert_success
    assert_output $'5\n6\n7\n8\n9\n10\n0\n10\n11'
    run remembering -- python3 -c '
import os
d = os.open("d", os.O_RDONLY)
os.chown("f", 21, 22, dir_fd=d)
print(os.stat("f", dir_fd=d).st_uid)
p = os.open("d/f", os.O_PATH)
try: os.fchown(p, 1, 1)
except OSError as e: print(e.strerror)
print(os.stat(p).st_gid)
os.mknod("n", 0o20640, os.makedev(5, 1), dir_fd=d)
s = os.stat("d/n"); print(oct(s.st_mode), os.major(s.st_rdev), os.minor(s.st_rdev))'
    assert_output $'21\nBad file descriptor\n22\n0o20640 5 1'
    # AT_EMPTY_PATH
    # shellcheck disable=SC2016
    run remembering -- sh -c 'cd d; "$TOOLS/rawcall" 260 9 @ 31 32 0x1000 9<f; stat -c %u:%g f; "$TOOLS/rawcall" 260 9 @ 33 34 0 9<f'
    assert_output $'0\n31:32\n-2'
}

@test "paths that lead through /dev/fd, links to /proc/self, and the folders of other processes" {
    # shellcheck disable=SC2016
    run remembering -- sh -c '
        echo >f; exec 9<f
        chown 5 /dev/fd/9; stat -L -c %u /dev/fd/9
        ln -s /proc/self/cwd/f l; chown 6 l; stat -L -c %u l
        chown 7 "/proc/self/../$$/cwd/f"; stat -c %u f
        here=$PWD; cd /proc; chown 8 "self/../self/root/$here/./f"; stat -c %u "$here/f"
        cd /; chown 9 "../proc/../dev/fd/9"; stat -c %u "$here/f"
        cd "$here"; ln -s loop loop; chown 1 loop; chown 1 /dev/fd/77; chown 1 /proc/self/nothing; chown 1 l/; stat -c %u f'
    assert_line --index 0 5
    assert_line --index 1 6
    assert_line --index 2 7
    assert_line --index 3 8
    assert_line --index 4 9
    assert_line --index 5 --partial 'Too many levels'
    assert_line --index 6 --partial 'No such file'
    assert_line --index 7 --partial 'No such file'
    assert_line --index 8 --partial 'Not a directory'
    assert_line --index 9 9
    run remembering -- python3 -c '
import os, threading
def work():
    f = os.open("f", os.O_RDONLY)
    os.chown("/dev/fd/%d" % f, 33, -1)
    print(os.stat("/dev/fd/%d" % f).st_uid)
t = threading.Thread(target=work); t.start(); t.join()'
    assert_output 33
}

@test "setuid and setgid go, as chown(2) says, and the mode stays what chmod made it" {
    run remembering -- sh -c '
        umask 027; echo >f; chmod 6755 f; chown 5 f; stat -c "%a %u" f
        chmod 6711 f; stat -c "%a %u" f
        mknod n b 8 1; stat -c "%a %F %t,%T" n; chmod 600 n; chown 7:8 n; stat -c "%a %F %u:%g" n'
    assert_output $'755 5\n6711 5\n640 block special file 8,1\n600 block special file 7:8'
}

@test "whiteouts, FIFOs, sockets and files are made for real" {
    run remembering -- sh -c 'mknod w c 0 0; mkfifo p; mknod q p; stat -c "%F %t,%T" w p q'
    assert_output $'character special file 0,0\nfifo 0,0\nfifo 0,0'
    assert_equal "$(stat -c %F w p)" $'character special file\nfifo'
    assert_equal "$(entries)" 0
}

@test "attributes: trusted.* is remembered, user.* and capabilities are real" {
    need_program setfattr getfattr setcap
    run remembering -- sh -c '
        echo >f; setfattr -n trusted.one -v two f; setfattr -n user.three -v four f
        getfattr --absolute-names -d -m - f | sort; setfattr -x trusted.one f; getfattr -n trusted.one f'
    assert_line 'trusted.one="two"'
    assert_line 'user.three="four"'
    assert_line --partial 'trusted.one: No such attribute'
    assert_equal "$(getfattr --only-values -n user.three f)" four
    run remembering -- sh -c 'cp /bin/true t; setcap cap_net_raw+ep t; getcap t'
    assert_output --regexp 't.cap_net_raw.?[=+]ep'
    run getcap t
    assert_output --partial cap_net_raw
    assert_equal "$(grep -c "$(printf security | od -An -tx1 | tr -d ' ')" F)" 0
}

@test "attributes of a file: no more than fit into a list of names" {
    run remembering -- python3 -c '
import errno, os
open("f", "w").close()
def fill(name, value):
    for i in range(100000):
        try: os.setxattr("f", name % i, value)
        except OSError as e: return i, errno.errorcode[e.errno]
print(*fill("trusted.%05d", b"v"), len(os.listxattr("f")))
for i in range(100): os.removexattr("f", "trusted.%05d" % i)
for i in range(20000): os.setxattr("f", "security.%d" % i, b""); os.removexattr("f", "security.%d" % i)
print(*fill("trusted.again%03d", b""), len(os.listxattr("f")))
for n in range(4): os.setxattr("f", "user." + "n" * 200 + str(n), b"v")
try: os.listxattr("f")
except OSError as e: print(errno.errorcode[e.errno])
for i in range(100, 4681): os.removexattr("f", "trusted.%05d" % i)
print(fill("security.%05d", b"v" * 65536))'
    assert_success
    assert_output $'4681 ENOSPC 4681\n82 ENOSPC 4663\nE2BIG\n(16, \'ENOSPC\')'
    run remembering -- python3 -c 'import os; print(len(os.listxattr("f")))'
    assert_output 102
}

@test "an ACL that names ids which are not mapped is remembered" {
    need_program setfacl getfacl
    run remembering -- sh -c 'echo >f; setfacl -m u:1234:r,g:5:rw f && getfacl -cn f'
    assert_success
    assert_line user:1234:r--
    assert_line group:5:rw-
}

@test "overlays: what is changed in a lower layer is remembered, also when it is written to after" {
    mkdir low
    echo text >low/f
    ln -s f low/l
    mkfifo low/p
    mkdir low/d
    list_low() { (cd low && find . -printf '%p %y %i %U:%G %m %T@ %C@\n' | sort; cat f); }
    before=$(list_low)
    run remembering --overlay-src low --tmp-overlay "$PWD/low" -- sh -c '
        cd low; chown 5:6 f d p; chown -h 7:8 l; stat -c "%n %u:%g" *
        echo more >>f; mv p q; touch d/x; stat -c "%n %u:%g" *; rm f; echo >f; stat -c %u:%g f'
    assert_output $'d 5:6\nf 5:6\nl 7:8\np 5:6\nd 5:6\nf 5:6\nl 7:8\nq 5:6\n0:0'
    assert_equal "$(list_low)" "$before"
}

@test "overlays: files made anew have no owner of one before" {
    mkdir low
    # shellcheck disable=SC2016
    run remembering --overlay-src low --tmp-overlay "$PWD/low" -- sh -c '
        cd low
        for i in $(seq 200); do echo >f; stat -c %u:%g f; chown 5:6 f; rm f; done | sort | uniq -c | sed "s/^ *//"'
    assert_output "200 0:0"
    mkdir upper work
    # shellcheck disable=SC2016
    run remembering --overlay-src low --overlay "$PWD/upper" "$PWD/work" "$PWD/low" -- sh -c '
        cd low
        for i in $(seq 200); do echo >f; stat -c %u:%g f; chown 5:6 f; rm f; done | sort | uniq -c | sed "s/^ *//"'
    assert_output "200 0:0"
}

@test "20,000 files" {
    run remembering -- python3 -c '
import os
for i in range(20000):
    os.close(os.open("f%d" % i, os.O_CREAT | os.O_WRONLY))
    os.chown("f%d" % i, i, 30000 - i % 7)
print(sum(os.stat("f%d" % i).st_uid != i for i in range(20000)))' 
    assert_output 0
    # the ids that are mapped are real
    assert_equal "$(entries)" 20000
    run remembering -- python3 -c '
import os
print(sum(os.stat("f%d" % i).st_uid != i or os.stat("f%d" % i).st_gid != 30000 - i % 7 for i in range(20000)))'
    assert_output 0
}
