# SPDX-License-Identifier: LGPL-2.1-or-later
# --info-fd and --json-status-fd: what programs are told, as bubblewrap tells it.

load ../lib/nsroot

@test "--info-fd names pid 1 and the namespaces" {
    need_program jq
    mkfifo gate
    "$NSROOT" --info-fd 9 --block-fd 8 -- sh -c 'readlink /proc/self/ns/*' 9>info 8<>gate >inside &
    until_true test -s info
    pid=$(jq '."child-pid"' info)
    assert_exist "/proc/$pid"
    echo >gate
    wait $!
    for kind in mnt pid ipc uts cgroup; do
        assert_equal "$kind:[$(jq ".\"$kind-namespace\"" info)]" "$(grep -m 1 "^$kind:" inside)"
    done
    assert_equal "$(jq '."net-namespace"' info)" null
    assert_equal "$(head -n 1 info)" '{'
    assert_equal "$(sed -n 2p info)" "    \"child-pid\": $pid,"
}

@test "--info-fd names the network namespace if it is new" {
    need_program jq
    nsroot --unshare-net --info-fd 9 -- readlink /proc/self/ns/net 9>info >inside
    assert_equal "net:[$(jq '."net-namespace"' info)]" "$(<inside)"
}

@test "--json-status-fd tells start and end, an object a line" {
    need_program jq
    run nsroot --json-status-fd 9 -- sh -c 'exit 42' 9>status
    assert_status 42
    assert_equal "$(wc -l <status)" 2
    assert_equal "$(head -n 1 status | jq '."child-pid" > 1')" true
    assert_equal "$(sed -n 2p status)" '{ "exit-code": 42 }'
    run nsroot --json-status-fd 9 -- sh -c 'kill -TERM $$' 9>status
    assert_equal "$(sed -n 2p status)" '{ "exit-code": 143 }'
    run nsroot --as-pid-1 --json-status-fd 9 -- sh -c 'exit 42' 9>status
    assert_equal "$(sed -n 2p status)" '{ "exit-code": 42 }'
}

@test "--json-status-fd has no exit code if the command could not be executed" {
    for option in "" --as-pid-1; do
        # shellcheck disable=SC2086
        run -127 nsroot $option --json-status-fd 9 -- /no/such/command 9>status
        assert_equal "$(grep -c child-pid status)" 1
        assert_equal "$(grep -c exit-code status)" 0
    done
}

@test "a reader of --json-status-fd that is gone does not change the exit status" {
    mkfifo pipe
    exec 8<>pipe
    "$NSROOT" --json-status-fd 9 -- sh -c 'touch on; until test -e go; do sleep 0.01; done; exit 42' 9>pipe 8>&- &
    pid=$!
    until_true test -e on
    read -r _ <&8
    exec 8>&-
    touch go
    status=0
    wait "$pid" || status=$?
    assert_equal "$status" 42
}

@test "--userns-block-fd: another process writes the maps" {
    need_subids
    need_program jq
    mkfifo gate
    "$NSROOT" --userns-block-fd 9 --info-fd 8 -- cat /proc/self/uid_map 9<>gate 8>info >map &
    until_true test -s info
    pid=$(jq '."child-pid"' info)
    first=$(grep "^$(id -un):" /etc/subuid | head -n 1 | cut -d: -f2)
    group=$(grep "^$(id -un):" /etc/subgid | head -n 1 | cut -d: -f2)
    newuidmap "$pid" 0 "$(id -u)" 1 1 "$first" 1000
    newgidmap "$pid" 0 "$(id -g)" 1 1 "$group" 1000
    echo >gate
    wait $!
    assert_equal "$(awk '{ print $1, $3 }' map)" '0 1'$'\n''1 1000'
}

@test "what is told of the command is written before it runs" {
    local _
    for _ in {1..20}; do
        "$NSROOT" --info-fd 1 -- echo output >info
        assert_equal "$(head -c 1 info)$(tail -n 1 info)" '{output'
        "$NSROOT" --json-status-fd 1 -- echo output >status
        assert_equal "$(sed -n 2p status)" output
    done
}
