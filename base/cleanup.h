/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Ownership by scope. A variable marked with one of these gives its resource back when it leaves
 * scope; steal_fd() and steal_ptr() hand it on instead. An fd that is not held is -EBADF.
 */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0) {
		int saved = errno;

		close(*fd);
		errno = saved;
	}
}

static inline void cleanup_fclose(FILE **file)
{
	if (*file)
		fclose(*file);
}

static inline void cleanup_closedir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

#define _cleanup_free_ __attribute__((cleanup(cleanup_free)))
#define _cleanup_close_ __attribute__((cleanup(cleanup_close)))
#define _cleanup_fclose_ __attribute__((cleanup(cleanup_fclose)))
#define _cleanup_closedir_ __attribute__((cleanup(cleanup_closedir)))

static inline int steal_fd(int *fd)
{
	int held = *fd;

	*fd = -EBADF;
	return held;
}

/* Close *fd if it is held and mark it as not held. */
static inline void close_fd(int *fd)
{
	cleanup_close(fd);
	*fd = -EBADF;
}

#define steal_ptr(pointer)                                                                         \
	({                                                                                         \
		typeof(pointer) _held = (pointer);                                                 \
		(pointer) = NULL;                                                                  \
		_held;                                                                             \
	})
