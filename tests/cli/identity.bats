# SPDX-License-Identifier: LGPL-2.1-or-later
# Who the command is, and which ids there are inside: --map and what goes with it.

load ../lib/nsroot

# maps OPTION...: uid_map and gid_map inside, single blanks, and whether setgroups is allowed
# shellcheck disable=SC2120 # no option is one of the cases
maps() {
    nsroot "$@" -- sh -c 'cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups' |
        sed -E 's/ +/ /g; s/^ //'
}

# who OPTION...: effective and real ids, and the number of groups
who() {
    nsroot "$@" -- sh -c 'echo $(id -u):$(id -g) $(id -ru):$(id -rg) $(id -G)'
}

own() {
    uid=$(id -u)
    gid=$(id -g)
}

first_subid() {
    awk -F: -v name="$(id -un)" '$1 == name { print $2; exit }' "$1"
}

@test "--map root, the default: the caller is root, nobody else is there" {
    own
    run maps --map root
    assert_output "0 $uid 1"$'\n'"0 $gid 1"$'\ndeny'
    # shellcheck disable=SC2119
    assert_equal "$(maps)" "$output"
    run who --map root
    assert_output "0:0 0:0 0"
}

@test "--map caller: the caller is itself" {
    own
    run maps --map caller
    assert_output "$uid $uid 1"$'\n'"$gid $gid 1"$'\ndeny'
    run who --map caller
    assert_output --partial "$uid:$gid $uid:$gid "
}

@test "--map identity: an ordinary user has itself alone" {
    own
    run maps --map identity
    assert_output "$uid $uid 1"$'\n'"$gid $gid 1"$'\ndeny'
}

@test "--map subid: 0 is the caller, 1 and on are the subordinate ids" {
    need_subids
    own
    run maps --map subid
    assert_line --index 0 "0 $uid 1"
    assert_line --index 1 "1 $(first_subid /etc/subuid) 65536"
    assert_line --index 2 "0 $gid 1"
    assert_line --index 3 "1 $(first_subid /etc/subgid) 65536"
    assert_line --index 4 allow
}

@test "--map subid: chown is real, and seen outside" {
    need_subids
    nsroot --map subid -- sh -c 'echo text >file; chown 33:34 file'
    assert_equal "$(stat -c %u:%g file)" \
        "$(($(first_subid /etc/subuid) + 32)):$(($(first_subid /etc/subgid) + 33))"
    run nsroot --map subid -- stat -c %u:%g file
    assert_output 33:34
}

@test "--map subid --uid --gid: another user, without capabilities or the caller's groups" {
    need_subids
    run nsroot --map subid --uid 33 --gid 34 -- sh -c \
        'echo $(id -u):$(id -g) $(id -ru):$(id -rg) $(id -G); grep -E "Cap(Prm|Eff|Bnd|Amb)" /proc/self/status'
    assert_success
    assert_line --index 0 "33:34 33:34 34"
    refute_line --regexp 'Cap.*:.*[1-9a-f]'
}

@test "--map subid: users can be changed inside" {
    need_subids
    run nsroot --map subid -- setpriv --reuid 5 --regid 6 --groups 7 sh -c 'id -u; id -g; id -G'
    assert_output $'5\n6\n6 7'
}

@test "--map subid: that groups can be shed is said under --verbose" {
    need_subids
    run nsroot --verbose --map subid -- true
    assert_output --partial "setgroups is allowed inside"
    run nsroot --verbose -- true
    refute_output --partial "setgroups"
}

@test "one id inside: groups that the caller is kept out by can't be shed" {
    local option
    for option in --map=root --map=caller --map=identity; do
        run nsroot "$option" --no-suppress-chown --cap-add ALL -- \
            python3 -c 'import os; os.setgroups([])'
        assert_failure
        assert_output --partial "Operation not permitted"
    done
}

@test "--uid and --gid name the one id" {
    own
    run who --uid 5 --gid 6
    assert_output "5:6 5:6 6"
    run maps --uid 5 --gid 6
    assert_output "5 $uid 1"$'\n'"6 $gid 1"$'\ndeny'
    run who --map caller --uid 5 --gid 6
    assert_output "5:6 5:6 6"
    run who --uid 5
    assert_output "5:0 5:0 0"
}

@test "--uid of an id that the map lacks is refused" {
    own
    run --separate-stderr nsroot --map-uid "0:$uid:1" --map-gid "0:$gid:1" --uid 5 -- true
    assert_own_failure '--uid 5: the map does not hold this id'
    need_subids
    run --separate-stderr nsroot --map subid --gid 4000000000 -- true
    assert_own_failure '--gid 4000000000: the map does not hold this id'
}

@test "--map-uid and --map-gid: one's own id, under any number" {
    own
    run maps --map-uid "7:$uid:1" --map-gid "8:$gid:1"
    assert_output "7 $uid 1"$'\n'"8 $gid 1"$'\ndeny'
    run who --map-uid "7:$uid:1" --map-gid "8:$gid:1"
    assert_output "7:8 7:8 8"
}

@test "--map-uid and --map-gid: ranges, in several lines" {
    need_subids
    own
    u=$(first_subid /etc/subuid) g=$(first_subid /etc/subgid)
    run maps --map-uid "0:$uid:1" --map-uid "10:$u:5" --map-gid "0:$gid:1" --map-gid "20:$g:6"
    assert_output "0 $uid 1"$'\n'"10 $u 5"$'\n'"0 $gid 1"$'\n'"20 $g 6"$'\nallow'
}

@test "--map-uid and --map-gid: ranges without the caller" {
    need_subids
    u=$(first_subid /etc/subuid) g=$(first_subid /etc/subgid)
    run maps --map-uid "0:$u:10" --map-gid "0:$g:10"
    assert_output "0 $u 10"$'\n'"0 $g 10"$'\nallow'
    run who --map-uid "0:$u:10" --map-gid "0:$g:10"
    assert_output "0:0 0:0 0"
    run nsroot --map-uid "0:$u:10" --map-gid "0:$g:10" -- stat -c %u:%g /dev /run /tmp
    assert_output $'0:0\n0:0\n0:0'
    run nsroot --map-uid "0:$u:10" --map-gid "0:$g:10" -- touch /dev/a /run/a /tmp/a
    assert_success
    run --separate-stderr nsroot --no-lock --map-uid "0:$u:10" --map-gid "0:$g:10" -- true
    assert_own_failure "--no-lock: the map has to hold the caller's own ids"
}

@test "--map-uid: what the caller has no right to is refused, by newuidmap" {
    need_subids
    run --separate-stderr nsroot --map-uid 0:0:1 --map-gid 0:0:1 -- true
    assert_own_failure 'new[ug]idmap: .*not allowed.*/etc/sub[ug]id'
}

@test "--become-root: root, whatever the map" {
    run who --become-root
    assert_output "0:0 0:0 0"
    run who --map caller --become-root
    assert_output "0:0 0:0 0"
    run who --map identity --become-root
    assert_output "0:0 0:0 0"
}

@test "--become-root with --map subid" {
    need_subids
    run who --map subid --become-root
    assert_output "0:0 0:0 0"
}

@test "the maps hold with one level of user namespace too" {
    own
    run maps --no-lock
    assert_output "0 $uid 1"$'\n'"0 $gid 1"$'\ndeny'
    run who --no-lock --map caller
    assert_output --partial "$uid:$gid $uid:$gid "
    need_subids
    run maps --no-lock --map subid
    assert_line "1 $(first_subid /etc/subuid) 65536"
    assert_line allow
    run nsroot --no-lock --map subid --uid 33 -- id -u
    assert_output 33
}

@test "--userns-block-fd: somebody else writes the maps" {
    own
    mkfifo block
    exec 7<>block
    nsroot --info-fd 8 --userns-block-fd 7 -- sh -c 'id -u; sed -E "s/ +/ /g" /proc/self/uid_map' 8>info >out 2>&1 &
    until_true grep -q child-pid info
    pid=$(jq '."child-pid"' info)
    echo deny >"/proc/$pid/setgroups"
    echo "4 $gid 1" >"/proc/$pid/gid_map"
    echo "3 $uid 1" >"/proc/$pid/uid_map"
    echo >&7
    exec 7>&-
    wait $!
    assert_equal "$(cat out)" $'3\n'" 3 $uid 1"
}
