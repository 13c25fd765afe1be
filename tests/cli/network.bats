# SPDX-License-Identifier: LGPL-2.1-or-later
# The network: shared, or of the sandbox's own with nothing but the loopback.

load ../lib/nsroot

teardown() {
    [ -z "${SERVER-}" ] || kill "$SERVER" 2>/dev/null || true
}

# serve FAMILY ADDRESS: accept connections on a port of its own, written to ./port
serve() {
    python3 -c '
import socket, sys
server = socket.socket(getattr(socket, sys.argv[1]))
server.bind(eval(sys.argv[2]))
server.listen()
print(repr(server.getsockname()), flush=True)
while True:
    server.accept()[0].send(b"from outside")' "$1" "$2" >address &
    SERVER=$!
    until_true test -s address
}

# reach FAMILY OPTION...: connect to it from inside and show what it says
reach() {
    local family=$1
    shift
    nsroot "$@" -- python3 -c '
import socket, sys
client = socket.socket(getattr(socket, sys.argv[1]))
client.connect(eval(sys.argv[2]))
print(client.recv(100).decode())' "$family" "$(cat address)"
}

@test "the network is shared: services of the host are reached" {
    serve AF_INET '("127.0.0.1", 0)'
    run reach AF_INET
    assert_success
    assert_output "from outside"
}

@test "--unshare-net: services of the host are not reached, over IPv4 and IPv6" {
    serve AF_INET '("127.0.0.1", 0)'
    run reach AF_INET --unshare-net
    assert_failure
    assert_output --partial ConnectionRefusedError
    kill "$SERVER"
    rm address
    [ -e /proc/net/if_inet6 ] || skip "wants IPv6"
    serve AF_INET6 '("::1", 0)'
    run reach AF_INET6 --unshare-net
    assert_failure
    assert_output --partial ConnectionRefusedError
}

@test "--unshare-net: abstract sockets of the host are not reached" {
    serve AF_UNIX '"\0nsroot-test-%d"'" % $$"
    run reach AF_UNIX --unshare-net
    assert_failure
    assert_output --partial ConnectionRefusedError
}

@test "the network is shared: abstract sockets of the host are not reached all the same" {
    need_kernel 6.12
    serve AF_UNIX '"\0nsroot-test-%d"'" % $$"
    run reach AF_UNIX
    assert_failure
    assert_output --partial PermissionError
}

@test "--unshare-net: the loopback is up, with 127.0.0.1 and ::1, and nothing else is there" {
    run nsroot --unshare-net -- ip -o address
    assert_success
    assert_equal "${#lines[@]}" 2
    assert_line --index 0 --regexp '^1: lo .* 127.0.0.1/8 '
    assert_line --index 1 --regexp '^1: lo .* ::1/128 '
    run nsroot --unshare-net -- ip -o link
    assert_equal "${#lines[@]}" 1
    assert_output --partial ",UP,"
}

@test "--unshare-net: servers and clients inside find each other" {
    run nsroot --unshare-net -- python3 -c '
import socket
for family, address in (socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"):
    server = socket.socket(family)
    server.bind((address, 0))
    server.listen()
    client = socket.socket(family)
    client.connect(server.getsockname())
    print(address)'
    assert_success
    assert_output $'127.0.0.1\n::1'
}

@test "--loopback-address: more addresses, usable at once" {
    run nsroot --unshare-net --loopback-address 10.0.0.1/8 --loopback-address fd::1/8 -- sh -c '
        ip -o address; python3 -c "
import socket
socket.socket(socket.AF_INET).bind((\"10.0.0.1\", 0))
socket.socket(socket.AF_INET6).bind((\"fd::1\", 0))"'
    assert_success
    assert_output --partial " 10.0.0.1/8 "
    assert_output --partial " fd::1/8 "
    refute_output --partial tentative
}

@test "--loopback-address: glibc asks for IPv4 and IPv6 addresses then" {
    run nsroot --unshare-net --loopback-address 10.0.0.1/8 --loopback-address fd::1/8 \
        --bind-data 7 /etc/hosts -- python3 -c '
import socket
print(*sorted({entry[4][0] for entry in socket.getaddrinfo("both", 80, flags=socket.AI_ADDRCONFIG)}))' \
        7< <(printf '%s\n' '10.1.1.1 both' 'fd::2 both')
    assert_success
    assert_output "10.1.1.1 fd::2"
}

@test "--loopback-address: what is no address, and a network that is not new, are refused" {
    local address
    for address in 10.0.0.1 10.0.0.1/33 10.0.0/8 fd::1/129 fd::g/8 /8 10.0.0.1/; do
        run --separate-stderr nsroot --unshare-net --loopback-address "$address" -- true
        assert_own_failure "--loopback-address"
    done
    run --separate-stderr nsroot --loopback-address 10.0.0.1/8 -- true
    assert_own_failure '--loopback-address.*--unshare-net'
    run --separate-stderr nsroot --unshare-net --loopback-address 10.0.0.1/8 --loopback-address 10.0.0.1/8 -- true
    assert_own_failure '--loopback-address 10.0.0.1/8: .*File exists'
}

@test "--loopback-address: the longest IPv6 address" {
    run nsroot --unshare-net --loopback-address fd00:1111:2222:3333:4444:5555:255.255.255.255/128 -- ip -o -6 address
    assert_success
    assert_output --partial fd00:1111:2222:3333:4444:5555:ffff:ffff/128
}

@test "the network is shared: /etc/resolv.conf is readable, wherever it leads" {
    run nsroot -- cat /etc/resolv.conf
    assert_success
    assert_output "$(cat /etc/resolv.conf)"
}

@test "the network is shared: a resolv.conf below /run is still there" {
    # an outer sandbox, whose /etc/resolv.conf leads into /run
    run nsroot --ro-bind / / --tmpfs /run --dir /run/resolver --file 7 /run/resolver/resolv.conf \
        --bind-data 8 /etc/other --tmpfs /etc --symlink /run/resolver/resolv.conf /etc/resolv.conf \
        --dir /run/secret -- "$NSROOT" -- sh -c 'cat /etc/resolv.conf; ls /run' \
        7< <(echo nameserver 192.0.2.1) 8</dev/null
    assert_success
    assert_output $'nameserver 192.0.2.1\nresolver'
}

@test "root inside rules its own network alone" {
    run nsroot --unshare-net -- sh -c 'ip link add dummy0 type dummy 2>/dev/null || ip link set lo down; ip -o link'
    assert_success
    run nsroot -- ip link set lo down
    assert_failure
    assert_output --partial "Operation not permitted"
}

@test "packets of the network that is shared can't be listened to" {
    run nsroot --cap-add ALL -- python3 -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3)'
    assert_failure
    assert_output --partial PermissionError
}
