# SPDX-License-Identifier: LGPL-2.1-or-later
# The bwrap dialect: its words, and what it says of wrong ones.

load ../lib/compare

setup() {
    enter_comparison bwrap
}

OPTIONS='--add-seccomp-fd --args --argv0 --as-pid-1 --assert-userns-disabled --bind --bind-data
    --bind-fd --bind-try --block-fd --cap-add --cap-drop --chdir --chmod --clearenv --dev --dev-bind
    --dev-bind-try --die-with-parent --dir --disable-userns --exec-label --file --file-label --gid
    --help --hostname --info-fd --json-status-fd --level-prefix --lock-file --mqueue --new-session
    --overlay --overlay-src --perms --pidns --proc --remount-ro --ro-bind --ro-bind-data
    --ro-bind-fd --ro-bind-try --ro-overlay --seccomp --setenv --share-net --size --symlink
    --sync-fd --tmp-overlay --tmpfs --uid --unsetenv --unshare-all --unshare-cgroup
    --unshare-cgroup-try --unshare-ipc --unshare-net --unshare-pid --unshare-user
    --unshare-user-try --unshare-uts --userns --userns-block-fd --userns2 --version'

@test "--help names all options" {
    local option
    use ours
    bwrap --help >help
    [ "$(wc -w <<<"$OPTIONS")" -eq 67 ]
    for option in $OPTIONS; do
        grep -qE -- "^ *$option( |\$)" help || fail "not in --help: $option"
    done
}

@test "--version is of the form that callers ask for" {
    use ours
    run bwrap --version
    assert_success
    assert_output 'bubblewrap 0.11.1'
    run bwrap --unshare-pid --version nonsense
    assert_success
    assert_output 'bubblewrap 0.11.1'
}

@test "usage" {
    compare <<'END'
    # --help says how, with the name that it was called by
    $ bwrap --help | head -n 1
    > usage: bwrap [OPTIONS...] [--] COMMAND [ARGS...]

    # --help comes with status 0, and nothing after it is looked at
    $ bwrap --help --nonsense >help
    $ echo $?
    > 0

    # --help is obeyed where it stands: what is wrong before it is found
    $ bwrap --nonsense --help
    2> bwrap: Unknown option --nonsense
    status 1

    # without a word there is nothing to do
    $ bwrap
    2> usage: bwrap [[]OPTIONS...[]] [[]--[]] COMMAND [[]ARGS...[]]
    2> ...
    status 1

    # options alone are no command
    $ bwrap "${host[@]}"
    2> usage: bwrap *
    2> ...
    status 1

    # nor is one after --
    $ bwrap "${host[@]}" --
    2> usage: bwrap *
    2> ...
    status 1

    # an option with a value has it as a word of its own
    $ bwrap "${host[@]}" --chdir=/ true
    2> bwrap: Unknown option --chdir=/
    status 1

    # one dash makes an option
    $ bwrap "${host[@]}" -x true
    2> bwrap: Unknown option -x
    status 1

    # and so does a dash alone
    $ bwrap "${host[@]}" - true
    2> bwrap: Unknown option -
    status 1

    # options are not abbreviated
    $ bwrap "${host[@]}" --unshare-p true
    2> bwrap: Unknown option --unshare-p
    status 1

    # the first word that is no option is the command, what follows is its own
    $ bwrap "${host[@]}" echo --chdir / --nonsense -- a
    > --chdir / --nonsense -- a

    # -- ends the options
    $ bwrap "${host[@]}" -- echo a
    > a

    # after -- a word with dashes is a command
    $ bwrap "${host[@]}" -- --bind / / true
    2> bwrap: execvp --bind: No such file or directory
    status 1

    # the second -- is the command's name
    $ bwrap "${host[@]}" -- -- true
    2> bwrap: execvp --: No such file or directory
    status 1

    # an empty word is a command
    $ bwrap "${host[@]}" '' true
    2> bwrap: execvp : No such file or directory
    status 1
END
}

@test "options that want more words" {
    compare <<'END'
    # one
    $ for option in --chdir --remount-ro; do bwrap "$option"; done
    2> bwrap: --chdir takes one argument
    2> bwrap: --remount-ro takes one argument
    status 1

    # --argv0
    since 0.9.0
    $ bwrap --argv0
    2> bwrap: --argv0 takes one argument
    status 1

    # an argument
    $ for option in --args --proc --dev --tmpfs --mqueue --dir --lock-file --sync-fd --block-fd \
    $     --userns-block-fd --info-fd --json-status-fd --seccomp --add-seccomp-fd --userns \
    $     --userns2 --pidns --unsetenv --uid --gid --hostname --cap-add --cap-drop --perms --size \
    $     --exec-label --file-label; do
    $     bwrap "$option" 2>&1 || echo "$?"
    $ done | sed 'N; s/\n/ /; s/^bwrap: //'
    > --args takes an argument 1
    > --proc takes an argument 1
    > --dev takes an argument 1
    > --tmpfs takes an argument 1
    > --mqueue takes an argument 1
    > --dir takes an argument 1
    > --lock-file takes an argument 1
    > --sync-fd takes an argument 1
    > --block-fd takes an argument 1
    > --userns-block-fd takes an argument 1
    > --info-fd takes an argument 1
    > --json-status-fd takes an argument 1
    > --seccomp takes an argument 1
    > --add-seccomp-fd takes an argument 1
    > --userns takes an argument 1
    > --userns2 takes an argument 1
    > --pidns takes an argument 1
    > --unsetenv takes an argument 1
    > --uid takes an argument 1
    > --gid takes an argument 1
    > --hostname takes an argument 1
    > --cap-add takes an argument 1
    > --cap-drop takes an argument 1
    > --perms takes an argument 1
    > --size takes an argument 1
    > --exec-label takes an argument 1
    > --file-label takes an argument 1

    # --tmp-overlay and --ro-overlay
    since 0.11.0
    $ bwrap --tmp-overlay
    $ bwrap --ro-overlay
    2> bwrap: --tmp-overlay takes an argument
    2> bwrap: --ro-overlay takes an argument
    status 1

    # two
    $ for option in --bind --bind-try --dev-bind --dev-bind-try --ro-bind --ro-bind-try --file \
    $     --bind-data --ro-bind-data --symlink --setenv --chmod; do
    $     bwrap "$option" a 2>&1 || echo "$?"
    $ done | sed 'N; s/\n/ /; s/^bwrap: //'
    > --bind takes two arguments 1
    > --bind-try takes two arguments 1
    > --dev-bind takes two arguments 1
    > --dev-bind-try takes two arguments 1
    > --ro-bind takes two arguments 1
    > --ro-bind-try takes two arguments 1
    > --file takes two arguments 1
    > --bind-data takes two arguments 1
    > --ro-bind-data takes two arguments 1
    > --symlink takes two arguments 1
    > --setenv takes two arguments 1
    > --chmod takes two arguments 1

    # two, of an fd
    since 0.9.0
    $ bwrap --bind-fd 3
    $ bwrap --ro-bind-fd 3
    2> bwrap: --*bind-fd takes two arguments
    2> bwrap: --*bind-fd takes two arguments
    status 1

    # three
    since 0.11.0
    $ bwrap --overlay a b
    2> bwrap: --overlay takes three arguments
    status 1
END
}

@test "the last one wins" {
    compare <<'END'
    # --chdir
    $ bwrap "${host[@]}" --chdir /usr --chdir / pwd
    > /
    2> bwrap: Only the last --chdir option will take effect

    # each that comes again is told of
    $ bwrap "${host[@]}" --chdir /usr --chdir /etc --chdir / pwd
    > /
    2> bwrap: Only the last --chdir option will take effect
    2> bwrap: Only the last --chdir option will take effect

    # --hostname, though each is an operation
    $ bwrap "${host[@]}" --unshare-uts --hostname a --hostname b hostname
    > b
    2> bwrap: Only the last --hostname option will take effect

    # --uid and --gid
    $ bwrap "${host[@]}" --unshare-user --uid 1 --uid 2 --gid 3 --gid 4 bash -c 'echo $UID $(id -g)'
    > 2 4
    2> bwrap: Only the last --uid option will take effect
    2> bwrap: Only the last --gid option will take effect

    # fds
    $ bwrap "${host[@]}" --sync-fd 4 --sync-fd 5 --block-fd 6 --block-fd 7 --info-fd 8 --info-fd 9 \
    $     --json-status-fd 10 --json-status-fd 11 echo done \
    $     4</dev/null 5</dev/null 6</dev/null 7</dev/null 8>/dev/null 9>/dev/null 10>/dev/null \
    $     11>/dev/null
    > done
    2> bwrap: Only the last --sync-fd option will take effect
    2> bwrap: Only the last --block-fd option will take effect
    2> bwrap: Only the last --info-fd option will take effect
    2> bwrap: Only the last --json-status-fd option will take effect

    # --userns-block-fd, --userns, --userns2, --pidns and --seccomp are told of before they fail
    $ bwrap --userns-block-fd 4 --userns-block-fd 5 --userns 4 --userns 5 --userns2 4 --userns2 5 \
    $     --pidns 4 --pidns 5 --seccomp 4 --seccomp 5 --nonsense
    2> bwrap: Only the last --userns-block-fd option will take effect
    2> bwrap: Only the last --userns option will take effect
    2> bwrap: Only the last --userns2 option will take effect
    2> bwrap: Only the last --pidns option will take effect
    2> bwrap: Only the last --seccomp option will take effect
    2> bwrap: Unknown option --nonsense
    status 1

    # --argv0 alone is given once
    since 0.9.0
    $ bwrap "${host[@]}" --argv0 a --argv0 b true
    2> bwrap: --argv0 used multiple times
    status 1

    # switches may come again
    $ bwrap "${host[@]}" --unshare-pid --unshare-pid --unshare-all --unshare-all --new-session \
    $     --new-session --die-with-parent --die-with-parent --clearenv --clearenv --share-net \
    $     --share-net echo done
    > done
END
}

@test "numbers" {
    compare <<'END'
    # fds are decimal and not negative
    $ for word in x '' -1 3x 0x3 1.0; do bwrap --args "$word" true 2>&1 || echo "$?"; done
    > bwrap: Invalid fd: x
    > 1
    > bwrap: Invalid fd: 
    > 1
    > bwrap: Invalid fd: -1
    > 1
    > bwrap: Invalid fd: 3x
    > 1
    > bwrap: Invalid fd: 0x3
    > 1
    > bwrap: Invalid fd: 1.0
    > 1

    # for each option that takes one
    $ for option in --args --sync-fd --block-fd --userns-block-fd --info-fd --json-status-fd \
    $     --seccomp --add-seccomp-fd --userns --userns2 --pidns; do
    $     bwrap "$option" x true 2>&1 || echo "$?"
    $ done | sort | uniq -c | sed 's/^ *//'
    > 11 1
    > 11 bwrap: Invalid fd: x

    # and a path
    $ for option in --file --bind-data --ro-bind-data; do
    $     bwrap "$option" x /x true 2>&1 || echo "$?"
    $ done | sort | uniq -c | sed 's/^ *//'
    > 3 1
    > 3 bwrap: Invalid fd: x

    # binds of fds
    since 0.9.0
    $ bwrap --bind-fd x /x true
    $ bwrap --ro-bind-fd x /x true
    2> bwrap: Invalid fd: x
    2> bwrap: Invalid fd: x
    status 1

    # ids are decimal and not negative
    $ for word in x '' -1 1x 0x1; do
    $     bwrap --unshare-user --uid "$word" true
    $     bwrap --unshare-user --gid "$word" true
    $ done
    2> bwrap: Invalid uid: x
    2> bwrap: Invalid gid: x
    2> bwrap: Invalid uid: 
    2> bwrap: Invalid gid: 
    2> bwrap: Invalid uid: -1
    2> bwrap: Invalid gid: -1
    2> bwrap: Invalid uid: 1x
    2> bwrap: Invalid gid: 1x
    2> bwrap: Invalid uid: 0x1
    2> bwrap: Invalid gid: 0x1
    status 1

    # and below 2^31
    $ bwrap --unshare-user --uid 2147483648 true
    $ bwrap --unshare-user --gid 4294967295 true
    2> bwrap: Invalid uid: 2147483648
    2> bwrap: Invalid gid: 4294967295
    status 1

    # the highest
    $ bwrap "${host[@]}" --unshare-user --uid 2147483647 --gid 2147483647 id -u
    > 2147483647

    # modes are octal, up to 07777
    $ for word in x '' 8 07778 10000 0755x; do bwrap --perms "$word" --dir /d true; done
    2> bwrap: --perms takes an octal argument <= 07777
    2> bwrap: --perms takes an octal argument <= 07777
    2> bwrap: --perms takes an octal argument <= 07777
    2> bwrap: --perms takes an octal argument <= 07777
    2> bwrap: --perms takes an octal argument <= 07777
    2> bwrap: --perms takes an octal argument <= 07777
    status 1

    # those of --chmod too
    $ for word in x '' 9 10000; do bwrap --chmod "$word" / true; done
    2> bwrap: --chmod takes an octal argument <= 07777
    2> bwrap: --chmod takes an octal argument <= 07777
    2> bwrap: --chmod takes an octal argument <= 07777
    2> bwrap: --chmod takes an octal argument <= 07777
    status 1

    # sizes are bytes
    $ for word in x '' 0 -1 ' 1' +1 1k 123bogus 18446744073709551616; do
    $     bwrap --size "$word" --tmpfs /d true
    $ done
    2> bwrap: --size takes a non-zero number of bytes
    2> bwrap: --size takes a non-zero number of bytes
    2> bwrap: --size takes a non-zero number of bytes
    2> bwrap: --size takes a non-zero number of bytes
    2> bwrap: --size takes a non-zero number of bytes
    2> bwrap: --size takes a non-zero number of bytes
    2> bwrap: --size takes a non-zero number of bytes
    2> bwrap: --size takes a non-zero number of bytes
    2> bwrap: --size takes a non-zero number of bytes
    status 1

    # up to half the address space
    $ bwrap --size 9223372036854775808 --tmpfs /d true
    2> bwrap: --size (for tmpfs) is limited to 9223372036854775807
    status 1

    # capabilities are known by name
    $ bwrap --cap-add CAP_NONE true
    $ bwrap --cap-drop none true
    2> bwrap: unknown cap: CAP_NONE
    2> bwrap: unknown cap: none
    status 1
END
}

@test "modifiers" {
    compare <<'END'
    # --perms is for the next option, which takes it
    $ bwrap --perms 0700 --chdir / true
    $ bwrap --perms 0700 --bind / / true
    $ bwrap --perms 0700 --symlink a /b true
    $ bwrap --perms 0700 --chmod 0700 / true
    $ bwrap --perms 0700 --mqueue /b true
    2> bwrap: --perms must be followed by an option that creates a file
    2> bwrap: --perms must be followed by an option that creates a file
    2> bwrap: --perms must be followed by an option that creates a file
    2> bwrap: --perms must be followed by an option that creates a file
    2> bwrap: --perms must be followed by an option that creates a file
    status 1

    # once
    $ bwrap --perms 0700 --perms 0700 --dir /d true
    2> bwrap: --perms given twice for the same action
    status 1

    # --size is for --tmpfs
    $ bwrap --size 4096 --dir /d true
    2> bwrap: --size must be followed by --tmpfs
    status 1

    # once
    $ bwrap --size 4096 --size 4096 --tmpfs /d true
    2> bwrap: --size given twice for the same action
    status 1

    # both, in any order
    $ bwrap "${bare[@]}" --perms 01777 --size 8192 --tmpfs /a --size 8192 --perms 0700 --tmpfs /b \
    $     stat -c %a /a /b
    > 1777
    > 700

    # --perms is gone after its use
    $ bwrap "${bare[@]}" --perms 0700 --dir /a --dir /b stat -c %a /a /b
    > 700
    > 755

    # right before the command they are let through
    $ bwrap "${host[@]}" --perms 0700 echo a
    $ bwrap "${host[@]}" --size 4096 echo b
    > a
    > b

    # but not before --
    $ bwrap "${host[@]}" --perms 0700 -- echo a
    $ bwrap "${host[@]}" --size 4096 -- echo b
    > a
    > b

    # --overlay-src is for an overlay
    since 0.11.0
    $ bwrap "${host[@]}" --overlay-src /usr --chdir / true
    $ bwrap "${host[@]}" --overlay-src /usr true
    $ bwrap "${host[@]}" --overlay-src /usr -- true
    2> bwrap: --overlay-src must be followed by another --overlay-src or one of --overlay, --tmp-overlay, or --ro-overlay
    2> bwrap: --overlay-src must be followed by another --overlay-src or one of --overlay, --tmp-overlay, or --ro-overlay
    2> bwrap: --overlay-src must be followed by another --overlay-src or one of --overlay, --tmp-overlay, or --ro-overlay
    status 1

    # overlays want some
    since 0.11.0
    $ bwrap --overlay a b /c true
    $ bwrap --tmp-overlay /c true
    $ bwrap --ro-overlay /c true
    $ bwrap --overlay-src /usr --ro-overlay /c true
    2> bwrap: --overlay requires at least one --overlay-src
    2> bwrap: --tmp-overlay requires at least one --overlay-src
    2> bwrap: --ro-overlay requires at least two --overlay-src
    2> bwrap: --ro-overlay requires at least two --overlay-src
    status 1
END
}
