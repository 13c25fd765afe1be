/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "remember/fake.h"
#include "remember/nested.h"
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

/* The kernel checks them before it looks at the path. */
static bool has_odd_arguments(const struct call *call)
{
	int known = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT;

	if (call->layout != STAT_STATX)
		return call->flags & ~known;
	return call->flags & ~(known | AT_STATX_SYNC_TYPE) || call->mask & STATX__RESERVED ||
	       (call->flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE;
}

int answer_stat(const struct answer *answer)
{
	_Alignas(struct statx) char shown[SHOW_STAT_MAX];
	const struct remembered *file;
	_cleanup_close_ int fd = -EBADF;
	struct remembered seen, unknown;
	struct stat status;
	size_t size;
	int r;

	if ((!answer->recorder->table->count && !answer->recorder->fake) ||
	    has_odd_arguments(&answer->call))
		return ANSWER_GO_ON;
	fd = open_for_stat(answer);
	/* before the kernel looks, too, it may be there, and have got an owner */
	if (fd == -ENOENT && rights_suffice(&answer->caller, answer->own, 0))
		return fd;
	/* what else fails, or is as it is, the kernel tells best */
	file = fd < 0 ? NULL : answer_find(answer, fd, &status);
	if (answer->recorder->fake && fd >= 0 && !file && caller_is_beside_us(&answer->caller) &&
	    fake_look(answer, fd, &status, &unknown))
		file = &unknown;
	if (!file || !answer_reaches(answer, fd, open_for_stat))
		return ANSWER_GO_ON;
	if (!caller_is_beside_us(&answer->caller)) {
		r = nested_see(&answer->caller, file, &status, &seen);
		if (r < 0)
			return ANSWER_GO_ON; /* it may have ended */
		file = &seen;
	}
	if (file->type)
		status.st_size = status.st_blocks = 0; /* whatever was written to it */
	r = show_stat(&answer->call, fd, status, file, shown, &size);
	if (r < 0)
		return r;
	if (!answer_is_waiting(answer))
		return -EINTR;
	return caller_write(&answer->caller, answer->call.buffer, shown, size);
}
