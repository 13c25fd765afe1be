# SPDX-License-Identifier: LGPL-2.1-or-later
# mkosi-sandbox: the order of operations, what is dropped as redundant, and --debug.

load ../lib/mkosi

@test "operations are sorted by mount point, not taken as given" {
    compare <<'ROWS'
    # parents first
    $ mkdir d
    $ mounts --bind d /a/b/c --tmpfs /a/b --tmpfs /a
    > /a tmpfs rw
    > /a/b tmpfs rw
    > /a/b/c ./d rw

    # by component: /a/b comes before /a-b
    $ inside --debug --dir /a-b --dir /a/b --dir /a --dir /B --dir /a.b/c true 2>&1 | grep mkdir
    > + mkdir /B
    > + mkdir /a
    > + mkdir /a/b
    > + mkdir /a-b
    > + mkdir /a.b/c

    # at the same mount point binds are on top, in their order
    $ mkdir d e; touch d/in-d e/in-e
    $ inside --bind d /a --bind e /a --tmpfs /a ls /a
    $ mounts --bind d /a --bind e /a --tmpfs /a
    > in-e
    > /a ./e rw

    # ... and a bind hides what is written
    $ echo bound >f
    $ inside --bind f /f --write written /f cat /f /f
    $ cat f
    > bound
    > bound
    > bound

    # ... but what is no bind is as given
    $ inside --write one /f --symlink two /f --write three /g --write four /g \
    $     sh -c 'readlink /f; cat /g; echo'
    > two
    > four

    # a write below a bind goes into what is bound
    $ mkdir d
    $ inside --write data /e/f --bind d /e true
    $ cat d/f; echo
    > data

    # a symlink that is needed by a bind, given after it
    $ mkdir d
    $ mounts --bind d /m/e --symlink /z /m --dir /z
    > /z/e ./d rw
ROWS
}

@test "what is dropped as redundant" {
    compare <<'ROWS'
    # the same bind again
    $ mkdir d; touch f
    $ mounts --bind d /e --bind f /f --bind d /e --bind ./d /e/ --bind "$PWD/d" /x/../e
    > /e ./d rw
    > /f ./f rw

    # what another bind shows already
    $ mkdir -p d/sub/sub d/other
    $ mounts --bind d/sub/sub /e/sub/sub --bind d /e --bind d/other /e/other
    > /e ./d rw

    # not: elsewhere, or of another kind
    $ mkdir -p d/sub d/b
    $ mounts --bind d /e --bind d/sub /e/b --ro-bind d/sub /e/sub
    $ mounts --bind d /e --bind-try d/sub /e/sub --bind-nofollow d/b /e/b
    > /e ./d rw
    > /e/b ./d/sub rw
    > /e/sub ./d/sub ro
    > /e ./d rw
    > /e/b ./d/b rw
    > /e/sub ./d/sub rw

    # not: what only begins alike
    $ mkdir -p d d2
    $ mounts --bind d /e --bind d2 /e2
    > /e ./d rw
    > /e2 ./d2 rw

    # a bind that needs a mount point does without one when it is dropped
    $ mkdir -p d/sub
    $ inside --debug --ro-bind d /e --ro-bind d/sub /e/sub true 2>&1 | grep -c 'bind .*/e'
    > 1

    # the missing source of a bind that is dropped is not missed
    $ mkdir d
    $ mounts --bind d /e --bind d/none /e/none
    > /e ./d rw
ROWS
}

@test "--debug tells each operation in the order of execution" {
    compare <<'ROWS'
    # all kinds
    $ mkdir -p d up wk l1 l2; touch f
    $ mkosi-sandbox "${base[@]}" --debug --dir /z --write abc /w --tmpfs /t --symlink there /s \
    $     --ro-bind-try none /q --bind +/e /p --overlay-lowerdir l1 --overlay-lowerdir l2 \
    $     --overlay-upperdir tmpfs --overlay /o --overlay-lowerdir l1 --overlay-upperdir up \
    $     --overlay-workdir wk --overlay /n --overlay-lowerdir l1 --overlay-lowerdir l2 \
    $     --overlay /m --bind-nofollow f /l --bind d /e --dev /dev true 2>&1 |
    $     sed "s,$PWD,HERE,g"
    > + symlink /bin -> usr/bin
    > + dev at /dev
    > + bind HERE/d -> /e
    > + bind HERE/f -> /l [nofollow]
    > + symlink /lib -> usr/lib
    > + symlink /lib64 -> usr/lib64
    > + overlay at /m (lowers=[HERE/l2, HERE/l1], upper=-)
    > + overlay at /n (lowers=[HERE/l1], upper=HERE/up)
    > + overlay at /o (lowers=[HERE/l2, HERE/l1], upper=tmpfs)
    > + bind /proc -> /proc
    > + bind HERE/none -> /q [readonly, optional]
    > + symlink /s -> there
    > + symlink /sbin -> usr/sbin
    > + tmpfs at /t
    > + bind /usr -> /usr [readonly]
    > + write 3 bytes to /w
    > + mkdir /z
    > + bind /e -> /p [relative]

    # several marks
    $ touch f; mkdir d
    $ inside --debug --ro-bind-try +/f /z --ro-bind-nofollow +/f /y --bind f /f true 2>&1 |
    $     grep relative
    > + bind /f -> /y [readonly, relative, nofollow]
    > + bind /f -> /z [readonly, optional, relative]

    # on standard error alone, and before what fails
    $ inside --debug --dir /a --dir /b --write x /b true 2>/dev/null || echo nothing
    $ inside --debug --dir /a --dir /b --write x /b --dir /d true 2>&1 | grep -E '^\+ .* /[abd]$'
    > nothing
    > + mkdir /a
    > + mkdir /b
    > + write 1 bytes to /b

    # paths as they are understood
    $ inside --debug --dir /a/./b//c/../d --bind ../row/. /e true 2>&1 |
    $     sed "s,$PWD,HERE,g" | grep -E ' /[ae]'
    > + mkdir /a/b/d
    > + bind HERE -> /e
ROWS
}

@test "--debug writes plain lines on a dumb terminal" {
    plain() {
        run on_terminal -- mkosi-sandbox --ro-bind /usr /usr --symlink usr/bin /bin \
            --symlink usr/lib /lib --symlink usr/lib64 /lib64 --debug true
        assert_success
        assert_output --partial '+ bind /usr -> /usr [readonly]'
        refute_output --partial $'\e'
        run on_terminal -- mkosi-sandbox --ro-bind /usr /usr --symlink usr/bin /bin \
            --symlink usr/lib /lib --symlink usr/lib64 /lib64 --debug --dev /dev tty
        assert_line --regexp '^\+ dev at /dev \(tty=/dev/.*[0-9]\)$'
    }
    on_each plain
}
