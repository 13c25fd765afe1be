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
int answer_set_xattr(struct answer *answer); /* or remove it */
int answer_stat(const struct answer *answer);
int answer_getxattr(struct answer *answer);
int answer_listxattr(struct answer *answer);
int answer_chmod(const struct answer *answer);
int answer_mkdir(const struct answer *answer);
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

/* answer_open_attributed: the same for setxattrat(2) and the like, too, which take more of an fd.
 */
int answer_open_attributed(const struct answer *answer);

/*
 * answer_open_as_caller: the same with no more rights than the caller has.
 * answer_reaches: whether the caller, with rights of its own, gets to a file that we have found.
 *  open: how.
 */
typedef int answer_opener(const struct answer *answer);
int answer_open_as_caller(const struct answer *answer, answer_opener *open);
bool answer_reaches(const struct answer *answer, int seen, answer_opener *open);

/* answer_read_xattr_args: value, size and flags, where the call has the address of a structure.
 * Returns 0 or the negative errno that the call is to fail with. */
int answer_read_xattr_args(struct answer *answer);

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

/* answer_remember_by: the same by its key; NULL: memory runs out. */
struct remembered *answer_remember_by(const struct answer *answer, int fd,
				      const struct file_key *key);

/* answer_follow: what is remembered of a file has changed: layers_follow. Returns 0 or a negative
 * errno. */
int answer_follow(const struct answer *answer, int fd);

/* answer_find: what is remembered of a file, or NULL; status: set to that of the file then. */
const struct remembered *answer_find(const struct answer *answer, int fd, struct stat *status);
