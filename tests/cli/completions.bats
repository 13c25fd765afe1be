# SPDX-License-Identifier: LGPL-2.1-or-later
# What the shells offer after Tab.

load ../lib/nsroot

setup() {
    enter_workplace
    mkdir folder "folder with space"
    touch file
}

# completion_of NAME: where the completion file of a shell lies, installed or just built.
completion_of() {
    local found
    found=$(find "${INSTALLED:-$CHECKOUT/build/completions}" -type f -name "$1" -path "*/$2*" | head -n 1)
    [ -n "$found" ] || skip "the completions are not built"
    echo "$found"
}

# in_bash LINE: what bash offers with the cursor at the end of LINE, sorted. readline's splitting of
# words is done here as it does it: at spaces, and before and after "=" and ":".
in_bash() {
    bash --norc -c '
        source "$1"
        COMP_LINE=$2
        COMP_POINT=${#2}
        COMP_TYPE=9
        COMP_WORDBREAKS=$'"' \\t\\n\"\\'><=;|&(:'"'
        split=${2//=/ = }
        read -ra COMP_WORDS <<<"${split//:/ : }"
        [[ $2 == *[[:space:]=:] ]] && COMP_WORDS+=("")
        [[ $2 == *[=:] ]] && unset "COMP_WORDS[-1]"
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _nsroot
        ((${#COMPREPLY[@]})) && printf "%s\n" "${COMPREPLY[@]}" | sort
        exit 0
    ' in_bash "$(completion_of nsroot bash-completion)" "$1"
}

@test "bash: the options of a prefix" {
    run in_bash "nsroot --ro-bind-"
    assert_success
    assert_output "--ro-bind-data
--ro-bind-fd
--ro-bind-nofollow
--ro-bind-try"
}

@test "bash: every option of --help all is offered" {
    run in_bash "nsroot --"
    offered=$output
    nsroot --help all | sed -n 's/^  \(--[a-z0-9-]*\).*/\1/p' | sort -u >wanted
    assert_equal "$offered" "$(cat wanted)"
}

@test "bash: a file for each value of an option that has two" {
    run in_bash "nsroot --bind fi"
    assert_output "file"
    run in_bash "nsroot --bind file fo"
    assert_output "folder
folder with space"
}

@test "bash: after its values comes the next option" {
    run in_bash "nsroot --bind file /x --same"
    assert_line "--same-dir"
}

@test "bash: a value that looks like an option is a value" {
    run in_bash "nsroot --setenv --bind x --same"
    assert_line "--same-dir"
}

@test "bash: folders alone where a folder is wanted" {
    run in_bash "nsroot --chdir f"
    assert_output "folder
folder with space"
}

@test "bash: the words of a choice, as a word of its own and after =" {
    run in_bash "nsroot --map "
    assert_output "caller
identity
root
subid"
    run in_bash "nsroot --map=ro"
    assert_output "root"
    run in_bash "nsroot --map="
    assert_output "caller
identity
root
subid"
    run in_bash "nsroot --explain="
    assert_output "json
text"
}

@test "bash: words besides files and fds" {
    run in_bash "nsroot --keep-fd "
    assert_line "all"
    assert_line "2"
    run in_bash "nsroot --overlay-upperdir "
    assert_line "tmpfs"
    assert_line "folder"
}

@test "bash: an optional value does not take the next word" {
    run in_bash "nsroot --explain --same"
    assert_line "--same-dir"
}

@test "bash: a value with : and = in it is one word" {
    run in_bash "nsroot --map-uid 0:1000:1 --same"
    assert_line "--same-dir"
    run in_bash "nsroot --rlimit nofile=1:2 --same"
    assert_line "--same-dir"
}

@test "bash: variables of the environment" {
    NSROOT_TEST_VARIABLE=1 run in_bash "nsroot --unsetenv NSROOT_TEST_V"
    assert_output "NSROOT_TEST_VARIABLE"
}

@test "bash: the command, and its files" {
    run in_bash "nsroot --same-dir tru"
    assert_line "true"
    run in_bash "nsroot -- tru"
    assert_line "true"
    run in_bash "nsroot -- cat fi"
    assert_output "file"
    run in_bash "nsroot cat --bind fo"
    assert_output "folder
folder with space"
}

in_fish() {
    HOME=$WORK fish --no-config -c 'source $argv[1]; complete -C $argv[2]' \
        "$(completion_of nsroot.fish fish)" "$1" | cut -f 1 | sort
}

@test "fish: options, values and the command" {
    need_program fish
    run in_fish "nsroot --ro-bind-"
    assert_output "--ro-bind-data
--ro-bind-fd
--ro-bind-nofollow
--ro-bind-try"
    run in_fish "nsroot --map "
    assert_output "caller
identity
root
subid"
    run in_fish "nsroot --keep-fd "
    assert_line "all"
    assert_line "2"
    run in_fish "nsroot --bind file fi"
    assert_output "file"
    run in_fish "nsroot --bind file /x --same"
    assert_line "--same-dir"
    run in_fish "nsroot --chdir f"
    assert_output "folder with space/
folder/"
    run in_fish "nsroot -- cat fi"
    assert_output "file"
    run in_fish "nsroot tru"
    assert_line "true"
}

@test "zsh: the file is understood" {
    need_program zsh
    run zsh -f -n "$(completion_of _nsroot zsh)"
    assert_success
    assert_output ""
}

# A zsh on a terminal of its own, where the keys are typed.
in_zsh() {
    within 20 zsh -f -c '
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell "PS1=READY; fpath=($1 \$fpath); autoload -U compinit; compinit -u -D; zstyle \":completion:*\" list-colors no=; LISTMAX=0; stty cols 200"
        zpty -r shell text "*READY*READY*"
        zpty -n -w shell "$2"$'"'\\t\\C-a\\C-k: DONE\\n'"'
        zpty -r shell text "*DONE*" && print -r -- "$text"
    ' in_zsh "$(dirname "$(completion_of _nsroot zsh)")" "$1"
}

@test "zsh: options and values are completed" {
    need_program zsh
    run in_zsh "nsroot --ro-bind-tr"
    assert_output --partial "--ro-bind-try"
    run in_zsh "nsroot --bind file folde"
    assert_output --partial "folder"
    run in_zsh "nsroot --overlay-upperdir tmp"
    assert_output --partial "tmpfs"
    run in_zsh "nsroot --map=iden"
    assert_output --partial "identity"
}
