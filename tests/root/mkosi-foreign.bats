# SPDX-License-Identifier: LGPL-2.1-or-later
# mkosi-sandbox: the options that want systemd-nsresourced and systemd-mountfsd, beside a stand-in
# for both that does what they do.

load ../lib/compare

FOREIGN=2147352576 # the first id of the range; id N of a container is FOREIGN + N at rest

setup() {
    need_root
    [ "$(readlink /proc/self/ns/user)" = 'user:[4026531837]' ] || skip "wants real root"
    umask 0022
    enter_comparison mkosi-sandbox
    let_others_in
    [ "$(stat -f -c %T .)" != tmpfs ] || need_kernel 6.3 # id-mapped mounts of it
    base=(--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib
        --symlink usr/lib64 /lib64 --bind /proc /proc --dev /dev)
}

# Up to the workplace, the program under test is on the way.
let_others_in() {
    local folder=$WORK
    while [ "$folder" != / ]; do
        chmod a+x "$folder"
        folder=$(dirname "$folder")
    done
    setpriv --reuid 4242 --regid 4243 --clear-groups test -x "$BIN/mkosi-sandbox" ||
        skip "wants a program that others can reach"
}

# beside_services COMMAND...: which can call both; its calls end up in the file `calls`.
beside_services() {
    python3 "$LIB/fake-systemd.py" --log "$PWD/calls" -- "$@"
}

# user_inside ARGUMENT...: mkosi-sandbox, started by an ordinary user.
user_inside() {
    chown 4242:4243 .
    beside_services setpriv --reuid 4242 --regid 4243 --clear-groups \
        env HOME=/ mkosi-sandbox "${base[@]}" "$@"
}

# The calls so far, in short, without names that are random.
calls() {
    jq -c '[(.method | split(".") | last), (.parameters | del(.name)), .uid]' calls
    rm calls
}

# A folder at rest: its own root's, but for one file.
make_tree() {
    mkdir "$1"
    echo text >"$1/file"
    chown -R "$FOREIGN:$FOREIGN" "$1"
    chown "$((FOREIGN + 5)):$((FOREIGN + 7))" "$1/file"
}

maps='sed -E "s/ +/ /g; s/^ //" /proc/self/uid_map; cmp <(sed s/4243/4242/g /proc/self/gid_map) /proc/self/uid_map'
who='echo "$(id -u):$(id -g)"; sed -n s/^CapEff:.//p /proc/self/status'

@test "--map-foreign: the foreign range is there, each id as itself" {
    on_each --since 27 map_foreign
}

map_foreign() {
    run user_inside --map-foreign bash -c "$maps; $who"
    assert_success
    assert_output "4242 4242 1
$FOREIGN $FOREIGN 65536
4242:4243
00000000812c01df"
    run user_inside --map-foreign --become-root bash -c "$maps; $who"
    assert_success
    assert_output "0 4242 1
$FOREIGN $FOREIGN 65536
0:0
00000000812c01df"
    run calls
    assert_output '["AllocateUserRange",{"size":1,"userNamespaceFileDescriptor":0,"type":"self","mapForeign":true,"delegateContainerRanges":0},4242]
["AllocateUserRange",{"size":1,"userNamespaceFileDescriptor":0,"type":"self","target":0,"mapForeign":true,"delegateContainerRanges":0},4242]'
}

@test "--map-foreign: files of the range are seen and made, and belong to it outside" {
    on_each --since 27 map_foreign_files
}

map_foreign_files() {
    make_tree tree
    run user_inside --map-foreign --become-root --bind tree /tree bash -c "
        stat -c %u:%g /tree /tree/file
        echo more >>/tree/file && echo new >/tree/new && chown $((FOREIGN + 9)):$((FOREIGN + 9)) /tree/new"
    assert_success
    assert_output "$FOREIGN:$FOREIGN"$'\n'"$((FOREIGN + 5)):$((FOREIGN + 7))"
    assert_equal "$(stat -c %u:%g tree/new)" "$((FOREIGN + 9)):$((FOREIGN + 9))"
    assert_equal "$(cat tree/file)" $'text\nmore'
}

@test "--map-delegate: so many ranges of transient ids" {
    on_each --since 27 map_delegate
}

map_delegate() {
    run user_inside --map-delegate 2 bash -c "$maps; $who"
    assert_success
    assert_output '4242 4242 1
524288 524288 65536
589824 589824 65536
4242:4243
00000000812c01df'
    run user_inside --map-delegate 1 --map-foreign --become-root bash -c "$maps; $who"
    assert_success
    assert_output "0 4242 1
524288 524288 65536
$FOREIGN $FOREIGN 65536
0:0
00000000812c01df"
    run calls
    assert_output '["AllocateUserRange",{"size":1,"userNamespaceFileDescriptor":0,"type":"self","mapForeign":false,"delegateContainerRanges":2},4242]
["AllocateUserRange",{"size":1,"userNamespaceFileDescriptor":0,"type":"self","target":0,"mapForeign":true,"delegateContainerRanges":1},4242]'
}

@test "--map-delegate 0: nobody is asked" {
    on_each --since 27 map_no_delegate
}

map_no_delegate() {
    run user_inside --map-delegate 0 bash -c "$maps"
    assert_success
    assert_output '4242 4242 1'
    assert_not_exist calls
}

@test "real root: --map-foreign has nothing to do, --map-delegate asks" {
    on_each --since 27 real_root
}

real_root() {
    run beside_services mkosi-sandbox "${base[@]}" --map-foreign readlink /proc/self/ns/user
    assert_success
    assert_output "$(readlink /proc/self/ns/user)"
    assert_not_exist calls
    run beside_services mkosi-sandbox "${base[@]}" --map-delegate 1 bash -c "$maps; $who"
    assert_success
    assert_output '0 0 1
524288 524288 65536
0:0
00000000812c01df'
}

@test "--bind-foreign: what is foreign at rest belongs to root and its like inside" {
    on_each --since 27 bind_foreign
}

bind_foreign() {
    make_tree tree
    run user_inside --bind-foreign tree /tree --become-root bash -c "$maps; $who
        stat -c %u:%g /tree /tree/file
        echo more >>/tree/file && echo new >/tree/new && chown 9:10 /tree/new"
    assert_success
    assert_output '0 524288 65536
0:0
00000000812c01df
0:0
5:7'
    assert_equal "$(stat -c %u:%g tree/new)" "$((FOREIGN + 9)):$((FOREIGN + 10))"
    assert_equal "$(cat tree/file)" $'text\nmore'
    run calls
    assert_output '["AllocateUserRange",{"size":1,"userNamespaceFileDescriptor":0,"type":"self","mapForeign":false,"delegateContainerRanges":1},4242]
["AllocateUserRange",{"size":65536,"userNamespaceFileDescriptor":0,"type":"managed","target":0,"mapForeign":false,"delegateContainerRanges":0},4242]
["MountDirectory",{"directoryFileDescriptor":0,"userNamespaceFileDescriptor":1,"mode":"foreign","readOnly":false},4242]'
}

@test "--bind-foreign without --become-root: the caller's own id is not mapped" {
    on_each --since 27 bind_foreign_as_nobody
}

bind_foreign_as_nobody() {
    make_tree tree
    run user_inside --bind-foreign tree /tree bash -c "$who; stat -c %u:%g /tree/file"
    assert_success
    assert_output '65534:65534
00000000812c01df
5:7'
}

@test "--ro-bind-foreign, beside --bind-foreign: one user namespace, a call each" {
    on_each --since 27 two_foreign_binds
}

two_foreign_binds() {
    make_tree one
    make_tree two
    run user_inside --ro-bind-foreign one /a/one --bind-foreign two /b/two --become-root bash -c '
        stat -c %u:%g /a/one/file /b/two/file
        touch /b/two/new || echo two is read-only
        touch /a/one/new 2>/dev/null || echo one is read-only'
    assert_success
    assert_output $'5:7\n5:7\none is read-only'
    assert_equal "$(stat -c %u:%g two/new)" "$FOREIGN:$FOREIGN"
    run calls
    assert_output --regexp '^.*"size":1,.*
.*"size":65536,.*
.*"readOnly":(true.*
.*"readOnly":false|false.*
.*"readOnly":true).*$'
}

@test "--bind-foreign with --map-delegate: one range is for the mounts" {
    on_each --since 27 bind_and_delegate
}

bind_and_delegate() {
    make_tree tree
    run user_inside --bind-foreign tree /tree --map-delegate 2 --become-root bash -c "$maps"
    assert_success
    assert_output '0 524288 65536'
    run calls
    assert_line --index 0 --partial '"delegateContainerRanges":3'
}

@test "--bind-foreign with --unshare-net, and with a symlink as source" {
    on_each --since 27 bind_foreign_symlink
}

bind_foreign_symlink() {
    make_tree tree
    ln -s tree link
    run user_inside --unshare-net --bind-foreign link /tree --become-root \
        sh -c 'stat -c %u:%g /tree/file; grep -c : /proc/net/dev; sed -n s/^CapEff:.//p /proc/self/status'
    assert_success
    assert_output $'5:7\n1\n00000000812c15df'
}

@test "a folder of others is refused, and so are more than 16 ranges" {
    mkdir theirs
    chown 4244:4244 theirs
    run --separate-stderr user_inside --bind-foreign theirs /tree --become-root echo ran
    assert_status 125
    assert_equal "$output" ""
    assert_regex "$stderr" '^mkosi-sandbox: --bind-foreign .*theirs /tree: systemd-mountfsd: org.varlink.service.PermissionDenied$'
    run --separate-stderr user_inside --map-delegate 17 true
    assert_status 125
    assert_regex "$stderr" '^mkosi-sandbox: --map-delegate: systemd-nsresourced: io.systemd.NamespaceResource.TooManyDelegations \(16 at most\)$'
}

@test "the command holds nothing of the services: no fd, no process" {
    on_each --since 27 nothing_held
}

nothing_held() {
    make_tree tree
    run user_inside --bind-foreign tree /tree --map-foreign --become-root bash -c '
        for fd in /proc/$$/fd/*; do
            [ "${fd##*/}" -le 2 ] || [ ! -L "$fd" ] || readlink "$fd"
        done
        echo "children: $(cat /proc/$$/task/$$/children)"'
    assert_success
    # what bats itself has open
    refute_output --regexp 'socket:|user:|mnt:|pidfd|/tree'
    # that of the substitution
    assert_line --regexp '^children: [0-9]+ $'
}
