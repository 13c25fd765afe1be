/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Carrying out a plan, entry by entry, after mount_build_open. */

#include "mounts/build.h"

/*
 * mount_tree_build: make the tree over "/" with every entry that is not MOUNT_LATE, whose mount
 * points included. The mount namespace must be the caller's own and private.
 * Returns 0 or a negative errno, reported.
 */
int mount_tree_build(struct mount_build *build, struct report *report);

/*
 * mount_tree_late: mount the MOUNT_LATE entries, of which a plan that is carried out as given has
 * none: procfs of build->pidns_fd, and what belongs to
 * the ipc and network namespace of the calling process.
 */
int mount_tree_late(struct mount_build *build, struct report *report);

/* mount_tree_finish: modes, flags and read-only layers, once all is mounted. */
int mount_tree_finish(struct mount_build *build, struct report *report);
