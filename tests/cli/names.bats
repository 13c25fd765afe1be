# SPDX-License-Identifier: LGPL-2.1-or-later
# Names are bytes: any of them but NUL, and as many as the kernel takes.

load ../lib/nsroot

names=('sp ace' $'new\nline' $'tab\t' $'not-utf8-\xff\xfe\x80' $'\x01\x1b[31m' '-dash' '--' '"q"' "a'q" $'\\' '\040' '*' '$(true)'
    '...' 'a:b' 'a,b' '%s%n' $'\xe2\x80\xae-rtl' '~')

# Standard error of the last `run` holds nothing that a terminal obeys.
assert_harmless() {
    # shellcheck disable=SC2154 # set by run
    refute_regex "$stderr" $'[\x01-\x08\x0b-\x1f\x7f]'
}

@test "as source and target of binds, files, folders, symlinks, masks and modes" {
    for name in "${names[@]}"; do
        mkdir -p "./source/$name"
        echo "$name" >"./source/$name/file"
        run --keep-empty-lines "$NSROOT" --ro-bind / / --tmpfs /tmp --bind "./source/$name" "/tmp/$name" \
            --write text "/tmp/$name-written" --dir "/tmp/d/$name" --symlink "$name" "/tmp/l/$name" \
            --chmod 0700 "/tmp/d/$name" --mask "/tmp/$name-written" -- sh -c '
                cat "/tmp/$1/file"; readlink -n "/tmp/l/$1"; stat -c %a "/tmp/d/$1"; cat "/tmp/$1-written"' - "$name"
        assert_success
        assert_output "$name"$'\n'"$name"$'700\n'
    done
}

@test "as the current directory, --chdir and the root" {
    for name in "${names[@]}"; do
        mkdir "$WORK/$name"
        cd "$WORK/$name"
        run --keep-empty-lines "$NSROOT" -- pwd
        assert_success
        assert_output "$PWD"$'\n'
        run --keep-empty-lines "$NSROOT" --ro-bind / / --chdir "$PWD" -- pwd
        assert_output "$PWD"$'\n'
    done
}

@test "as arguments, environment and argv0 of the command" {
    run --keep-empty-lines "$NSROOT" -- printf '[%s]' "${names[@]}" ''
    assert_success
    assert_output "$(printf '[%s]' "${names[@]}" '')"
    for name in "${names[@]}"; do
        value=$name run --keep-empty-lines "$NSROOT" --setenv other "$name" --argv0 "$name" -- \
            bash -c 'printf "%s\n%s\n%s\n" "$value" "$other" "$BASH_ARGV0"'
        assert_success
        assert_output "$name"$'\n'"$name"$'\n'"$name"$'\n'
    done
}

@test "as the command" {
    for name in "${names[@]}"; do
        printf '#!/bin/sh\necho ran\n' >"./$name"
        chmod +x "./$name"
        run nsroot -- "./$name"
        assert_success
        assert_output ran
    done
}

@test "as a plan file" {
    for name in "${names[@]}"; do
        echo '/etc /tmp/etc bind ro' >"./$name"
        run nsroot --plan "./$name" -- ls /tmp
        assert_success
        assert_output etc
    done
}

@test "in messages: readable, and harmless to a terminal" {
    for name in "${names[@]}"; do
        run --separate-stderr nsroot --bind "/nothing/$name" /mnt -- true
        assert_own_failure '--bind /nothing/'
        assert_harmless
        run --separate-stderr nsroot --bind / "relative/$name" -- true
        assert_own_failure 'absolute'
        assert_harmless
    done
    run --separate-stderr nsroot --bind $'/nothing/\xff\n\x1b' /mnt -- true
    assert_own_failure '\\xff\\x0a\\x1b'
}

# A folder at the end of a path of LENGTH bytes, from the current directory; sets path.
make_deep() {
    local length=$1 part
    part=$(printf '%0200d' 0)
    path=$WORK
    while [ $((${#path} + 202)) -le "$length" ]; do path+=/$part; done
    path+=/$(printf "%0$((length - ${#path} - 1))d" 0)
    python3 -c 'import os, sys
for name in sys.argv[1].split("/")[1:]:
    os.path.isdir(name) or os.mkdir(name); os.chdir(name)' "${path#"$WORK"}"
}

@test "a path of PATH_MAX bytes as source, target and current directory; one more is refused" {
    need_program python3
    make_deep 4095
    assert_equal "${#path}" 4095
    run nsroot --ro-bind "$path" /mnt/new -- ls -A /mnt/new
    assert_success
    run nsroot --ro-bind /etc "/tmp/x$path/" -- true
    assert_status 125
    target=/tmp${path:4}
    assert_equal "${#target}" 4095
    # a file of its own: useradd replaces those of /etc
    file=$BATS_TEST_TMPDIR/file
    echo text >"$file"
    run nsroot --ro-bind "$file" "$target" -- sh -c 'wc -c <"$1"' - "$target"
    assert_success
    assert_output 5
    run --separate-stderr nsroot --ro-bind "$file" "${target}x" -- true
    assert_own_failure '--ro-bind .*/file /tmp/.*File name too long'
    run --separate-stderr nsroot --ro-bind "${path}x" /mnt -- true
    assert_own_failure '--ro-bind .*File name too long'
}

@test "a name of 255 bytes, and one of 256" {
    name=$(printf '%0255d' 0)
    mkdir "$name"
    run nsroot --bind "$name" "/tmp/$name" --write x "/tmp/a/$name" -- cat "/tmp/a/$name"
    assert_success
    assert_output x
    run --separate-stderr nsroot --dir "/tmp/${name}0" -- true
    assert_own_failure '--dir /tmp/0.*File name too long'
}

@test "a current directory deeper than PATH_MAX: the nearest place that can be named" {
    need_program python3
    make_deep 4000
    run python3 -c 'import os, subprocess, sys
os.chdir(sys.argv[1])
for i in range(3):
    os.mkdir("n" * 200); os.chdir("n" * 200)
sys.exit(subprocess.run([sys.argv[2], "--", "sh", "-c", "echo ran"]).returncode)' "$path" "$NSROOT"
    assert_success
    assert_output ran
}

@test "arguments of 128 KiB, and 2000 of them" {
    long=$(printf '%0131000d' 0)
    run nsroot --setenv long "$long" -- sh -c 'echo ${#1} ${#long}' - "$long"
    assert_success
    assert_output '131000 131000'
    run nsroot --write "$long" /tmp/file -- wc -c /tmp/file
    assert_output "131000 /tmp/file"
    run nsroot -- sh -c 'echo $#' - $(seq 2000)
    assert_output 2000
}
