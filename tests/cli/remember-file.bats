# SPDX-License-Identifier: LGPL-2.1-or-later
# --remember: the file: when it is read and written, and what is refused.

load ../lib/nsroot

# entries [FILE]: how many files it tells of
entries() {
    sed -n 's/^end //p' "${1:-F}"
}

# start_waiting: start a sandbox on F that waits for a line on fd 8; sets pid.
start_waiting() {
    mkfifo in
    "$NSROOT" --remember F -- sh -c 'echo >held; chown 9:8 held; echo >ready; read -r line; exit 3' <in &
    pid=$!
    exec 8>in
    until_true test -e ready
}

go_on() {
    echo >&8
    exec 8>&-
    status=0
    wait "$pid" || status=$?
}

@test "the file is made, and loaded and extended by the next sandbox" {
    run nsroot --remember F -- sh -c 'echo >one; chown 5:6 one; mknod null c 1 3'
    assert_success
    assert_equal "$(entries)" 2
    assert_regex "$(cat F)" $'^nsroot-remember 1\n'
    assert_regex "$(cat F)" ' uid=5 gid=6'
    assert_regex "$(cat F)" ' dev=c:1:3'
    run nsroot --remember F --show-owners trap -- sh -c 'stat -c "%u:%g %F %t,%T" one null; chown 7 one; echo >two; chown 8 two'
    assert_output $'5:6 regular file 0,0\n0:0 character special file 1,3'
    assert_equal "$(entries)" 3
    run nsroot --remember F --show-owners trap -- stat -c %u:%g one two
    assert_output $'7:6\n8:0'
    assert_holds_only . F one two null
    # outside, the files are the caller's
    assert_equal "$(stat -c %u one null | sort -u)" "$(id -u)"
}

@test "nothing is shown inside without --show-owners, and nothing is by no" {
    nsroot --remember F -- sh -c 'echo >f; chown 5:6 f; mknod n c 1 3'
    for option in "" "--show-owners no" "--show-owners trap --show-owners no"; do
        # shellcheck disable=SC2086
        run nsroot --remember F $option -- stat -c '%u:%g %F' f n
        assert_output $'0:0 regular file\n0:0 regular empty file'
    done
}

@test "--show-owners without --remember, and other words: refused" {
    run --separate-stderr nsroot --show-owners trap -- true
    assert_own_failure '--show-owners needs --remember'
    run --separate-stderr nsroot --remember F --show-owners yes -- true
    assert_own_failure '--show-owners yes: unknown'
    assert_not_exist F
}

@test "written after a command that fails, is killed, or runs out of time" {
    run nsroot --remember F -- sh -c 'echo >a; chown 5 a; exit 4'
    assert_status 4
    assert_equal "$(entries)" 1
    # shellcheck disable=SC2016
    run nsroot --remember F -- sh -c 'echo >b; chown 5 b; kill -KILL $$'
    assert_status 137
    assert_equal "$(entries)" 2
    local seconds
    for seconds in 1 5 20; do # as many as it takes a busy machine to come to sleep
        run nsroot --remember F --timeout $seconds -- \
            sh -c 'echo >c; chown 5 c && echo called; sleep 60'
        assert_status 143
        [ "$output" != called ] || break
    done
    assert_output called
    assert_equal "$(entries)" 3
    # a command that was not found has changed nothing
    run -127 nsroot --remember F -- ./none
    assert_status 127
    assert_equal "$(entries)" 3
}

@test "written when nsroot ends by SIGTERM, or is killed" {
    local signal
    for signal in TERM KILL; do
        rm -f F in ready held
        start_waiting
        kill -$signal "$pid"
        status=0
        wait "$pid" || status=$?
        exec 8>&-
        [ "$status" -gt 128 ] || fail "$signal: $status"
        until_true grep -q 'uid=9 gid=8' F
    done
}

@test "two sandboxes on one file: the second is refused, the first unharmed" {
    start_waiting
    ln -s F link
    local name
    for name in F link "$PWD/F"; do
        run --separate-stderr nsroot --remember "$name" -- touch ran
        assert_own_failure "--remember $name: another sandbox uses it"
    done
    assert_not_exist ran
    go_on
    assert_status 3
    assert_equal "$(entries)" 1
    run nsroot --remember F -- true
    assert_success
}

@test "a symlink stays, and what it leads to keeps its permissions" {
    mkdir folder
    nsroot --remember folder/F -- true
    chmod 0600 folder/F
    ln -s folder/F link
    run nsroot --remember link -- sh -c 'echo >a; chown 5 a'
    assert_success
    assert_equal "$(readlink link)" folder/F
    assert_equal "$(entries folder/F) $(stat -c %a folder/F)" "1 600"
    assert_holds_only folder F
    ln -s none dangling
    run --separate-stderr nsroot --remember dangling -- true
    assert_own_failure '--remember dangling: a symlink that leads nowhere'
    assert_not_exist none
}

@test "a file cut off at any line, or within one: refused and left as it is" {
    nsroot --remember F -- sh -c 'for i in 1 2 3; do echo >$i; chown 5 $i; done'
    local lines
    lines=$(wc -l <F)
    for ((i = 1; i < lines; i++)); do
        head -n "$i" F >part
        cp part before
        run --separate-stderr nsroot --remember part -- touch ran
        assert_own_failure "--remember part: it is not whole: the end is missing"
        cmp part before
    done
    head -c 40 F >part
    run --separate-stderr nsroot --remember part -- touch ran
    assert_own_failure "--remember part: it is not whole"
    assert_not_exist ran
    : >part
    run nsroot --remember part -- true
    assert_success
}

@test "a corrupt line is named; another version, and another kind of file, refused" {
    nsroot --remember F -- sh -c 'for i in 1 2 3; do echo >$i; chown 5 $i; done'
    sed '3s/uid=/uidd=/' F >bad
    cp bad before
    run --separate-stderr nsroot --remember bad -- touch ran
    assert_own_failure "--remember bad:3: not understood"
    sed '/^end/s/3/4/' F >bad
    run --separate-stderr nsroot --remember bad -- touch ran
    assert_own_failure "--remember bad:5: not understood"
    sed '1s/1/2/' F >bad
    run --separate-stderr nsroot --remember bad -- touch ran
    assert_own_failure '--remember bad: its first line is not "nsroot-remember 1"'
    head -c 3000 "$NSROOT" >bad
    cp bad before
    run --separate-stderr nsroot --remember bad -- touch ran
    assert_own_failure '--remember bad: its first line is not'
    cmp bad before
    # not read as a whole first
    truncate --size 1T huge
    run --separate-stderr nsroot --remember huge -- touch ran
    assert_own_failure '--remember huge: its first line is not'
    assert_not_exist ran
}

@test "a folder, a FIFO, a device, no folder, a folder that can't be written to: refused" {
    mkdir folder closed
    mkfifo fifo
    chmod 0555 closed
    run --separate-stderr nsroot --remember folder -- touch ran
    assert_own_failure '--remember folder: open: Is a directory'
    run --separate-stderr nsroot --remember folder/ -- touch ran
    assert_own_failure '--remember folder/: '
    run --separate-stderr within 10 "$NSROOT" --remember fifo -- touch ran
    assert_own_failure '--remember fifo: not a regular file'
    run --separate-stderr nsroot --remember /dev/null -- touch ran
    assert_own_failure '--remember /dev/null: not a regular file'
    run --separate-stderr nsroot --remember none/F -- touch ran
    assert_own_failure '--remember none/F: open the folder: No such file'
    run --separate-stderr nsroot --remember '' -- touch ran
    assert_own_failure '--remember: the path is empty'
    if [ "$(id -u)" -ne 0 ]; then
        run --separate-stderr nsroot --remember closed/F -- touch ran
        assert_own_failure '--remember closed/F: open: Permission denied'
    fi
    assert_not_exist ran
}

@test "the disk is full: told, and the old file is whole" {
    # shellcheck disable=SC2016
    run nsroot --no-suppress-chown --size 64K --tmpfs /mnt -- sh -c '
        "$NSROOT" --remember /mnt/F -- sh -c "echo >a; chown 5 a"
        cp /mnt/F before
        dd if=/dev/zero of=/mnt/fill bs=1k 2>/dev/null
        "$NSROOT" --remember /mnt/F -- sh -c "i=0; while [ \$i -lt 200 ]; do echo >f\$i; chown 7 f\$i; i=\$((i + 1)); done"
        echo "status $?"
        cmp /mnt/F before && ls -A /mnt'
    assert_output 'nsroot: --remember /mnt/F: write: No space left on device
status 125
F
fill'
}

@test "--explain tells the file, and whether it is shown" {
    run nsroot --remember F --explain -- true
    assert_line '  owners, devices and attributes are remembered in F, not shown'
    run nsroot --remember F --show-owners trap --explain -- true
    assert_line '  owners, devices and attributes are remembered in F, and shown'
    run nsroot --remember F --show-owners trap --explain=json -- true
    assert_equal "$(jq -c '[.remember, .show_owners]' <<<"$output")" '["F",true]'
    assert_not_exist F
    run nsroot --explain=json -- true
    assert_equal "$(jq -c '[.remember, .show_owners]' <<<"$output")" '[null,false]'
}
