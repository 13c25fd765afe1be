/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "remember/answer.h"
#include "remember/show.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Here an O_PATH fd is as good as any: stat(2). */
static int open_for_stat(const struct answer *answer)
{
	const struct call *call = &answer->call;
	bool unused;

	if (!call->has_path || (!call->path && (call->flags & AT_EMPTY_PATH)))
		return caller_open_fd(&answer->caller, call->fd, &unused);
	return answer_open_file(answer);
}

/* Whether the caller, with rights of its own, gets to the file that we saw. */
static bool reaches(const struct answer *answer, int seen)
{
	_cleanup_close_ int fd = -EBADF;
	struct stat a, b;

	if (rights_suffice(&answer->caller, answer->own, 0))
		return true;
	if (rights_take(&answer->caller, answer->own) < 0)
		return false;
	fd = open_for_stat(answer);
	rights_give_back(answer->own);
	return fd >= 0 && fstat(fd, &a) == 0 && fstat(seen, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/*
 * fakeroot's way: what a file looks like of which nothing is remembered. Returns false if it is as
 * the kernel shows it.
 */
static bool look_at_unknown(const struct answer *answer, int fd, const struct stat *status,
			    struct remembered *shown)
{
	struct stat known = *status;

	answer_unknown_owner(answer, fd, &known);
	*shown = (struct remembered){ .uid = known.st_uid, .gid = known.st_gid };
	return known.st_uid != status->st_uid || known.st_gid != status->st_gid;
}

int answer_stat(const struct answer *answer)
{
	_Alignas(struct statx) char shown[SHOW_STAT_MAX];
	_cleanup_close_ int fd = answer->recorder->table->count || answer->recorder->fake
					 ? open_for_stat(answer)
					 : -ENOENT;
	const struct remembered *file;
	struct remembered unknown;
	struct stat status;
	size_t size;
	int r;

	/* what fails, or is as it is, the kernel tells best */
	file = fd < 0 ? NULL : answer_find(answer, fd, &status);
	if (answer->recorder->fake && fd >= 0 && !file &&
	    look_at_unknown(answer, fd, &status, &unknown))
		file = &unknown;
	if (!file || !reaches(answer, fd))
		return ANSWER_GO_ON;
	r = show_stat(&answer->call, fd, status, file, shown, &size);
	if (r < 0)
		return r;
	if (!answer_is_waiting(answer))
		return -EINTR;
	return caller_write(&answer->caller, answer->call.buffer, shown, size);
}
