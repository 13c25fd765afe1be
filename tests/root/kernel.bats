# SPDX-License-Identifier: LGPL-2.1-or-later
# Real root inside is the machine's root to the kernel's files: none of them may be changed, and no
# device reached.

load ../lib/nsroot

setup() {
    need_root
    enter_workplace
    before=$(switches)
}

teardown() {
    # whatever happened inside
    [ -z "${before-}" ] || assert_equal "$(switches)" "$before"
}

switches() {
    cat /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /proc/sys/vm/swappiness 2>/dev/null || true
}

# What could change the machine: tried inside; prints what could be opened for writing.
open_all='for file in /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /proc/sys/vm/drop_caches \
    /proc/sysrq-trigger /proc/irq/default_smp_affinity /proc/mtrr /proc/dynamic_debug/control /proc/fs/nfsd/threads /proc/bus/pci/devices \
    /proc/sys/fs/binfmt_misc/register /sys/kernel/uevent_helper /sys/power/state /sys/kernel/mm/ksm/run \
    /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/release_agent /sys/fs/cgroup/*/cgroup.procs \
    /sys/firmware/efi/efivars/x; do
    [ ! -e "$file" ] || { exec 9>>"$file"; } 2>&- && [ -e "$file" ] && echo "opened $file"
done; :'

@test "real root: nothing below /proc and /sys can be opened for writing" {
    for options in "" "--bind / /" "--dev-bind / /" "--ro-bind / /" "--bind / / --bind /sys /sys" \
        "--bind / / --unshare-net" "--share-pid" "--bind / / --share-pid" \
        "--bind / / --no-default-mounts"; do
        # shellcheck disable=SC2086 # several options
        run nsroot $options -- bash -c "$open_all"
        assert_success
        assert_output ""
    done
}

@test "real root: a sysfs of the plan is read-only, and stays so" {
    for options in "--unshare-net" "" "--unshare-net --bind / /"; do
        # shellcheck disable=SC2086 # several options
        run nsroot $options --sysfs /sys -- bash -c "$open_all"
        assert_success
        assert_output ""
        # shellcheck disable=SC2086
        run nsroot $options --sysfs /tmp/sys -- sh -c '
            mount -o remount,rw /tmp/sys 2>/dev/null; mount -o remount,bind,rw /tmp/sys 2>/dev/null
            mkdir /tmp/new && mount -t sysfs none /tmp/new 2>/dev/null
            findmnt -n -t sysfs -o OPTIONS | grep -E "^rw|,rw,"; :'
        assert_success
        refute_output --regexp '^rw'
    done
}

@test "real root: kcore, kmsg and devices are not to be read" {
    run nsroot -- bash -c 'for file in /proc/kcore /proc/kmsg; do
            [ ! -e $file ] || timeout 1 head -c 1 $file | wc -c; done 2>&1 | sort -u'
    assert_success
    refute_output --regexp '^[1-9]'
    run nsroot -- bash -c 'cd /proc && for file in keys timer_list acpi scsi latency_stats sched_debug; do
            [ ! -e $file ] || { [ -d $file ] && ls $file || cat $file; }; done'
    assert_success
    assert_output ""
    run nsroot -- ls /dev
    refute_line --regexp '^(mem|kmsg|sd.*|vd.*|nvme.*|loop.*|port|kvm|mapper|disk|net|fuse)$'
    run nsroot -- sh -c 'mknod /tmp/mem c 1 1; mknod /dev/mem c 1 1; mknod disk b 8 0'
    assert_failure
    assert_output --partial "Operation not permitted"
    assert_not_exist disk
}

@test "real root: a device node on the disk can't be opened" {
    mknod null c 1 3 || skip "can't make device nodes here"
    run nsroot -- sh -c 'echo text >null'
    assert_failure
    assert_output --partial "Permission denied"
}

@test "real root: the masks stay" {
    run nsroot -- sh -c 'for point in /proc/sys /proc/irq /proc/sysrq-trigger /proc/kmsg /proc; do
            umount $point 2>/dev/null && echo "gone $point"
            umount -l $point 2>/dev/null && echo "gone $point"
            mount -o remount,rw,bind $point 2>/dev/null && echo "writable $point"
            mount -o remount,rw $point 2>/dev/null && echo "writable $point"
        done; :'
    refute_output --partial gone
    run nsroot -- bash -c "mount -o remount,rw,bind /proc/sys; $open_all"
    refute_output --partial opened
}

@test "real root: no new procfs or sysfs that is writable, whatever else is mounted" {
    for options in "" "--bind / /" "--bind / / --unshare-net" "--share-pid" "--map root" \
        "--tmpfs / --ro-bind /usr /usr --ro-bind /bin /bin --ro-bind /lib /lib --ro-bind-try /lib64 /lib64 --dir /tmp"; do
        # shellcheck disable=SC2086 # several options
        run nsroot $options -- bash -c '
            for type in proc sysfs cgroup2 cgroup debugfs securityfs; do
                mount -t $type $type /tmp 2>/dev/null || mount -o ro -t $type $type /tmp 2>/dev/null || continue
                mount -o remount,rw /tmp 2>/dev/null
                for file in sys/kernel/core_pattern sysrq-trigger power/state kernel/uevent_helper release_agent; do
                    [ ! -e /tmp/$file ] || { exec 9>>/tmp/$file; } 2>&- && [ -e /tmp/$file ] && echo "opened $type: $file"
                done
                exec 9>&-
                umount /tmp
            done; :'
        assert_success
        refute_output --partial opened
    done
}

# shellcheck disable=SC2016 # for the inner shell
mount_cgroups='mkdir /tmp/c
    for type in cgroup2 "cgroup -o freezer" "cgroup -o devices" "cgroup -o none,name=nsroot-test"; do
        mount -t $type none /tmp/c 2>/dev/null && echo "mounted $type" && umount /tmp/c
    done; :'

@test "real root: control groups can't be mounted, in no cgroup namespace" {
    if [ ! -e /proc/self/ns/cgroup ]; then skip "no cgroup namespaces"; fi
    for options in "" "--cap-add ALL" "--bind / / --tmpfs /tmp" "--unshare-all" "--map root" "--share-pid"; do
        # shellcheck disable=SC2086 # several options
        run nsroot $options -- bash -c "$mount_cgroups"
        assert_success
        assert_output ""
        # shellcheck disable=SC2086
        run nsroot $options -- unshare -C bash -c "$mount_cgroups"
        assert_failure
        assert_output --partial "No space left on device"
        # shellcheck disable=SC2086
        run nsroot $options -- unshare -UrmC bash -c "$mount_cgroups"
        assert_failure
        refute_output --partial mounted
    done
    run nsroot -- sh -c 'echo 99 >/proc/sys/user/max_cgroup_namespaces'
    assert_failure
}

@test "real root: the cgroup namespace is the caller's, and --unshare-cgroup is refused" {
    run nsroot -- readlink /proc/self/ns/cgroup
    assert_output "$(readlink /proc/self/ns/cgroup)"
    run --separate-stderr nsroot --unshare-cgroup -- true
    assert_own_failure '--unshare-cgroup: real root could mount'
    run nsroot --explain -- true
    assert_line --regexp '^  shared:.* cgroup'
    run nsroot --verbose -- true
    assert_output --partial "no cgroup namespace for real root"
    # in the sandbox of real root: other users, and root again, go without
    run nsroot -- "$NSROOT" -- echo root
    assert_line root # and a warning about procfs
    run nsroot --uid 4242 --gid 4242 --chdir / -- "$NSROOT" -- echo user
    assert_line user
}

# What is tried would change nothing, should it succeed.
@test "real root: the clock and the settings are out of reach, with all capabilities too" {
    for options in "" "--cap-add ALL"; do
        # shellcheck disable=SC2086 # several options
        run nsroot $options -- bash -c '
            date -s "$(date -Ins)" >/dev/null 2>&1 && echo "set the clock"
            dmesg --console-level 4 2>/dev/null && echo "set the level of messages"
            value=$(cat /proc/sys/vm/swappiness)
            { echo "$value" >/proc/sys/vm/swappiness; } 2>&- && echo "set swappiness"
            :'
        assert_success
        assert_output ""
    done
}

@test "real root: root's processes outside are not seen, nor changed" {
    sleep 60 &
    outside=$!
    run nsroot -- sh -c "kill $outside; ls /proc/$outside"
    assert_failure
    kill -0 "$outside"
    run nsroot --share-pid -- sh -c "cat /proc/$outside/environ; readlink /proc/$outside/root"
    assert_failure
    kill "$outside"
}

@test "real root, --map root: the same holds" {
    run nsroot --map root -- bash -c "$open_all"
    assert_output ""
}

@test "root of the machine in the map of another user, who may set ids: the same holds" {
    chmod 0755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$BATS_TEST_TMPDIR" "$WORK"
    as_setter=(setpriv --reuid 4242 --regid 4242 --clear-groups --inh-caps "+setuid,+setgid,+setfcap"
        --ambient-caps "+setuid,+setgid,+setfcap")
    "${as_setter[@]}" test -x "$NSROOT" || skip "wants a binary that others can reach"
    run "${as_setter[@]}" "$NSROOT" --map-uid 0:0:1 --map-gid 0:0:1 -- id -u
    assert_success
    assert_output 0
    for options in "" "--bind / / --bind /sys /sys" "--share-pid --bind / /"; do
        # shellcheck disable=SC2086 # several options
        run "${as_setter[@]}" "$NSROOT" --map-uid 0:0:1 --map-gid 0:0:1 $options -- bash -c "$open_all"
        assert_success
        assert_output ""
    done
    run "${as_setter[@]}" "$NSROOT" --map-uid 0:0:1 --map-gid 0:0:1 -- unshare -C true
    assert_failure
}
