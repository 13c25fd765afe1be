#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Build a Debian tree and a tar of it the way mkosi does: step by step, with the options that it
# gives to its sandbox, by the mkosi-sandbox in PATH.
# Usage: mkosi-build.sh PLACE PACKAGE...
#
# PLACE holds `cache` (may be used again), and gets `image.tar` and `log`. Packages come from the
# machine's own sources.
#
# As mkosi does, it makes itself the owner of a user namespace first, where it keeps its own uid:
# the sandboxes of the steps are made within that, some with this uid and some as root.
set -euo pipefail

if [ -z "${WITHIN-}" ]; then
    export WITHIN=yes
    exec mkosi-sandbox --bind / / --same-dir -- "$BASH" "$0" "$@"
fi

place=$1
shift
umask 022
work=$(mktemp -d "$place/workspace.XXXXXX")
trap 'rm -rf "$work"' EXIT
root=$work/root tree=$work/sandbox
mkdir -p "$place/cache"/{archives/partial,lists/partial} "$root" "$tree" \
    "$work"/{tmp,scripts,staging,src}
exec >>"$place/log" 2>&1

# What the host's programs need of /etc: apt's configuration, and what is mounted there.
make_sandbox_tree() {
    local etc=$tree/etc name
    mkdir -p "$etc"/{apt/apt.conf.d,apt/preferences.d,ssl,ca-certificates,alternatives}
    for name in sources.list sources.list.d keyrings trusted.gpg.d auth.conf auth.conf.d; do
        [ ! -e "/etc/apt/$name" ] || cp -rL "/etc/apt/$name" "$etc/apt/"
    done
    echo 'Dir::Etc "/etc/apt";' >"$etc/apt.conf"
    apt-config dump | grep -E '^Acquire::(http|https|ftp|ForceIPv|Check|Retries)' \
        >"$etc/apt/apt.conf.d/network" || true
    for name in passwd group shadow gshadow; do ln -s "/buildroot/etc/$name" "$etc/$name"; done
    touch "$etc"/{resolv.conf,ld.so.cache,machine-id}
}

# The options of all steps with the host's programs; `network` as first argument leaves it.
sandbox_options() {
    local name
    options=(--bind /proc /proc --unsetenv TMPDIR --setenv SYSTEMD_OFFLINE 1)
    [ "$1" = network ] || options+=(--unshare-net)
    options+=(--ro-bind /usr /usr)
    for name in bin sbin lib lib32 lib64; do
        if [ -L "/$name" ]; then
            options+=(--symlink "$(readlink "/$name")" "/$name")
        elif [ -d "/$name" ]; then
            options+=(--ro-bind "/$name" "/$name")
        fi
    done
    options+=(--dir /var/tmp --dir /var/log --unshare-ipc --ro-bind /home /home --dev /dev)
    for name in alternatives ld.so.cache ssl ca-certificates; do
        [ ! -e "/etc/$name" ] || options+=(--ro-bind "/etc/$name" "/etc/$name")
    done
    [ "$1" != network ] || options+=(--ro-bind-nofollow /etc/resolv.conf /etc/resolv.conf)
    options+=(--setenv PATH /scripts:/usr/bin:/usr/sbin:/bin:/usr/local/bin
        --ro-bind "$work/scripts" /scripts --ro-bind "$tree/etc" /etc --dir /run --dir /tmp)
    for name in srv media mnt var var/tmp; do
        options+=(--bind "$(mktemp -d "$work/tmp/var-tmp-XXXXXX")" "/$name")
    done
}

apivfs=(
    --tmpfs /buildroot/run --tmpfs /buildroot/tmp --bind /proc /buildroot/proc
    --dev /buildroot/dev --dir /buildroot/run/user/0
    --write mkosi /buildroot/run/host/container-manager
)
apivfs_at_root=("${apivfs[@]//\/buildroot\///}")
chroot=(
    --become-root --unshare-ipc --setenv container mkosi --setenv HOME /
    --setenv PATH /usr/bin:/usr/sbin --setenv BUILDROOT /
)

# in_sandbox network|- [OPTION...] -- COMMAND...
in_sandbox() {
    local options
    sandbox_options "$1"
    shift
    mkosi-sandbox "${options[@]}" "$@"
}

# apt [OPTION...] -- ARGUMENT...: apt-get of the host, for the tree
apt() {
    local more=()
    while [ "$1" != -- ]; do more+=("$1") && shift; done
    shift
    in_sandbox network --bind "$root" /buildroot \
        --bind "$place/cache/lists" /var/lib/apt/lists --bind "$place/cache" /var/cache/apt \
        "${more[@]}" --become-root --suppress-chown --suppress-sync \
        --ro-bind-try "$root/etc/machine-id" /buildroot/etc/machine-id --dir /run/user/0 \
        --symlink /buildroot/etc/passwd /etc/passwd --symlink /buildroot/etc/group /etc/group \
        --dir /var/lib/apt/lists/partial \
        -- env APT_CONFIG=/etc/apt.conf DEBIAN_FRONTEND=noninteractive HOME=/ \
        apt-get -o APT::Install-Recommends=false -o APT::Immediate-Configure=off \
        -o APT::Get::Assume-Yes=true -o APT::Sandbox::User=root -o Acquire::Languages=none \
        -o Dir::Cache=/var/cache/apt -o Dir::State=/buildroot/var/lib/apt \
        -o Dir::State::lists=/var/lib/apt/lists/ -o Dir::Log=/var/log/apt \
        -o Dir::State::Status=/buildroot/var/lib/dpkg/status -o Debug::NoLocking=true \
        -o DPkg::Options::=--root=/buildroot -o DPkg::Options::=--force-unsafe-io \
        -o DPkg::Options::=--force-depends -o DPkg::Use-Pty=false \
        -o DPkg::Install::Recursive::Minimum=1000 -o pkgCacheGen::ForceEssential=, "$@" </dev/null
}

# The essential packages are unpacked before any of their scripts is run.
bootstrap() {
    local name deb file
    for name in bin sbin lib lib64; do
        [ "$name" != lib64 ] || [ -L /lib64 ] || continue
        ln -s "usr/$name" "$root/$name"
        mkdir -p "$root/usr/$name"
    done
    mkdir -p "$root/var/lib/dpkg" "$root/var/lib/apt"
    touch "$root/var/lib/dpkg/status" "$root/var/lib/dpkg/available"

    : >"$work/debs"
    apt --bind "$work/debs" /work/debs -- install -oDebug::pkgDPkgPm=1 \
        '-oDPkg::Pre-Install-Pkgs::=cat >/work/debs' '?essential' base-files
    [ -s "$work/debs" ]
    while read -r deb; do
        file=$place/cache/${deb#/var/cache/apt/}
        in_sandbox - -- dpkg-deb --fsys-tarfile /dev/stdin <"$file" >"$work/data.tar"
        in_sandbox - --ro-bind "$work/data.tar" /work/data.tar --bind "$root" /work/root \
            --symlink /work/root/etc/passwd /etc/passwd \
            -- tar --extract --file /work/data.tar --directory /work/root --keep-directory-symlink \
            --no-overwrite-dir --same-permissions --numeric-owner --same-order
    done <"$work/debs"
    sed -E 's,.*/,,; s/_.*//' "$work/debs" >"$work/essential"
}

# install PACKAGE...: with the packages' scripts, chrooted by dpkg
install() {
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 0755 "$root/usr/sbin/policy-rc.d"
    apt "${apivfs[@]}" -- install "$@"
    rm "$root/usr/sbin/policy-rc.d"
}

# A script of the user's in the tree, and one beside it that goes into the tree by `mkosi-chroot`.
run_scripts() {
    local name
    cat >"$work/postinst.chroot" <<'SCRIPT'
#!/bin/sh
set -e
{
    echo "postinst: $(id -u) $(id -un) $PWD $container $1 $(cat /run/host/container-manager)"
    ls -A /tmp /run /dev/shm
    touch /etc/owned && chown 0:0 /etc/owned
} >/postinst
SCRIPT
    cat >"$work/finalize" <<'SCRIPT'
#!/bin/sh
set -e
{
    echo "finalize: $PWD"
    [ "$(id -u)" = "$CALLER" ] && echo caller
    mkosi-chroot sh -c 'echo "chroot: $(id -u) $PWD $container"'
    mkosi-chroot hello
} >"$BUILDROOT/finalize"
SCRIPT
    cat >"$work/scripts/mkosi-chroot" <<'SCRIPT'
#!/bin/bash
exec mkosi-sandbox --bind /buildroot / --bind /var/tmp /var/tmp --tmpfs /run --tmpfs /tmp \
    --bind /proc /proc --dev /dev --dir /run/user/0 --write mkosi /run/host/container-manager \
    --become-root --unshare-ipc --setenv container mkosi --setenv HOME / \
    --setenv PATH /usr/bin:/usr/sbin --setenv BUILDROOT / --bind /work /work --chdir /work/src \
    -- "$@"
SCRIPT
    chmod 0755 "$work"/{postinst.chroot,finalize,scripts/mkosi-chroot}
    cp -L "$(command -v mkosi-sandbox)" "$work/scripts/mkosi-sandbox"

    mkosi-sandbox --bind "$root" / --unsetenv TMPDIR --setenv SYSTEMD_OFFLINE 0 --unshare-net \
        "${apivfs_at_root[@]}" "${chroot[@]}" \
        --bind "$(mktemp -d "$work/tmp/var-tmp-XXXXXX")" /var/tmp \
        --dir /work/src --chdir /work/src --ro-bind "$work/postinst.chroot" /work/postinst \
        -- /work/postinst final
    CALLER=$(id -u) BUILDROOT=/buildroot in_sandbox - --dir /work/src --chdir /work/src \
        --ro-bind "$work/finalize" /work/finalize --bind "$root" /buildroot \
        --bind "$work/staging" /work/out -- /work/finalize
}

# What belongs to the image alone, as root's.
make_tar() {
    in_sandbox - --ro-bind "$root" /work/root -- tar --create --file - --directory /work/root \
        --owner=root:0 --group=root:0 --numeric-owner --sort=name --format=gnu --one-file-system \
        --anchored --exclude='./work/*' --exclude='./var/log/*' --exclude='./var/cache/*' . \
        >"$place/image.tar"
}

make_sandbox_tree
apt -- -o APT::Update::Error-Mode=any update
bootstrap
mapfile -t essential <"$work/essential"
install "${essential[@]}"
install "$@"
run_scripts
make_tar
