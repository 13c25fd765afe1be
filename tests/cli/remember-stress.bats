# SPDX-License-Identifier: LGPL-2.1-or-later
# --remember under stress: signals, threads, races, deep trees, files that go meanwhile.

load ../lib/nsroot

remembering() {
    nsroot --remember F --show-owners trap "$@"
}

entries() {
    sed -n 's/^end //p' "${1:-F}"
}

@test "a storm of signals: 5,000 devices, no call fails or is done twice" {
    need_kernel 5.19
    run remembering -- "$TOOLS/ownerstorm" 1 5000
    assert_success
    assert_output 'calls failed: 0, wrong: 0'
    assert_equal "$(entries)" 5000
}

@test "a storm of signals in eight threads" {
    need_kernel 5.19
    run remembering -- "$TOOLS/ownerstorm" 8 400
    assert_success
    assert_output 'calls failed: 0, wrong: 0'
    assert_equal "$(entries)" 3200
}

@test "a link that leads elsewhere all the time: only what may be changed is remembered" {
    echo >f
    mkdir closed
    echo >closed/g
    run remembering --ro-bind closed "$PWD/closed" -- python3 -c '
import collections, os, threading
stop = False
def flip():
    while not stop:
        for target in "f", "closed/g":
            os.symlink(target, "next")
            os.rename("next", "link")
os.symlink("f", "link")
thread = threading.Thread(target=flip)
thread.start()
seen = collections.Counter()
while len(seen) < 2 or sum(seen.values()) < 2000:
    try:
        os.chown("link", 5, 6)
        seen["done"] += 1
    except OSError as error:
        seen[error.strerror] += 1
stop = True
thread.join()
print(sorted(seen), os.stat("f").st_uid, os.stat("closed/g").st_uid)'
    assert_output "['Read-only file system', 'done'] 5 0"
    assert_equal "$(entries)" 1
}

@test "names that are exchanged all the time: each call is for one of the two files" {
    run remembering -- python3 -c '
import ctypes, os, threading
libc = ctypes.CDLL(None, use_errno=True)
for name in "a", "b":
    open(name, "w").close()
first, second = os.open("a", os.O_RDONLY), os.open("b", os.O_RDONLY)
stop = False
def exchange():
    while not stop:
        assert libc.renameat2(-100, b"a", -100, b"b", 2) == 0
thread = threading.Thread(target=exchange)
thread.start()
wrong = 0
for i in range(1, 1500):
    os.chown("a", i, 2 * i)
    for fd in first, second:
        status = os.fstat(fd)
        wrong += status.st_gid != 2 * status.st_uid
    wrong += os.fstat(first).st_uid != i and os.fstat(second).st_uid != i
stop = True
thread.join()
print(wrong)'
    assert_output 0
    assert_equal "$(entries)" 2
}

@test "pid namespaces inside: /proc/self is the caller's own" {
    # shellcheck disable=SC2016
    run remembering -- unshare --pid --fork --mount-proc sh -c '
        echo >f; chown 5:6 f; exec 7<f; chown 8 /proc/self/fd/7; stat -L -c %u:%g /dev/fd/7
        chown 9 "/proc/$$/cwd/f"; stat -c %u f
        unshare --pid --fork sh -c "chown 10 f; stat -c %u f; mknod n c 1 2; stat -c %F n"'
    assert_success
    assert_output $'8:6\n9\n10\ncharacter special file'
}

@test "paths as long, and links as many, as there can be; a folder that is gone" {
    run remembering -- python3 -c '
import os
path = "x" * 200
for i in range(19):
    os.mkdir(path)
    path += "/" + "x" * 200
open(path, "w").close()
path = "./" * ((4095 - len(path)) // 2) + path
os.chown(path, 7, 6)
print(len(path), os.stat(path).st_uid)
try:
    os.chown("./" + path, 1, 1)
except OSError as error:
    print(error.strerror)
os.chdir(path[:-201])
for i in range(12):
    os.mkdir("y" * 250)
    os.chdir("y" * 250)
open("deep", "w").close()
os.chown("deep", 8, 9)
os.mknod("node", 0o20600, os.makedev(1, 3))
print(os.stat("deep").st_uid, oct(os.stat("node").st_mode))'
    assert_output $'4095 7\nFile name too long\n8 0o20600'
    run remembering -- sh -c '
        echo >t; previous=t
        for i in $(seq 41); do ln -s $previous l$i; previous=l$i; done
        for i in 39 40 41; do chown $i l$i && stat -L -c %u l$i; done
        mkdir gone; cd gone; rmdir ../gone; chown 6 .; stat -c %u .; mknod q c 1 3'
    assert_line --index 0 39
    assert_line --index 1 40
    assert_line --index 2 --partial 'Too many levels'
    assert_line --index 3 6
    assert_line --index 4 --partial 'q: No such file'
}

@test "ten sandboxes at once on one file: each has it alone, or is refused" {
    local pids=() i done=0 refused=0
    for i in 0 1 2 3 4 5 6 7 8 9; do
        "$NSROOT" --remember F -- sh -c "echo >f$i; chown 5 f$i" 2>error.$i &
        pids+=($!)
    done
    for i in 0 1 2 3 4 5 6 7 8 9; do
        status=0
        wait "${pids[i]}" || status=$?
        if [ "$status" -eq 0 ]; then
            done=$((done + 1))
            continue
        fi
        assert_equal "$status" 125
        assert_equal "$(cat error.$i)" "nsroot: --remember F: another sandbox uses it"
        assert_not_exist f$i
        refused=$((refused + 1))
    done
    [ "$done" -ge 1 ]
    assert_equal $((done + refused)) 10
    # nothing that was done is lost
    assert_equal "$(entries)" "$done"
}

@test "the file is removed, replaced or spoilt while it is in use: what was asked is there in the end" {
    nsroot --remember F -- sh -c 'echo >a; chown 5 a'
    nsroot --remember F -- sh -c 'rm F; echo >b; chown 6 b'
    assert_equal "$(entries)" 2
    nsroot --remember F -- sh -c 'echo spoilt >F; echo >c; chown 7 c'
    assert_equal "$(entries)" 3
    nsroot --remember F -- sh -c 'mv F old; echo other >F; echo >d; chown 8 d'
    assert_equal "$(entries)" 4
    ln F second
    nsroot --remember F -- sh -c 'echo >e; chown 9 e'
    assert_equal "$(entries) $(entries second)" "5 4"
    run remembering -- stat -c %u a b c d e
    assert_output $'5\n6\n7\n8\n9'
}

@test "the file can't be written in the end: told, 125" {
    mkdir folder
    run --separate-stderr nsroot --remember folder/F -- sh -c 'rm -r folder; exit 3'
    assert_own_failure '--remember folder/F: write: No such file'
    run --separate-stderr nsroot --remember F -- sh -c 'rm F; mkdir F'
    assert_own_failure '--remember F: write: Is a directory'
    assert_holds_only . F
}

@test "a file that its owner may not write to is refused" {
    [ "$(id -u)" -ne 0 ] || skip "root may"
    nsroot --remember F -- sh -c 'echo >a; chown 5 a'
    cp F before
    chmod 0444 F
    run --separate-stderr nsroot --remember F -- touch ran
    assert_own_failure '--remember F: open: Permission denied'
    assert_not_exist ran
    cmp F before
}

@test "everything is killed at any moment: the file is whole, the old one or the new one" {
    run nsroot --remember F -- python3 -c '
import os
for i in range(2000):
    open("f%d" % i, "w").close()
    os.lchown("f%d" % i, 5, 6)'
    assert_success
    local i pid
    for i in {1..12}; do
        "$NSROOT" --remember F -- sh -c 'echo >ready; chown 7 f1; chown 0:0 f2' &
        pid=$!
        until_true test -e ready
        sleep "0.00$((i % 10))"
        # the recorder first: it would write the file when the launcher is gone
        kill -KILL $(pgrep -P "$pid") "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
        rm ready
        [[ "$(entries)" == @(2000|1999) ]] || fail "$(tail -n 1 F)"
        until_true "$NSROOT" --remember F -- true
    done
}

@test "a file without permissions for anybody, below a folder without any: root's all the same" {
    run remembering -- sh -c '
        mkdir d; echo >d/f; chmod 0 d/f d; chown 5:6 d/f; stat -c "%u:%g %a" d/f; chown 7 d; stat -c "%u %a" d
        mknod d/n c 1 3; stat -c %F d/n; setfattr -n trusted.x -v y d/f; getfattr --only-values -n trusted.x d/f; chmod 700 d'
    assert_success
    assert_output $'5:6 0\n7 0\ncharacter special file\ny'
}

@test "a name that comes and goes: who sees the file sees its owner" {
    for show in trap auto; do
        run nsroot --remember F --show-owners "$show" -- python3 -c '
import os, signal
writer = os.fork()
if writer == 0:
    while True:
        os.close(os.open("new", os.O_CREAT | os.O_WRONLY))
        os.chown("new", 50, 60)
        os.rename("new", "file")
        os.unlink("file")
seen = wrong = tries = 0
while seen < 1000 and tries < 200000:
    tries += 1
    try:
        wrong += os.lstat("file").st_uid != 50
        seen += 1
    except FileNotFoundError:
        pass
os.kill(writer, signal.SIGKILL)
print("wrong:", wrong if seen else "none seen")'
        assert_output 'wrong: 0'
        rm -f new file
    done
}

@test "a terminal keeps its owner, as the next one has its number; nothing is stored of pipes" {
    for show in trap auto; do
        run nsroot --remember F --show-owners "$show" -- python3 -c '
import os, pty
pipe = os.pipe()
os.fchown(pipe[0], 5, 6)
print(os.fstat(pipe[0]).st_uid)
for i in range(2):
    master, terminal = pty.openpty()
    print(os.fstat(terminal).st_uid)
    os.fchown(terminal, 7, 8)
    os.close(terminal)
    os.close(master)'
        assert_success
        assert_output $'5\n0\n0'
        assert_equal "$(entries)" 0
    done
}
