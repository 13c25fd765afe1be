# SPDX-License-Identifier: LGPL-2.1-or-later
# Where the bwrap dialect differs from the real program, and why. nsroot-bwrap(1) lists the same.

load ../lib/compare

setup() {
    enter_comparison bwrap
}

# shellcheck disable=SC2034 # rows use it
prelude='host+=(--proc /proc)'

@test "destinations are looked up inside the new root" {
    # Before 0.12.0 the kernel followed them through a tree that had all of the host in it: there
    # absolute ones led astray, and those of what was bound could lead out.
    compare <<'END'
    # an absolute symlink on the way
    before 0.12.0
    $ mkdir src
    $ bwrap "${bare[@]}" --dir /a --symlink /a /link --bind src /link/d sh -c 'cd /a/d && echo there'
    differs it is what it would be for the command
    > there
    real 2> bwrap: Can't mkdir /link/d: No such file or directory
    real status 1

    # an absolute symlink at the end
    before 0.12.0
    $ echo data >file
    $ bwrap "${bare[@]}" --file 11 /a --symlink /a /link --ro-bind file /link cat /a 11</dev/null
    differs it is what it would be for the command
    > data
    real status 0

    # a relative one goes up to the root, and not further
    before 0.12.0
    $ mkdir src
    $ bwrap "${bare[@]}" --dir /a --symlink ../../../../a /link --bind src /link/d sh -c 'cd /a/d && echo there'
    differs the root is the end of all ways up
    > there
    real 2> bwrap: Can't mkdir /link/d: No such file or directory
    real status 1

    # nothing is made on the host, by whatever link
    $ mkdir bound outside
    $ ln -s "$PWD/outside" bound/absolute
    $ ln -s ../outside bound/relative
    $ bwrap "${bare[@]}" --bind bound /bound --dir /bound/absolute/made true 2>/dev/null
    $ bwrap "${bare[@]}" --bind bound /bound --file 11 /bound/relative/made true 11</dev/null 2>/dev/null
    $ ls outside
    differs whatever comes of it, it is inside
END
}

@test "there is no limit of 9000 words" {
    compare <<'END'
    # in a file
    $ printf -- '--clearenv\0%.0s' {1..9100} >args
    $ bwrap "${host[@]}" --args 11 echo done 11<args
    differs plans may be large
    > done
    real 2> bwrap: Exceeded maximum number of arguments 9000
    real status 1

    # in files and on the command line
    $ printf -- '--clearenv\0%.0s' {1..4000} >args
    $ bwrap --args 11 --args 12 "${host[@]}" $(sed 's/.*/--clearenv/' <(seq 4000)) echo done 11<args 12<args
    differs plans may be large
    > done
    real 2> bwrap: Exceeded maximum number of arguments 9000
    real status 1
END
}

@test "fds must be open, and are closed" {
    compare <<'END'
    # what option names which fd can be told from the message
    $ bwrap "${host[@]}" --block-fd 11 echo done
    differs a typing error does not go unnoticed
    2> bwrap: --block-fd 11: Bad file descriptor
    status 1
    real > done

    # the same
    $ bwrap "${host[@]}" --sync-fd 11 echo done
    differs a typing error does not go unnoticed
    2> bwrap: --sync-fd 11: Bad file descriptor
    status 1
    real > done

    # the same; the real one fails when it writes, and leaves a process that waits forever
    $ bwrap "${host[@]}" --info-fd 11 true
    $ bwrap "${host[@]}" --json-status-fd 11 true
    differs it is known before anything is made
    2> bwrap: --info-fd 11: Bad file descriptor
    2> bwrap: --json-status-fd 11: Bad file descriptor
    status 1

    # a standard fd that an option took, or that was closed, is /dev/null for the command
    $ printf '%s\0' --clearenv | bwrap "${host[@]}" --args 0 readlink /proc/self/fd/0
    differs else the next file that it opens would be taken for its standard input
    > /dev/null
    real status 1

    # the same
    $ bwrap "${host[@]}" readlink /proc/self/fd/0 <&-
    differs else the next file that it opens would be taken for its standard input
    > /dev/null
    real status 1
END
}

# The real one leaves those of --userns, --userns2 and --pidns open for the command.
namespaces_are_left_open() {
    local expected=open info holder
    [ "$WHICH" = real ] || expected=closed
    mkfifo ready hold
    bwrap --bind / / --unshare-pid --info-fd 11 sh -c 'echo >ready; read -r _ <hold' 11>told 3>&- &
    holder=$!
    # the real one tells of its namespaces before the ids in them are mapped
    read -r _ <ready
    info=$(jq '."child-pid"' told)
    # shellcheck disable=SC2016
    run bwrap --ro-bind / / --userns 11 --pidns 12 --proc /proc bash -c '
        if [ -L /proc/$$/fd/11 ] || [ -L /proc/$$/fd/12 ]; then echo open; else echo closed; fi' \
        11<"/proc/$info/ns/user" 12<"/proc/$info/ns/pid"
    assert_output "$expected"
    within 10 sh -c 'echo >hold'
    wait "$holder"
}

@test "fds of namespaces are not the command's" {
    on_each namespaces_are_left_open
}

# /dev/full takes nothing: the launcher fails, when the sandbox is there already.
@test "nothing is left of a sandbox whose status can't be told" {
    use ours
    local option
    for option in --info-fd --json-status-fd; do
        run nothing_left bwrap --dev-bind / / --unshare-pid $option 11 sleep 100 11>/dev/full
        assert_status 1
        assert_output --regexp '^bwrap: .*No space left on device$'
    done
}

@test "nothing can be typed into the terminal, also without --new-session" {
    need_tool push-input
    use ours
    run on_terminal -- bwrap --dev-bind / / "$TOOLS/push-input"
    assert_success
    assert_output --partial 'TIOCSTI: Operation not permitted'
    assert_output --partial 'TIOCLINUX: Operation not permitted'
    refute_output --partial ': done'
    run on_terminal -- bwrap --dev-bind / / --cap-add ALL "$TOOLS/push-input"
    refute_output --partial ': done'
}

# Without the terminal there is nothing to filter, and nothing is.
@test "system calls are filtered only where there is a terminal" {
    compare <<'END'
    # none is there
    $ bwrap "${host[@]}" --new-session grep ^Seccomp: /proc/self/status
    > Seccomp:	0
END
}

@test "--lock-file has its lock before the command starts" {
    cat >is-locked <<'END'
import fcntl, struct, sys
with open(sys.argv[1], "r+") as file:
    lock = struct.pack("hhqqi", fcntl.F_WRLCK, 0, 0, 0, 0)
    kind = struct.unpack("hhqqi", fcntl.fcntl(file, fcntl.F_GETLK, lock))[0]
    print("locked" if kind == fcntl.F_RDLCK else "free")
END
    touch lock
    use ours
    local options
    for options in '' --unshare-pid; do
        # shellcheck disable=SC2086
        run bwrap --dev-bind / / $options --lock-file "$PWD/lock" python3 is-locked lock
        assert_success
        assert_output locked
    done
    # so it does not run either if there is no lock
    run bwrap --dev-bind / / --lock-file "$PWD/none" touch ran
    assert_status 1
    assert_not_exist ran
}

@test "a lock of someone else" {
    cat >hold-lock <<'END'
import fcntl, subprocess, sys
with open("lock", "r+") as file:
    fcntl.lockf(file, fcntl.LOCK_EX)
    sys.exit(subprocess.call(sys.argv[1:]))
END
    touch lock
    use ours
    run python3 hold-lock bwrap --dev-bind / / --lock-file "$PWD/lock" touch ran
    assert_status 1
    assert_output --regexp '^bwrap: .*lock.*: Resource temporarily unavailable'
    assert_not_exist ran
}

@test "files of --bind-data keep their name, where nobody sees it" {
    compare <<'END'
    # so they can be bound again inside
    $ echo data >file
    $ bwrap "${host[@]}" --tmpfs /mnt --bind-data 11 /mnt/a \
    $     bwrap --dev-bind / / --bind /mnt/a /mnt/b cat /mnt/b 11<file
    differs the kernel binds no file without a name
    > data
    real 2> bwrap: *No such file or directory
    real status 1
END
}

@test "numbers begin with a digit" {
    compare <<'END'
    # ids, fds and modes
    $ for word in ' 1' +1; do
    $     bwrap "${host[@]}" --uid "$word" echo done
    $     bwrap "${host[@]}" --json-status-fd "$word" true | wc -l
    $     bwrap "${host[@]}" --perms "$word" --tmpfs /mnt echo done
    $ done
    differs more is a typing error
    > 0
    > 0
    2> bwrap: Invalid uid:  1
    2> bwrap: Invalid fd:  1
    2> bwrap: --perms takes an octal argument <= 07777
    2> bwrap: Invalid uid: +1
    2> bwrap: Invalid fd: +1
    2> bwrap: --perms takes an octal argument <= 07777
    status 1
    real > done
    real > 2
    real > done
    real > done
    real > 2
    real > done
END
}

@test "labels" {
    compare <<'END'
    # there is no support for SELinux, and that is said
    $ bwrap --exec-label x "${host[@]}" true
    $ bwrap --file-label x "${host[@]}" true
    differs the real one works with SELinux, if it was built so
    2> bwrap: --exec-label: *
    2> bwrap: --file-label: *
    status 1
END
}

@test "mounts have stricter flags where nothing is lost by it" {
    compare <<'END'
    # of a procfs, when the host's has none
    $ see mounts --bind / / --proc /mnt | sed -n 's/^\(mount \/mnt\) dev [0-9]* of \/ \(.* -\).*/\1 \2/p'
    differs nothing is to be run from there
    > mount /mnt rw,nosuid,nodev,noexec,relatime -

    # of a message queue
    $ see mounts "${host[@]}" --unshare-ipc --mqueue /mnt | sed -n 's/^\(mount \/mnt\) dev [0-9]* of \/ \(.* -\).*/\1 \2/p'
    differs nothing is to be run from there
    > mount /mnt rw,nosuid,nodev,noexec,relatime -
    real > mount /mnt rw,relatime -

    # of --ro-overlay; see the rows of overlays for the others
    since 0.11.0
    $ mkdir a b
    $ see mounts "${host[@]}" --overlay-src a --overlay-src b --ro-overlay /mnt |
    $     sed -n 's/^\(mount \/mnt\) dev [0-9]* of \/ \(.* -\).*/\1 \2/p'
    differs it can't be written to anyway, and whoever looks sees it
    > mount /mnt ro,nosuid,nodev,relatime -
    real > mount /mnt rw,nosuid,nodev,relatime -
END
}

@test "a relative source of --...-try that is missing is skipped" {
    compare <<'END'
    # the real one takes the file of that name in the host's root, if there is one
    $ bwrap "${host[@]}" --tmpfs /tmp --bind-try usr /tmp/d --ro-bind-try usr /tmp/e ls /tmp
    differs no other file than the one that was named
    real > d
    real > e
END
}

@test "overlays leave a folder that can be removed, and show the tmpfs of --tmp-overlay" {
    compare <<'END'
    # what the kernel makes in WORKDIR
    since 0.11.0
    $ mkdir lower upper work
    $ bwrap "${host[@]}" --overlay-src lower --overlay upper work /mnt true
    $ stat -c %a work/work
    differs it is a folder like others to "rm -r"
    > 700
    real > 0

    # a mount below that of the overlay
    since 0.11.0
    $ mkdir lower
    $ bwrap "${host[@]}" --overlay-src lower --tmp-overlay /mnt grep -c ' /mnt ' /proc/self/mountinfo
    differs each has a tmpfs of its own
    > 2
    real > 1
END
}
