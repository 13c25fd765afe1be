# SPDX-License-Identifier: LGPL-2.1-or-later
# An image that is built in mkosi's manner by an ordinary user, with our mkosi-sandbox: a hundred
# sandboxes with mkosi's options, within one that keeps the user's own id. And one by mkosi itself.

load ../lib/compare
load ../lib/mirror

# Everything here looks at one image: building it is what takes the time.
setup_file() {
    export PLACE=$BATS_FILE_TMPDIR/place TMPDIR=$BATS_FILE_TMPDIR/tmp
    mkdir "$PLACE" "$TMPDIR"
    if has_mirror; then
        find_both
        build "$PLACE"
    else
        export NO_MIRROR=yes
    fi
}

setup() {
    [ -z "${NO_MIRROR-}" ] || skip "wants apt, and a package mirror that answers"
    enter_workplace
    find_both
}

find_both() {
    PROGRAM=mkosi-sandbox BIN=$BATS_FILE_TMPDIR/bin
    mkdir -p "$BIN/of-ours"
    [ -L "$BIN/of-ours/$PROGRAM" ] || find_ours
    PATH=${PATH#"$BIN:"} # setup_file's, which tests inherit: ours is not the original
    find_real
    PATH=$BIN:$PATH
    use ours
}

# build FOLDER: what is said goes to the log, which is shown if the build fails.
build() {
    if ! "$LIB/mkosi-build.sh" "$1" hello less; then
        tail -n 50 "$1/log" >&2
        return 1
    fi
}

in_image() {
    mkosi-sandbox --bind image / --bind /proc /proc --dev /dev --tmpfs /tmp --become-root \
        --setenv PATH /usr/bin:/usr/sbin -- "$@"
}

unpack_image() {
    mkdir image
    tar -C image -xpf "$PLACE/image.tar"
}

list_image() {
    tar --numeric-owner -tvf "$1/image.tar" | awk '{ print $1, $2, $6, $7, $8 }'
}

@test "the tar has the files of a Debian, and all are root's" {
    list_image "$PLACE" >list
    [ "$(wc -l <list)" -gt 3000 ]
    run awk '$2 != "0/0"' list
    assert_output ""
    run grep -E ' \./(bin|etc/passwd|usr/bin/(su|hello)) ' list
    assert_line --regexp '^-rwsr-xr-x 0/0 ./usr/bin/su '
    assert_line --regexp '^lrwxrwxrwx 0/0 ./bin -> usr/bin$'
    assert_line --regexp '^-rw-r--r-- 0/0 ./etc/passwd '
    assert_line --regexp '^-rwxr-xr-x 0/0 ./usr/bin/hello '
}

@test "the tar has nothing of the sandboxes" {
    local made='^[cbps]| \./((run|proc|dev|tmp|work)/[^ ]|usr/sbin/policy-rc.d)|\.dpkg-(new|tmp) $'
    run grep -E "$made" <(list_image "$PLACE")
    assert_failure
    assert_output ""
}

@test "dpkg finds every package installed and nothing left to do" {
    unpack_image
    run in_image dpkg-query -W -f '${db:Status-Abbrev}\n'
    assert_success
    assert_equal "$(sort -u <<<"$output")" "ii "
    [ "${#lines[@]}" -gt 50 ]
    run in_image dpkg --audit
    assert_success
    assert_output ""
    run in_image hello
    assert_output "Hello, world!"
}

@test "the user's scripts saw what mkosi promises" {
    tar -xf "$PLACE/image.tar" ./postinst ./finalize
    run cat finalize
    assert_output $'finalize: /work/src\ncaller\nchroot: 0 /work/src mkosi\nHello, world!'
    run cat postinst
    assert_line --index 0 'postinst: 0 root /work/src mkosi final mkosi'
    assert_line 'host'
}

@test "nothing is left: no folder, no process, no mount" {
    assert_holds_only "$PLACE" cache image.tar log
    assert_holds_only "$TMPDIR"
    assert_mounts_unchanged
    run pgrep -u "$(id -u)" -f "$PLACE"
    assert_failure
}

@test "the sandboxes say nothing, and no program fails" {
    run grep -E '^mkosi-sandbox: |: (error|cannot) |[Ff]ailed' "$PLACE/log"
    assert_output ""
}

@test "the original makes the same image" {
    real_speaks 27 || skip "wants mkosi-sandbox itself, of release 27 or later"
    mkdir other
    ln -s "$PLACE/cache" other/cache
    use real
    build "$PWD/other"
    use ours
    diff <(list_image other) <(list_image "$PLACE")
}

# mkosi calls the functions of its sandbox.py in a child of its own, before exec. Here that child
# runs the program in PATH in their place.
in_place_of_functions='
import os, sys
sys.path[:0] = [path for path in [os.environ.pop("MKOSI_MODULES", "")] if path]
import mkosi.run
from mkosi.__main__ import main
def preexec(cmd, env, sandbox):
    if sandbox:
        os.execvpe("mkosi-sandbox", ["mkosi-sandbox", *sandbox, "--", *cmd],
                   {**env, "PATH": os.environ["PATH"]})
sys.modules["mkosi.run"]._preexec = preexec
sys.argv[0] = "mkosi"
sys.exit(main())'

@test "mkosi itself builds with it" {
    export MKOSI_MODULES
    PYTHONPATH=${MKOSI_MODULES-} /usr/bin/python3 -c '
import inspect, mkosi.sandbox, sys
import mkosi.run
sys.exit("sandbox" not in inspect.signature(sys.modules["mkosi.run"]._preexec).parameters)' ||
        skip "wants mkosi of release 26 or later"
    local release
    release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    mkdir -p project home tree/etc/apt/{apt.conf.d,sources.list.d}
    for name in sources.list sources.list.d keyrings trusted.gpg.d auth.conf auth.conf.d; do
        [ ! -e "/etc/apt/$name" ] || cp -rL "/etc/apt/$name" tree/etc/apt/
    done
    apt-config dump | grep -E '^Acquire::' >tree/etc/apt/apt.conf.d/network
    touch tree/etc/apt/sources.list.d/mkosi.sources # mkosi would write its own
    cd project
    cat >mkosi.conf <<CONFIGURATION
[Distribution]
Distribution=debian
Release=$release
[Output]
Format=directory
[Build]
SandboxTrees=$WORK/tree
BuildSources=
WorkspaceDirectory=$WORK/home
CacheDirectory=$WORK/home
[Content]
Packages=hello
Bootable=no
CleanPackageMetadata=no
CONFIGURATION
    printf '#!/bin/sh\nmkosi-chroot sh -c "hello; id -u" >$BUILDROOT/finalized\n' >mkosi.finalize
    chmod +x mkosi.finalize
    run env HOME="$WORK/home" /usr/bin/python3 -Ic "$in_place_of_functions" -f build
    assert_success
    refute_output --partial "mkosi-sandbox:"
    assert_equal "$(cat image/finalized)" $'Hello, world!\n0'
}
