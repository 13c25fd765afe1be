/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "remember/answer.h"

#include <fcntl.h>
#include <linux/capability.h>

/* The owner keeps what it takes to go on, outside as well: fakeroot(1). */
static mode_t keep_owner(int fd, mode_t mode)
{
	struct stat status;

	return mode | (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode) ? 0700 : 0600);
}

/* fakeroot's way alone: a mode is remembered, and done as far as that is possible. */
int answer_chmod(const struct answer *answer)
{
	const struct call *call = &answer->call;
	_cleanup_close_ int fd = -EBADF;
	struct remembered *file;
	int r;

	/* flags: rare, and the kernel knows which there are */
	if (call->flags || !answer_may(answer, CAP_FOWNER))
		return ANSWER_GO_ON;
	fd = answer_open_file(answer);
	if (fd < 0)
		return fd;
	if (!answer_is_waiting(answer))
		return -EINTR;
	r = answer_change_mode(fd, keep_owner(fd, call->mode & 07777));
	if (r < 0 && r != -EPERM)
		return r;
	file = answer_remember(answer, fd, &r);
	if (file)
		file->mode = (file->mode & S_IFMT) | (call->mode & 07777);
	return file ? 0 : r;
}
