# SPDX-License-Identifier: LGPL-2.1-or-later
# nsroot-pack: what a format can't hold is refused, with the file and what would do; names that are
# no text; ids that are not the builder's own.

load ../lib/nsroot
load ../lib/pack

# refused FORMAT MESSAGE [OPTION...]: the tree, and in what words; no archive that looks whole.
refused() {
    local format=$1 message=$2
    shift 2
    run --separate-stderr sh -c '"$PACK" "$@" tree >archive' - --format="$format" "$@"
    assert_status 1
    assert_equal "$stderr" "nsroot-pack: $message"
    assert [ "$(tail -c 1024 archive | tr -d '\0' | wc -c)" -ne 0 -o ! -s archive ]
}

@test "ustar: ids up to 262143" {
    mkdir tree
    echo >tree/file
    echo ':0 :262144' >map
    refused ustar 'tree/.: its gid is 262144, and ustar holds 0 to 262143 (pax holds all)' \
        --owner-map map
    echo '0: 3000000:' >map
    refused ustar 'tree/.: its uid is 3000000, and ustar holds 0 to 262143 (pax holds all)' \
        --owner-map map
    printf '0: 262143:\n:0 :262143\n' >map
    nsroot_pack --owner-map map --format=ustar tree >archive
    run list_tar archive
    assert_line --regexp '^-[^ ]+ 262143/262143 '
}

@test "ustar: names, targets of links, sizes, devices" {
    mkdir tree
    name=$(printf '%0101d' 1)
    echo >"tree/$name"
    refused ustar "tree/$name: Pathname too long"
    rm tree/*
    ln -s "$name" tree/link
    refused ustar 'tree/link: Link contents too long'
    rm tree/*
    truncate -s 8G tree/file
    refused ustar 'tree/file: its size is 8589934592, and ustar holds 0 to 8589934591 (pax holds all)'
    rm tree/*
    nsroot --remember memory -- mknod tree/disk b 8 262144
    refused ustar 'tree/disk: its minor number is 262144, and ustar holds 0 to 262143 (pax holds all)' \
        --remember memory
}

@test "newc: files below 4 GiB, times from 1970 to 2106" {
    mkdir tree
    truncate -s 4G tree/file
    refused newc 'tree/file: its size is 4294967296, and newc holds 0 to 4294967295 (pax holds all)'
    truncate -s 0 tree/file
    for time in -1 4294967296; do
        touch -d @$time tree/file
        refused newc "tree/file: its time is $time, and newc holds 0 to 4294967295 (pax holds all)"
        nsroot_pack --format=newc --mtime @5 tree >archive
        nsroot_pack tree >archive
        run env TZ=UTC tar --full-time -tvf archive file
        assert_output --partial " $(date -u -d @$time '+%F %T') "
    done
    touch -d @4294967295 tree/file
    nsroot_pack --format=newc tree >archive
    run env TZ=UTC bsdtar -tvf archive file
    assert_output --partial 2106
}

@test "names that are no text, in each format, and in what is said of them" {
    mkdir tree
    bytes=$(printf '\377\001 \134')
    echo contents >"tree/$bytes"
    ln -s "$bytes" tree/link
    for format in pax ustar newc; do
        nsroot_pack --format=$format tree >archive
        mkdir out
        bsdtar -C out -xf archive
        cmp "tree/$bytes" "out/$bytes"
        assert_equal "$(readlink out/link)" "$bytes"
        rm -r out
    done
    nsroot_pack --format=mtree tree >spec
    run nsroot_pack --check spec tree
    assert_success
    chmod 0600 "tree/$bytes"
    run nsroot_pack --check spec tree
    assert_output '\xff\x01 \: mode is 0600, not 0644'
    truncate -s 4G "tree/$bytes"
    refused newc 'tree/\xff\x01 \: its size is 4294967296, and newc holds 0 to 4294967295 (pax holds all)'
}

@test "subordinate ids: what was done, and what is remembered" {
    need_subids
    mkdir tree
    nsroot --map subid --remember memory -- sh -c 'cd tree; mkdir -m 0700 hidden; echo >hidden/file
        chown -R 8:12 hidden; echo >mine; mknod null c 1 3; echo >far; chown 3000000:5 far'
    # inside, the ids are what they were in the build
    nsroot --map subid -- "$PACK" --remember memory tree >archive
    run list_tar archive
    assert_line --regexp '^drwx------ 8/12 .* hidden/$'
    assert_line --regexp '^-[^ ]+ 8/12 .* hidden/file$'
    assert_line --regexp '^-[^ ]+ 0/0 .* mine$'
    assert_line --regexp '^c[^ ]+ 0/0 +1,3 .* null$'
    assert_line --regexp '^-[^ ]+ 3000000/5 .* far$'
    # outside, a map tells it; what was closed to all but its owner is closed
    run --separate-stderr nsroot_pack --remember memory tree
    assert_status 1
    assert_equal "$stderr" "nsroot-pack: tree/hidden: Permission denied"
    nsroot --map subid -- chmod 0755 tree/hidden
    {
        awk -F: -v name="$(id -un)" '$1 == name { print $2 "-" $2 + $3 - 1 ": 1:"; exit }' /etc/subuid
        awk -F: -v name="$(id -un)" '$1 == name { print ":" $2 "-" $2 + $3 - 1 " :1"; exit }' \
            /etc/subgid
    } >map
    nsroot_pack --remember memory --owner-map map tree >archive
    run list_tar archive
    assert_line --regexp '^-[^ ]+ 8/12 .* hidden/file$'
    assert_line --regexp '^-[^ ]+ 0/0 .* mine$'
    assert_line --regexp '^c[^ ]+ 0/0 +1,3 .* null$'
    assert_line --regexp '^-[^ ]+ 3000000/5 .* far$'
    nsroot --map subid -- rm -r tree
}
