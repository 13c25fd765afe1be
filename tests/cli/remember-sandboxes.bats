# SPDX-License-Identifier: LGPL-2.1-or-later
# --remember: in all kinds of sandboxes, below other roots and namespaces, and under stress.

load ../lib/nsroot

remembering() {
    nsroot --remember F --show-owners trap "$@"
}

entries() {
    sed -n 's/^end //p' F
}

@test "--as-pid-1, --no-lock, --share-pid, --unshare-all: the same" {
    for option in --as-pid-1 --no-lock --share-pid --unshare-all '--cap-add ALL'; do
        rm -f F f
        # shellcheck disable=SC2086
        run remembering $option -- sh -c 'echo >f; chown 5:6 f; mknod n c 1 3; stat -c "%u:%g %F" f n; rm n'
        assert_success
        assert_output $'5:6 regular file\n0:0 character special file'
        assert_equal "$(entries)" 2
    done
}

@test "--map subid: ids of the map are really set, those outside are remembered" {
    need_subids
    run remembering --map subid -- sh -c '
        echo >f; echo >g; echo >h; chown 5:6 f; chown 100000:200000 g; chown 5:200000 h; chown 300000 h; chown 7 h
        stat -c %u:%g f g h'
    assert_output $'5:6\n100000:200000\n7:200000'
    assert_equal "$(entries)" 2
    assert_not_equal "$(stat -c %u f)" "$(id -u)"
    assert_equal "$(stat -c %u g)" "$(id -u)"
    run remembering --map subid -- rm f g h
    assert_success
}

@test "--map subid: who is another user inside may do what that one may, and sees no more" {
    need_subids
    chmod 0755 .
    run remembering --map subid -- sh -c '
        echo >own; chown 7:7 own; echo >root; chmod 600 root; chown 0:100000 root; echo >odd; chown 100000:100000 odd
        mkdir closed; echo >closed/f; chown 100000 closed/f; chmod 0700 closed
        setpriv --reuid 7 --regid 7 --clear-groups --inh-caps=-all sh -c "
            chown 7 root; chown 100000 own; mknod own.n c 1 3; setfattr -n trusted.x -v 1 own
            stat -c %u:%g odd root; stat -c %u closed/f"'
    assert_equal "$(grep -c -e 'not permitted' -e 'Invalid argument' -e 'Permission denied' <<<"$output")" 5
    assert_line 100000:100000
    assert_line 0:100000
    refute_line 100000
    run remembering --map subid -- sh -c 'stat -c %u:%g root own closed/f; rm -r own root closed odd'
    assert_output $'0:100000\n7:7\n100000:0'
}

@test "who gave up its capabilities is refused, as is a command that never had them" {
    need_program capsh
    run remembering -- sh -c 'echo >f; capsh --drop=all -- -c "chown 5 f; mknod n c 1 3; setfattr -n trusted.x -v 1 f"; stat -c %u f'
    assert_line --index 0 --partial 'chown: changing ownership'
    assert_line --index 1 --partial 'mknod: n: Operation not permitted'
    assert_line --index 2 --partial 'setfattr: f: Operation not permitted'
    assert_line --index 3 0
    run remembering --uid 1000 --gid 1000 -- chown 5 f
    assert_failure
    assert_equal "$(entries)" 0
}

@test "with one id, changes of a process's ids succeed and do nothing, as without --remember" {
    run remembering -- setpriv --reuid 5 --regid 6 --clear-groups sh -c 'id -u; echo >f; chown 7:8 f; stat -c %u:%g f'
    assert_output $'0\n7:8'
    run -127 remembering --no-suppress-chown -- setpriv --reuid 5 sh -c 'id -u'
}

@test "a chroot inside: paths and links lead where they lead below it" {
    run remembering -- sh -c '
        mkdir -p r/usr r/d; for i in bin lib lib64 sbin; do [ ! -L /$i ] || ln -s usr/$i r/$i; done
        echo >r/f; ln -s /f r/d/l; echo >outer
        unshare -m sh -c "mount --rbind /usr r/usr; chroot r sh -c \"
            chown 5:6 /d/l; stat -c %u:%g /f; cd d; chown 7 ../../../f; mknod /n c 1 3; stat -c %F /n; chown 8 /outer\""
        stat -c "%u:%g" r/f'
    assert_line --index 0 5:6
    assert_line --index 1 'character special file'
    assert_line --index 2 --partial "'/outer': No such file"
    assert_line --index 3 7:6
}

@test "a mount namespace inside: the files mounted there" {
    run remembering -- sh -c '
        mkdir m; echo >m/f; chown 1 m/f
        unshare -m sh -c "mount -t tmpfs none m; echo >m/f; chown 5:6 m/f; stat -c %u:%g m/f
            cd m; mknod n b 1 2; stat -c %F n; mount --bind -o ro . .; chown 7 ../m/f"
        stat -c %u:%g m/f'
    assert_line --index 0 5:6
    assert_line --index 1 'block special file'
    assert_line --index 2 --partial 'Read-only file system'
    assert_line --index 3 1:0
}

@test "a file system is unmounted by --no-lock although owners were changed in it" {
    run remembering --no-lock -- sh -c '
        mkdir m; mount -t tmpfs none m; (cd m; echo >f; chown 5 f; stat -c %u f); umount m; ls m'
    assert_success
    assert_output 5
}

@test "a user namespace inside: the kernel answers for it, nothing is remembered" {
    run remembering -- sh -c '
        echo >f; unshare -U --map-root-user sh -c "chown 0:0 f && echo fine; chown 5 f; mknod n c 1 3"
        unshare -U chown 0 f; stat -c %u f'
    assert_line --index 0 fine
    assert_line --index 1 --partial 'chown: '
    assert_line --index 2 --partial 'mknod: n: Operation not permitted'
    assert_line --index 3 --partial 'chown: '
    assert_line --index 4 0
    assert_equal "$(entries)" 0
}

@test "inside a sandbox that remembers: a second --remember warns, or is refused; a plain sandbox works" {
    # shellcheck disable=SC2016
    run nsroot --remember F -- sh -c '"$NSROOT" --remember G --remember-or-fail -- touch ran'
    assert_status 125
    assert_output 'nsroot: --remember-or-fail: Device or resource busy (this runs inside a sandbox that remembers already)'
    assert_not_exist ran
    for option in "" --as-pid-1 "--show-owners trap"; do
        # shellcheck disable=SC2016,SC2086
        run remembering -- sh -c 'rm -f f; echo >f; chown 5 f; "$NSROOT" --remember G '"$option"' -- sh -c "
            chown 7 f && echo >g && chown 7 g; mknod n c 1 3; exit 3"; echo $?; stat -c %u f g; test ! -s G'
        assert_success
        assert_line --index 0 'nsroot: warning: --remember G: nothing is remembered: this runs inside a sandbox that remembers already'
        assert_line --index 1 --partial 'mknod: n: Operation not permitted'
        assert_line --index 2 3
        assert_line --index 3 5
        assert_line --index 4 0
    done
    # nobody around it: as without
    run nsroot --remember G --remember-or-fail -- sh -c 'echo >h; chown 5 h'
    assert_success
    assert_output ''
    assert_equal "$(sed -n 's/^end //p' G)" 1
    # shellcheck disable=SC2016
    run remembering -- sh -c 'rm f; echo >f; "$NSROOT" -- sh -c "chown 5 f"; stat -c %u f'
    assert_output 0
}

@test "inside a sandbox that suppresses chown: --remember warns that no owners are, or is refused" {
    # shellcheck disable=SC2016
    run nsroot -- sh -c '"$NSROOT" --remember G --remember-or-fail -- touch ran'
    assert_status 125
    assert_output 'nsroot: --remember-or-fail: this runs inside a sandbox that suppresses chown (start that one with --no-suppress-chown)'
    assert_not_exist ran
    # shellcheck disable=SC2016
    run nsroot -- sh -c '"$NSROOT" --remember G -- sh -c "echo >f; chown 5 f && mknod n c 1 3"'
    assert_success
    assert_output 'nsroot: warning: --remember G: no owners are remembered: this runs inside a sandbox that suppresses chown'
    assert_equal "$(sed -n 's/^end //p' G)" 1
    rm G
    # shellcheck disable=SC2016
    run nsroot --no-suppress-chown -- sh -c '"$NSROOT" --remember G -- sh -c "echo >h; chown 5 h"'
    assert_success
    assert_output ''
    assert_equal "$(sed -n 's/^end //p' G)" 1
}

# recorder NSROOT-PID: of its children, the one that is in no pid namespace of its own
recorder() {
    local child
    for child in $(pgrep -P "$1"); do
        [ "$(sed -n 's/^NSpid://p' "/proc/$child/status" | wc -w)" -ne 1 ] || echo "$child"
    done
}

@test "the recorder is killed: calls fail, the command goes on, the status tells" {
    [ "$(sed -n 's/^NSpid://p' /proc/self/status | wc -w)" -eq 1 ] || skip "in a pid namespace"
    need_tool rawcall
    nsroot --remember F -- sh -c 'echo >before; chown 5 before'
    cp F before.F
    mkfifo in
    # shellcheck disable=SC2016
    "$NSROOT" --remember F -- sh -c 'echo >f; chown 9 f; echo >ready; read -r line; "$TOOLS/rawcall" 92 @f 5 6 >result; exit 3' <in 2>errors &
    pid=$!
    exec 8>in
    until_true test -e ready
    kill -KILL "$(recorder $pid)"
    echo >&8
    status=0
    wait $pid || status=$?
    exec 8>&-
    assert_equal "$(cat result)" -38
    assert_equal "$status" 125
    assert_equal "$(cat errors)" "nsroot: --remember: the recorder died"
    cmp F before.F
}

@test "threads: each call its own answer" {
    run remembering -- python3 -c '
import os, threading
wrong = []
def work(t):
    os.mkdir("d%d" % t)
    for i in range(200):
        name = "d%d/%d" % (t, i)
        os.close(os.open(name, os.O_CREAT | os.O_WRONLY))
        os.chown(name, t * 1000 + i, i + 1)
        s = os.stat(name)
        if (s.st_uid, s.st_gid) != (t * 1000 + i, i + 1): wrong.append(name)
threads = [threading.Thread(target=work, args=(t + 1,)) for t in range(8)]
for t in threads: t.start()
for t in threads: t.join()
print(wrong)'
    assert_output '[]'
    assert_equal "$(entries)" 1600
}

@test "many processes at once" {
    # shellcheck disable=SC2016
    run remembering -- sh -c '
        for i in $(seq 100); do (echo >f$i; chown $i:$i f$i; mknod n$i c 1 $i) & done; wait
        for i in $(seq 100); do [ "$(stat -c %u:%g f$i) $(stat -c %T n$i)" = "$i:$i $(printf %x $i)" ] || echo wrong $i; done'
    assert_success
    assert_output ''
    assert_equal "$(entries)" 200
}

@test "a storm of signals: no call is done twice, none fails" {
    need_kernel 5.19
    run remembering -- python3 -c '
import os, signal
hits = 0
def hit(*_):
    global hits
    hits += 1
signal.signal(signal.SIGALRM, hit)
signal.siginterrupt(signal.SIGALRM, False)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
for i in range(2000):
    os.mknod("n%d" % i, 0o20600, os.makedev(1, i % 256))
    os.lchown("n%d" % i, i + 1, i + 1)
signal.setitimer(signal.ITIMER_REAL, 0)
print(hits > 20, sum(os.stat("n%d" % i).st_uid != i + 1 for i in range(2000)))'
    assert_success
    assert_output 'True 0'
    assert_equal "$(entries)" 2000
}

@test "a process killed in the middle of calls harms nobody" {
    run remembering --timeout 30 -- sh -c '
        python3 -c "
import os
open(\"a\", \"w\")
while True: os.chown(\"a\", 5, 6)" & p=$!
        until [ "$(stat -c %u a 2>/dev/null)" = 5 ]; do sleep 0.01; done
        kill -KILL $p; wait $p 2>/dev/null; echo >b; chown 7 b; stat -c %u:%g a b'
    assert_line 5:6
    assert_line 7:0
}
