# SPDX-License-Identifier: LGPL-2.1-or-later
# mkosi-sandbox: it becomes the command: pid, session, signals, and what it leaves running.

load ../lib/mkosi

@test "the command takes its place" {
    compare <<'ROWS'
    # pid and parent
    $ mkosi-sandbox "${base[@]}" --dev /dev --become-root --suppress-sync \
    $     bash -c 'echo $$ $PPID' >got & pid=$!; wait
    $ echo "$pid $$" | cmp - got

    # process group, session and terminal
    $ stat() { read -ra field </proc/self/stat; echo "${field[@]:4:4}"; }
    $ stat >outside
    $ inside bash -c "$(declare -f stat); stat" | cmp - outside

    # ... of a job of its own
    $ setsid --fork sh -c 'exec mkosi-sandbox "$@"' sh "${base[@]}" \
    $     bash -c 'read -ra f </proc/self/stat; [ $$ = ${f[4]} ] && [ $$ = ${f[5]} ] && echo leader'
    $ sleep 0.5
    > leader

    # nothing is left of the launcher: one process, without children of its own
    $ inside bash -c 'read -r c </proc/$$/task/$$/children; echo "children: $c"
    $     read -ra c </proc/$PPID/task/$PPID/children; echo "siblings: $((${#c[@]} - 1))"'
    > children: 
    > siblings: 0

    # its process is named after the command
    $ inside cat /proc/self/comm
    > cat

    # it can be looked at and traced by its caller: it is dumpable
    $ mkosi-sandbox "${base[@]}" sleep 10 & pid=$!
    $ until [ "$(cat /proc/$pid/comm)" = sleep ]; do sleep 0.05; done
    $ stat -c '%u' /proc/$pid/environ | grep -cx "$(id -u)"; kill $pid
    > 1
ROWS
}

@test "signals and status are its own" {
    compare <<'ROWS'
    # a signal ends it as it would without
    $ inside sh -c 'kill -TERM $$' 2>/dev/null; echo $?
    $ inside sh -c 'kill -KILL $$' 2>/dev/null; echo $?
    > 143
    > 137

    # what is sent to it, it gets
    $ mkosi-sandbox "${base[@]}" sh -c 'trap "echo got it; exit 7" USR1; echo ready >&3
    $     while :; do :; done' 3>ready &
    $ until [ -s ready ]; do sleep 0.02; done; kill -USR1 $!; wait $!
    > got it
    status 7

    # stop and go on
    $ mkosi-sandbox "${base[@]}" sleep 10 & pid=$!
    $ state() { read -ra f </proc/$pid/stat; echo ${f[2]}; }
    $ kill -STOP $pid; until [ "$(state)" = T ]; do sleep 0.02; done; echo stopped
    $ kill -CONT $pid; kill $pid; { wait $pid; } 2>/dev/null; echo $?
    > stopped
    > 143

    # ignored ones stay ignored
    $ trap '' USR1 HUP; see signals "${base[@]}" >seen; read -r _ ignored < <(grep Ign seen)
    $ printf '%x\n' $((0x$ignored & 0x201))
    > 201

    # caught ones are back to their default
    $ trap 'echo no' TERM; inside sh -c 'kill -TERM $$' 2>/dev/null; echo $?
    > 143
ROWS
}

@test "the terminal is the command's" {
    foreground() {
        local bare=(--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib
            --symlink usr/lib64 /lib64 --bind /proc /proc --dev /dev)
        run on_terminal -- mkosi-sandbox "${bare[@]}" bash -c 'read -ra field </proc/self/stat
            [ "${field[6]}" -ne 0 ] && [ "${field[4]} ${field[5]} ${field[7]}" = "$$ $$ $$" ] &&
            echo leads'
        assert_success
        assert_output leads
        run on_terminal --expect ready --send '\x03' -- mkosi-sandbox "${bare[@]}" \
            bash -c 'echo ready; while :; do :; done'
        assert_status 130
        run on_terminal --expect ready --send 'word\r' -- mkosi-sandbox "${bare[@]}" \
            bash -c 'echo ready; read -r word </dev/tty; echo "got $word"'
        assert_output --partial 'got word'
    }
    on_each foreground
}

@test "blocked signals stay blocked" {
    need_program python3
    compare <<'ROWS'
    # USR2 is 12
    $ /usr/bin/python3 -c '
    $ import os, signal, sys
    $ signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
    $ os.execvp(sys.argv[1], sys.argv[1:])' mkosi-sandbox "${base[@]}" --dev /dev \
    $     grep SigBlk /proc/self/status
    > SigBlk:	0000000000000800
ROWS
}

@test "what it leaves running goes on" {
    compare <<'ROWS'
    # no pid namespace, no reaper
    $ mkfifo end; inside --dev /dev --bind "$PWD" /w bash -c '(read line </w/end; echo done >/w/out) >&- 2>&- &
    $     echo $!' >pid
    $ read -r pid <pid; kill -0 $pid && echo running
    $ echo >end; until [ -s out ]; do sleep 0.02; done; cat out
    > running
    > done

    # processes of the outside can be seen and signalled
    $ sleep 10 & pid=$!
    $ inside bash -c "kill $pid" && wait $pid 2>/dev/null; echo $?
    > 143

    # a child of the caller stays one: wait in the command gets its status
    $ (sleep 0.1; exit 4) & child=$!
    $ exec mkosi-sandbox "${base[@]}" bash -c "read -r c </proc/self/task/\$\$/children; echo \${c:+child}"
    > child
ROWS
}

@test "--suspend stops it right before the command" {
    compare <<'ROWS'
    # all is in place, the command has not begun
    before 25
    $ mkosi-sandbox "${base[@]}" --suspend --dir /here sh -c 'echo went on' & pid=$!
    $ state() { read -ra f </proc/$pid/stat && echo ${f[2]} || kill $$; }
    $ until [ "$(state)" = T ]; do sleep 0.02; done
    $ ls -d /proc/$pid/root/here | sed 's,.*/,,'
    $ kill -CONT $pid; wait $pid
    > here
    > went on

    # its parent sees the stop, as one that waits for it must
    before 25
    $ /usr/bin/python3 -c '
    $ import os, signal, sys
    $ pid = os.fork()
    $ if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
    $ _, status = os.waitpid(pid, os.WUNTRACED)
    $ print(os.WIFSTOPPED(status) and os.WSTOPSIG(status) == signal.SIGSTOP, flush=True)
    $ os.kill(pid, signal.SIGCONT)
    $ print(os.waitpid(pid, 0)[1])' mkosi-sandbox "${base[@]}" --suspend echo went on
    > True
    > went on
    > 0
ROWS
}
