# SPDX-License-Identifier: LGPL-2.1-or-later
# The dialects where a caller does what hardly anybody does.

load ../lib/compare

setup() {
    enter_comparison bwrap
}

# deny ACTION NUMBER...: a filter of system calls by the number that this machine has for them
deny() {
    python3 - "$@" <<'END'
import struct, sys
code = [(0x20, 0, 0, 0)]
for number in sys.argv[2:]:
    code += [(0x15, 0, 1, int(number)), (0x06, 0, 0, int(sys.argv[1], 0))]
code += [(0x06, 0, 0, 0x7fff0000)]
sys.stdout.buffer.write(b"".join(struct.pack("=HBBI", *line) for line in code))
END
}

@test "pid 1 tells of the end by write(2), as filters without sockets let it" {
    local numbers
    case $(uname -m) in
    x86_64) numbers="44 46 307" ;; # sendto, sendmsg, sendmmsg
    aarch64 | riscv64) numbers="206 211 269" ;;
    *) skip "numbers of system calls not known here" ;;
    esac
    # shellcheck disable=SC2086 # numbers
    deny 0x80000000 $numbers >killing
    # shellcheck disable=SC2086
    deny 0x00050001 $numbers >refusing
    FILTERS=$PWD
    export FILTERS
    compare <<'END'
    # SECCOMP_RET_KILL_PROCESS
    $ bwrap "${host[@]}" --unshare-pid --seccomp 11 sh -c 'exit 3' 11<"$FILTERS/killing"
    status 3

    # SECCOMP_RET_ERRNO
    $ bwrap "${host[@]}" --unshare-pid --seccomp 11 sh -c 'exit 3' 11<"$FILTERS/refusing"
    status 3

    # a failure of exec is told too, where pid 1 becomes the command
    $ bwrap "${host[@]}" --unshare-pid --as-pid-1 --seccomp 11 none 11<"$FILTERS/killing"
    2> bwrap: execvp none: No such file or directory
    status 1
END
}

@test "pid 1 has none of the rights of who made the sandbox" {
    compare <<'END'
    # all five sets of capabilities
    $ bwrap "${host[@]}" --proc /proc --unshare-pid bash -c '
    $     for ((i = 0; i < 500; i++)); do
    $         grep -q "^CapBnd:.*[^0	]" /proc/1/status || break
    $         sleep 0.02
    $     done
    $     grep ^Cap /proc/1/status'
    > CapInh:	0000000000000000
    > CapPrm:	0000000000000000
    > CapEff:	0000000000000000
    > CapBnd:	0000000000000000
    > CapAmb:	0000000000000000
END
}

@test "a lock of a FIFO waits for nobody" {
    use ours
    mkfifo fifo
    for options in '' --unshare-pid; do
        # shellcheck disable=SC2086
        run within 10 bwrap --dev-bind / / $options --lock-file "$PWD/fifo" echo ran
        assert_output ran
        assert_success
    done
}

# Its parts would need mount points on disk, in the changes, which nobody would remove again.
@test "an overlay over mounts is refused, and leaves nothing in the upper layer" {
    local program
    mkdir upper work
    for program in bwrap mkosi-sandbox; do
        ln -s "$NSROOT" "$program"
    done
    run ./bwrap --dev-bind / / --overlay-src / --overlay "$PWD/upper" "$PWD/work" /mnt true
    assert_status 1
    assert_output --partial 'submounts'
    run ./mkosi-sandbox --bind / / --overlay-lowerdir / --overlay-upperdir upper \
        --overlay-workdir work --overlay /mnt true
    assert_status 125
    assert_output --partial 'submounts'
    run nsroot --no-lock --overlay-src / --overlay "$PWD/upper" "$PWD/work" / true
    assert_status 125
    assert_output --partial 'submounts'
    assert_holds_only upper
    nsroot --no-lock --overlay-src / --tmp-overlay / true
}

# In bubblewrap it is: who waits outside has no more rights there than the command, and can be
# looked into.
@test "who waits outside is no way out of a user namespace that is entered" {
    local holder
    unshare --user --map-root-user sleep 60 3>&- &
    holder=$!
    until_true is_mapped "$holder"
    echo outside >secret
    # shellcheck disable=SC2016
    run bwrap --userns 11 --cap-add ALL --dev-bind / / --proc /proc --tmpfs "$PWD" sh -c '
        grep -q "^CapEff:.*[1-9a-f]" /proc/self/status || echo no rights
        cat "/proc/$PPID/root$0/secret"' "$PWD" 11<"/proc/$holder/ns/user"
    kill "$holder"
    refute_output --partial outside
    refute_output --partial 'no rights'
    assert_output --partial 'Permission denied'
}

is_mapped() {
    [ "$(readlink "/proc/$1/ns/user")" != "$(readlink /proc/self/ns/user)" ] &&
        grep -q . "/proc/$1/uid_map"
}
