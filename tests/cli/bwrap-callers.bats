# SPDX-License-Identifier: LGPL-2.1-or-later
# The bwrap dialect as programs call it that know nothing of ours: what is here is how they call.

load ../lib/compare

setup() {
    enter_comparison bwrap
}

# A filter of one instruction, which allows every system call.
make_filter() {
    python3 -c 'import struct, sys; sys.stdout.buffer.write(struct.pack("=HBBI", 6, 0, 0, 0x7fff0000))'
}

# A field of the object that --info-fd wrote.
info_of() {
    jq ".[\"$2\"]" "$1"
}

# Its --args: an app on the host's programs as runtime. fds 11 to 14: passwd, group, info, filter.
describe_flatpak_app() {
    local run=/run/user/$UID data=$PWD/home/.var/app/org.example.App
    mkdir -p app/bin app/etc "$data"/{cache,config,data}
    touch app/.ref
    echo 'app' >app/etc/name
    printf '%s\0' "${bare[@]}" \
        --ro-bind "$PWD/app" /app --lock-file /app/.ref \
        --proc /proc --unshare-ipc --die-with-parent \
        --dir /tmp --dir /var/tmp --symlink /run /var/run --dir /run/host --perms 0700 --dir "$run" \
        --ro-bind /sys/block /sys/block --ro-bind-try /sys/bus /sys/bus --ro-bind /sys/class /sys/class \
        --ro-bind-try /proc/self/ns/user /run/.userns \
        --ro-bind-data 11 /etc/passwd --ro-bind-data 12 /etc/group --perms 0600 --file 13 /.flatpak-info \
        --symlink ../../../.flatpak-info "$run/flatpak-info" \
        --ro-bind-try /etc/hosts /etc/hosts --bind-try "$PWD/none" /run/none \
        --bind "$data" "$data" --dev /dev --tmpfs /dev/shm --seccomp 14 \
        --unsetenv GTK_PATH --setenv XDG_RUNTIME_DIR "$run" --setenv XDG_CACHE_HOME "$data/cache" \
        --setenv PATH /app/bin:/usr/bin --setenv LD_LIBRARY_PATH /app/lib --chmod 0755 /tmp "$@"
}

run_flatpak_app() {
    local data=$PWD/home/.var/app/org.example.App
    describe_flatpak_app --unshare-user-try --unshare-pid --chdir "$data" >args
    make_filter >filter
    # fd 20 is one that the app is given on purpose
    GTK_PATH=/none bwrap --args 10 bash -c '
        cat /app/etc/name /etc/passwd /etc/group "$XDG_RUNTIME_DIR/flatpak-info"
        stat -c "%n %a" /tmp "$XDG_RUNTIME_DIR" /.flatpak-info /etc/passwd
        readlink /var/run
        pwd
        echo "library path $LD_LIBRARY_PATH, modules ${GTK_PATH-none}"
        touch /usr/x /app/x /etc/passwd
        touch data/kept /tmp/x /dev/shm/x /x
        ls -d /sys/block /run/none /run/.userns /etc/shadow
        grep Seccomp: /proc/self/status
        ls -d /proc/$$/fd/[12]? | sed "s/.*\///"
        echo "to whom it may concern" >&20' \
        10<args 11<<<"user:x:$UID:100::/:/bin/sh" 12<<<'group:x:100:' 13<<<'[Application]' \
        14<filter 20>letter >out 2>&1
    assert_equal "$(cat out)" "app
user:x:$UID:100::/:/bin/sh
group:x:100:
[Application]
/tmp 755
/run/user/$UID 700
/.flatpak-info 600
/etc/passwd 600
/run
$data
library path /app/lib, modules none
touch: cannot touch '/usr/x': Read-only file system
touch: cannot touch '/app/x': Read-only file system
touch: cannot touch '/etc/passwd': Read-only file system
ls: cannot access '/run/none': No such file or directory
ls: cannot access '/etc/shadow': No such file or directory
/run/.userns
/sys/block
Seccomp:	2
20"
    assert_equal "$(cat letter)" 'to whom it may concern'
    assert_exist "$data/data/kept"
}

@test "flatpak run: files, folders, and fds that the app is given" {
    on_each run_flatpak_app
}

# While the app runs, another one joins it: its namespaces are those of the first.
run_flatpak_sub_sandbox() {
    local child app
    mkfifo ready go
    describe_flatpak_app --unshare-user-try --unshare-pid --bind "$PWD" "$PWD" --chdir "$PWD" >args
    make_filter >filter
    bwrap --args 10 --info-fd 15 --json-status-fd 16 \
        sh -c 'readlink /proc/self/ns/user >user; echo >ready; read -r word <go; exit 3' \
        10<args 11<<<passwd 12<<<group 13<<<"[Application]" 14<filter 15>info 16>status 3>&- &
    app=$!
    read -r <ready
    child=$(info_of info child-pid)
    assert_equal "$(head -n 1 status | jq '.["child-pid"]')" "$child"
    assert_equal "$(readlink "/proc/$child/ns/pid")" "pid:[$(info_of info pid-namespace)]"
    exec 21<"/proc/$child/root/run/.userns" 22<"/proc/$child/ns/user" 23<"/proc/$child/ns/pid"
    describe_flatpak_app >args
    bwrap --args 10 --userns 21 --userns2 22 --pidns 23 bash -c '
        id -u
        readlink /proc/self/ns/user
        ls /proc/1/root/app/etc
        for comm in /proc/[0-9]*/comm; do cat "$comm"; done | grep -c "^sh$"' \
        10<args 11<<<passwd 12<<<group 13<<<"[Application]" 14<filter 3>&- >out 2>&1 || echo "status $?" >>out
    exec 21<&- 22<&- 23<&-
    echo word >go
    wait "$app" || assert_equal $? 3
    assert_equal "$(cat out)" "$UID
$(cat user)
name
1"
    assert_equal "$(tail -n 1 status | jq '.["exit-code"]')" 3
}

@test "flatpak run --parent-pid: another sandbox joins that of an app" {
    on_each run_flatpak_sub_sandbox
}

# As an image loader is started: the caller talks to it over a socket that is its standard input and
# output, and another one whose number it is told.
load_image() {
    make_filter >filter
    python3 - "${bare[@]}" >out <<'END'
import os, socket, subprocess, sys
near, far = socket.socketpair()
bus_near, bus_far = socket.socketpair()
secret = os.open("filter", os.O_RDONLY)
filter = os.open("filter", os.O_RDONLY)
os.set_inheritable(filter, True)
os.set_inheritable(bus_far.fileno(), True)
loader = subprocess.Popen(
    ["bwrap", "--unshare-all", "--die-with-parent", "--chdir", "/"] + sys.argv[1:] +
    ["--dev", "/dev", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache",
     "--ro-bind-try", "/nix/store", "/nix/store", "--tmpfs", "/tmp-home", "--tmpfs", "/tmp-run",
     "--clearenv", "--setenv", "HOME", "/tmp-home", "--setenv", "XDG_RUNTIME_DIR", "/tmp-run",
     "--setenv", "XDG_CACHE_HOME", "/tmp-home", "--seccomp", str(filter), "--",
     "/usr/bin/bash", "-c", """
        read -r word
        echo "$word: $(pwd) $(ls -A /tmp-home /tmp-run) $(ls / | tr '\\n' ' ')"
        echo "$$ $(ls /sys /proc /home 2>&1 | grep -c 'No such')"
        env | grep -v -e ^_= -e ^SHLVL= | sort
        echo over the bus >&$0
        exit 7""", str(bus_far.fileno())],
    stdin=far, stdout=far, close_fds=False)
far.close()
bus_far.close()
near.sendall(b"load\n")
near.shutdown(socket.SHUT_WR)
print(near.makefile().read() + bus_near.makefile().read() + str(loader.wait()))
END
    sed -i "s/ \(bin\|lib\|lib32\|lib64\|sbin\)\b//g" out
    assert_equal "$(cat out)" 'load: / /tmp-home:

/tmp-run: dev etc tmp-home tmp-run usr 
2 3
HOME=/tmp-home
PWD=/
XDG_CACHE_HOME=/tmp-home
XDG_RUNTIME_DIR=/tmp-run
over the bus
7'
}

@test "glycin: a loader of images that talks over sockets" {
    on_each load_image
}

# The proxy of a message bus runs beside an app, in a sandbox of its own, until that one is empty: it
# has the writing end of a pipe, the app's bwrap has the other one as --sync-fd.
run_proxy() {
    local proxy out=$PWD/out
    mkdir run
    touch run/.ref
    mkfifo sync hold
    printf '%s\0' --log "a name" '--socket=/run/proxy/bus' >proxy-args
    printf '%s\0' "${bare[@]}" --proc /proc --dev /dev --bind "$PWD/run" /run/proxy \
        --lock-file /run/proxy/.ref --new-session --ro-bind "$PWD" /work >args
    # shellcheck disable=SC2094 # the first one alone lets the others open
    exec 19<>sync 28<sync 27>sync 19>&-
    bwrap --die-with-parent --args 25 -- python3 -c '
import os, select
words = os.fdopen(26, "rb").read().split(b"\0")
open("/run/proxy/bus", "w").write(repr(words))
os.write(27, b"x")
poll = select.poll()
poll.register(27, 0)
print("the app has ended" if poll.poll(20000) else "nothing has happened")' \
        25<args 26<proxy-args 28<&- 3>&- >"$out" &
    proxy=$!
    exec 27>&-
    read -r -N 1 -u 28
    is_locked run/.ref
    # what is left running holds the sandbox, not bwrap's end
    bwrap --args 25 --unshare-pid --sync-fd 28 \
        sh -c 'cat /run/proxy/bus; (read -r word </work/hold) >/dev/null 2>&1 &' 25<args 3>&- >seen
    exec 28<&-
    assert_equal "$(cat seen)" "[b'--log', b'a name', b'--socket=/run/proxy/bus', b'']"
    run cat "$out"
    assert_output ""
    within 10 sh -c 'echo >hold'
    wait "$proxy"
    assert_equal "$(cat "$out")" 'the app has ended'
    until_true is_unlocked run/.ref
}

# fcntl(2) locks: what flatpak looks for before it removes files that are used.
is_locked() {
    python3 -c 'import fcntl, sys
with open(sys.argv[1], "r+") as file:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit(0)
sys.exit(1)' "$1"
}

is_unlocked() {
    ! is_locked "$1"
}

@test "xdg-dbus-proxy: pipes, locks and --args of its own" {
    on_each run_proxy
}

@test "a store of 5000 packages, and 20000 words" {
    use ours # bubblewrap takes 9000 words
    mkdir store
    (cd store && seq -f 'package-%.0f' 5000 | xargs mkdir)
    {
        printf '%s\0' --tmpfs / "${bare[@]}" --proc /proc --dev /dev
        seq 5000 | awk -v store="$PWD/store" '{
            printf "--ro-bind%c%s/package-%d%c/nix/store/package-%d%c", 0, store, $1, 0, $1, 0
        }'
        seq 1700 | awk '{ printf "--setenv%cNAME_%d%cvalue%c", 0, $1, 0, 0 }'
    } >args
    assert [ "$(tr -dc '\0' <args | wc -c)" -ge 20000 ]
    bwrap --unshare-all --args 10 bash -c '
        set -- /nix/store/*
        echo "$# packages, $(grep -c " /nix/store/package-[0-9]* ro," /proc/self/mountinfo) read-only"
        env | grep -c ^NAME_
        : >/nix/store/package-1/x' 10<args >out 2>err || true
    assert_equal "$(cat out)" '5000 packages, 5000 read-only
1700'
    assert_equal "$(sed 's/.*: //' err)" 'Read-only file system'
    # as words of the command line too
    mapfile -d '' words <args
    run bwrap "${words[@]}" sh -c 'ls /nix/store | wc -l'
    assert_output 5000
}

# Its caller has the maps written by newuidmap(1).
map_from_outside() {
    python3 >out - <<'END'
import json, os, subprocess
info, info_there = os.pipe()
block_there, block = os.pipe()
os.set_inheritable(info_there, True)
os.set_inheritable(block_there, True)
sandbox = subprocess.Popen(
    ["bwrap", "--unshare-all", "--unshare-user", "--userns-block-fd", str(block_there),
     "--info-fd", str(info_there), "--bind", "/", "/", "--proc", "/proc",
     "sh", "-c", "cat /proc/self/uid_map /proc/self/gid_map; id -u"],
    close_fds=False, stdout=subprocess.PIPE)
os.close(info_there)
os.close(block_there)
child = str(json.load(os.fdopen(info))["child-pid"])
subprocess.run(["newuidmap", child, "0", str(os.getuid()), "1", "1", os.environ["FIRST_UID"], "5"],
               check=True)
subprocess.run(["newgidmap", child, "0", str(os.getgid()), "1", "1", os.environ["FIRST_GID"], "6"],
               check=True)
os.write(block, b"1")
print(" ".join(sandbox.communicate()[0].decode().split()), sandbox.returncode)
END
    assert_equal "$(cat out)" "0 $UID 1 1 $FIRST_UID 5 0 $(id -g) 1 1 $FIRST_GID 6 0 0"
}

@test "id maps that another process writes" {
    need_subids
    FIRST_UID=$(sed -n "s/^$(id -un):\([0-9]*\):.*/\1/p" /etc/subuid | head -n 1)
    FIRST_GID=$(sed -n "s/^$(id -un):\([0-9]*\):.*/\1/p" /etc/subgid | head -n 1)
    export FIRST_UID FIRST_GID
    on_each map_from_outside
}

# A container of a game's runtime: hundreds of files and variables, some of them over others, and a
# sandbox within it, which the game's browser makes.
run_steam_game() {
    local i library
    mkdir -p runtime/lib runtime/share home/Games overrides
    ln -s "/run/host$(realpath "$BIN/bwrap")" home/bwrap # which chooses our dialect
    touch runtime/.ref
    for ((i = 1; i <= 300; i++)); do
        echo "of the runtime $i" >"runtime/lib/lib$i.so"
        echo "of the host $i" >"overrides/lib$i.so"
    done
    {
        printf '%s\0' --tmpfs / "${bare[@]}" --ro-bind "$PWD/runtime" /runtime --lock-file /runtime/.ref \
            --ro-bind / /run/host --bind "$PWD/home" "$PWD/home" --bind /tmp /tmp \
            --dev-bind /dev /dev --proc /proc --ro-bind-try /etc/passwd /etc/passwd \
            --ro-bind-try /etc/none /etc/none --dir /run/pressure-vessel --tmpfs /run/pressure-vessel/gfx \
            --symlink /runtime/lib /usr-lib --setenv STEAM_RUNTIME /runtime --unsetenv STEAM_OLD
        for ((i = 1; i <= 300; i++)); do
            library=/overrides/lib/lib$i.so
            printf '%s\0' --setenv "PRESSURE_VESSEL_$i" "value of $i" \
                --ro-bind "$PWD/runtime/lib/lib$i.so" "$library"
            # every third one is the host's, by a later bind on the same place
            ((i % 3)) || printf '%s\0' --ro-bind "$PWD/overrides/lib$i.so" "$library"
        done
    } >args
    HOME=/none STEAM_OLD=old bwrap --args 10 --lock-file /runtime/.ref bash -c '
        cat /overrides/lib/*.so | cut -d " " -f 1-3 | sort | uniq -c
        env | grep -c ^PRESSURE_VESSEL_
        echo "$STEAM_RUNTIME ${STEAM_OLD-unset} $PRESSURE_VESSEL_300 $(readlink /usr-lib)"
        : >/runtime/lib/lib1.so
        echo saved >"$1/home/Games/saved"
        cd "$1/home"
        exec ./bwrap --ro-bind / / --tmpfs "$1" --proc /proc --dev /dev --unshare-all --die-with-parent \
            --cap-drop ALL sh -c "id -u; pwd; ls -A \"$1\"; wc -l <\"/overrides/lib/lib3.so\"; exit 9"
    ' bash "$PWD" 10<args >out 2>err || assert_equal $? 9
    assert_equal "$(sed 's/^ *//' out)" "100 of the host
200 of the runtime
300
/runtime unset value of 300 /runtime/lib
$UID
/
1"
    assert_regex "$(cat err)" 'lib1.so: Read-only file system'
    assert_equal "$(cat home/Games/saved)" saved
}

@test "pressure-vessel: hundreds of files and variables, and a sandbox within" {
    on_each run_steam_game
}
