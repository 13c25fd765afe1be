# SPDX-License-Identifier: LGPL-2.1-or-later
# A root file system with device nodes and files of many owners, made by mmdebstrap for an ordinary
# user under --remember, and packed: once with one id, where all is remembered, once with subordinate
# ids, where the owners are real. Other programs list the archives.

load ../lib/nsroot
load ../lib/pack
load ../lib/mirror

# Everything here looks at these trees: making them is what takes the time.
setup_file() {
    export TREES=$BATS_FILE_TMPDIR/trees TMPDIR=$BATS_FILE_TMPDIR/tmp MISSING=
    mkdir "$TREES" "$TMPDIR"
    if ! command -v mmdebstrap >/dev/null; then
        MISSING="wants mmdebstrap"
    elif ! has_mirror; then
        MISSING="wants apt, and a package mirror that answers"
    else
        make_tree one --show-owners auto
        # root inside reads what its user can't: /etc/shadow- of Debian 13 has mode 0
        pack_tree one nsroot -- "$PACK"
        ! has_subids || make_tree subid --map subid --show-owners trap
        ! has_subids || pack_tree subid nsroot --map subid -- "$PACK"
    fi
}

teardown_file() {
    [ ! -d "$TREES/subid" ] || (cd "$TREES" && nsroot --map subid -- rm -rf subid)
}

setup() {
    [ -z "$MISSING" ] || skip "$MISSING"
    enter_workplace
    cd "$TREES" || return
}

has_subids() {
    grep -q "^$(id -un):" /etc/subuid && grep -q "^$(id -un):" /etc/subgid && command -v newuidmap >/dev/null
}

need_both() {
    [ -e "$TREES/subid.pax" ] || skip "wants subordinate ids"
}

# make_tree NAME OPTION...: the packages' own scripts see the sandbox's /dev over the nodes.
# shellcheck disable=SC2016 # it is mmdebstrap's
make_tree() {
    local name=$1 release
    shift
    release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    if ! (cd "$TREES" && nsroot "$@" --remember "$name.F" --setenv TMPDIR /tmp -- \
        mmdebstrap --mode=root --variant=essential --include=cron,man-db --skip=chroot/mount \
        --extract-hook='mount --rbind /dev "$1/dev"' --customize-hook='umount -l "$1/dev"' \
        --aptopt='APT::Sandbox::User "root"' "$release" "$name") >"$TREES/$name.log" 2>&1; then
        tail -n 50 "$TREES/$name.log" >&2
        return 1
    fi
}

# pack_tree NAME COMMAND...
pack_tree() {
    local name=$1 format
    shift
    for format in pax newc mtree; do
        (cd "$TREES" && "$@" --remember "$name.F" --format "$format" "$name" >"$name.$format")
    done
}

# list ARCHIVE: mode, owner, group, device and name of each entry, as another program tells them.
list() {
    case $1 in
    *.pax) tar --numeric-owner --quoting-style=literal -tvf "$1" |
        sed -E 's,^([^ ]+) ([0-9]+)/([0-9]+) +([0-9]+|[0-9]+\,[0-9]+) [^ ]+ [^ ]+ ,\1 \2 \3 \4 ,' ;;
    *.newc) cpio --quiet -tvn <"$1" | without_date ;;
    *.mtree) bsdtar --numeric-owner -tvf "$1" | without_date ;;
    esac | sed -E 's/^h/-/; s/ link to .*//; s,/$,,
        # sizes are no matter, numbers of devices are
        s/^([^bc][^ ]* [0-9]+ [0-9]+) [0-9]+ /\1 /; s, \./, ,' | sort
}

without_date() {
    sed -E 's/^([^ ]+) +[0-9]+ ([0-9]+) +([0-9]+) +([0-9]+|[0-9]+, *[0-9]+) +[^ ]+ +[^ ]+ +[^ ]+ /\1 \2 \3 \4 /
        s/^([bc][^,]*), +/\1,/'
}

@test "device nodes, and owners of packages, are in the archives: the same in all formats" {
    local format
    for format in pax newc mtree; do
        list "one.$format" >"$WORK/$format"
    done
    [ "$(wc -l <"$WORK/pax")" -gt 3000 ]
    diff "$WORK/pax" "$WORK/newc"
    diff "$WORK/pax" "$WORK/mtree"
    run grep -E ' (dev/.*|etc/shadow|var/mail|var/local|usr/bin/(crontab|chage)|var/cache/man)$' "$WORK/pax"
    assert_line 'crw-rw-rw- 0 0 1,3 dev/null'
    assert_line 'crw-rw-rw- 0 0 1,5 dev/zero'
    assert_line 'crw-rw-rw- 0 0 5,1 dev/console'
    assert_line '-rw-r----- 0 42 etc/shadow'
    assert_line 'drwxrwsr-x 0 8 var/mail'
    # Debian 12, and 13
    assert_line --regexp '^drwxr(wsr-x 0 50|-xr-x 0 0) var/local$'
    assert_line '-rwxr-sr-x 0 42 usr/bin/chage'
    assert_line --regexp '^-rwxr-sr-x 0 [1-9][0-9]+ usr/bin/crontab$'
    assert_line 'drwxr-xr-x 6 12 var/cache/man'
    # outside, all is the user's own
    run find one ! -user "$(id -u)"
    assert_output ""
}

@test "subordinate ids: the same archives, and hardly anything to remember" {
    need_both
    local format
    for format in pax newc mtree; do
        list "one.$format" >"$WORK/one"
        list "subid.$format" >"$WORK/subid"
        diff "$WORK/one" "$WORK/subid"
    done
    # the devices alone
    run grep -cv ' dev=c:' subid.F
    assert_output 2
    assert_equal "$(grep -c ' dev=c:' one.F)" "$(grep -c ' dev=c:' subid.F)"
}

@test "inside, the tree is what the archive says" {
    nsroot --remember one.F --show-owners trap -- sh -c \
        'cd one && find . -mindepth 1 -printf "%M %U %G %P %y\n"' >"$WORK/inside"
    # find knows the kind of a file by its folder, where a device is a plain file
    sed -E 's/^[^ ]//; s/ [^ ]+$//' "$WORK/inside" | sort >"$WORK/shown"
    list one.pax | grep -v ' \.$' | sed -E 's/^[^ ]//; s/ -> .*//; s/ [0-9]+,[0-9]+ / /' | sort >"$WORK/packed"
    diff "$WORK/shown" "$WORK/packed"
}

@test "a second run in the tree, by chroot: dpkg finds all in order, and what it changes is packed" {
    run nsroot --remember one.F --show-owners trap -- chroot one sh -c '
        dpkg --verify; dpkg --audit; stat -c "%u:%g %a %F %t,%T" /etc/shadow /dev/null
        echo >/root/new; chown man:mail /root/new; dpkg-statoverride --add --update man tape 2750 /usr/bin/chage'
    assert_success
    assert_line '0:42 640 regular file 0,0'
    assert_line '0:0 666 character special file 1,3'
    nsroot -- "$PACK" --remember one.F one >"$WORK/again.pax"
    run list "$WORK/again.pax"
    assert_line '-rw-r--r-- 6 8 root/new'
    assert_line '-rwxr-s--- 6 26 usr/bin/chage'
}

@test "packages unpacked by dpkg-deb -x have the owners that they have as archives" {
    need_program dpkg-deb
    cd "$WORK"
    apt-get -qq download base-files cron man-db passwd exim4-base
    mkdir tree
    local package
    for package in *.deb; do
        nsroot --remember F -- dpkg-deb -x "$package" tree
        dpkg-deb --fsys-tarfile "$package" >package.pax
        list package.pax
    done | sort -u >expected
    nsroot_pack --remember F tree >tree.pax
    diff expected <(list tree.pax)
    grep -q ' 0 42 usr/bin/chage' expected
}
