# SPDX-License-Identifier: LGPL-2.1-or-later
# nsroot-pack: its options, what is the same each time, and what must not look like an archive.

load ../lib/nsroot
load ../lib/pack

remember() {
    nsroot --remember memory -- "$@"
}

assert_pack_failure() {
    assert_status 1
    assert_equal "${#stderr_lines[@]}" 1
    assert_regex "$stderr" "^nsroot-pack: .*$1"
}

@test "the form of an archive: names below the tree, in the order of their bytes" {
    mkdir -p tree/a tree/A
    touch tree/a/b tree/a-b tree/Z
    nsroot_pack tree >archive
    run tar -tf archive
    assert_output $'./\nA/\nZ\na/\na/b\na-b'
}

@test "--remember: owners, for who made the tree; the rest is root's" {
    mkdir tree
    remember sh -c 'echo >tree/mine; echo >tree/other; chown 33:34 tree/other; chown :5 tree'
    run -0 nsroot_pack --remember memory tree
    nsroot_pack --remember memory tree >archive
    run list_tar archive
    assert_line --index 0 --regexp '^d[^ ]+ 0/5 '
    assert_line --index 1 --regexp '^-[^ ]+ 0/0 .* mine$'
    assert_line --index 2 --regexp '^-[^ ]+ 33/34 .* other$'
}

@test "--remember: of a file that has gone, nothing sticks to the next one" {
    mkdir tree
    remember sh -c 'for i in $(seq 100); do echo >tree/$i; chown 33 tree/$i; done; rm tree/*'
    remember sh -c 'for i in $(seq 100); do echo >tree/$i; done'
    nsroot_pack --remember memory tree >archive
    run list_tar archive
    refute_output --partial " 33/"
}

@test "--remember: a file that does not exist is refused, and not made" {
    mkdir tree
    run --separate-stderr nsroot_pack --remember memory tree
    assert_pack_failure "--remember memory: open: No such file or directory"
    assert_equal "$output" ""
    assert_not_exist memory
}

@test "--remember: read only" {
    mkdir tree
    remember chown 5 tree
    chmod 0444 memory
    cp memory before
    nsroot_pack --remember memory tree >archive
    cmp memory before
}

@test "--remember: not while a sandbox is still at it" {
    mkdir tree
    mkfifo ready go
    nsroot --remember memory -- sh -c 'echo >ready; read -r line <go' &
    read -r _ <ready
    run --separate-stderr nsroot_pack --remember memory tree
    echo >go
    wait $!
    assert_pack_failure "--remember memory: a sandbox uses it"
}

@test "--remember: a file that is no such file" {
    mkdir tree
    echo nonsense >memory
    run --separate-stderr nsroot_pack --remember memory tree
    assert_pack_failure "--remember memory: its first line is not"
}

@test "names: the tree's own, the host's never" {
    mkdir -p tree/etc
    remember sh -c 'echo >tree/file; chown 8:9 tree/file'
    nsroot_pack --remember memory tree >archive
    run bsdtar -tvf archive file
    assert_output --regexp ' 8 +9 '
    printf 'root:x:0:0::/:\npost:x:8:8::/:\n' >tree/etc/passwd
    printf 'things:x:9:\n' >tree/etc/group
    nsroot_pack --remember memory tree >archive
    run bsdtar -tvf archive file
    assert_output --regexp ' post +things '
    nsroot_pack --numeric-owner --remember memory tree >archive
    run bsdtar -tvf archive file
    assert_output --regexp ' 8 +9 '
}

@test "names: a symlink in the place of etc/passwd is not followed" {
    mkdir -p tree/etc
    ln -s /etc/passwd tree/etc/passwd
    ln -s /etc tree/elsewhere
    nsroot_pack tree >archive
    run bsdtar -tvf archive etc/passwd
    assert_output --regexp ' 0 +0 '
}

@test "--owner-map: lines, ranges, pairs" {
    mkdir tree
    remember sh -c 'for i in 5:6 5:7 1000:9 1009:9; do echo >tree/$i; chown $i tree/$i; done'
    cat >map <<-'end'
		# a comment
		5:6 50:60
		5:	500:

		1000-1009: 2000:
		:9 :90
	end
    nsroot_pack --remember memory --owner-map map tree >archive
    run list_tar archive
    assert_line --regexp ' 50/60 .* 5:6$'
    assert_line --regexp ' 500/7 .* 5:7$'
    assert_line --regexp ' 2000/90 .* 1000:9$'
    assert_line --regexp ' 2009/90 .* 1009:9$'
}

@test "--owner-map: a line that is not understood" {
    mkdir tree
    for line in 5 5:6 '5:6 7' '5-4: 1:' ': :' 'a: 1:' '5: :1' '5:6 7:8 9' '4294967295: 1:'; do
        printf '1:1 2:2\n%s\n' "$line" >map
        run --separate-stderr nsroot_pack --owner-map map tree
        assert_pack_failure '--owner-map map:2: not UID:GID UID:GID'
    done
    run --separate-stderr nsroot_pack --owner-map nowhere tree
    assert_pack_failure '--owner-map nowhere: open'
}

@test "--mtime and SOURCE_DATE_EPOCH" {
    mkdir tree
    touch -d @1000.5 tree/old
    touch -d @3000000000 tree/new
    nsroot_pack tree >archive
    run tar --utc --full-time -tvf archive old
    assert_output --partial '00:16:40.5 '
    SOURCE_DATE_EPOCH=2000 nsroot_pack tree >archive
    run tar --utc --full-time -tvf archive old new
    assert_line --partial '00:33:20 new'
    assert_line --partial '00:16:40.5 old'
    SOURCE_DATE_EPOCH=1 nsroot_pack --mtime @2000 tree >archive
    run tar --utc --full-time -tvf archive old new
    assert_line --partial '00:33:20 new'
    assert_line --partial '00:33:20 old'
    run --separate-stderr env SOURCE_DATE_EPOCH=today "$PACK" tree
    assert_pack_failure 'SOURCE_DATE_EPOCH: "today" is no number of seconds'
}

@test "the same bytes of two copies of a tree, whatever the format" {
    mkdir tree
    remember sh -c "cd tree; $BUILD_TREE"
    nsroot --remember memory -- true
    mkdir other
    nsroot --remember memory2 -- sh -c "cd other; $BUILD_TREE"
    for format in pax newc mtree; do
        nsroot_pack --remember memory --format=$format tree >one
        LC_ALL=C TZ=UTC+5 nsroot_pack --remember memory2 --sort --format=$format other/ >two
        cmp one two
        assert [ -s one ]
    done
}

@test "the archive does not depend on when it was made, or what was read" {
    mkdir tree
    echo >tree/file
    nsroot_pack tree >one
    chmod 0644 tree/file
    cat tree/file
    ln tree/file elsewhere
    nsroot_pack tree >two
    cmp one two
    nsroot_pack --format=newc tree >two
    rm elsewhere
    nsroot_pack --format=newc tree >one
    cmp one two
}

@test "20,000 files, by any format" {
    mkdir tree
    (cd tree && seq 20000 | xargs touch)
    for format in pax ustar newc; do
        nsroot_pack --format=$format tree >archive
        assert_equal "$(bsdtar -tf archive | wc -l)" 20001
    done
    nsroot_pack --format=mtree tree >archive
    assert_equal "$(grep -c type= archive)" 20001
}

@test "standard output: full, closed, a closed pipe" {
    mkdir tree
    head -c 200000 /dev/urandom >tree/file
    run --separate-stderr sh -c '"$PACK" tree >/dev/full'
    assert_pack_failure 'standard output: write: No space left on device'
    run --separate-stderr sh -c '"$PACK" tree >&-'
    assert_pack_failure 'standard output is closed'
    mkfifo pipe
    run --separate-stderr sh -c 'exec 5<>pipe 6>pipe 5<&-; "$PACK" tree >&6'
    assert_pack_failure 'standard output: write: Broken pipe'
    run --separate-stderr sh -c '"$PACK" --check /dev/null tree >/dev/full'
    assert_pack_failure 'standard'
    run --separate-stderr sh -c '"$PACK" --help >/dev/full'
    assert_pack_failure 'standard output: write: No space left on device'
}

@test "standard output: a terminal is refused, and standard error tells how far it is" {
    mkdir tree
    run on_terminal -- "$PACK" tree
    assert_status 1
    assert_output "nsroot-pack: the archive goes to standard output, which is a terminal"
    (cd tree && seq 20000 | xargs touch)
    # a reader that is slow until the terminal shows the line
    # shellcheck disable=SC2016
    run on_terminal --expect 'of 20001 files: [0-9]' --send '\r' -- bash -c '
        "$PACK" tree | (until read -r -t 0.05 </dev/tty; do head -c 20480; done; cat) >archive'
    assert_success
    assert_output --regexp '[0-9]+ of 20001 files: [0-9]+'
    assert_equal "$(tar -tf archive | wc -l)" 20001
}

@test "the archive itself, in the tree" {
    mkdir tree
    run --separate-stderr sh -c '"$PACK" tree >tree/archive'
    assert_pack_failure 'tree/archive: the archive itself'
}

@test "what can't be read: no end of an archive" {
    mkdir -p tree/a tree/b
    echo >tree/b/secret
    chmod 0 tree/b/secret
    run --separate-stderr sh -c '"$PACK" tree >archive'
    assert_pack_failure 'tree/b/secret: open: Permission denied'
    run --separate-stderr sh -c '"$PACK" --format=newc tree >archive'
    assert_status 1
    run cpio -t <archive
    assert_failure
    chmod 0644 tree/b/secret
    chmod 0 tree/b
    run --separate-stderr nsroot_pack tree
    assert_pack_failure 'tree/b: Permission denied'
    assert_equal "$output" ""
    chmod 0755 tree/b
}

@test "a file that changes while it is read" {
    mkdir tree
    mkfifo pipe
    truncate -s 100M tree/file
    "$PACK" --format=ustar tree >pipe 2>errors &
    exec 5<pipe
    head -c 100000 <&5 >start
    truncate -s 1M tree/file
    cat <&5 >rest
    exec 5<&-
    status=0
    wait $! || status=$?
    assert_status 1
    run cat errors
    assert_output "nsroot-pack: tree/file: changed while it was read"
}

@test "a file that goes, or becomes a symlink, after it was listed" {
    mkdir tree other
    mkfifo pipe
    truncate -s 10M tree/a
    echo secret >other/z
    mkdir tree/d
    echo >tree/d/z
    "$PACK" --format=ustar tree >pipe 2>errors &
    exec 5<pipe
    head -c 100000 <&5 >start
    mv tree/d tree/e
    ln -s ../other tree/d
    cat <&5 >rest
    exec 5<&-
    status=0
    wait $! || status=$?
    assert_status 1
    run cat errors
    assert_output --regexp "^nsroot-pack: tree/d: replaced by another file meanwhile$"
    run grep -c secret start rest
    assert_output $'start:0\nrest:0'
}

@test "the command line" {
    mkdir tree
    run --separate-stderr nsroot_pack
    assert_pack_failure 'TREE is missing'
    run --separate-stderr nsroot_pack tree tree
    assert_pack_failure 'one TREE at a time'
    run --separate-stderr nsroot_pack nowhere
    assert_pack_failure 'nowhere: No such file or directory'
    run --separate-stderr nsroot_pack --format=zip tree
    assert_pack_failure '--format zip: unknown'
    run --separate-stderr nsroot_pack --bogus tree
    assert_pack_failure '--bogus: unknown option'
    run --separate-stderr nsroot_pack tree --mtime
    assert_pack_failure '--mtime: a value is missing'
    run --separate-stderr nsroot_pack --mtime 5 tree
    assert_pack_failure '--mtime 5: not @SECONDS'
    run --separate-stderr nsroot_pack --sort=size tree
    assert_pack_failure '--sort size: unknown'
    run --separate-stderr nsroot_pack --check spec --apply tree
    assert_pack_failure 'one of them at a time'
    run --separate-stderr nsroot_pack --apply tree
    assert_pack_failure '--apply: only root can do it'
    run --separate-stderr nsroot_pack --spec spec tree
    assert_pack_failure '--spec: only for --filter'
    run nsroot_pack --version
    assert_output --regexp '^nsroot-pack [0-9.]+$'
}

# options_of SED-EXPRESSION FILE: long options, as sed prints them, once each.
options_of() {
    sed -nE "$1" "$2" | sort -u
}

@test "each option of --help is in the manual page and the completions, and the reverse" {
    [ -e "$CHECKOUT/man/nsroot-pack.1.scd" ] || skip "wants the sources"
    nsroot_pack --help >help
    options_of 's/^  (--[a-z-]+).*/\1/p' help >wanted
    cd "$CHECKOUT/completions"
    diff "$WORK/wanted" <(options_of 's/^\*(--[a-z-]+)\*.*/\1/p' ../man/nsroot-pack.1.scd)
    diff "$WORK/wanted" <(options_of "s/^    '(\(- \*\))?(--[a-z-]+).*/\\2/p" _nsroot-pack)
    diff "$WORK/wanted" <(options_of 's/^complete .* -l ([a-z-]+) .*/--\1/p' nsroot-pack.fish)
    grep -oE -- '--[a-z-]+[^)|]' nsroot-pack | grep -oE -- '--[a-z-]+' | sort -u >"$WORK/bash"
    diff "$WORK/wanted" "$WORK/bash"
}

@test "bash completes options, formats, folders" {
    [ -e "$CHECKOUT/completions/nsroot-pack" ] || skip "wants the sources"
    mkdir folder
    touch file
    offered() {
        bash --norc -c 'compopt() { :; }; source "$1"; shift
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
            _nsroot_pack nsroot-pack "${*: -1}" "${*: -2:1}"
            printf "%s\n" "${COMPREPLY[@]}"' bash "$CHECKOUT/completions/nsroot-pack" nsroot-pack "$@"
    }
    run offered --fo
    assert_output --format
    run offered --format = p
    assert_output pax
    run offered --format =
    assert_equal "${#lines[@]}" 4
    run offered --check f
    assert_line file
    run offered f
    assert_output folder
}
