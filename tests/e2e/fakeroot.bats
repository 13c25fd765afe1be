# SPDX-License-Identifier: LGPL-2.1-or-later
# Debian packages built with fakeroot's dialect in fakeroot's place, and fakeroot's own tests.

load ../lib/compare

setup() {
    enter_comparison fakeroot
    umask 022
    export SOURCE_DATE_EPOCH=1704067200
}

# make_package FOLDER: the source of a package with files of several owners, setuid, and a device.
make_package() {
    mkdir -p "$1/debian/source"
    cd "$1" || return
    cat >debian/control <<'END'
Source: owners
Section: misc
Priority: optional
Maintainer: Nobody <nobody@example.org>
Standards-Version: 4.6.2
Rules-Requires-Root: binary-targets

Package: owners
Architecture: all
Description: files of several owners
 And a device.
END
    cat >debian/changelog <<'END'
owners (1.0) unstable; urgency=low

  * First.

 -- Nobody <nobody@example.org>  Mon, 01 Jan 2024 00:00:00 +0000
END
    echo '3.0 (native)' >debian/source/format
    cat >debian/rules <<'END'
#!/usr/bin/make -f
T = debian/owners
S = $(T)/usr/share/owners
build build-indep build-arch binary-arch:
clean:
	rm -rf $(T) debian/files
binary binary-indep:
	test "$$(id -u)" = 0
	install -d -o 1 -g 2 -m 2775 $(T)/var/lib/owners
	install -d $(T)/usr/bin $(S) $(T)/dev $(T)/DEBIAN
	install -m 4755 /bin/true $(T)/usr/bin/setuid
	install -o 0 -g 42 -m 2755 /bin/true $(T)/usr/bin/setgid
	for i in 1 2 3 4 5; do echo $$i >$(S)/$$i; chown $$i:1$$i $(S)/$$i; done
	echo secret >$(S)/secret; chmod 400 $(S)/secret; chown 7 $(S)/secret
	ln -s 1 $(S)/link; chown -h 8:8 $(S)/link
	ln $(S)/2 $(S)/hard
	mknod -m 660 $(T)/dev/owners c 250 7; chown 0:6 $(T)/dev/owners
	mkfifo $(T)/dev/fifo
	mkdir $(T)/gone; chown 77 $(T)/gone; rmdir $(T)/gone; mkdir $(S)/again
	dpkg-gencontrol -P$(T)
	dpkg-deb --build $(T) ..
END
    chmod +x debian/rules
    find . -exec touch -d 2024-01-02 {} +
}

# build NAME [ARGUMENT...]: in a folder of that name, with what PATH has for fakeroot.
build() {
    local log=$WORK/$1.log
    (make_package "$WORK/$1/owners-1.0" && dpkg-buildpackage -b -d -us -uc "${@:2}") >"$log" 2>&1 || {
        cat "$log"
        return 1
    }
}

# The files of the package in a folder.
list() {
    dpkg-deb --fsys-tarfile "$1/owners_1.0_all.deb" | tar --numeric-owner -tv | tr -s ' ' |
        sed 's/ [0-9-]* [0-9:]* / /'
}

@test "dpkg-buildpackage with Rules-Requires-Root: owners, setuid and a device come into the package" {
    need_program dpkg-buildpackage
    build ours
    run list ours
    assert_success
    assert_line -- '-rwsr-xr-x 0/0 '"$(stat -L -c %s /bin/true)"' ./usr/bin/setuid'
    assert_line -- '-rwxr-sr-x 0/42 '"$(stat -L -c %s /bin/true)"' ./usr/bin/setgid'
    assert_line -- '-rw-r--r-- 3/13 2 ./usr/share/owners/3'
    assert_line -- '-r-------- 7/0 7 ./usr/share/owners/secret'
    assert_line -- 'lrwxrwxrwx 8/8 0 ./usr/share/owners/link -> 1'
    assert_line -- 'drwxrwsr-x 1/2 0 ./var/lib/owners/'
    assert_line -- 'drwxr-xr-x 0/0 0 ./usr/share/owners/again/'
    assert_line -- 'crw-rw---- 0/6 250,7 ./dev/owners'
}

@test "the package is the same, byte for byte, as with the original, and with -r" {
    need_program dpkg-buildpackage
    [ -n "$REAL" ] || skip 'there is no fakeroot'
    build ours
    build by-path "-r$OURS"
    use real
    build real
    cmp real/owners_1.0_all.deb ours/owners_1.0_all.deb
    cmp real/owners_1.0_all.deb by-path/owners_1.0_all.deb
}

# find_source: fakeroot's source, unpacked: FAKEROOT_SOURCE, else from the machine's package sources.
find_source() {
    SOURCE=${FAKEROOT_SOURCE-}
    [ -z "$SOURCE" ] || return 0
    need_program apt-get dpkg-source
    within 120 apt-get -qq source --download-only fakeroot >log 2>&1 ||
        skip "fakeroot's source can't be had: $(tail -n 1 log)"
    dpkg-source --no-check -x ./*.dsc source >log 2>&1
    SOURCE=$WORK/source
}

@test "fakeroot's own tests" {
    find_source
    mkdir -p suite/scripts suite/.libs
    cp -R "$SOURCE/test" suite/test
    cd suite/test
    # the program under test, where they look for it
    ln -s "$OURS" ../scripts/fakeroot
    [ -e defs ] || sed 's/@LDPRELOADVAR@/LD_PRELOAD/' defs.in >defs
    chmod u+rwx ./*
    for name in t.*; do
        # its archive wants to be decoded
        [ "$name" != t.tar ] || command -v uudecode >/dev/null || continue
        echo "$name"
        VERBOSE=x srcdir=$PWD posixshell=/bin/sh libfakeroot=none.so within 60 sh "./$name" ||
            failed+=" $name"
    done
    [ -z "${failed-}" ] || fail "failed:$failed"
}
