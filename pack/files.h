/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The files of a tree, listed before any of them is read, and opened one by one: never out of the
 * tree, and never through a symlink, whoever changes the tree meanwhile.
 */

#include "base/report.h"

#include <stddef.h>
#include <sys/stat.h>

struct listed_file {
	char *path; /* below the tree, "a/b"; "." is the tree itself */
	dev_t device;
	ino_t inode;
	mode_t mode;
	nlink_t links;        /* that it has, in the tree or elsewhere */
	size_t first, last;   /* names of this file in the tree: places in the list */
	nlink_t links_listed; /* how many these are */
};

struct file_list {
	const char *tree; /* as the user wrote it; borrowed */
	int root;         /* O_PATH fd of it */
	struct listed_file *files;
	size_t count, capacity;
};

/*
 * file_list_read: what lies in a tree: each folder before what is in it, names in the order of
 * their bytes.
 * Returns 0 or a negative errno, reported.
 */
int file_list_read(struct file_list *list, const char *tree, struct report *report);

void file_list_free(struct file_list *list);

/*
 * file_open: open what lies at a path below a folder.
 *  flags: of open(2); O_NOFOLLOW and O_CLOEXEC are added.
 * Returns an fd or a negative errno, not reported; -ELOOP for a symlink on the way, -EXDEV for a
 * path that leads out of it.
 */
int file_open(int root, const char *path, int flags);

/*
 * file_path: an O_PATH fd as a path, for system calls that take it in no other way: proc(5).
 *  path: buffer for it. Returned.
 */
const char *file_path(char path[32], int fd);

/*
 * file_open_listed: the same for a file of the list; an O_PATH fd.
 *  status: set to what it is now.
 * Returns an fd or a negative errno, reported; another file that lies there by now is refused.
 */
int file_open_listed(const struct file_list *list, const struct listed_file *file,
		     struct stat *status, struct report *report);
