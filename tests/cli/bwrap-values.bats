# SPDX-License-Identifier: LGPL-2.1-or-later
# The bwrap dialect: values of options, and options that change the next one.

load ../lib/compare

setup() {
    enter_comparison bwrap
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
    2> bwrap: *CAP_NONE*
    2> bwrap: *none*
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
