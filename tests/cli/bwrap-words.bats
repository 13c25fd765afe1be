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
    $ bwrap --help | head -n 1 | cut -d ' ' -f 1-2
    > usage: bwrap

    # however that was written
    $ bash -c 'exec -a /some/bwrap bwrap --help' | head -n 1 | cut -d ' ' -f 1-2
    > usage: /some/bwrap

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
    2> usage: bwrap [[]OPTIONS* [[]--[]] COMMAND [[]ARGS*
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

    # the program can be started again as what it is
    $ bwrap "${host[@]}" --proc /proc /proc/self/exe --version | cut -d ' ' -f 1
    $ bwrap --dev-bind / / /proc/self/exe "${host[@]}" echo nested
    > bubblewrap
    > nested

    # an empty word is a command
    $ bwrap "${host[@]}" '' true
    2> bwrap: *
    status 1
END
}

@test "options that want more words" {
    compare <<'END'
    # one
    $ for option in --chdir --remount-ro; do bwrap "$option"; done
    2> bwrap: --chdir takes *
    2> bwrap: --remount-ro takes *
    status 1

    # --argv0
    since 0.9.0
    $ bwrap --argv0
    2> bwrap: --argv0 takes *
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
    $     --pidns 4 --pidns 5 --seccomp 6 --seccomp 7 --nonsense 4</dev/null 5</dev/null 6</dev/null 7</dev/null
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
