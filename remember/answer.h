/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The answer to one system call: what the caller asked for, done or remembered (chown.c, mknod.c,
 * xattr.c), or shown (stat.c, xattr.c).
 */

#include "remember/caller.h"
#include "remember/calls.h"
#include "remember/recorder.h"
#include "remember/rights.h"

#include <limits.h>
#include <linux/types.h>

#define ANSWER_GO_ON 1 /* let the kernel do the call after all */

struct answer {
	const struct recorder *recorder;
	const struct own_rights *own;
	struct caller caller;
	struct call call;
	__u64 id;    /* of the notification */
	__s64 value; /* what the call returns where it succeeds */
};

/*
 * The calls, by their kind. The current directory is a procfs, the umask 0.
 * Each returns 0, ANSWER_GO_ON or the negative errno that the call is to fail with.
 */
int answer_chown(const struct answer *answer);
int answer_mknod(const struct answer *answer);
int answer_set_xattr(const struct answer *answer); /* or remove it */
int answer_stat(const struct answer *answer);
int answer_getxattr(struct answer *answer);
int answer_listxattr(struct answer *answer);

/*
 * answer_is_waiting: false if the call was given up while we looked: its pid may be another's by
 * now. To be asked after the caller was read, and before anything is done.
 */
bool answer_is_waiting(const struct answer *answer);

/* answer_may: whether the caller has a capability; without it the kernel is asked: that is one who
 * is root no more, and so is refused. */
bool answer_may(const struct answer *answer, int capability);

/* answer_read_path: returns 0 or a negative errno. */
int answer_read_path(const struct answer *answer, char path[PATH_MAX]);

/* answer_open_file: an O_PATH fd of the file that the call is about, or a negative errno. */
int answer_open_file(const struct answer *answer);

/*
 * answer_touch: what a change of owner does to a file beside it.
 *  fd: may be O_PATH.
 * Returns 0 or the negative errno that the change would fail with.
 */
int answer_touch(const struct answer *answer, int fd);

/* answer_remember: what is remembered of a file, made if there is nothing yet; NULL: *r is set to a
 * negative errno. */
struct remembered *answer_remember(const struct answer *answer, int fd, int *r);

/* answer_find: what is remembered of a file, or NULL. */
const struct remembered *answer_find(const struct answer *answer, int fd);
