/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Moving into the tree that was built: pivot_root(2), mount_namespaces(7). */

#include "mounts/build.h"

/*
 * mount_cut_off: cut the mount namespace off from the one it was copied from: nothing that is
 * mounted here shows there.
 *  receive: what is mounted there later shows here, though.
 * Returns 0 or a negative errno, reported.
 */
int mount_cut_off(bool receive, struct report *report);

/* mount_share: let what is mounted here show in the mount namespaces that are copied from this one.
 * Returns 0 or a negative errno, reported. */
int mount_share(struct report *report);

/*
 * mount_enter: make the tree the root of every process in this mount namespace, and let go of the
 * old one. build: whose tree lies over "/". Returns 0; MOUNT_ENTER_CHROOT where "/" can't be
 * pivoted away from (an initramfs): then each process has to call mount_enter_by_chroot; or a
 * negative errno, reported.
 */
#define MOUNT_ENTER_CHROOT 1
int mount_enter(const struct mount_build *build, struct report *report);

/* mount_enter_by_chroot: enter what lies over "/". Returns 0 or a negative errno, reported. */
int mount_enter_by_chroot(struct report *report);
