/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The children of a directory that a view shows one by one. None of these reports. */

#include <sys/stat.h>

typedef int (*child_function)(int lower, const char *name, const struct stat *status,
			      void *context);

/* child_for_each: call a function for each child of an O_PATH fd, until it returns a negative
 * errno. */
int child_for_each(int lower, child_function function, void *context);

/*
 * child_bind: bind a child of `lower`, with its submounts, on a child of `base` with the same name,
 * which is made.
 *  attributes: MOUNT_ATTR_* to add.
 */
int child_bind(int lower, const char *name, int base, mode_t mode, unsigned int attributes);

/* child_copy_link: make the same symlink in `base`. Returns 1 if it was made, 0 if something has
 * the name already, or a negative errno. */
int child_copy_link(int lower, const char *name, int base);
