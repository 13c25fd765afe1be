# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# A root tree to run commands in: folders and links that the test can change, and the host's /usr.

# make_image FOLDER: what an image has at the least.
make_image() {
    local name
    mkdir -p "$1"/{usr,etc,proc,dev,tmp,run}
    for name in bin sbin lib lib64; do
        [ ! -e "/$name" ] || ln -s "usr/$name" "$1/$name"
    done
}

# in_image FOLDER OPTION... -- COMMAND...: nsroot with the image as root, writable.
in_image() {
    local image=$1
    shift
    "$NSROOT" --bind "$image" / --ro-bind /usr /usr "$@"
}
