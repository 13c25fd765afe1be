# SPDX-License-Identifier: LGPL-2.1-or-later
# File descriptors: what the command gets, and what it does not.

load ../lib/nsroot

# Lists the numbers of the open fds, its own for the folder left out.
LIST='for fd in /proc/self/fd/*; do test -e "$fd" && printf "%s " "${fd##*/}"; done'

# Nothing but 0, 1, 2 and those that a test opens; bats has some of its own.
setup() {
    enter_workplace
    need_program python3
    cat >clean <<'END'
import os, sys
keep = [int(word) for word in sys.argv[1].split(",") if word]
for fd in os.listdir("/proc/self/fd"):
    try:
        if int(fd) > 2:
            os.set_inheritable(int(fd), int(fd) in keep)
    except OSError:
        pass
os.execvp(sys.argv[2], sys.argv[2:])
END
}

# with_fds LIST COMMAND...: LIST: "5,7".
with_fds() {
    python3 clean "$@"
}

@test "no fd above 2 reaches the command" {
    run with_fds 5,7 "$NSROOT" -- bash -c "$LIST" 5</etc/passwd 7</etc
    assert_output '0 1 2 '
}

@test "--keep-fd passes those that it names" {
    run with_fds 5,7,13 "$NSROOT" --keep-fd 7 --keep-fd 13 -- bash -c "$LIST; cat <&13" 5</etc/passwd 7</etc 13<<<text
    assert_output '0 1 13 2 7 text'
}

@test "--keep-fd of an fd that is not open is refused" {
    run --separate-stderr with_fds '' "$NSROOT" --keep-fd 3 -- true
    assert_own_failure '--keep-fd 3: Bad file descriptor'
}

@test "--keep-fd all passes every one but those that options use" {
    run with_fds 5,7,8,9 "$NSROOT" --keep-fd all --ro-bind-fd 7 /mnt --json-status-fd 8 --sync-fd 9 \
        --ro-bind / / -- bash -c "$LIST" 5</etc/passwd 7</etc 8>/dev/null 9</dev/null
    assert_output '0 1 2 5 '
    run with_fds 5,9 "$NSROOT" --keep-fd all --keep-fd 9 --sync-fd 9 -- bash -c "$LIST" 5</etc/passwd 9</dev/null
    assert_output '0 1 2 5 9 '
}

@test "--pack-fds renumbers from 3 on and tells how many" {
    run with_fds 5,7,9 "$NSROOT" --pack-fds --keep-fd 9 --keep-fd 5 -- \
        bash -c "$LIST"'; cat <&3; cat <&4; echo "$LISTEN_FDS"; test "$LISTEN_PID" = $$' 5<<<five 7</etc 9<<<nine
    assert_success
    assert_output '0 1 2 3 4 five'$'\n''nine'$'\n''2'
    run with_fds 5,7 "$NSROOT" --pack-fds -- bash -c "$LIST"'; echo "$LISTEN_FDS"' 5</etc/passwd 7</etc/passwd
    assert_output '0 1 2 3 4 2'
}

@test "--pack-fds with --as-pid-1 does not hide that the command can't be executed" {
    run -127 --separate-stderr with_fds 8,20,21,22,23,24,25,26 "$NSROOT" --as-pid-1 --pack-fds --keep-fd 20 --keep-fd 21 \
        --keep-fd 22 --keep-fd 23 --keep-fd 24 --keep-fd 25 --keep-fd 26 --json-status-fd 8 -- /no/such/command \
        8>status 20</etc 21</etc 22</etc 23</etc 24</etc 25</etc 26</etc
    assert_status 127
    assert_equal "$stderr" 'nsroot: /no/such/command: exec: No such file or directory'
    run cat status
    refute_output --partial exit-code
}

@test "--pack-fds with nothing to pass sets nothing" {
    run with_fds '' env -u LISTEN_FDS -u LISTEN_PID "$NSROOT" --pack-fds -- sh -c 'echo "[$LISTEN_FDS$LISTEN_PID]"'
    assert_output '[]'
}

@test "0 to 2 closed, in every combination: the command has /dev/null there, and runs" {
    for closed in 0 1 2 '0 1' '0 2' '1 2' '0 1 2'; do
        redirections=
        for fd in $closed; do
            redirections+=" $fd>&-"
        done
        status=0
        eval "\"\$NSROOT\" -- sh -c 'readlink /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 >list; exit 5' $redirections" ||
            status=$?
        assert_equal "$status" 5
        for fd in $closed; do
            [ "$fd" -eq 1 ] || assert_equal "$(sed -n "$((fd + 1))p" list)" /dev/null
        done
    done
}

@test "--sync-fd stays open until the sandbox is gone, without --as-pid-1 and with it" {
    for option in "" --as-pid-1; do
        rm -f ended over
        # shellcheck disable=SC2086
        run within 10 bash -c '
            { "$NSROOT" --sync-fd 9 "$@" -- sh -c "exec >&-; until test -e go; do sleep 0.01; done; : >over" 9>&1 >/dev/null; } |
            { touch go; cat; test -e over && touch ended; }' - $option
        assert_exist ended
    done
}

@test "--lock-file is held until the sandbox is gone" {
    need_program python3
    : >lock
    cat >try <<'END'
import fcntl, sys
try:
    fcntl.lockf(open("lock", "r+"), fcntl.LOCK_EX | fcntl.LOCK_NB)
    print("free")
except OSError:
    print("held")
END
    "$NSROOT" --lock-file "$PWD/lock" -- sh -c 'touch on; until test -e go; do sleep 0.01; done' &
    until_true test -e on
    run python3 try
    assert_output held
    touch go
    wait $!
    run python3 try
    assert_output free
    run --separate-stderr nsroot --lock-file "$PWD/none" -- true
    assert_own_failure '--lock-file .*none: open: No such file'
}

@test "--lock-file is held, though the caller has the file open" {
    need_program python3
    : >lock
    "$NSROOT" --lock-file "$PWD/lock" -- sh -c 'touch on; until test -e go; do sleep 0.01; done' 7<>lock &
    until_true test -e on
    run python3 -c 'import fcntl; fcntl.lockf(open("lock", "r+"), fcntl.LOCK_EX | fcntl.LOCK_NB)'
    touch go
    wait $!
    assert_failure
    assert_output --partial BlockingIOError
}

@test "--block-fd holds the command back" {
    mkfifo gate
    "$NSROOT" --block-fd 9 --info-fd 8 -- touch ran 9<>gate 8>info &
    until_true test -s info
    assert_not_exist ran
    echo >gate
    wait $!
    assert_exist ran
}

@test "--block-fd: the end of file lets it go too" {
    run within 10 "$NSROOT" --block-fd 9 -- echo ran 9</dev/null
    assert_output ran
}
