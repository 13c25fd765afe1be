/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "remember/answer.h"

#include <fcntl.h>
#include <linux/capability.h>

/* fakeroot's way alone: modes work, but those of files of others can be had only for show, and
 * those that are remembered have to follow. */
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
	r = answer_change_mode(fd, call->mode & 07777);
	if (r < 0 && r != -EPERM)
		return r;
	file = answer_remember(answer, fd, &r);
	if (file)
		file->mode = (file->mode & S_IFMT) | (call->mode & 07777);
	return file ? 0 : r;
}
