/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Detached mounts put in their places in the new root: move_mount(2). */

#include "mounts/build.h"

/*
 * mount_attach: attach a detached mount at a path of the new root; at "/" it becomes the new root.
 *  tree_fd: kept by the caller, except for "/": then it is build->root_fd from now on and *tree_fd
 *           is -EBADF.
 *  mode: type and mode of a mount point that has to be made; 0: as what is attached.
 * A symlink at the path is followed for a folder and covered itself for anything else.
 * Returns 0 or a negative errno, reported.
 */
int mount_attach(struct mount_build *build, const struct mount_entry *entry, int *tree_fd,
		 mode_t mode, struct report *report);

/* mount_attach_root: lay a detached mount over "/". Returns 0 or a negative errno. */
int mount_attach_root(struct mount_build *build, int tree_fd);

/* mount_attach_at: the same for an fd of the mount point. Returns 0 or a negative errno. */
int mount_attach_at(int tree_fd, int point_fd);
