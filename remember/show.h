/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a file looks like to the sandbox: what there is, and what is remembered of it. */

#include "remember/calls.h"
#include "remember/table.h"

#include <sys/stat.h>

/* The largest of what show_stat writes. */
#define SHOW_STAT_MAX sizeof(struct statx)

/*
 * show_stat: the answer to a CALL_STAT.
 *  fd: of the file, may be O_PATH.
 *  status: of the file.
 *  file: what is remembered of it.
 *  buffer: of SHOW_STAT_MAX bytes; *size is set to how many of them are the answer.
 * Returns 0 or the negative errno that the call would have failed with.
 */
int show_stat(const struct call *call, int fd, struct stat status, const struct remembered *file,
	      void *buffer, size_t *size);

/*
 * show_list: the names of the attributes of a file, each with its NUL: listxattr(2).
 *  trusted: whether the caller sees those of trusted.
 *  real: those that it really has; may be longer than what is shown.
 *  list: of malloc(3), or NULL.
 * Returns the length, or a negative errno.
 */
ssize_t show_list(const struct remembered *file, bool trusted, const char *real, size_t real_size,
		  char **list);
