# SPDX-License-Identifier: LGPL-2.1-or-later
# Layers whose names hold what the text of mount options gives a meaning to.

load ../lib/nsroot

names=('sp ace' 'co:lon' 'com,ma' 'back\slash' $'new\nline' $'tab\t' $'not-utf8-\xff\xfe' 'a"q"' "a'q'" '\:' $'\\' ':'
    ',' 'lowerdir=x' '#' '%s' '-dash' '~' '*')

@test "as lower, upper, work and target, one by one" {
    for name in "${names[@]}"; do
        mkdir -p ./"$name"/{lower,upper,work}
        echo "$name" >"./$name/lower/file"
        run --keep-empty-lines "$NSROOT" --ro-bind / / --tmpfs /tmp --overlay-src "./$name/lower" \
            --overlay "./$name/upper" "./$name/work" "/tmp/$name" -- \
            sh -c 'cat "/tmp/$1/file" && echo new >"/tmp/$1/new"' - "$name"
        assert_success
        assert_output "$name"$'\n'
        assert_equal "$(cat "./$name/upper/new")" new
        rm -rf -- "./$name"
    done
}

@test "all as lowers at once, in the order given" {
    local options=()
    for name in "${names[@]}"; do
        mkdir "./$name"
        echo "$name" >"./$name/file"
        options+=(--overlay-src "./$name")
    done
    run nsroot --ro-bind / / "${options[@]}" --ro-overlay /mnt -- cat /mnt/file
    assert_success
    assert_output "${names[-1]}"
}

@test "in a plan file, as its manual says" {
    mkdir 'a:b' 'a,b' 'a b' 'a\b'
    for name in 'a:b' 'a,b' 'a b' 'a\b'; do echo "$name" >"$name/file"; done
    cat >plan <<'END'
/  /       bind     ro
none /mnt  overlay  lowerdir=a\134:b:"a,b"
none /opt  overlay  lowerdir=a\040b:a\134\134b
END
    run nsroot --plan plan -- cat /mnt/file /opt/file
    assert_success
    assert_output $'a:b\na b'
}

@test "many lowers" {
    local options=()
    for number in {1..60}; do
        mkdir "$number"
        echo "$number" >"$number/file"
        : >"$number/in-$number"
        options+=(--overlay-src "$number")
    done
    run nsroot --ro-bind / / "${options[@]}" --ro-overlay /mnt -- sh -c 'cat /mnt/file; ls /mnt | wc -l'
    assert_success
    assert_output $'60\n61'
}
