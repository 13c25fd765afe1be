# SPDX-License-Identifier: LGPL-2.1-or-later
# mkosi-sandbox: all that ours does otherwise than the original, and why (root: mkosi-root.bats).

load ../lib/mkosi

setup() {
    enter_comparison mkosi-sandbox
    prelude+='
# refused OPTION...: the status, and what is said if that is not one line that begins as it should
refused() {
    local said status=0
    said=$(inside "$@" 2>&1) || status=$?
    echo "$status"
    [[ "$said" = "mkosi-sandbox: ${1%-lowerdir}"* && "$said" != *$'\''\n'\''* ]] || echo "$*: $said"
}
'
}

@test "exit statuses: 125 for its own failures, 126 for what can't be executed" {
    compare <<'ROWS'
    # what is not executable
    differs the original says 1, and shows where in its code it failed
    $ inside --write text /f /f; echo $?
    $ inside --dir /d /d 2>/dev/null; echo $?
    > 126
    > 126
    2> mkosi-sandbox: */f*: Permission denied
    real > 1
    real > 1
    real 2> Traceback*
    real 2> ...

    # an empty word for a command
    differs the original says 1, and shows where in its code it failed
    $ inside ''
    2> mkosi-sandbox: *
    status 125
    real status 1
    real 2> Traceback*
    real 2> ...

    # a script without "#!" is the shell's, as execvp(3) has it
    differs the original's Python does without, and says 1
    $ echo 'echo "it runs: $1"' >f; chmod +x f
    $ inside --bind f /f /f now
    > it runs: now
    real status 1
    real 2> Traceback*
    real 2> ...

    # a path that leads through a file
    differs the original says 1
    $ echo text >f; inside --bind f /f /f/x
    status 127
    real status 1
    real 2> Traceback*
    real 2> ...

    # options that are not known
    differs the original says 1, and shows where in its code it failed
    $ for option in --none --bind=a -x - --tmpfs=/a ---; do
    $     mkosi-sandbox $option /a /b true
    $ done 2>&1 | sed -E "s/['\"]//g; s/option:/option/; s/ \(.*//"
    $ inside --none; echo $?
    > mkosi-sandbox: unknown option --none
    > mkosi-sandbox: unknown option --bind=a
    > mkosi-sandbox: unknown option -x
    > mkosi-sandbox: unknown option -
    > mkosi-sandbox: unknown option --tmpfs=/a
    > mkosi-sandbox: unknown option ---
    > 125
    2> mkosi-sandbox: unknown option*--none*
    real has 1
    real 2> Traceback*
    real 2> ...

    # values that are missing
    differs the original says "IndexError: pop from empty list", with status 1
    $ for words in --tmpfs --dev --dir --bind '--bind a' --bind-try '--bind-try a' --ro-bind \
    $     '--ro-bind a' --ro-bind-try --bind-foreign --ro-bind-foreign '--bind-nofollow a' \
    $     --ro-bind-nofollow '--symlink a' --symlink --write '--write a' --overlay-lowerdir \
    $     --overlay-upperdir --overlay-workdir --overlay --setenv '--setenv a' --unsetenv \
    $     --chdir --map-delegate; do
    $     refused $words
    $ done | uniq
    > 125
    real has 1

    # values that are wrong
    differs the original says "invalid literal for int()" and the like, with status 1
    $ { refused --map-delegate x true; refused --map-delegate -1 true
    $ refused --map-delegate 1x true; refused --setenv a=b c true; refused --setenv '' c true; } | uniq
    > 125
    real has 1
ROWS
}

@test "messages: one line, with the option and the path as they were written" {
    compare <<'ROWS'
    # sources and folders that are missing
    differs the original tells of "oldroot/..." and "newroot/...", with status 1
    $ touch f; ln -s nowhere l; mkdir d
    $ for words in '--bind none /x' '--ro-bind d/none /x' '--bind l /x' '--bind-nofollow none /x' \
    $     '--bind f/x /x' '--bind +/none /x' '--overlay-lowerdir d --overlay-lowerdir none --overlay /x' \
    $     '--overlay-lowerdir d --overlay-upperdir none --overlay-workdir d --overlay /x' \
    $     '--overlay-lowerdir d --overlay-upperdir d --overlay-workdir none --overlay /x' \
    $     '--chdir /none' --same-dir; do
    $     refused $words true
    $     inside $words true 2>&1 | grep -E 'oldroot|newroot|Traceback|fd/'
    $ done | uniq
    > 125
    real has 1

    # each names what it is about
    differs the original tells of "oldroot/none"
    $ inside --bind /none /x true; inside --ro-bind-nofollow /none/l /x true
    $ inside --overlay-lowerdir / --overlay-lowerdir /none --overlay /x true
    $ inside --chdir /none true
    2> mkosi-sandbox: --bind /none /x:*: No such file or directory
    2> mkosi-sandbox: --ro-bind-nofollow /none/l /x:*: No such file or directory
    2> mkosi-sandbox: --overlay /x:*/none: No such file or directory
    2> mkosi-sandbox: --chdir /none:*: No such file or directory
    status 125

    # services that are not there
    differs the original says "FileNotFoundError: [Errno 2] No such file or directory"
    $ ! [ -e /run/systemd/io.systemd.NamespaceResource ] || exit 0
    $ inside --map-delegate 1 true 2>&1 | grep -c '^mkosi-sandbox: --map-delegate.*systemd'
    > 1
ROWS
}

@test "no mount is lost" {
    compare <<'ROWS'
    # a bind is redundant only if nothing lies between it and the one that shows it
    differs the original drops it, and /e/sub stays empty
    $ mkdir -p d/sub; touch d/sub/f
    $ inside --bind d /e --tmpfs /e/sub --bind d/sub /e/sub ls /e/sub
    $ inside --bind d /e --dir /e/x --dev /e/sub --bind d/sub /e/sub ls /e/sub
    > f
    > f
    real has null

    # ... also where that is another bind
    differs the original drops the inner one
    $ mkdir -p d/a/b other/b; touch d/a/b/mine other/b/other
    $ inside --bind d /e --bind other /e/a --bind d/a/b /e/a/b ls /e/a/b
    > mine
    real > other

    # ... and what lies behind a symlink comes after what the symlink leads to
    differs the original makes it first, and mounts the latter over it
    $ mkdir d; touch d/f
    $ inside --tmpfs /z --symlink /z /b --bind d /b/d --dir /b/e ls -R /z
    > /z:
    > d
    > e
    >
    > /z/d:
    > f
    >
    > /z/e:
    real > /z:

    # ... and the last of a mount point's binds is on top, also if it comes again
    differs the original takes the first of two that are alike
    $ mkdir d e; touch d/in-d e/in-e
    $ inside --bind d /a --bind e /a --bind d /a ls /a
    > in-d
    real > in-e

    # "+/d" and "/d" are two sources
    differs the original takes them for one, and mounts the wrong one or fails
    $ mkdir d e; touch d/outside e/inside
    $ inside --bind e "$PWD/d" --bind d /x --bind "+$PWD/d" /x ls /x
    > inside
    real > outside
ROWS
}

@test "what can be bound, and onto what" {
    need_program /usr/bin/python3
    compare <<'ROWS'
    # devices, sockets and fifos onto a mount point that is missing
    differs the original makes a folder for them: EINVAL
    $ mkfifo fifo
    $ /usr/bin/python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
    $ inside --bind /dev/null /n --ro-bind fifo /a/fifo --bind socket /s stat -c '%n %F' /n /a/fifo /s
    > /n character special file
    > /a/fifo fifo
    > /s socket
    real status 1
    real 2> Traceback*
    real 2> ...

    # mount points that are missing in what is read-only
    differs the original fails with "Read-only file system"
    $ mkdir -p d/sub e; touch d/f e/f f
    $ inside --ro-bind d /d --bind e /d/new/e --ro-bind f /d/sub/f ls /d /d/new/e /d/sub &&
    $     ls -R d
    > /d:
    > f
    > new
    > sub
    >
    > /d/new/e:
    > f
    >
    > /d/sub:
    > f
    > d:
    > f
    > sub
    >
    > d/sub:
    real status 1
    real 2> Traceback*
    real 2> ...

    # ... nor does --dir or --write fail there, or change what is outside
    differs the original fails with "Read-only file system"
    $ mkdir d; echo old >d/f
    $ inside --ro-bind d /d --dir /d/new --write new /d/f --write x /d/g sh -c 'ls /d; cat /d/f'; echo
    $ ls d; cat d/f
    > f
    > g
    > new
    > new
    > f
    > old
    real has f
    real 2> Traceback*
    real 2> ...

    # parents of a symlink
    differs the original makes none
    $ inside --symlink x /a/b/c readlink /a/b/c
    > x
    real status 1
    real 2> Traceback*
    real 2> ...

    # a fifo that is written to
    differs the original waits for somebody to read
    $ mkfifo p; inside --bind "$PWD" /d --write x /d/p true
    2> mkosi-sandbox: --write /d/p:*
    status 125

    # a device that is written to
    differs the original writes to it
    $ inside --dev /dev --write x /dev/null true
    2> mkosi-sandbox: --write /dev/null:*
    status 125
    real status 0

    # the mode of a folder goes by the name it is given
    differs the original goes by where symlinks lead
    $ inside --dir /e --symlink /e /tmp --tmpfs /tmp stat -c %a /e
    > 1777
    real > 755

    # devices on the root
    differs the original makes them
    $ mkosi-sandbox --dev / true
    2> mkosi-sandbox: --dev /:*
    status 125

    # bytes that are no text
    differs the original fails with "surrogates not allowed"
    $ inside --write $'\xff\xfe' /a od -An -tx1 /a
    >  ff fe
    real status 1
    real 2> Traceback*
    real 2> ...

    # standard descriptors that are closed are /dev/null, so that nothing else becomes them
    differs the original fails at its start, or leaves them closed
    $ inside bash -c 'readlink /proc/$$/fd/0 >&2' <&-
    $ inside bash -c 'readlink /proc/$$/fd/1 >&2' >&-
    2> /dev/null
    2> /dev/null
    real status 1
    real 2> ...
ROWS
}

@test "symlinks in the sandbox lead to the sandbox" {
    compare <<'ROWS'
    # the parents of a --symlink
    differs the original follows an absolute one in its work tree, where the host is in /oldroot
    $ mkdir host
    $ inside --dir /a --symlink /a /b --symlink x /b/l readlink /a/l
    $ inside --symlink "/oldroot$PWD/host" /b --symlink x /b/l true 2>/dev/null; ls host
    > x
    real > l
    real 2> Traceback*
    real 2> ...

    # --symlink over a link to a folder: the link is replaced, absolute or not
    differs the original fails if the link is relative
    $ inside --dir /a --symlink a /b --symlink /a /c --symlink x /b --symlink y /c readlink /b /c
    > x
    > y
    real status 1
    real 2> Traceback*
    real 2> ...
ROWS
}

@test "overlays" {
    compare <<'ROWS'
    # : and , and \ in paths
    differs the original does not escape them: the kernel says ENOENT
    $ for name in 'a:b' 'a,b' 'a\b' 'a:b,c\d=e "f'; do
    $     mkdir "$name" "$name/low" "$name/low2" "$name/up" "$name/wk"; touch "$name/low/1" "$name/low2/2"
    $     inside --overlay-lowerdir "$name/low" --overlay-lowerdir "$name/low2" --overlay-upperdir \
    $         "$name/up" --overlay-workdir "$name/wk" --overlay "/$name" sh -c 'cd /a*; touch x; ls'
    $     ls "$name/up"
    $ done | uniq -c
    >       1 1
    >       1 2
    >       2 x
    >       1 1
    >       1 2
    >       2 x
    >       1 1
    >       1 2
    >       2 x
    >       1 1
    >       1 2
    >       2 x

    # one lower folder and no upper one: the kernel takes no such overlay
    differs the original says "Invalid argument"
    $ mkdir l
    $ inside --overlay-lowerdir l --overlay /o true
    2> mkosi-sandbox: --overlay /o: one lower layer*
    status 125
    real status 1
    real 2> Traceback*
    real 2> ...
ROWS
}

@test "signals" {
    compare <<'ROWS'
    # SIGPIPE and SIGXFSZ are what they were
    differs the original's Python ignores them, and lets the command inherit that
    $ (see signals "${base[@]}") | tail -n 1 >seen; read -r _ ignored <seen
    $ printf '%x\n' $((0x$ignored & 0x1001000))
    > 0
    real > 1001000

ROWS
}

@test "--unshare-net within a sandbox that has no rights to the network" {
    compare <<'ROWS'
    # as mkosi runs all its steps as an ordinary user: a user namespace for the same id has them
    differs the original says nothing, and the command has the host's network
    $ self=$(command -v mkosi-sandbox)
    $ me inside --bind / / "$self" --bind / / --unshare-net bash -c '
    $     grep -c : /proc/net/dev; echo $(</proc/self/uid_map); grep -c 812c15df /proc/self/status'
    > 1
    > ID ID 1
    > 5
    real lacks 1
    real status 1

    # ... at a price: mounts of the sandbox around it are locked
    differs the original's command can undo them
    $ mkdir ro; self=$(command -v mkosi-sandbox)
    $ inside --bind / / --ro-bind ro "$PWD/ro" "$self" --bind / / --unshare-net \
    $     sh -c "mount -o remount,bind,rw '$PWD/ro' 2>/dev/null && echo writable || echo locked"
    > locked
    real > writable

    # ... and so has one within that
    $ self=$(command -v mkosi-sandbox); in=("$self" --bind / / --dir /tmp/n --become-root)
    $ inside --bind / / "$self" --bind / / --unshare-net "${in[@]}" --unshare-net "${in[@]}" id -u
    > 0
ROWS
}

# What was pushed into it would be read by the caller's shell.
@test "input can't be pushed into the terminal, by a filter, and privileges can be gained as ever" {
    need_program /usr/bin/python3
    local push='import fcntl, termios
for call in termios.TIOCSTI, 0x541c:
    try: fcntl.ioctl(0, call, b"x")
    except OSError as error: print(error.strerror)'
    run on_terminal -- mkosi-sandbox --bind / / --become-root /usr/bin/python3 -c "$push"
    assert_success
    assert_output $'Operation not permitted\nOperation not permitted'
    run on_terminal -- mkosi-sandbox --bind / / grep -E '^(Seccomp|NoNewPrivs):' /proc/self/status
    assert_output $'NoNewPrivs:\t0\nSeccomp:\t2'
}

@test "system calls of x32 are not a way around what is suppressed" {
    need_tool rawcall
    compare <<'ROWS'
    # getpid, chown
    differs the original lets all but the suppressed ones through: what they do depends on the kernel
    $ for call in 0x40000027 '0x4000005c @/none 5 5'; do
    $     inside --suppress-chown --bind "$TOOLS" /tools /tools/rawcall $call
    $ done
    > -38
    > -38
    real has 0
ROWS
}

@test "propagation: mounts of the command's propagate to sandboxes within" {
    compare <<'ROWS'
    # all mounts are shared
    before 27
    $ see mounts "${base[@]}" --tmpfs /t --bind /usr /e | grep -c ' shared:'
    > 5

    # ... in release 27.1 they are not
    since 27
    differs what came after it shares them again, and before it too
    $ see mounts "${base[@]}" --tmpfs /t | grep -E '^mount /(t|usr)? ' | grep -c ' shared:'
    > 3
    status 0
    real > 0
    real status 1
ROWS
}
