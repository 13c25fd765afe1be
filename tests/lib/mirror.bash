# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# For tests that install packages from the machine's own sources.

# Without nsroot, so that what it breaks is no missing mirror.
has_mirror() {
    local place=$BATS_FILE_TMPDIR/probe
    command -v apt-get dpkg-deb >/dev/null || return
    mkdir -p "$place/state/lists/partial" "$place/cache/archives/partial"
    apt-get -qq -o Dir::State="$place/state" -o Dir::State::status=/dev/null \
        -o Dir::Cache="$place/cache" -o APT::Update::Error-Mode=any -o APT::Update::Post-Invoke= \
        -o Acquire::Retries=0 update && [ -n "$(find "$place/state/lists" -name '*Packages*')" ]
}
