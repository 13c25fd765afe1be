/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is in a regular file, read once, as long as it stays the same. */

#include "pack/output.h"

#include <sys/stat.h>

struct contents {
	int fd;
	const char *tree, *path; /* for messages: borrowed */
	struct stat status;      /* as the head of the archive's entry has it */
};

/*
 * contents_open: open a file for reading.
 *  root: fd of the tree.
 *  status: what the entry was made of.
 * Returns 0 or a negative errno, reported; so do all of these.
 */
int contents_open(struct contents *contents, int root, const char *tree, const char *path,
		  const struct stat *status, struct report *report);

/*
 * contents_find_holes: tell the entry where the data is, if the file has holes. By what is read:
 * blocks of zeros are holes as well, wherever the file system has put its own.
 */
int contents_find_holes(const struct contents *contents, struct archive_entry *entry,
			struct report *report);

/* contents_copy: all of it to the archive; fails if it is not what it was at the start. */
int contents_copy(const struct contents *contents, struct output *output);
