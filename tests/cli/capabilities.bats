# SPDX-License-Identifier: LGPL-2.1-or-later
# What the command may do: capability sets, no_new_privs, the session keyring.

load ../lib/nsroot

# caps OPTION...: the five sets, one a line, by name
caps() {
    local line
    nsroot "$@" -- grep ^Cap /proc/self/status | while read -r name value; do
        line=$(capsh --decode="$value")
        echo "$name ${line#*=}"
    done
}

# What reaches beyond every namespace is not given, unless it is asked for.
beyond="cap_sys_module|cap_sys_rawio|cap_sys_pacct|cap_sys_boot|cap_sys_time|cap_audit_|cap_mac_|cap_syslog|cap_wake_alarm|cap_block_suspend|cap_perfmon|cap_bpf"

@test "root has what stays within namespaces, as permitted, effective and bounding set" {
    run caps
    assert_line --index 0 "CapInh: "
    assert_line --index 4 "CapAmb: "
    set="${lines[1]#*: }"
    assert_line --index 2 "CapEff: $set"
    assert_line --index 3 "CapBnd: $set"
    [[ "$set" == *cap_chown* && "$set" == *cap_sys_admin* && "$set" == *cap_net_admin* ]]
    refute_line --regexp "$beyond"
}

@test "who is not root has none" {
    run caps --map caller
    assert_output "$(printf '%s: \n' CapInh CapPrm CapEff CapBnd CapAmb)"
}

@test "--cap-add for who is not root: all five sets" {
    run caps --map caller --cap-add net_admin,CAP_SYS_CHROOT
    assert_output "$(printf '%s: cap_net_admin,cap_sys_chroot\n' CapInh CapPrm CapEff CapBnd CapAmb)"
}

@test "--cap-add ALL" {
    run caps --cap-add ALL
    assert_line --index 3 --regexp "cap_sys_module.*cap_bpf"
    assert_line --index 0 "CapInh: "
}

@test "--cap-drop ALL: nothing is left to root" {
    run caps --cap-drop ALL
    assert_output "$(printf '%s: \n' CapInh CapPrm CapEff CapBnd CapAmb)"
}

@test "--cap-add and --cap-drop hold in their order" {
    run caps --cap-drop ALL --cap-add chown,kill --cap-drop kill
    assert_line --index 3 "CapBnd: cap_chown"
    run caps --cap-drop chown --cap-add ALL
    assert_line --index 3 --partial "cap_chown,"
    run caps --cap-add ALL --cap-drop CAP_SYS_ADMIN
    assert_line --index 2 --partial cap_chown
    refute_line --partial cap_sys_admin
}

@test "capabilities in libcap's text form" {
    run caps --cap-drop ALL --cap-add cap_chown,cap_kill=p
    assert_line --index 3 "CapBnd: cap_chown,cap_kill"
    run caps --map caller --ambient cap_net_raw+ep
    assert_line --index 4 "CapAmb: cap_net_raw"
}

@test "--ambient: exactly these, inheritable too" {
    run caps --map caller --ambient net_raw,chown
    assert_line --index 0 "CapInh: cap_chown,cap_net_raw"
    assert_line --index 4 "CapAmb: cap_chown,cap_net_raw"
    run caps --map caller --cap-add net_raw --ambient none
    assert_output $'CapInh: \nCapPrm: \nCapEff: \nCapBnd: cap_net_raw\nCapAmb: '
    run caps --ambient chown
    assert_line --index 0 "CapInh: cap_chown"
    assert_line --index 4 "CapAmb: cap_chown"
}

@test "the caller's own inheritable and ambient sets don't come along" {
    run unshare --user --map-root-user setpriv --inh-caps=+chown,+net_admin --ambient-caps=+chown,+net_admin \
        "$NSROOT" --map caller -- grep -E '^Cap(Inh|Amb)' /proc/self/status
    assert_success
    refute_line --regexp ':.*[1-9a-f]'
}

@test "an unknown capability is refused by its name" {
    run --separate-stderr nsroot --cap-add chown,sys_admni -- true
    assert_own_failure '--cap-add: "sys_admni".*cap_sys_admin'
}

@test "no_new_privs is set: setuid programs give nothing" {
    run nsroot -- grep NoNewPrivs /proc/self/status
    assert_output $'NoNewPrivs:\t1'
    run nsroot --map caller --no-lock -- grep NoNewPrivs /proc/self/status
    assert_output $'NoNewPrivs:\t1'
}

@test "what can't be done without a capability fails without it" {
    run nsroot -- chroot / true
    assert_success
    run nsroot --cap-drop sys_chroot -- chroot / true
    assert_failure
    assert_output --partial "Operation not permitted"
    run nsroot --cap-drop sys_admin -- mount -t tmpfs tmpfs /tmp
    assert_failure
}

@test "keys of the caller's session can't be found" {
    # a session of its own, with a key; the command looks for it
    cat >keys.py <<'PYTHON'
import ctypes, os, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
ADD_KEY, REQUEST_KEY, KEYCTL = {"x86_64": (248, 249, 250)}.get(os.uname().machine, (217, 218, 219))
def call(*args):
    r = libc.syscall(*args)
    return r if r >= 0 else os.strerror(ctypes.get_errno())
if sys.argv[1] == "look":
    print(call(REQUEST_KEY, b"user", b"nsroot-test", None, 0))
    buffer = ctypes.create_string_buffer(100)
    print(call(KEYCTL, 11, int(sys.argv[2]), buffer, 100))  # KEYCTL_READ
else:
    call(KEYCTL, 1, None)  # KEYCTL_JOIN_SESSION_KEYRING
    serial = call(ADD_KEY, b"user", b"nsroot-test", b"secret", 6, -3)
    print(serial == call(REQUEST_KEY, b"user", b"nsroot-test", None, 0), flush=True)
    subprocess.run(sys.argv[2:] + ["look", str(serial)])
PYTHON
    run python3 keys.py make "$NSROOT" --allow-keyring -- python3 "$PWD/keys.py"
    [ "${lines[0]}" = True ] || skip "no keyrings here: $output"
    assert_line --index 1 "Required key not available"
    assert_line --index 2 "Permission denied"
    # by default there are none at all: the user's keyring can be linked to whatever session
    run python3 keys.py make "$NSROOT" -- python3 "$PWD/keys.py"
    assert_line --index 1 "Function not implemented"
    assert_line --index 2 "Function not implemented"
    run python3 keys.py make python3 "$PWD/keys.py"
    assert_line --index 2 6
}
