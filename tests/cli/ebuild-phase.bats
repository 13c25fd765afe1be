# SPDX-License-Identifier: LGPL-2.1-or-later
# examples/ebuild-phase, in the place of the `sandbox` that Portage starts phases through. What
# stands in for Portage's ebuild.sh is made here.

load ../lib/nsroot

setup() {
    enter_workplace
    mkdir -p portage/cat/pkg-1/{work,temp,image} ccache distcc bin elsewhere
    ln -s "$CHECKOUT/examples/ebuild-phase" bin/sandbox
    PATH=$PWD/bin:$PATH
    export PORTAGE_BUILDDIR=$PWD/portage/cat/pkg-1 T=$PWD/portage/cat/pkg-1/temp
    export CCACHE_DIR=$PWD/ccache DISTCC_DIR=$PWD/distcc FEATURES="sandbox network-sandbox"
    write_ebuild
    write_ebuild_sh
}

write_ebuild() {
    cat >pkg-1.ebuild <<'END'
src_compile() {
    echo 'echo "it works"' >program
    ccache_it program
}
src_test() {
    [ "$(sh program)" = "it works" ] || die "src_test failed"
}
src_install() {
    dobin program
    insinto_other nobody program
}
src_vandalise() {
    touch "$ELSEWHERE/file" || die "elsewhere: $?"
}
END
}

# It sources the ebuild, has helpers, dies with a status and a line on a pipe, as the real one does.
write_ebuild_sh() {
    cat >bin/ebuild.sh <<'END'
#!/bin/bash
die() {
    echo "die: $*" >&"$PORTAGE_PIPE_FD"
    exit 1
}
dobin() {
    install -D -m0755 -o "${PORTAGE_INST_UID:-0}" -g "${PORTAGE_INST_GID:-0}" "$1" \
        "$PORTAGE_BUILDDIR/image/usr/bin/$1" || die "dobin"
}
insinto_other() {
    install -D -m0640 -o "$1" -g 54321 "$2" "$PORTAGE_BUILDDIR/image/etc/$2" || die "install"
    chown -R 54321:54321 "$PORTAGE_BUILDDIR/image/etc" || die "chown"
    chown -h 0:0 "$PORTAGE_BUILDDIR/image/etc/$2" || die "chown -h"
}
ccache_it() {
    cp "$1" "$CCACHE_DIR/hash" || die "ccache"
}
[ "$SANDBOX_ACTIVE" = armedandready ] || die "no sandbox"
source "$EBUILD" || die "source"
cd "$PORTAGE_BUILDDIR/work" || die "cd"
"src_$1"
echo "$1 done" >>"$T/build.log"
echo "$1 done" >&"$PORTAGE_PIPE_FD"
END
    chmod +x bin/ebuild.sh
}

# phase NAME: as Portage does it; what came through the pipe is in the file pipe.
phase() {
    EBUILD=$PWD/pkg-1.ebuild EBUILD_PHASE=$1 PORTAGE_PIPE_FD=9 ELSEWHERE=$PWD/elsewhere \
        sandbox "$PWD/bin/ebuild.sh $1" 9>pipe
}

# with_signals COMMAND...: with default actions; tests may have been started in the background.
with_signals() {
    python3 -c '
import os, signal, sys
for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
    signal.signal(number, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' "$@"
}

# As wait(2) has it: the negative number of the signal that killed it, or the exit status.
wait_status() {
    with_signals python3 -c 'import subprocess, sys; print(subprocess.call(sys.argv[1:]))' "$@"
}

@test "an ebuild goes through its phases" {
    local name
    for name in compile test install; do
        run phase "$name"
        assert_success
        assert_equal "$(cat pipe)" "$name done"
    done
    assert_equal "$(cat "$T/build.log")" $'compile done\ntest done\ninstall done'
    assert_equal "$(stat -c %A "$PORTAGE_BUILDDIR/image/usr/bin/program")" "-rwxr-xr-x"
    assert_equal "$(stat -c %A "$PORTAGE_BUILDDIR/image/etc/program")" "-rw-r-----"
    assert_file_exist ccache/hash
}

@test "a phase that writes elsewhere fails, and nothing is written" {
    run phase vandalise
    assert_status 1
    assert_output --partial "Read-only file system"
    assert_equal "$(cat pipe)" "die: elsewhere: 1"
    assert_holds_only elsewhere
}

@test "the folder of the package and its parent, T and the caches are writable, all else is not" {
    local writable
    for writable in "$PORTAGE_BUILDDIR" "${PORTAGE_BUILDDIR%/*}" "$T" "$CCACHE_DIR" "$DISTCC_DIR"; do
        run sandbox "touch '$writable/file'"
        assert_success
        assert_file_exist "$writable/file"
    done
    for writable in "$PWD" "$PWD/portage" "$PWD/elsewhere"; do
        run sandbox "touch '$writable/file'"
        assert_failure
        assert_output --partial "Read-only file system"
    done
    run sandbox 'touch /tmp/file /run/file /dev/shm/file'
    assert_success
}

@test "SANDBOX_WRITE names more that is writable" {
    mkdir 'more of it' absent
    rmdir absent
    SANDBOX_WRITE="/dev/zero:$PWD/absent:$PWD/more of it" run sandbox "touch '$PWD/more of it/file'"
    assert_success
    assert_file_exist 'more of it/file'
    assert_not_exist absent
}

@test "folders that Portage does not name or that do not exist are no error" {
    rmdir distcc
    unset PORTAGE_BUILDDIR T CCACHE_DIR
    run sandbox 'echo fine'
    assert_success
    assert_output fine
}

@test "the phase is who the caller is" {
    run sandbox 'id -u; id -g'
    assert_output "$(id -u)"$'\n'"$(id -g)"
}

@test "a caller who is root already, with one id, can give files away" {
    run nsroot --bind / / -- env NSROOT="$NSROOT" PATH="$PATH" sandbox \
        'id -u && install -m4755 -o 250 -g 81 /bin/true "$T/program" && stat -c %A "$T/program"'
    assert_success
    assert_output 0$'\n'-rwsr-xr-x
}

@test "fds from 3 up are the phase's, for reading and for writing" {
    echo input >input
    run sandbox 'read -r line <&3; echo "got $line" >&17; echo more >&200; ls /proc/self/fd | wc -l' \
        3<input 17>output 200>>output
    assert_success
    assert_equal "$(cat output)" "got input"$'\n'more
    # 0-3, 17, 200 and that of ls itself, and nothing of the launcher's or of bats
    exec {spare}</dev/null
    sandbox "ls /proc/self/fd" 3>&- >list
    run grep -cx "$spare" list
    assert_output 1
}

@test "standard input is the phase's" {
    run sandbox 'cat; echo end' <<<"a line"
    assert_output "a line"$'\n'end
}

@test "exit statuses pass through" {
    local number
    for number in 0 1 77 125 126 143 255; do
        run wait_status sandbox "exit $number"
        assert_output "$number"
    done
}

@test "death by a signal passes through" {
    local number
    for number in 1 2 6 9 11 15; do # not 3, which bash ignores
        run wait_status sandbox "kill -$number \$\$"
        assert_output -- "-$number"
    done
}

@test "a signal that is sent to it reaches the phase" {
    local signal
    for signal in TERM INT HUP USR1; do
        rm -f "$T/ready"
        run with_signals python3 - "$signal" <<'END'
import os, signal, subprocess, sys, time
name, ready = sys.argv[1], os.environ["T"] + "/ready"
phase = subprocess.Popen(["sandbox", f'trap "exit 42" {name}; touch "$T/ready"; while :; do sleep 0.05; done'])
for _ in range(500):
    if os.path.exists(ready):
        break
    time.sleep(0.02)
phase.send_signal(signal.Signals["SIG" + name])
sys.exit(phase.wait())
END
        assert_status 42
    done
}

@test "the environment is as with bash alone, odd names and functions among it" {
    local odd=("a.b=1" "x y= z " "newline="$'a\nb' "empty=" "BASH_FUNC_hello%%=() { echo \"hello \$1\"; }"
        "BASH_ENV=$PWD/bash-env" "NSROOT=$NSROOT" "PATH=$PATH" "SHLVL=3" "SANDBOX_WRITE=/nowhere")
    echo 'echo "read BASH_ENV"' >bash-env
    env -i "${odd[@]}" /bin/bash -c 'env -0' | grep -zv '^_=' | sort -z >expected
    env -i "${odd[@]}" sandbox 'env -0' | grep -zvE '^(_|SANDBOX_ACTIVE)=' | sort -z >seen
    cmp expected seen
    run grep -c "read BASH_ENV" seen
    assert_output 1
    run env -i "${odd[@]}" sandbox 'hello you; echo "$SANDBOX_ACTIVE"'
    assert_line "hello you"
    assert_line armedandready
}

@test "the current directory is kept" {
    cd elsewhere
    run sandbox pwd
    assert_output "$PWD"
}

@test "several words are a command, none are a shell" {
    run sandbox printf '[%s]' 'a  b' '$HOME' --version
    assert_output '[a  b][$HOME][--version]'
    run sandbox <<<'echo "from $BASH"; exit 5'
    assert_status 5
    assert_output "from /bin/bash"
}

@test "there is no network but the loopback" {
    # connect(2) of a datagram socket sends nothing
    run sandbox python3 -c '
import errno, socket
print([name for _, name in socket.if_nameindex()])
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("192.0.2.1", 9))
except OSError as error:
    print(errno.errorcode[error.errno])'
    assert_success
    assert_output "['lo']"$'\n'ENETUNREACH
}

@test "servers on the loopback are reached, by number and with AI_ADDRCONFIG" {
    # not every small system has an /etc/hosts
    name=
    ! grep -qw localhost /etc/hosts || name=localhost
    run env NAME="$name" "$PWD/bin/sandbox" python3 -c '
import os, socket
for host, family in (("127.0.0.1", "AF_INET"), ("10.0.0.1", "AF_INET"), ("::1", "AF_INET6"),
                     ("fd::1", "AF_INET6"), (os.environ["NAME"], "AF_INET")):
    if not host: continue
    family = getattr(socket, family)
    info = socket.getaddrinfo(host, 0, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG)
    server = socket.socket(family)
    server.bind(info[0][4])
    server.listen()
    client = socket.create_connection(server.getsockname()[:2], 5)
    accepted, _ = server.accept()
    accepted.sendall(host.encode())
    print(client.recv(64).decode())'
    assert_success
    assert_output $'127.0.0.1\n10.0.0.1\n::1\nfd::1'"${name:+$'\n'$name}"
}

@test "the network is shared where the settings of Portage want it, and nowhere else" {
    local mine
    mine=$(readlink /proc/self/ns/net)
    shared() {
        [ "$(env "$@" "$PWD/bin/sandbox" 'readlink /proc/self/ns/net')" = "$mine" ]
    }
    shared FEATURES="sandbox"
    shared FEATURES="network-sandbox distcc"
    shared EBUILD_PHASE=unpack PORTAGE_PROPERTIES="interactive live"
    shared EBUILD_PHASE=test PORTAGE_PROPERTIES=test_network
    ! shared FEATURES="network-sandbox" || fail "network-sandbox"
    ! shared -u FEATURES || fail "no FEATURES"
    ! shared FEATURES="distcc network-sandbox network-sandbox-proxy" || fail "proxy"
    ! shared EBUILD_PHASE=compile PORTAGE_PROPERTIES=live || fail "compile of live"
    ! shared EBUILD_PHASE=unpack PORTAGE_PROPERTIES=deliver || fail "unpack"
}

@test "what a phase leaves running ends with it" {
    run nothing_left "$PWD/bin/sandbox" 'sleep 60 & disown; echo started'
    assert_success
    assert_output started
}
