/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One line of a plan file, while it becomes an entry; private to fstab*.c. */

#include "base/library.h"
#include "mounts/plan.h"

#include <libmount.h>

struct libmount {
	LIBRARY_FUNCTION(mnt_new_table);
	LIBRARY_FUNCTION(mnt_reset_table);
	LIBRARY_FUNCTION(mnt_unref_table);
	LIBRARY_FUNCTION(mnt_table_parse_stream);
	LIBRARY_FUNCTION(mnt_table_first_fs);
	LIBRARY_FUNCTION(mnt_fs_get_source);
	LIBRARY_FUNCTION(mnt_fs_get_target);
	LIBRARY_FUNCTION(mnt_fs_get_fstype);
	LIBRARY_FUNCTION(mnt_fs_get_options);
	LIBRARY_FUNCTION(mnt_optstr_next_option);
};

struct fstab_line {
	const struct libmount *libmount;
	struct mount_plan *plan;   /* owns the strings */
	struct mount_entry *entry; /* what the line becomes */
	const char *place;         /* "FILE:LINE" */
	const char *folder;        /* absolute: relative sources start here */
	char *overlay_options;     /* end of entry->options, which has room for all */
	struct report *report;
};

/* fstab_refuse: report "--plan FILE:LINE: <format>". Returns -EINVAL. */
int fstab_refuse(const struct fstab_line *line, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * fstab_take_path: the next of the paths in [*at, end) that `separator` parts ('\0': there is only
 * one). A backslash takes the following byte as it is; quotes, which keep commas together, go away.
 * *at is moved behind the separator, or is NULL after the last path.
 * Returns it absolute, or NULL, reported.
 */
const char *fstab_take_path(const struct fstab_line *line, const char **at, const char *end,
			    char separator);

/* fstab_absolute: a path, absolute against the folder of the plan. NULL: reported. */
const char *fstab_absolute(const struct fstab_line *line, const char *path);

/* fstab_parse_options: fill in line->entry from the fourth field; NULL: there is none. */
int fstab_parse_options(struct fstab_line *line, const char *options);
