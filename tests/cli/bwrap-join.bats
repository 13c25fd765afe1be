# SPDX-License-Identifier: LGPL-2.1-or-later
# The bwrap dialect: namespaces that are there already, and filters of system calls.

load ../lib/compare

setup() {
    enter_comparison bwrap
}

# with_held ARGUMENT... -- COMMAND...: the command, while a sandbox made of the arguments waits. CHILD
# is the sandbox's child-pid.
with_held() {
    local arguments=() holder
    while [ "$1" != -- ]; do
        arguments+=("$1")
        shift
    done
    mkfifo info hold
    bwrap --bind / / "${arguments[@]}" --info-fd 11 sh -c 'read -r _ <hold' 11>info 3>&- &
    holder=$!
    CHILD=$(jq '."child-pid"' info)
    # what it makes after telling is there with the command
    until_true is_running_sh "$holder"
    "${@:2}"
    within 10 sh -c 'echo >hold'
    wait "$holder"
    rm info hold
}

is_running_sh() {
    local pid=$1 child
    while child=$(<"/proc/$pid/task/$pid/children") && [ -n "$child" ]; do
        pid=${child%% *}
    done
    [ "$(cat "/proc/$pid/comm")" = sh ]
}

joins_userns() {
    run bwrap --ro-bind / / --proc /proc "$@" --userns 11 readlink /proc/self/ns/user 11<"/proc/$CHILD/ns/user"
    assert_success
    assert_output "$(readlink "/proc/$CHILD/ns/user")"
}

userns_is_joined() {
    with_held --unshare-user -- joins_userns
    with_held --unshare-user -- joins_userns --unshare-pid --unshare-net
}

@test "--userns" {
    on_each userns_is_joined
    compare <<'END'
    # no fd, or none of a namespace
    $ bwrap "${host[@]}" --userns 11 true
    $ bwrap "${host[@]}" --userns 11 true 11</dev/null
    2> bwrap: *user*
    2> bwrap: *user*
    status 1

    # one's own can't be entered
    $ bwrap "${host[@]}" --userns 11 true 11</proc/self/ns/user
    2> bwrap: *user*
    status 1
END
}

ids_are_those_of_the_namespace() {
    run bwrap --ro-bind / / --proc /proc --userns 11 --uid 5 --gid 6 \
        sh -c 'id -u; id -g; tr -s " " </proc/self/uid_map; grep CapBnd /proc/self/status' \
        11<"/proc/$CHILD/ns/user"
    assert_success
    assert_output "5
6
 5 $(id -u) 1
CapBnd:	0000000000000000"
}

ids_of_joined() {
    with_held --unshare-user --uid 5 --gid 6 -- ids_are_those_of_the_namespace
}

@test "--userns with --uid and --gid" {
    on_each ids_of_joined
}

# both_joined: the outer namespace of two that --dev made, and at last the inner one.
both_joined() {
    run python3 - "$CHILD" <<'END'
import fcntl, os, subprocess, sys
inner = os.open(f"/proc/{sys.argv[1]}/ns/user", os.O_RDONLY)
outer = fcntl.ioctl(inner, 0xB702)  # NS_GET_PARENT
os.set_inheritable(inner, True)
os.set_inheritable(outer, True)
seen = subprocess.run(["bwrap", "--ro-bind", "/", "/", "--proc", "/proc", "--userns", str(outer),
                       "--userns2", str(inner), "stat", "-L", "-c", "%i", "/proc/self/ns/user"],
                      close_fds=False, stdout=subprocess.PIPE, check=True).stdout
print("inner" if int(seen) == os.fstat(inner).st_ino else "another")
END
    assert_success
    assert_output inner
}

joins_two() {
    with_held --dev /dev -- both_joined
}

@test "--userns2" {
    on_each joins_two
}

joins_pidns() {
    run bwrap --ro-bind / / --proc /proc "$@" --userns 11 --pidns 12 readlink /proc/self/ns/pid \
        11<"/proc/$CHILD/ns/user" 12<"/proc/$CHILD/ns/pid"
    assert_success
    assert_output "$(readlink "/proc/$CHILD/ns/pid")"
}

# A namespace of its own below the other.
makes_pidns_below() {
    run bwrap --ro-bind / / --proc /proc --userns 11 --pidns 12 --unshare-pid \
        readlink /proc/self/ns/pid \
        11<"/proc/$CHILD/ns/user" 12<"/proc/$CHILD/ns/pid"
    assert_success
    assert_output --partial pid:
    refute_output "$(readlink "/proc/$CHILD/ns/pid")"
}

# status_is N ARGUMENT...: that of a command in the other's pid namespace.
status_is() {
    run bwrap --ro-bind / / --userns 11 --pidns 12 "${@:2}" sh -c "exit $1" \
        11<"/proc/$CHILD/ns/user" 12<"/proc/$CHILD/ns/pid"
    assert_status "$1"
}

pidns_is_joined() {
    with_held --unshare-pid -- joins_pidns
    with_held --unshare-pid -- makes_pidns_below
    with_held --unshare-pid -- status_is 7
    with_held --unshare-pid -- status_is 7 --unshare-pid
}

@test "--pidns" {
    on_each pidns_is_joined
    compare <<'END'
    # no fd
    $ bwrap "${host[@]}" --pidns 11 true
    2> bwrap: *pidns*
    2> ...
    status 1

    # none of a namespace
    $ bwrap "${host[@]}" --pidns 11 true 11</dev/null
    2> bwrap: *pidns*
    2> ...
    status 1
END
}

uname_number() {
    case $(uname -m) in
    x86_64) echo 63 ;;
    aarch64 | riscv64) echo 160 ;;
    *) skip "number of uname not known here" ;;
    esac
}

@test "filters of system calls" {
    need_tool rawcall
    NUMBER=$(uname_number)
    export NUMBER
    # shellcheck disable=SC2034 # rows use it
    prelude='host+=(--proc /proc)
# make_filter NUMBER ERRNO: a program that lets one system call fail
make_filter() {
    python3 -c "
import struct, sys
code = [(0x20, 0, 0, 0), (0x15, 0, 1, $1), (0x06, 0, 0, 0x50000 | $2), (0x06, 0, 0, 0x7fff0000)]
sys.stdout.buffer.write(b\"\".join(struct.pack(\"=HBBI\", *line) for line in code))"
}
make_filter $NUMBER 11 >filter
make_filter $NUMBER 12 >second
make_filter 999 13 >other
'
    compare <<'END'
    # --seccomp
    $ bwrap "${host[@]}" --seccomp 11 "$TOOLS/rawcall" $NUMBER @x 11<filter
    $ grep ^Seccomp: /proc/self/status >outside
    $ bwrap "${host[@]}" --seccomp 11 grep ^Seccomp: /proc/self/status 11<filter
    > -11
    > Seccomp:	2

    # the last one alone
    $ bwrap "${host[@]}" --seccomp 11 --seccomp 12 "$TOOLS/rawcall" $NUMBER 0 11<filter 12<other
    > -14
    2> bwrap: Only the last --seccomp option will take effect

    # --add-seccomp-fd
    $ bwrap "${host[@]}" --add-seccomp-fd 11 "$TOOLS/rawcall" $NUMBER @x 11<filter
    > -11

    # all of them
    $ bwrap "${host[@]}" --add-seccomp-fd 11 --add-seccomp-fd 12 sh -c "
    $     \$TOOLS/rawcall $NUMBER @x; \$TOOLS/rawcall 999" 11<filter 12<other
    > -11
    > -13

    # of those that say different errors the last one is heard
    $ bwrap "${host[@]}" --add-seccomp-fd 11 --add-seccomp-fd 12 "$TOOLS/rawcall" $NUMBER @x 11<filter 12<second
    $ bwrap "${host[@]}" --add-seccomp-fd 12 --add-seccomp-fd 11 "$TOOLS/rawcall" $NUMBER @x 11<filter 12<second
    > -12
    > -11

    # not both ways
    $ bwrap "${host[@]}" --add-seccomp-fd 11 --seccomp 12 true 11<filter 12<filter
    $ bwrap "${host[@]}" --seccomp 12 --add-seccomp-fd 11 true 11<filter 12<filter
    2> bwrap: --seccomp cannot be combined with --add-seccomp-fd
    2> bwrap: --add-seccomp-fd cannot be combined with --seccomp
    status 1

    # the fds are closed
    $ see fds "${host[@]}" --seccomp 11 11<other
    $ see fds "${host[@]}" --add-seccomp-fd 11 --add-seccomp-fd 12 11<other 12<other
    > fds: 0 1 2
    > fds: 0 1 2

    # pid 1 has them too, if not at once
    $ for option in --seccomp --add-seccomp-fd; do
    $     bwrap "${host[@]}" --unshare-pid --proc /proc $option 11 11<other sh -c '
    $         until grep -q ^Seccomp:.2 /proc/1/status; do :; done; echo filtered'
    $ done
    > filtered
    > filtered

    # half an instruction
    $ head -c 12 filter >half
    $ bwrap "${host[@]}" --seccomp 11 true 11<half
    $ bwrap "${host[@]}" --add-seccomp-fd 11 true 11<half
    2> bwrap: Invalid seccomp data, must be multiple of 8
    2> bwrap: Invalid seccomp data, must be multiple of 8
    status 1

    # no fd
    $ bwrap "${host[@]}" --seccomp 11 true
    $ bwrap "${host[@]}" --add-seccomp-fd 11 true
    2> bwrap: Can't read seccomp data: Bad file descriptor
    2> bwrap: Can't read seccomp data: Bad file descriptor
    status 1

    # no program
    $ head -c 8 /dev/zero >wrong
    $ bwrap "${host[@]}" --seccomp 11 true 11<wrong
    $ bwrap "${host[@]}" --seccomp 11 true 11</dev/null
    2> bwrap: *
    2> bwrap: *
    status 1
END
}
