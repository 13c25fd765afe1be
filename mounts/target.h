/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Places in the new root. Every look-up is an openat2(2) with RESOLVE_IN_ROOT and
 * RESOLVE_NO_MAGICLINKS: a symlink in an image, absolute or with "..", ends within the new root
 * and never on the host. What is missing is made by fd.
 */

#include "idmap/idmap.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Mounts in memory that were made for the new root, and who is to own what is made on them. */
struct target_owner {
	uid_t uid; /* ID_UNSET: as it is made */
	gid_t gid;
	uint64_t *mounts; /* ids, statx(2) */
	size_t count;
};

/*
 * target_own: what is made on this mount from now on belongs to the owner.
 * Returns 0 or a negative errno, not reported.
 */
int target_own(struct target_owner *owner, int mount_fd);

/*
 * target_give: give the owner what was just made, if it lies on such a mount: folder_fd is that of
 * the folder and name the entry there. Returns 0 or a negative errno, not reported.
 */
int target_give(const struct target_owner *owner, int folder_fd, const char *name);

/*
 * target_open: an O_PATH fd of what is at a path.
 *  flags: further open flags (O_NOFOLLOW, O_DIRECTORY).
 * Returns the fd or a negative errno, not reported.
 */
int target_open(int root_fd, const char *path, int flags);

/* target_has_link: true if a parent of a path is a symlink, or lies behind one. */
bool target_has_link(int root_fd, const char *path);

/*
 * target_open_file: open a regular file for writing, with O_CREAT | O_TRUNC; its parents must
 * exist. A new one is given to the owner. Returns the fd or a negative errno (-EINVAL: no regular
 * file), not reported.
 */
int target_open_file(const struct target_owner *owner, int root_fd, const char *path, mode_t mode);

/*
 * target_make: as target_open, but what is missing is made: parents with parent_mode, then a
 * directory (S_IFDIR) or an empty file (S_IFREG). A symlink that dangles is followed and what it
 * names is made, within the new root.
 *  owner: of what is made, see target_own.
 *  mode: type and permission bits of the last component.
 * Returns the fd or a negative errno, not reported.
 */
int target_make(const struct target_owner *owner, int root_fd, const char *path, int flags,
		mode_t mode, mode_t parent_mode);

/*
 * The folder that the last entry was placed in. Plans are sorted, so most entries of a long one
 * share it with the one before.
 */
struct target_parent {
	int fd;              /* -EBADF: none */
	bool lacks_children; /* the last child was missing */
	size_t length;
	char path[4096]; /* not ended by a NUL */
};

/*
 * target_place: as target_make, with the last folder remembered.
 *  parent: to be forgotten by target_forget when root_fd changes.
 */
int target_place(const struct target_owner *owner, struct target_parent *parent, int root_fd,
		 const char *path, int flags, mode_t mode, mode_t parent_mode);

/* target_forget: close the remembered folder. */
void target_forget(struct target_parent *parent);

/*
 * target_make_parent: make what is missing of the parents and return an O_PATH fd of the last one;
 * *name is set to the last component, within path.
 */
int target_make_parent(const struct target_owner *owner, int root_fd, const char *path,
		       mode_t parent_mode, const char **name);

/*
 * target_find_parent: the length of the longest leading part of path that exists as a directory;
 * 0: only the root. For a path of which nothing is missing: its whole length.
 * Returns a negative errno where the look-up fails other than with ENOENT.
 */
ssize_t target_find_parent(int root_fd, const char *path);
