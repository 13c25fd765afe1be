# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# For tests that compare what an ordinary user under --remember sees with what real root sees: load
# ../lib/real-root, after ../lib/nsroot, and call enter_both in setup.

# A folder "real" for root, one "shown" for the user 1234, and "user-F" for the user's file F.
enter_both() {
    need_root
    enter_workplace
    chmod 0755 .
    mkdir real
    install -d -o 1234 -g 1234 shown user-F
    # a sanitizer in a program of tests/lib wants to come first, before the library of SHOW=auto
    export ASAN_OPTIONS=${ASAN_OPTIONS-}:verify_asan_link_order=0
    # the user gets to it by its own path alone
    local folder=$PWD
    while [ "$folder" != / ]; do
        chmod a+x "$folder"
        folder=$(dirname "$folder")
    done
}

# remembering OPTION... -- COMMAND...: as the user; SHOW is the value of --show-owners (trap).
remembering() {
    setpriv --reuid 1234 --regid 1234 --clear-groups "$NSROOT" --remember "$WORK/user-F/F" \
        --show-owners "${SHOW:-trap}" "$@"
}

# Fails unless a command prints and returns the same for real root, in one folder, as for an ordinary
# user who remembers, in another. What it printed is in by-root and by-user.
# compare COMMAND...
compare() {
    # an umask, groups and mounts of its own for each
    (cd real && umask 022 && unshare --mount --propagation private setpriv --clear-groups "$@" 2>&1
        echo "status $?") >by-root
    (cd shown && umask 022 && remembering -- "$@" 2>&1; echo "status $?") >by-user
    diff -au by-root by-user | head -n 40 >&2 && cmp -s by-root by-user
}

# compare_each COMMAND...: compare, from the start, with each value of --show-owners.
compare_each() {
    local SHOW
    for SHOW in trap auto; do
        find real shown user-F -mindepth 1 -delete
        compare "$@" || fail "with --show-owners $SHOW"
    done
}

# Functions of sh, for scripts that are compared.
# list FOLDER: names, owners, modes, links, kinds, devices, attributes, capabilities, ACLs.
# make_tree FOLDER: a tree that has some of all.
# shellcheck disable=SC2016,SC2034 # it is the script's, and the tests' that load this
BOTH='
list() {
    (cd "$1" && find . -mindepth 1 -printf "%P %U:%G %m %n %l\n" | sort
        find . -mindepth 1 -print0 | sort -z | xargs -0r stat -c "%n %F %f %t,%T"
        getfattr -h -d -m "^(user|trusted|security|system)" -R . 2>&1 | sed "/security.selinux/d"
        getcap -r . 2>&1 | sort; getfacl -pRnc . 2>&1)
}
make_tree() {
    mkdir -p "$1/d" "$1/dev"
    echo one >"$1/f"; chown 5:6 "$1/f"; ln "$1/f" "$1/d/hard"
    ln -s ../f "$1/d/l"; chown -h 7:8 "$1/d/l"; chown 70000:80000 "$1/d"
    mknod -m 620 "$1/dev/tty" c 4 1; chown 0:5 "$1/dev/tty"
    mknod -m 660 "$1/dev/sda" b 8 0; chown 0:6 "$1/dev/sda"
    mkfifo "$1/p"; chown 9:9 "$1/p"
    cp /bin/true "$1/suid"; chown 10:10 "$1/suid"; chmod 6755 "$1/suid"
    setfattr -n trusted.t -v tv "$1/f"; setfattr -n user.u -v uv "$1/f"
    setfacl -m u:1234567:r,g:7:rw "$1/suid"
    cp /bin/true "$1/cap"; setcap cap_net_raw,cap_net_admin+ep "$1/cap"
    ln -s nowhere "$1/dangling"; chown -h 3:3 "$1/dangling"
    mkdir "$1/sgid"; chown 0:50 "$1/sgid"; chmod 2775 "$1/sgid"
    find "$1" -depth -print0 | xargs -0 touch -h -d @1500000000
}
'
