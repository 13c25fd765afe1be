/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Who made a system call that waits, seen from outside: its memory, and the files that it means,
 * found as the kernel would have found them. All of it may change at any time, as the caller, or
 * another thread of it, likes: who looks has no more rights than it, so nothing is won by that.
 */

#include "remember/key.h"
#include "remember/known.h"

/* What tells one folder, where it is mounted, from all others: statx(2). */
struct place {
	uint64_t device, inode, mount;
};

struct caller {
	int proc_fd; /* O_PATH: a procfs where `pid` is a number; our current directory */
	int root_fd; /* O_PATH: our own root */
	struct place root;
	pid_t pid;                 /* of the thread */
	struct known_callers *all; /* caller_begin */
	struct known *known;
};

/*
 * caller_begin: a thread has called.
 *  all: who did before.
 * From then on nothing of what it is changes but by others, until its call is answered.
 */
void caller_begin(struct caller *caller, struct known_callers *all);

/* caller_is_beside_us: whether it is in our user namespace. */
bool caller_is_beside_us(const struct caller *caller);

/* caller_has_our_root: whether "/" is to it what it is to us. */
bool caller_has_our_root(const struct caller *caller);

/* place_of: what an fd refers to. Returns 0 or a negative errno. */
int place_of(int fd, struct place *place);

/*
 * caller_read_string: a string from its memory.
 *  size: of the buffer, the NUL included.
 * Returns 0, -EFAULT, -ENAMETOOLONG where it does not fit, or another negative errno.
 */
int caller_read_string(const struct caller *caller, uint64_t address, char *buffer, size_t size);

/* caller_read: so many bytes of its memory. Returns 0, -EFAULT or another negative errno. */
int caller_read(const struct caller *caller, uint64_t address, void *buffer, size_t size);

/* caller_write: the reverse of caller_read. */
int caller_write(const struct caller *caller, uint64_t address, const void *buffer, size_t size);

/*
 * caller_open: an O_PATH fd of what a path is to it.
 *  folder: its fd that a relative path starts from; AT_FDCWD.
 *  flags: AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH.
 * Returns the fd or the negative errno that the call would have failed with.
 */
int caller_open(const struct caller *caller, int folder, const char *path, int flags);

/*
 * caller_open_parent: the same for the folder that a new file is to lie in; *name is set to its
 * name, within path, which is cut there. -EEXIST for what has no name of its own ("..").
 */
int caller_open_parent(const struct caller *caller, int folder, char *path, const char **name);

/*
 * caller_open_fd: an O_PATH fd of what one of its fds refers to.
 *  *path_only: set to whether it is an O_PATH fd itself.
 */
int caller_open_fd(const struct caller *caller, int fd, bool *path_only);

/* caller_umask: a negative errno if it has gone. */
int caller_umask(const struct caller *caller);
