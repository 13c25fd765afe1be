# SPDX-License-Identifier: LGPL-2.1-or-later
# The bwrap dialect: what it tells and waits for by fds, and what lasts as long as the sandbox.

load ../lib/compare

setup() {
    enter_comparison bwrap
}

# shellcheck disable=SC2034 # rows use it
prelude='host+=(--proc /proc)'

@test "--info-fd" {
    compare <<'END'
    # an object over several lines; mounts are always new
    $ numbers_hidden bwrap "${host[@]}" --info-fd 11 true 11>info
    $ sed -E 's/[0-9]{2,}/N/' info
    > {
    >     "child-pid": N,
    >     "mnt-namespace": N
    > }

    # with all namespaces but that of users
    $ bwrap "${host[@]}" --unshare-all --info-fd 11 true 11>info
    $ sed -E 's/[0-9]{2,}/N/' info
    > {
    >     "child-pid": N,
    >     "cgroup-namespace": N,
    >     "ipc-namespace": N,
    >     "mnt-namespace": N,
    >     "net-namespace": N,
    >     "pid-namespace": N,
    >     "uts-namespace": N
    > }

    # their numbers
    $ bwrap "${host[@]}" --unshare-all --proc /proc --info-fd 11 stat -L -c %i \
    $     /proc/self/ns/{cgroup,ipc,mnt,net,pid,uts} 11>info >inside
    $ sed -n 's/.*namespace": \([0-9]*\),\?$/\1/p' info | diff - inside

    # it is one JSON text
    $ bwrap "${host[@]}" --unshare-all --info-fd 11 true 11>info
    $ jq -c keys info
    > ["cgroup-namespace","child-pid","ipc-namespace","mnt-namespace","net-namespace","pid-namespace","uts-namespace"]

    # it is there before the command is: a reader who waits for its end holds nothing up
    $ mkfifo info
    $ bwrap "${host[@]}" --info-fd 11 sleep 0.2 11>info &
    $ jq length info
    $ kill -0 $! && echo still there
    > 2
    > still there
END
}

# The child-pid is that of the first process inside, as the caller knows it.
child_pid_is_outside() {
    mkfifo info hold
    bwrap --ro-bind / / --bind "$PWD" "$PWD" "$@" --info-fd 11 sh -c 'read -r _ <hold' 11>info &
    local child
    child=$(jq '."child-pid"' info)
    assert_equal "$(sed -n 's/^PPid:\t//p' "/proc/$child/status")" "$!"
    within 10 sh -c 'echo >hold'
    wait "$!"
}

@test "child-pid is the one below bwrap" {
    on_each child_pid_is_outside
    on_each child_pid_is_outside --unshare-pid
    on_each child_pid_is_outside --unshare-pid --as-pid-1
    on_each child_pid_is_outside --lock-file /etc/passwd
}

@test "--json-status-fd" {
    compare <<'END'
    # a line at the start and one at the end
    $ bwrap "${host[@]}" --json-status-fd 11 sh -c 'exit 42' 11>status
    $ echo $?
    $ sed -E 's/[0-9]{3,}/N/g' status
    > 42
    > { "child-pid": N, "mnt-namespace": N }
    > { "exit-code": 42 }

    # with all namespaces
    $ bwrap "${host[@]}" --unshare-all --json-status-fd 11 true 11>status
    $ sed -E 's/[0-9]{2,}/N/g' status
    > { "child-pid": N, "cgroup-namespace": N, "ipc-namespace": N, "mnt-namespace": N, "net-namespace": N, "pid-namespace": N, "uts-namespace": N }
    > { "exit-code": 0 }

    # the same numbers as --info-fd
    $ bwrap "${host[@]}" --unshare-all --info-fd 11 --json-status-fd 12 true 11>info 12>status
    $ head -n 1 status | jq -S . >sorted
    $ jq -S . info | diff - sorted

    # a command that a signal killed
    $ bwrap "${host[@]}" --json-status-fd 11 sh -c 'kill -KILL $$' 11>status
    $ tail -n 1 status
    > { "exit-code": 137 }

    # no command, no exit code
    $ bwrap "${host[@]}" --json-status-fd 11 none-such 11>status
    $ echo $?
    $ sed -E 's/[0-9]{2,}/N/g' status
    > 1
    > { "child-pid": N, "mnt-namespace": N }
    2> bwrap: execvp none-such: No such file or directory

    # in a pid namespace
    $ bwrap "${host[@]}" --unshare-pid --json-status-fd 11 none-such 11>status
    $ bwrap "${host[@]}" --unshare-pid --json-status-fd 12 sh -c 'exit 1' 12>>status
    $ cut -c 1-15 status
    > { "child-pid": 
    > { "child-pid": 
    > { "exit-code": 
    2> bwrap: execvp none-such: No such file or directory

    # nor when something fails before
    $ bwrap "${host[@]}" --json-status-fd 11 --chdir /none true 11>status
    $ grep -c exit-code status
    > 0
    2> bwrap: Can't chdir to /none: *
    status 1
END
}

# The exit code is told when the command ends, not when the sandbox does.
code_comes_with_the_command() {
    mkfifo status hold
    bwrap --dev-bind / / --unshare-pid --json-status-fd 11 sh -c '(read -r _ <hold) & exit 7' \
        11>status 3>&- &
    run jq -c '."exit-code" // empty' status
    assert_output 7
    within 10 sh -c 'echo >hold'
    wait "$!" || [ "$?" -eq 7 ]
}

@test "--json-status-fd ends with the command" {
    on_each code_comes_with_the_command
}

# Run up to the point where it blocks, then let it go on.
blocks_until() {
    local way=$1
    shift
    mkfifo block info
    bwrap --bind / / "$@" --block-fd 12 --info-fd 11 sh -c 'echo >ran' 11>info 12<>block 3>&- &
    jq . info >told
    assert_not_exist ran
    if [ "$way" = byte ]; then
        echo >block
    fi
    wait "$!"
    assert_exist ran
}

@test "--block-fd" {
    on_each blocks_until byte
    on_each blocks_until byte --unshare-pid
    compare <<'END'
    # the end of the file will do
    $ bwrap "${host[@]}" --block-fd 11 echo done 11</dev/null
    > done

    # one byte is read, no more
    $ echo abc | { bwrap "${host[@]}" --block-fd 0 true; cat; }
    > bc

    # all is set up by then: what fails before does not wait
    $ mkfifo never
    $ bwrap "${host[@]}" --block-fd 11 --symlink a /usr true 11<>never
    2> bwrap: *
    status 1
END
}

# The maps are written from outside, between the telling and the waiting.
maps_come_from_outside() {
    local child
    mkfifo block info
    # shellcheck disable=SC2016
    bwrap --ro-bind / / --unshare-user --userns-block-fd 12 --info-fd 11 \
        sh -c 'cat /proc/self/uid_map; id -u' 11>info 12<>block >out 3>&- &
    child=$(jq '."child-pid"' info)
    assert_equal "$(cat "/proc/$child/uid_map")" ''
    newuidmap "$child" 0 "$(id -u)" 1 1 "$first" 5
    newgidmap "$child" 0 "$(id -g)" 1
    echo >block
    wait "$!"
    run tr -s ' ' <out
    assert_output " 0 $(id -u) 1"$'\n'" 1 $first 5"$'\n'0
}

@test "--userns-block-fd" {
    need_subids
    local first
    first=$(sed -n "s/^$(id -un):\([0-9]*\):.*/\1/p" /etc/subuid | head -n 1)
    on_each maps_come_from_outside
}

# locked FILE: nobody could get a lock to write.
locked() {
    python3 - "$1" <<'END'
import fcntl, struct, sys
with open(sys.argv[1], "r+") as file:
    lock = struct.pack("hhqqi", fcntl.F_WRLCK, 0, 0, 0, 0)
    kind, = struct.unpack("hhqqi", fcntl.fcntl(file, fcntl.F_GETLK, lock))[:1]
    sys.exit(kind != fcntl.F_RDLCK)
END
}

is_not_locked() {
    ! locked "$1"
}

locked_while_it_lasts() {
    mkfifo ready hold
    echo >a
    echo >b
    bwrap --dev-bind / / --bind "$PWD" /mnt "$@" --lock-file "$PWD/a" --lock-file /mnt/b \
        sh -c '(echo >ready; read -r _ <hold) & exit 3' 3>&- &
    read -r <ready
    until_true locked a
    until_true locked b
    # the command is gone, but not the sandbox
    wait "$!" || [ "$?" -eq 3 ]
    locked a
    within 10 sh -c 'echo >hold'
    until_true is_not_locked a
    until_true is_not_locked b
}

@test "--lock-file: a lock to read, until the sandbox is empty" {
    on_each locked_while_it_lasts --unshare-pid
}

@test "--lock-file that fails" {
    compare <<'END'
    # not there
    $ bwrap "${host[@]}" --unshare-pid --lock-file /none true
    2> bwrap: *lock*file /none: *No such file or directory
    status 1
END
}

# What is outside hears the end of the pipe when the last process of the sandbox has ended.
synced_while_it_lasts() {
    mkfifo ready hold
    {
        bwrap --dev-bind / / "$@" --sync-fd 11 \
            sh -c '(echo >ready; read -r _ <hold; echo late >late) >/dev/null & exit 3' 11>&1 3>&- || true
    } | {
        cat
        assert_exist late
        echo >heard
    } &
    read -r <ready
    assert_not_exist heard
    within 10 sh -c 'echo >hold'
    until_true test -e heard
}

@test "--sync-fd: open until the sandbox is empty" {
    on_each synced_while_it_lasts --unshare-pid
}
