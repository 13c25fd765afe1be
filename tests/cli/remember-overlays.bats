# SPDX-License-Identifier: LGPL-2.1-or-later
# --remember: an overlay mounted again has the owners that it had: they are those of its layers' files.

load ../lib/nsroot

setup() {
    enter_workplace
    mkdir low up work up2 work2 m
    mkdir low/d
    echo text >low/f
    echo text >low/g
    echo text >low/d/sub
    ln -s f low/l
}

# on_overlay COMMAND: in the overlay of low and up, on the file F, shown.
on_overlay() {
    nsroot --remember F --show-owners trap --overlay-src low --overlay "$PWD/up" "$PWD/work" "$PWD/m" \
        --chdir "$PWD/m" -- sh -c "$1"
}

# on_next COMMAND: one more layer on top.
on_next() {
    nsroot --remember F --show-owners trap --overlay-src low --overlay-src up \
        --overlay "$PWD/up2" "$PWD/work2" "$PWD/m" --chdir "$PWD/m" -- sh -c "$1"
}

entries() {
    sed -n 's/^end //p' F
}

@test "mounted again: what was of a lower layer, new, a folder, a link, a device, an attribute" {
    run on_overlay 'chown 5:6 f d d/sub; chown -h 7:8 l; echo >new; chown 9 new; mknod n c 1 3; mkdir e; chown 3:4 e .
        echo more >>f; setfattr -n trusted.x -v 1 new; stat -c "%n %u:%g" . * d/sub'
    assert_success
    local first=$output
    run on_overlay 'stat -c "%n %u:%g" . * d/sub'
    assert_output "$first"
    run on_overlay 'stat -c "%F %t,%T" n; getfattr --only-values -n trusted.x new; stat -c %u:%g . e'
    assert_output $'character special file 1,3\n13:4\n3:4'
    # of the files of the upper layer, nothing of the overlay's own
    assert_equal "$(entries)" 8
    run nsroot --remember F --show-owners trap -- stat -c '%n %u:%g' up/f up/d/sub up/new low/f
    assert_output $'up/f 5:6\nup/d/sub 5:6\nup/new 9:0\nlow/f 0:0'
}

@test "changed and removed in the next sandbox" {
    on_overlay 'chown 5:6 f g d; echo >new; chown 9 new'
    on_overlay 'chown 0:0 f; rm g; chown 7 new; echo >g'
    run on_overlay 'stat -c "%n %u:%g" d f g new'
    assert_output $'d 5:6\nf 0:0\ng 0:0\nnew 7:0'
}

@test "the upper layer as a lower one: files keep their owners, also when they are written to" {
    on_overlay 'chown 5:6 f d d/sub; chown -h 7:8 l; echo >new; chown 9:9 new; echo >other; chown 4:4 other'
    run on_next 'stat -c "%n %u:%g" d d/sub f l new; echo more >>f; echo >d/made; touch new; mv new moved; rm other; echo >other
        stat -c "%n %u:%g" d d/made f moved other'
    assert_output $'d 5:6\nd/sub 5:6\nf 5:6\nl 7:8\nnew 9:9\nd 5:6\nd/made 0:0\nf 5:6\nmoved 9:9\nother 0:0'
    run on_next 'stat -c "%n %u:%g" d d/made d/sub f l moved other'
    assert_output $'d 5:6\nd/made 0:0\nd/sub 5:6\nf 5:6\nl 7:8\nmoved 9:9\nother 0:0'
    # the layer below is as it was
    run on_overlay 'stat -c "%n %u:%g" d f new other'
    assert_output $'d 5:6\nf 5:6\nnew 9:9\nother 4:4'
}

@test "layers whose owners are remembered, below a tmpfs" {
    nsroot --remember F -- sh -c 'cd low; chown 5:6 f d; mknod n b 1 2'
    run nsroot --remember F --show-owners trap --overlay-src low --tmp-overlay "$PWD/m" --chdir "$PWD/m" -- \
        sh -c 'stat -c "%n %u:%g %F" d f n; echo more >>f; chown 8 d; stat -c "%u:%g" d f'
    assert_output $'d 5:6 directory\nf 5:6 regular file\nn 0:0 block special file\n8:6\n5:6'
    # what was thrown away is forgotten
    assert_equal "$(entries)" 3
    run nsroot --remember F --show-owners trap -- stat -c %u:%g low/d low/f
    assert_output $'5:6\n5:6'
}

@test "with --show-owners=auto: at once, and in the next sandbox" {
    run nsroot --remember F --show-owners auto --overlay-src low --overlay "$PWD/up" "$PWD/work" "$PWD/m" --chdir "$PWD/m" -- \
        sh -c 'stat -c %u:%g f; chown 5:6 f; stat -c %u:%g f; chown 7 f; stat -c %u:%g f; chown 0:0 f; stat -c %u:%g f; chown 8 f g; echo >new; chown 9 new'
    assert_output $'0:0\n5:6\n7:6\n0:0'
    run nsroot --remember F --show-owners auto --overlay-src low --overlay-src up --overlay "$PWD/up2" "$PWD/work2" "$PWD/m" \
        --chdir "$PWD/m" -- sh -c 'stat -c %u f g new; echo more >>f; stat -c %u f; chown 10 f; stat -c %u f'
    assert_output $'8\n8\n9\n8\n10'
}

@test "folders that lie deeper than a path reaches: a warning says that owners are lost, the others are kept" {
    run --separate-stderr nsroot --remember F --overlay-src low --overlay "$PWD/up" "$PWD/work" "$PWD/m" --chdir "$PWD/m" -- \
        python3 -c '
import os
os.chown("f", 5, 6)
for i in range(2100):
    os.mkdir("dd"); os.chdir("dd")
open("f", "w").close(); os.chown("f", 7, 8)'
    assert_success
    # shellcheck disable=SC2154
    assert_equal "$stderr" "nsroot: warning: --remember: folders of an overlay lie too deep: what is to be remembered there is lost"
    run on_overlay 'stat -c %u:%g f'
    assert_line 5:6
}

@test "names that are added to a lower layer's file: the next sandbox has the owner for all" {
    nsroot --remember F -- sh -c 'cd low; chown 5:6 f; chown -h 7:8 l; mknod n c 1 3; setfattr -n trusted.x -v 1 f'
    run on_overlay 'ln f a; ln f z; ln l y; ln n b; stat -c "%n %u:%g %F" f l n'
    assert_output $'f 5:6 regular file\nl 7:8 symbolic link\nn 0:0 character special file'
    run on_overlay 'stat -c "%n %u:%g %F" a f z l y n b; getfattr --only-values -n trusted.x z'
    assert_success
    assert_output - <<END
a 5:6 regular file
f 5:6 regular file
z 5:6 regular file
l 7:8 symbolic link
y 7:8 symbolic link
n 0:0 character special file
b 0:0 character special file
1
END
}

@test "what the command mounts over an overlay hides nothing of it: at the end all is kept" {
    on_overlay 'chown 1:2 f; mkdir dev; mknod dev/n c 1 3; chown 5 dev g; mount --rbind /dev dev; chown 6 d'
    run on_overlay 'stat -c "%n %u:%g %F" f g d dev dev/n; chown 7 g; rm f; mount -t tmpfs none .'
    assert_output - <<'END'
f 1:2 regular file
g 5:0 regular file
d 6:0 directory
dev 5:0 directory
dev/n 0:0 character special file
END
    run on_overlay 'stat -c "%n %u:%g %F" g d dev dev/n; ls f'
    assert_line 'g 7:0 regular file'
    assert_line 'dev/n 0:0 character special file'
    assert_line --partial "'f': No such file"
}

@test "a layer with a mount in it: the overlay is of many, and the owners are kept" {
    mkdir low/m low/m/n
    run unshare -rm bash -c '
mount -t tmpfs none low/m
on() {
    "$0" --bind / / --dev /dev --remember F --show-owners trap --overlay-src low \
        --overlay "$PWD/up" "$PWD/work" "$PWD/m" --chdir "$PWD/m" -- sh -c "$1"
}
on "echo text >d/new; chown 1:2 d/new; mknod d/dev c 1 3; chown 3:4 d/sub"
mount -t tmpfs none up2 # the next device number is another one
on "stat -c \"%n %u:%g %F\" d/new d/dev d/sub"' "$NSROOT"
    assert_output - <<'END'
d/new 1:2 regular file
d/dev 0:0 character special file
d/sub 3:4 regular file
END
}
