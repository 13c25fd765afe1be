# SPDX-License-Identifier: LGPL-2.1-or-later
# --plan: plan files end to end, with the examples of nsroot-plan(5).

load ../lib/nsroot

setup() {
    enter_workplace
    mkdir -p folder image cache 'My project'
    echo text >folder/file
    mkdir image/usr image/etc
    for name in bin lib lib64; do ln -s "usr/$name" "image/$name"; done
}

@test "an overlay in memory as the root, a source folder, a cache that may be missing" {
    cat >sandbox.plan <<END
# sandbox.plan: nsroot --plan sandbox.plan -- make
none               /          overlay  lowerdir=image,upperdir=tmpfs
/usr               /usr       bind     ro
folder             /src       bind     rw
$WORK/nothing      /ccache    bind     rw,nofail

none               /tmp       tmpfs    mode=1777,size=2m
proc               /proc      proc
dev                /dev       dev
END
    run nsroot --plan sandbox.plan -- sh -c 'cat /src/file; ls /; stat -c %a /tmp; df -k --output=size /tmp |
        tail -n 1 | tr -d " "; echo new >/src/new; echo x >/etc/x; test -c /dev/null && test -e /proc/self'
    assert_success
    assert_output $'text\nbin\ndev\netc\nlib\nlib64\nproc\nsrc\ntmp\nusr\n1777\n2048'
    assert_equal "$(cat folder/new)" new
    assert_not_exist image/etc/x
}

@test "the host read-only, with parts hidden; names with spaces" {
    echo mine >'My project/file'
    cat >plan <<END
/                               /                  bind   ro
none                            /home              tmpfs  mode=0755
$WORK/My\\040project            /home/My\\040project  bind   rw
none                            /etc/passwd        mask   nofail
none                            /etc/no-such-file  mask   nofail
END
    run nsroot --plan plan -- sh -c 'ls /home; cat "/home/My project/file" /etc/passwd; touch "/home/My project/new"'
    assert_success
    assert_output $'My project\nmine'
    assert_exist 'My project/new'
}

@test "layers of a build, the newest on top, what is written stays" {
    mkdir -p layers/{1,2,3,4} work
    echo 1 >layers/1/file
    echo 3 >layers/3/file
    cp -a image/. layers/1
    echo 'none  /  overlay  lowerdir=layers/3:layers/2:layers/1,upperdir=layers/4,workdir=work,volatile' >plan
    run nsroot --plan plan --ro-bind /usr /usr -- sh -c 'cat /file; echo 4 >/file'
    assert_success
    assert_output 3
    assert_equal "$(cat layers/1/file layers/3/file layers/4/file)" $'1\n3\n4'
    assert_holds_only work
    run nsroot --plan plan --ro-bind /usr /usr -- cat /file
    assert_output 4
}

@test "from standard input, relative to the current directory" {
    cd folder
    run nsroot --plan - --chdir /src -- cat file <<<$'/ / bind ro\n. /src bind'
    assert_success
    assert_output text
}

@test "sources are relative to the plan, not to the current directory" {
    mkdir plans elsewhere
    echo beside >plans/data
    ln -s "$WORK/plans/plan" elsewhere/link
    echo 'data /tmp/data bind ro
../folder /tmp/folder bind
./data /tmp/written file mode=0640' >plans/plan
    cd elsewhere
    run nsroot --plan ../plans/plan -- sh -c 'cat /tmp/data /tmp/folder/file /tmp/written; stat -c %a /tmp/written'
    assert_success
    assert_output $'beside\ntext\nbeside\n640'
}

@test "every type" {
    cat >plan <<END
folder     /tmp/bind     bind
none       /tmp/overlay  overlay  lowerdir=folder,upperdir=tmpfs
none       /tmp/tmpfs    tmpfs    mode=0700,uid=0,gid=0
none       /tmp/proc     proc
none       /tmp/mqueue   mqueue
none       /tmp/dev      dev
none       /tmp/dir      dir      mode=0711
$WORK/folder/file  /tmp/file  file
../a\\040b  /tmp/symlink  symlink
none       /etc/passwd   mask
none       /sys          sysfs
END
    run nsroot --plan plan -- sh -c 'cd /tmp; cat bind/file overlay/file file; test -e proc/self && test -d mqueue &&
        test -c dev/null && stat -c %a tmpfs dir && readlink symlink && cat /etc/passwd && ls -d /sys/kernel'
    assert_success
    assert_output $'text\ntext\ntext\n700\n711\n../a b\n/sys/kernel'
}

@test "flags: ro, noexec, nofollow, dev, and rw by default" {
    printf '#!/bin/sh\n' >folder/run
    chmod +x folder/run
    ln -s nowhere link
    echo "folder /tmp/ro bind ro
folder /tmp/noexec bind noexec
link /tmp/link bind nofollow
/dev/null /opt/null bind dev
/dev/null /opt/closed bind
folder /tmp/rw bind defaults" >plan
    run nsroot --plan plan -- sh -c 'readlink /tmp/link; echo x >/opt/null && /tmp/rw/run && touch /tmp/rw/new &&
        ! touch /tmp/ro/x && ! /tmp/noexec/run && ! cat /opt/closed'
    assert_success
    assert_line --index 0 nowhere
    assert_exist folder/new
}

@test "several plans and options: the later wins" {
    mkdir other
    echo other >other/file
    echo 'folder /tmp/x bind' >one
    echo 'other /tmp/x bind' >two
    run nsroot --plan one --plan two -- cat /tmp/x/file
    assert_output other
    run nsroot --plan two --plan one -- cat /tmp/x/file
    assert_output text
    run nsroot --plan one --bind other /tmp/x -- cat /tmp/x/file
    assert_output other
}

@test "what is wrong is refused with its file and line, before anything is done" {
    mkdir new
    while IFS= read -r line; do
        printf '# a comment\n\n./folder /tmp/folder bind\n%s\n' "$line" >plan
        run --separate-stderr nsroot --write x "$WORK/new/file" --bind new "$WORK/new" --plan plan -- touch new/ran
        assert_own_failure 'plan:4: '
    done <<'END'
folder /tmp/a nosuchtype
folder /tmp/a bind nosuchoption
folder relative bind
folder /tmp/a tmpfs mode=0999
none /tmp/a tmpfs size=lots
none /tmp/a bind
none /tmp/a overlay upperdir=tmpfs
folder /tmp/a bind mode=0755
missing /tmp/a file
END
    assert_holds_only new
}

@test "a plan that is missing, a folder, or not read to its end" {
    run --separate-stderr nsroot --plan nothing -- true
    assert_own_failure '--plan nothing: .*No such file'
    run --separate-stderr nsroot --plan folder -- true
    assert_own_failure '--plan folder: .*directory'
    run --separate-stderr nsroot --plan - --plan - -- true </dev/null
    assert_own_failure '--plan'
}

@test "a source that is missing names the line" {
    printf '\nmissing /tmp/a bind\n' >plan
    run --separate-stderr nsroot --plan plan -- true
    assert_own_failure 'plan:2: bind .*missing /tmp/a: .*No such file'
}

@test "a plan inside the image is not obeyed" {
    echo '/etc /stolen bind' >image/etc/fstab
    run nsroot --bind image / --ro-bind /usr /usr -- ls /
    refute_line stolen
}

@test "--explain shows the plan and changes nothing" {
    echo 'folder /tmp/a/b bind ro' >plan
    run nsroot --plan plan --explain -- touch folder/ran
    assert_success
    assert_line --regexp '/tmp/a/b +bind .*folder.*'
    assert_holds_only folder file
}
