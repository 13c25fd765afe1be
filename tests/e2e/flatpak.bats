# SPDX-License-Identifier: LGPL-2.1-or-later
# The real flatpak with ours in bubblewrap's place: a runtime and an app made here, of busybox.

load ../lib/nsroot

BWRAP=${INSTALLED-}/usr/local/libexec/nsroot/bwrap

# The installation is made once; flatpak asks the system bus for parental controls.
setup_file() {
    command -v flatpak dbus-run-session busybox >/dev/null || return 0
    export HOME=$BATS_FILE_TMPDIR/home XDG_RUNTIME_DIR=$BATS_FILE_TMPDIR/run
    export FLATPAK_BWRAP=$BWRAP
    mkdir -m 700 "$HOME" "$XDG_RUNTIME_DIR"
    cd "$BATS_FILE_TMPDIR" || return
    make_runtime runtime
    make_app app
    flatpak build-export --runtime repo runtime 1
    flatpak build-export repo app 1
    flatpak --user remote-add --no-gpg-verify test repo
    on_bus flatpak --user install -y --noninteractive test org.test.Platform//1 org.test.App//1
}

setup() {
    need_program flatpak dbus-run-session busybox
    enter_workplace
}

make_runtime() {
    local name
    mkdir -p "$1/usr/bin" "$1/usr/lib" "$1/usr/etc" "$1/files"
    cp "$(command -v busybox)" "$1/usr/bin/busybox"
    for name in sh cat echo grep id ls ps readlink sleep touch; do
        ln -s busybox "$1/usr/bin/$name"
    done
    printf '[Runtime]\nname=%s\nruntime=%s\nsdk=%s\n' org.test.Platform \
        org.test.Platform/x86_64/1 org.test.Platform/x86_64/1 >"$1/metadata"
}

make_app() {
    mkdir -p "$1/files/bin" "$1/export"
    printf '#!/bin/sh\nexec "$@"\n' >"$1/files/bin/run"
    chmod 0755 "$1/files/bin/run"
    printf '[Application]\nname=org.test.App\nruntime=%s\nsdk=%s\ncommand=run\n%s\n' \
        org.test.Platform/x86_64/1 org.test.Platform/x86_64/1 \
        $'[Context]\nsockets=session-bus;' >"$1/metadata"
}

on_bus() {
    # shellcheck disable=SC2016
    dbus-run-session -- sh -c 'DBUS_SYSTEM_BUS_ADDRESS=$DBUS_SESSION_BUS_ADDRESS "$@"' sh "$@" \
        2> >(grep -v '^dbus-daemon' >&2)
}

app() {
    on_bus flatpak run org.test.App//1 "$@"
}

@test "flatpak run: the command's output and status" {
    run app sh -c 'echo hello; exit 9'
    assert_status 9
    assert_output hello
}

@test "the sandbox is flatpak's: its files, no capabilities, a filter, its own processes" {
    run app sh -c 'ls /app/bin; cat /.flatpak-info | grep ^name; grep -E "CapEff|Seccomp:" /proc/self/status; ps'
    assert_success
    assert_line run
    assert_line name=org.test.App
    assert_line --regexp 'CapEff:.0000000000000000'
    assert_line --regexp 'Seccomp:.2'
    assert_line --regexp '^ *1 .* bwrap'
    [ "${#lines[@]}" -lt 12 ]
    run app id -u
    assert_output "$(id -u)"
    run app touch /usr/file
    assert_failure
}

@test "flatpak build: a command in a tree that is being made" {
    make_app tree
    run flatpak build tree sh -c 'touch /app/made && id -u'
    assert_success
    assert_output "$(id -u)"
    assert_exist tree/files/made
}

# flatpak knows an instance by what --info-fd has told, and enters it by its namespaces.
@test "flatpak ps, a second sandbox in the namespaces of the first, flatpak kill" {
    cat >script <<'END'
flatpak run org.test.App//1 sh -c "echo up >$1; exec sleep 60" &
pid=$!
read -r _ <"$1"
# those of the tests before may be listed still
set -- $(flatpak ps --columns=pid,instance,child-pid | awk -v pid="$pid" '$1 == pid { print $2, $3 }')
echo "instance $1"
flatpak run --parent-pid="$2" --parent-share-pids org.test.App//1 ps
flatpak kill "$1"
wait "$pid"
echo "status $?"
END
    mkfifo "$HOME/up"
    on_bus flatpak override --user --filesystem="$HOME" org.test.App
    run on_bus bash script "$HOME/up"
    assert_success
    assert_line --regexp '^instance [0-9]+$'
    assert_line --regexp ' sleep 60$'
    assert_line --regexp ' ps$'
    assert_line "status 137"
}
