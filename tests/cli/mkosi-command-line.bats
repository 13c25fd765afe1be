# SPDX-License-Identifier: LGPL-2.1-or-later
# mkosi-sandbox: words, paths, and the command.

load ../lib/mkosi

@test "--help and --version" {
    compare <<'ROWS'
    # --help, on standard error
    $ mkosi-sandbox --help
    2> *mkosi-sandbox *OPTIONS*COMMAND*
    2> ...

    # -h
    $ mkosi-sandbox -h
    2> *mkosi-sandbox *OPTIONS*COMMAND*
    2> ...

    # --help names the options
    $ mkosi-sandbox --help 2>help
    $ for option in -h --help --version --tmpfs --dev --dir --bind --bind-try --ro-bind \
    $     --ro-bind-try --bind-foreign --ro-bind-foreign --bind-nofollow --ro-bind-nofollow \
    $     --symlink --write --overlay-lowerdir --overlay-upperdir --overlay-workdir --overlay \
    $     --unsetenv --setenv --chdir --same-dir --become-root --map-foreign --map-delegate \
    $     --suppress-chown --suppress-sync --unshare-net --unshare-ipc --debug; do
    $     grep -qE -e "(^|[ ,])$option([ ,]|$)" help || echo "no $option"
    $ done

    # --version: a number, on standard error
    $ mkosi-sandbox --version
    2> 2[0-9]*

    # --version: one that feature checks take for a release that has all
    $ mkosi-sandbox --version 2>&1 | grep -cE '^2[0-9](\.[0-9]+)?(~[a-z0-9]+)?$'
    > 1

    # they end it: what comes after is not read, nothing is run
    $ mkosi-sandbox --version --none 2>/dev/null
    $ mkosi-sandbox --dir /a --help --bind 2>/dev/null
    $ mkosi-sandbox -h echo no 2>/dev/null

    # ... but what is wrong before them counts
    $ mkosi-sandbox --none --help 2>/dev/null || echo failed
    > failed

    # ... and what is the value of an option is none
    $ inside --setenv A --help sh -c 'echo $A'
    > --help
ROWS
}

@test "where options end" {
    compare <<'ROWS'
    # at the first word that is none
    $ inside echo --dir /a -- x
    > --dir /a -- x

    # at --
    $ inside --setenv A a -- sh -c 'echo $A "$@"' sh -- --bind
    > a -- --bind

    # after -- a word is the command whatever it looks like
    $ inside -- --none; echo $?
    $ inside -- -- ; echo $?
    > 127
    > 127

    # the value of an option may be a --, or look like an option
    $ inside --setenv A -- --setenv B --bind --setenv --c x env |
    $     grep -E '^(A|B|--c)=' | LC_ALL=C sort -r
    > B=--bind
    > A=--
    > --c=x

    # no command: bash
    $ echo 'echo "$0: $A"' | inside --setenv A a
    $ echo 'echo "$0"' | inside --
    > bash: a
    > bash

    # options may come in any order and often
    $ inside --become-root --become-root --unshare-ipc --unshare-ipc --same-dir --chdir /usr \
    $     --suppress-sync --suppress-sync pwd
    > /usr
ROWS
}

@test "paths" {
    compare <<'ROWS'
    # relative ones begin at the caller's folder, those inside too
    $ mkdir d; touch d/f
    $ inside --dir made --bind d there ls -F "$PWD"
    $ cd d; inside --bind . /e --bind f /f --bind ../d /g ls /e /g
    > made/
    > there/
    > /e:
    > f
    >
    > /g:
    > f

    # dots and slashes are taken as text, before symlinks are looked at
    $ mkdir d; ln -s /usr l; touch here
    $ inside --bind l/../d /e --bind l/.././here ///f --dir /x/../y/./z//w/ sh -c 'ls -d /e /f /*/z/w'
    > /e
    > /f
    > /y/z/w

    # more .. than there are folders
    $ inside --dir /../../a/../../b ls -d /b
    > /b

    # names with all there is in names
    $ mkdir 'a b' $'new\nline' 'q"u'\''o' 'back\slash' '*'; touch '*'/star
    $ inside --bind 'a b' '/a b' --bind $'new\nline' $'/new\nline' --bind 'q"u'\''o' '/q"u'\''o' \
    $     --bind 'back\slash' '/back\slash' --bind '*' '/*' --symlink 'b c' '/l m' \
    $     sh -c 'ls -d "/a b" "/new
    $ line" /q* /back*; ls "/*"; readlink "/l m"'
    > /a b
    > /back\slash
    > /new
    > line
    > /q"u'o
    > star
    > b c

    # as long as the kernel takes them
    $ long=$(printf 'x%.0s' {1..255}); mkdir -p $long/$long; touch $long/$long/f
    $ inside --bind $long/$long /$long/$long sh -c 'ls /xx*/xx*'
    > f
ROWS
}

@test "the command" {
    compare <<'ROWS'
    # is looked for in PATH, inside, as the options leave it
    $ mkdir bin; printf '#!/bin/sh\necho mine "$@"\n' >bin/mine; chmod +x bin/mine
    $ inside --bind bin /b --setenv PATH /b:/usr/bin mine a 'b c'
    > mine a b c

    # ... past what can't be executed
    $ mkdir no yes; echo text >no/it; printf '#!/bin/sh\necho found\n' >yes/it; chmod +x yes/it
    $ mkdir yes/that no/that; printf '#!/bin/sh\necho that\n' >yes/that/that; chmod +x yes/that/that
    $ inside --bind no /no --bind yes /yes --setenv PATH /none:/usr/none:/no:/yes it
    $ inside --bind no /no --bind yes /yes --setenv PATH /no:/no/that:/yes:/yes/that that
    > found
    > that

    # not in the caller's PATH
    $ mkdir bin; printf '#!/bin/sh\necho mine\n' >bin/mine; chmod +x bin/mine
    $ PATH=$PWD/bin:$PATH inside mine; echo $?
    > 127

    # with a slash it is not looked for; relative to the folder in the sandbox
    $ mkdir bin; printf '#!/bin/sh\necho mine\n' >bin/mine; chmod +x bin/mine
    $ inside --bind bin /b b/mine
    $ inside --bind bin /b --chdir /b ./mine
    $ inside --bind bin /b bin/none; echo $?
    > mine
    > mine
    > 127

    # its status is the status
    $ inside sh -c 'exit 0'; echo $?
    $ inside sh -c 'exit 3'; echo $?
    $ inside sh -c 'exit 255'; echo $?
    > 0
    > 3
    > 255

    # 127 without a word when it is not found
    $ inside none; echo $?
    $ inside /none/at/all; echo $?
    $ inside --setenv PATH /none sh; echo $?
    $ inside --symlink none /l /l; echo $?
    > 127
    > 127
    > 127
    > 127

    # nor is one whose interpreter is not there, which mkosi explains to its users
    $ printf '#!/none\n' >f; chmod +x f
    $ inside --bind f /f /f; echo $?
    > 127

    # unset PATH: the usual folders
    $ env -u PATH "$(command -v mkosi-sandbox)" "${base[@]}" echo found
    > found

    # its first argument is its name as given
    $ inside sh -c 'tr "\0" " " </proc/$$/cmdline; echo' | cut -c 1-5
    $ inside /usr/bin/../bin/sh -c 'tr "\0" " " </proc/$$/cmdline; echo' | cut -c 1-20
    > sh -c
    > /usr/bin/../bin/sh -

    # many long arguments come through as they are
    $ long=$(printf 'x%.0s' {1..100000}); words=({1..5000})
    $ inside sh -c 'echo $# ${#1}' sh "$long" "${words[@]}"
    > 5001 100000
ROWS
}
