# SPDX-License-Identifier: LGPL-2.1-or-later
# The bwrap dialect: processes, their end, and what they inherit.

load ../lib/compare

setup() {
    enter_comparison bwrap
}

# shellcheck disable=SC2034 # rows use it
prelude='host+=(--proc /proc)'

@test "exit status" {
    compare <<'END'
    # the command's
    $ for status in 0 1 125 126 127 128 255; do
    $     bwrap "${host[@]}" sh -c "exit $status"; echo $?
    $     bwrap "${host[@]}" --unshare-pid sh -c "exit $status"; echo $?
    $ done | uniq -c | tr -s ' '
    >  2 0
    >  2 1
    >  2 125
    >  2 126
    >  2 127
    >  2 128
    >  2 255

    # 128 and the number of the signal that killed it
    $ for signal in TERM KILL HUP SEGV; do
    $     bwrap "${host[@]}" bash -c "ulimit -c 0; kill -$signal \$\$"; echo $?
    $     bwrap "${host[@]}" --unshare-pid bash -c "ulimit -c 0; kill -$signal \$\$"; echo $?
    $ done | uniq -c | tr -s ' '
    >  2 143
    >  2 137
    >  2 129
    >  2 139

    # not found
    $ bwrap "${host[@]}" none-such; echo $?
    $ bwrap "${host[@]}" /none/such; echo $?
    $ bwrap "${host[@]}" --unshare-pid none-such; echo $?
    $ bwrap "${host[@]}" --unshare-pid --as-pid-1 none-such; echo $?
    > 1
    > 1
    > 1
    > 1
    2> bwrap: execvp none-such: No such file or directory
    2> bwrap: execvp /none/such: No such file or directory
    2> bwrap: execvp none-such: No such file or directory
    2> bwrap: execvp none-such: No such file or directory

    # no program
    $ bwrap "${host[@]}" /usr; echo $?
    $ bwrap "${host[@]}" /etc/passwd; echo $?
    > 1
    > 1
    2> bwrap: execvp /usr: Permission denied
    2> bwrap: execvp /etc/passwd: Permission denied

    # a script without #! is one of the shell, as execvp(3) has it
    $ echo 'echo done $0' >script
    $ chmod +x script
    $ bwrap "${host[@]}" ./script
    > done ./script

    # one whose interpreter is missing is passed over in PATH, as execvp(3) has it
    $ mkdir broken && echo '#!/none/such' >broken/ls && cp broken/ls broken/alone && chmod +x broken/*
    $ bwrap "${host[@]}" --setenv PATH "$PWD/broken:$PATH" ls -d /
    $ bwrap "${host[@]}" --setenv PATH "$PWD/broken:$PATH" alone
    > /
    2> bwrap: execvp *alone: No such file or directory*
    status 1

    # a program without its loader: ours says so
    $ bwrap --ro-bind /usr/bin /usr/bin /usr/bin/env
    2> bwrap: execvp /usr/bin/env: No such file or directory*
    status 1

    # every failure of its own
    $ bwrap --nonsense; echo $?
    $ bwrap --bind /none /x true; echo $?
    $ bwrap "${host[@]}" --chdir /none true; echo $?
    > 1
    > 1
    > 1
    2> bwrap: *
    2> bwrap: *
    2> bwrap: *
END
}

@test "pid namespaces" {
    compare <<'END'
    # the command is the second process, its parent the first, and that is of bwrap
    $ see pids "${host[@]}" --unshare-pid --proc /proc
    > pid: 2 parent: 1
    > process 1: bwrap
    > process 2: bash

    # --as-pid-1: the first
    $ see pids "${host[@]}" --unshare-pid --as-pid-1 --proc /proc
    > pid: 1 parent: 0
    > process 1: bash

    # that needs --unshare-pid
    $ bwrap "${host[@]}" --as-pid-1 true
    2> bwrap: Specifying --as-pid-1 requires --unshare-pid
    status 1

    # or --unshare-all
    $ bwrap "${host[@]}" --as-pid-1 --unshare-all sh -c 'echo $$'
    > 1

    # and takes no lock
    $ bwrap "${host[@]}" --as-pid-1 --unshare-pid --lock-file /etc/passwd true
    2> bwrap: Specifying --as-pid-1 and --lock-file is not permitted
    status 1

    # whose children orphans become
    $ bwrap "${host[@]}" --dev /dev --unshare-pid --proc /proc bash -c '
    $     bash -c "read -r _ < <(sleep 20 & echo); :"
    $     until grep -qs "^PPid:.1$" $(grep -ls "Name:.sleep" /proc/[0-9]*/status) /dev/null; do :; done
    $     echo adopted; kill $(grep -ls "Name:.sleep" /proc/[0-9]*/status | tr -dc "0-9\n")'
    > adopted
END
}

# depth_is N ARGUMENT...: so many processes above COMMAND, bwrap's own the topmost.
depth_is() {
    local depth=$1 child monitor count=0
    shift
    mkfifo ready hold
    bwrap --ro-bind / / --bind "$PWD" "$PWD" "$@" bash -c 'echo >ready; read -r <hold' &
    monitor=$!
    read -r <ready
    child=$(command_of "$monitor")
    while [ "$child" -ne "$monitor" ]; do
        child=$(sed -n 's/^PPid:\t//p' "/proc/$child/status")
        count=$((count + 1))
    done
    echo >hold
    wait "$monitor"
    assert_equal "$count" "$depth"
}

# command_of PID: the last of its line of only children.
command_of() {
    local pid=$1 child
    while child=$(<"/proc/$pid/task/$pid/children") && [ -n "$child" ]; do
        pid=${child%% *}
    done
    echo "$pid"
}

@test "how many processes there are above the command" {
    on_each depth_is 1
    on_each depth_is 2 --unshare-pid --proc /proc
    on_each depth_is 1 --unshare-pid --proc /proc --as-pid-1
    on_each depth_is 2 --lock-file /etc/passwd
    on_each depth_is 2 --sync-fd 0
}

goes_on_without_command() {
    mkfifo go
    # shellcheck disable=SC2016
    bwrap --dev-bind / / "$@" sh -c '(read -r word <go; echo $word >late) >/dev/null 2>&1 3>&- & exit 5' \
        >out 2>&1 && fail 'status 0'
    assert_equal "$?" 5
    assert_not_exist late
    within 10 sh -c 'echo word >go'
    until_true test -s late
    assert_equal "$(cat late)" word
}

@test "bwrap ends with the command, and what it left in the background goes on" {
    on_each goes_on_without_command
    on_each goes_on_without_command --unshare-pid
}

sandbox_survives() {
    mkfifo ready go
    bwrap --bind / / "$@" sh -c 'echo >ready; read -r word <go; echo $word >late' 3>&- &
    read -r <ready
    kill -TERM $!
    wait $! && fail 'status 0'
    assert_equal "$?" 143
    within 10 sh -c 'echo word >go'
    until_true test -s late
}

@test "a signal ends bwrap alone" {
    on_each sandbox_survives
    on_each sandbox_survives --unshare-pid
}

# Whether it still runs is seen by a pipe that it has open.
sandbox_dies() {
    local who=$1
    shift
    mkfifo ready alive
    cat alive >seen 3>&- &
    local reader=$!
    # shellcheck disable=SC2016
    bash -c '"$@" & echo $! >bwrap-pid; wait' bash bwrap --bind / / --die-with-parent "$@" \
        sh -c 'exec 9>alive; echo >ready; exec sleep 60' 3>&- &
    local parent=$!
    read -r <ready
    if [ "$who" = bwrap ]; then
        kill -KILL "$(cat bwrap-pid)"
    else
        kill -KILL "$parent"
    fi
    # tries, not seconds: a machine that stands still for a while is no failure
    if ! until_true has_ended "$reader"; then
        ps -e -o pid,ppid,stat,wchan:20,args >&2
        fail 'the sandbox lives on'
    fi
    wait "$parent" || true
    until_true has_ended "$(cat bwrap-pid)"
}

has_ended() {
    ! kill -0 "$1" || grep -q '^State:.Z' "/proc/$1/status"
} 2>/dev/null

@test "--die-with-parent: with bwrap, and with its parent" {
    on_each sandbox_dies bwrap
    on_each sandbox_dies parent
    on_each sandbox_dies bwrap --unshare-pid
    on_each sandbox_dies parent --unshare-pid
    on_each sandbox_dies bwrap --unshare-pid --as-pid-1
    on_each sandbox_dies bwrap --lock-file /etc/passwd
}

@test "what the command inherits" {
    compare <<'END'
    # fds, whatever their number
    $ see fds "${host[@]}" 5</dev/null 17</etc/passwd 100>/dev/null
    > fds: 0 1 2 5 17 100

    # in a pid namespace too
    $ see fds "${host[@]}" --unshare-pid --proc /proc 5</dev/null
    > fds: 0 1 2 5

    # as the first process too
    $ see fds "${host[@]}" --unshare-pid --as-pid-1 --proc /proc 5</dev/null
    > fds: 0 1 2 5

    # with their offsets
    $ echo data >file
    $ { bwrap "${host[@]}" head -n 1 /dev/fd/5 <&5; } 5<file
    > data

    # not those of options
    $ see fds "${host[@]}" --info-fd 11 --json-status-fd 12 --block-fd 13 --sync-fd 14 \
    $     11>/dev/null 12>/dev/null 13</dev/null 14</dev/null
    > fds: 0 1 2

    # but --sync-fd with --as-pid-1
    $ see fds "${host[@]}" --unshare-pid --as-pid-1 --proc /proc --sync-fd 14 14</dev/null
    > fds: 0 1 2 14

    # the umask
    $ umask 0137
    $ see umask "${host[@]}"
    > 0137

    # ignored signals
    $ trap '' USR1 HUP
    $ grep SigIgn /proc/self/status >outside
    $ bwrap "${host[@]}" grep SigIgn /proc/self/status | diff outside -
    $ bwrap "${host[@]}" --unshare-pid --proc /proc grep SigIgn /proc/self/status | diff outside -

    # blocked ones, but for SIGCHLD
    $ env --block-signal=USR1 --block-signal=CHLD bwrap "${host[@]}" grep SigBlk /proc/self/status
    $ env --block-signal=USR1 --block-signal=CHLD bwrap "${host[@]}" --unshare-pid --proc /proc \
    $     grep SigBlk /proc/self/status
    > SigBlk:	0000000000000200
    > SigBlk:	0000000000000200

    # SIGCHLD is not ignored
    since 0.11.1
    $ grep SigIgn /proc/self/status >outside
    $ env --ignore-signal=CHLD bwrap "${host[@]}" sh -c 'grep SigIgn /proc/self/status; exit 3' >inside
    $ echo $?
    $ diff outside inside
    > 3

    # limits, priority
    $ ulimit -n 100
    $ bwrap "${host[@]}" sh -c 'ulimit -n'
    $ nice -n 3 nice >outside
    $ nice -n 3 bwrap "${host[@]}" nice | diff outside -
    > 100

    # no_new_privs, always
    $ see privs "${host[@]}"
    $ see privs "${host[@]}" --unshare-all --proc /proc --cap-add ALL
    > NoNewPrivs:	1
    > NoNewPrivs:	1

    # it can be dumped, so /proc/self is its own
    $ bwrap "${host[@]}" stat -c %u /proc/self/status | sed "s/^$UID$/its own/"
    > its own

    # the session and the process group
    $ read -r _ _ _ _ group session _ </proc/self/stat
    $ bwrap "${host[@]}" sh -c "read -r _ _ _ _ group session _ </proc/self/stat
    $     test \$session = $session && echo same session; test \$group = $group && echo same group"
    > same session
    > same group

    # --new-session: both new
    $ bwrap "${host[@]}" --new-session sh -c 'read -r pid _ _ _ group session _ </proc/self/stat
    $     test $pid = $session && test $pid = $group && echo both'
    > both

    # they are the first process's, if there is one
    $ bwrap "${host[@]}" --unshare-pid --proc /proc --new-session cut -d ' ' -f 1,5,6 /proc/self/stat
    > 2 1 1
END
}

terminal_is() {
    local expected=$1
    shift
    run on_terminal -- bwrap --dev-bind / / "$@" sh -c 'if (: </dev/tty); then echo there; else echo gone; fi'
    assert_output --partial "$expected"
}

@test "--new-session leaves the terminal" {
    on_each terminal_is there
    on_each terminal_is gone --new-session
    on_each terminal_is gone --new-session --unshare-pid
}
