# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# For the tests of nsroot-pack: load ../lib/pack, after ../lib/nsroot.

PACK=$(dirname "$NSROOT")/nsroot-pack
[ -x "$PACK" ] || PACK=$(dirname "$NSROOT")/pack/nsroot-pack
export PACK

nsroot_pack() {
    "$PACK" "$@"
}

# A sh script that builds a tree in its current directory, as root really or in a sandbox: owners,
# devices, links, attributes, capabilities, holes, names.
# shellcheck disable=SC2016,SC2034 # it is the script's, and the tests' that load this
BUILD_TREE='
set -e
umask 022
mkdir -p etc dev bin folder/empty long
printf "%s\n" root:x:0:0::/: mail:x:8:8::/: >etc/passwd
printf "%s\n" root:x:0: mail:x:8: >etc/group
echo contents >file; ln file hard; ln file folder/hard; chown 8:12 file
ln -s file symlink; chown -h 33:34 symlink
ln -s nowhere dangling
chown 0:8 folder; chmod 2775 folder
mkfifo fifo; chown 7:7 fifo; chmod 0640 fifo
mknod dev/null c 1 3; chmod 0666 dev/null; ln dev/null dev/other
mknod dev/disk b 259 70000; chown 0:6 dev/disk; chmod 0660 dev/disk
cp /bin/true bin/suid; chown 0:8 bin/suid; chmod 4755 bin/suid
cp /bin/true bin/ping; setcap cap_net_raw+ep bin/ping
echo large >ids; chown 70000:4000000 ids
setfattr -n trusted.test -v value file
setfattr -n user.test -v "" folder
truncate -s 3000000 sparse; printf x | dd of=sparse bs=1 seek=1000001 conv=notrunc status=none
truncate -s 200000 hole
printf x >"$(printf "new\nline")"; printf x >"$(printf "\\377")"; printf x >"$(printf "\\303\\251")"
long=long/$(printf "%0150d" 1)
mkdir -p "$long/$(printf "%0140d" 2)"
echo x >"long/$(printf "%0120d" 3)"
echo x >"$long/$(printf "%0140d" 2)/file"
find . -depth -print0 | xargs -0 touch -h -d @1500000000.123456789
'

# What GNU tar says of an archive.
list_tar() {
    tar --numeric-owner --full-time --quoting-style=escape -tvf "$1" 2>&1 |
        grep -av "Ignoring unknown extended header keyword 'hdrcharset'"
}
