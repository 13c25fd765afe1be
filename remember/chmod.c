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

/* A new folder with a mode that its owner could not go on with; of any other the kernel is let to
 * make it. */
int answer_mkdir(const struct answer *answer)
{
	const struct call *call = &answer->call;
	_cleanup_close_ int parent = -EBADF, fd = -EBADF;
	struct remembered *file;
	char path[PATH_MAX];
	const char *name;
	int r, mask;

	if ((call->mode & 0700) == 0700 || !answer_may(answer, CAP_FOWNER) ||
	    answer_read_path(answer, path) < 0)
		return ANSWER_GO_ON;
	mask = caller_umask(&answer->caller);
	parent = mask < 0 ? mask : caller_open_parent(&answer->caller, call->fd, path, &name);
	if (parent < 0)
		return ANSWER_GO_ON; /* what fails, the kernel tells best */
	if (!answer_is_waiting(answer))
		return -EINTR;
	umask((mode_t)mask & ~(mode_t)0700);
	r = mkdirat(parent, name, call->mode | 0700) < 0 ? -errno : 0;
	umask(0);
	if (r < 0)
		return r;
	fd = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	file = fd < 0 ? NULL : answer_remember(answer, fd, &r);
	if (file)
		file->mode &= ~(mode_t)0700 | (call->mode & ~(mode_t)mask);
	return 0;
}
