/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Sources of the plan, opened once and from then on used by fd alone: open_tree(2). Only a process
 * in the mount namespace that is to hold the tree can open them: the kernel clones no mount of
 * another namespace.
 */

#include "mounts/build.h"

/*
 * source_open: a detached copy of what a bind names, with the flags it asks for, submounts included
 * unless MOUNT_NORECURSE. A MOUNT_INNER source is looked up in the new root as it is by now.
 * Returns the fd; -ENOENT unreported when the entry is MOUNT_TRY and the source is missing; another
 * negative errno, reported.
 */
int source_open(const struct mount_build *build, const struct mount_entry *entry,
		struct report *report);

/*
 * source_open_foreign: the same for a MOUNT_FOREIGN entry, whose ids systemd-mountfsd maps.
 *  userns_fd: the user namespace that they are mapped for.
 */
int source_open_foreign(const struct mount_entry *entry, int userns_fd, struct report *report);

/*
 * source_open_layer: an O_PATH fd of a layer of an overlay. Not a copy: overlayfs takes no
 * detached mount before Linux 6.15.
 *  role: "lower", "upper" or "work", for messages.
 * Returns the fd or a negative errno, reported.
 */
int source_open_layer(const struct mount_build *build, const struct mount_entry *entry,
		      const char *role, const char *path, struct report *report);

/* source_check: that the source of an entry exists, for entries that are opened later.
 * Returns 0 or as source_open. */
int source_check(const struct mount_build *build, const struct mount_entry *entry,
		 struct report *report);
