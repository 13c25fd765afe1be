/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The answer to one system call: what the caller asked for, done or remembered (chown.c, mknod.c,
 * xattr.c, chmod.c), shown (stat.c, xattr.c), or the end of a file (remove.c).
 */

#include "remember/caller.h"
#include "remember/calls.h"
#include "remember/recorder.h"
#include "remember/rights.h"

#include <limits.h>
#include <linux/types.h>
#include <sys/stat.h>

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
int answer_chmod(const struct answer *answer);
int answer_unlink(const struct answer *answer);
int answer_rename(const struct answer *answer);

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

/* answer_change_mode: chmod(2) of what an fd, which may be O_PATH, refers to. Returns 0 or a
 * negative errno. */
int answer_change_mode(int fd, mode_t mode);

/*
 * answer_touch: give a file the mode that it has, or a symlink its time of access: fails as a
 * change of attributes would (a read-only mount, a file of an owner that is not mapped), updates
 * the time of change, and on an overlay makes the file that will be there from now on. fd: may be
 * O_PATH. Returns 0 or a negative errno.
 */
int answer_touch(const struct answer *answer, int fd);

/* answer_remember: what is remembered of a file, made if there is nothing yet; NULL: *r is set to a
 * negative errno. */
struct remembered *answer_remember(const struct answer *answer, int fd, int *r);

/* answer_unknown_owner: in fakeroot's way, set status to the owner and group that a file is shown
 * with of which nothing is remembered. fd: may be O_PATH. */
void answer_unknown_owner(const struct answer *answer, int fd, struct stat *status);

/*
 * answer_note: in fakeroot's way, note what is not known yet of a file: its owner as it is shown,
 * and the mode that it has now. Else it does nothing.
 */
void answer_note(const struct answer *answer, int fd, struct remembered *file);

/* answer_find: what is remembered of a file, or NULL; status: set to that of the file then. */
const struct remembered *answer_find(const struct answer *answer, int fd, struct stat *status);
