/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Detached copies of mounts, with flags set: open_tree(2), mount_setattr(2). */

#include "mounts/plan.h"

/* mount_attributes: MOUNT_ATTR_* that an entry asks for. */
unsigned int mount_attributes(const struct mount_entry *entry);

/*
 * mount_clone: a detached copy of what is at a path, with its submounts if flags has AT_RECURSIVE.
 *  flags: AT_* of open_tree(2).
 *  attributes: MOUNT_ATTR_* to set on all of it; only ever set: what a mount brings along of its
 * own is locked, and dropping it would fail. Returns the fd or a negative errno; *call is set to
 * what failed; not reported.
 */
int mount_clone(int dirfd, const char *path, unsigned int flags, unsigned int attributes,
		const char **call);
