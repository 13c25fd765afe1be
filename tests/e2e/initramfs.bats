# SPDX-License-Identifier: LGPL-2.1-or-later
#
# nsroot in an initramfs, on the kernel of Debian: a machine is emulated, whose init
# (initramfs.init) tries this and that; each test looks at one of the tries.

load ../lib/nsroot

setup_file() {
    export CONSOLE=$BATS_FILE_TMPDIR/console
    cd "$BATS_FILE_TMPDIR" || return
    if has_kernel; then
        make_root
        start_machine
    fi
}

setup() {
    [ -e "$CONSOLE" ] || skip "wants qemu for x86-64, a static busybox and a package mirror with a kernel"
}

has_kernel() {
    local image
    [ "$(uname -m)" = x86_64 ] &&
        command -v qemu-system-x86_64 busybox apt-cache dpkg-deb gzip >/dev/null || return
    image=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/.*Depends: //p')
    [ -n "$image" ] && apt-get -qq download "$image" && dpkg-deb -x "$image"_*.deb kernel
}

start_machine() {
    (cd root && find . | busybox cpio -o -H newc) 2>/dev/null | gzip -1 >initrd
    timeout --kill-after=5 600 qemu-system-x86_64 -M q35 -m 512 -display none -nodefaults -no-reboot \
        -serial stdio -kernel kernel/boot/vmlinuz-* -initrd initrd \
        -append "console=ttyS0 quiet panic=-1" </dev/null 2>&1 | tr -d '\r' >"$CONSOLE"
    grep -q '^== end$' "$CONSOLE" || {
        cat "$CONSOLE"
        return 1
    }
}

make_root() {
    local file
    mkdir -p root/{bin,dev,etc,home/user,lib,lib64,mnt,proc,run,sys,tmp}
    install -m 0755 "$BATS_TEST_DIRNAME/initramfs.init" root/init
    install "$(command -v busybox)" root/bin/busybox
    install "$NSROOT" root/bin/nsroot
    ldd "$NSROOT" | grep -o '/[^ ]*' | while IFS= read -r file; do
        install -D "$(realpath "$file")" "root$file"
    done
    find kernel/lib/modules kernel/usr/lib/modules -name 'overlay.ko*' -exec cp {} root/ \; 2>/dev/null || true
    for file in root/*.ko.xz; do
        [ ! -e "$file" ] || xz -d "$file"
    done
    printf '%s\n' root:x:0:0::/:/bin/sh user:x:1000:1000::/home/user:/bin/sh >root/etc/passwd
    printf '%s\n' root:x:0: user:x:1000: >root/etc/group
}

# tried NAME: $output and $status of a try
tried() {
    output=$(sed -n "/^== $1\$/,/^-- /{/^== /d; p}" "$CONSOLE")
    status=${output##*-- }
    output=${output%-- *}
    output=${output%$'\n'}
    mapfile -t lines <<<"$output"
    [ -n "$status" ] || fail "not tried: $1"
}

@test "initramfs: an ordinary user gets a sandbox" {
    tried kernel
    echo "# Linux $output" >&3
    tried ids
    assert_success
    assert_output 0
    tried writable
    assert_output made-inside
}

@test "an older kernel: what it lacks is said under --verbose" {
    tried kernel
    version=$output
    [ "$(printf '%s\n' 6.12 "${version%%-*}" | sort -V | head -n 1)" != 6.12 ] || skip "this is $version"
    tried verbose
    assert_success
    assert_output --partial "no Landlock scopes"
}

@test "initramfs: the root file system is read-only inside" {
    tried read-only
    assert_failure
    assert_output --partial "Read-only file system"
}

@test "initramfs: only the sandbox's processes are seen" {
    tried processes
    assert_output --regexp $'^/proc/1\n/proc/[0-9]+$'
}

@test "initramfs: root inside can't uncover the host's root" {
    tried root-locked
    assert_failure
    assert_output --regexp "umount.*Invalid argument.*umount.*Invalid argument.*/home: No such file"
}

@test "initramfs: one level of user namespace works too" {
    tried one-level
    assert_failure
    assert_output --regexp $'^0\n/proc/1\n/proc/2\n(/proc/[0-9]+\n)?touch: /etc/changed: Read-only file system$'
}

@test "initramfs: a network of its own, with addresses" {
    tried network
    assert_success
    assert_output --partial " 127.0.0.1/8 "
    assert_output --partial " ::1/128 "
    assert_output --partial " 10.0.0.1/8 "
    assert_output --partial " fd::1/8 "
}

@test "initramfs: an mqueue" {
    tried mqueue
    assert_output 1
}

@test "initramfs: three deep" {
    tried nested
    assert_success
    assert_output 0
}

@test "initramfs: with hidepid=2" {
    tried hidepid
    assert_success
    assert_output /proc/1
}

@test "an older kernel: layers with a persistent upper; nothing that rm -rf can't remove" {
    tried layers
    assert_success
    assert_output $'1\n2\n3\nmade-inside\none\ntwo'
}

@test "an older kernel: a hundred layers" {
    tried hundred-layers
    assert_output --regexp $'^100\n.*Read-only file system'
}

@test "an older kernel: a layer whose name has : , and \\" {
    tried odd-layer-name
    assert_success
    assert_output file
}

@test "an older kernel: an overlay of the whole root" {
    tried overlay-of-root
    assert_success
    assert_output $'group\nnew\npasswd\ngroup\npasswd'
}

@test "an older kernel: a mount point that a read-only tree lacks" {
    tried missing-mount-point
    assert_success
    assert_line made-inside
    assert_line /bin
}

@test "an older kernel: chown succeeds without being done" {
    tried chown
    assert_success
    assert_output $'0:0\n1000:1000'
}

@test "initramfs: real root gets a sandbox" {
    tried root
    assert_output 0
    tried root-nested
    assert_success
    assert_line 0
    assert_line /proc/self
    tried share-user
    assert_output $'0\ntouch: /etc/changed: Read-only file system'
}

@test "initramfs: real root inside can't write to the kernel's own files" {
    tried root-proc
    assert_output --regexp "core_pattern: Read-only.*sysrq-trigger: Read-only.*umount: can't unmount /proc/sys.*umount: can't unmount /proc:.*mount: permission denied"
    assert_line 0
    refute_output --partial kcore
    tried root-new-proc
    assert_line core
    assert_line --regexp "^mount: permission denied"
}

@test "user namespaces forbidden by kernel.unprivileged_userns_clone: its own advice" {
    grep -q '^== userns-clone-forbidden$' "$CONSOLE" || skip "this kernel has no such setting"
    tried userns-clone-forbidden
    assert_status 125
    assert_output --partial "sysctl kernel.unprivileged_userns_clone=1"
}

@test "user namespaces forbidden by user.max_user_namespaces: its own advice" {
    tried userns-limit
    assert_status 125
    assert_output --partial "sysctl user.max_user_namespaces="
}

@test "user namespaces forbidden by a chroot: its own advice" {
    tried chrooted
    assert_status 125
    assert_output --partial "in a chroot the kernel allows no user namespaces"
    tried chrooted-root
    assert_status 125
    assert_output --partial "in a chroot the kernel allows no user namespaces"
}

@test "a chroot: real root gets a sandbox with --share-user" {
    tried chrooted-share-user
}
