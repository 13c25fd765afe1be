# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034 # prelude, OLDEST: of compare
#
# What the comparisons of mkosi-sandbox share. Their rows have:
#
#     base                      options: enough of the host to run its programs
#     inside ARGUMENT...        mkosi-sandbox with these
#     mounts OPTION...          a line "POINT SOURCE rw|ro" for each mount that the options add.
#                               SOURCE is relative to the row's folder, or else a file system's name
#     me COMMAND...             COMMAND with the caller's own ids as ID
#     stripped COMMAND...       COMMAND without peer groups, which release 27 does not make, and
#                               without the mode that a tmpfs was given when it has it anyhow

load ../lib/compare

OLDEST=27

setup() {
    enter_comparison mkosi-sandbox
}

prelude='
base=(--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib
    --symlink usr/lib64 /lib64 --symlink usr/sbin /sbin --bind /proc /proc)
inside() { mkosi-sandbox "${base[@]}" "$@"; }
mounts() {
    see mounts "${base[@]}" "$@" | stripped cat | awk '\''
        $2 == "/" || $2 ~ /^\/(usr|proc)(\/|$)/ || $1 != "mount" { next }
        { sub(/.*\/row\/?/, "./", $6) }
        { print $2, ($6 ~ /^\.\// ? $6 : $9), substr($7, 1, 2) }'\''
    return "${PIPESTATUS[0]}"
}
me() {
    "$@" | sed -E "s/\b($(id -u)|$(id -g))\b/ID/g"
    return "${PIPESTATUS[0]}"
}
stripped() {
    "$@" | sed -E "s/ (shared|master|propagate_from):[0-9]+//g; s/(tmpfs rw),mode=755/\\1/"
    return "${PIPESTATUS[0]}"
}
'
