/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "remember/answer.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/stat.h>

/* What is made in a setgid folder has its group: inode(7). */
static gid_t inherited_group(const struct answer *answer, int parent)
{
	const struct remembered *folder;
	struct stat status;

	folder = answer_find(answer, parent, &status);
	return folder && status.st_mode & S_ISGID ? folder->gid : ID_UNSET;
}

int answer_mknod(const struct answer *answer)
{
	const struct call *call = &answer->call;
	_cleanup_close_ int parent = -EBADF, fd = -EBADF;
	struct remembered *file;
	char path[PATH_MAX];
	const char *name;
	gid_t group;
	int r, mask;

	/* a whiteout of overlayfs can be made by anybody */
	if ((S_ISCHR(call->mode) && call->device == 0) || !answer_may(answer, CAP_MKNOD))
		return ANSWER_GO_ON;
	r = answer_read_path(answer, path);
	if (r < 0)
		return r;
	mask = caller_umask(&answer->caller);
	if (mask < 0)
		return mask;
	parent = caller_open_parent(&answer->caller, call->fd, path, &name);
	if (parent < 0)
		return parent;
	if (!answer_is_waiting(answer))
		return -EINTR;
	/* the kernel knows when an ACL of the folder takes the place of the umask */
	umask((mode_t)mask);
	fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    call->mode & 07777);
	umask(0);
	if (fd < 0)
		return -errno;
	group = inherited_group(answer, parent);
	file = answer_remember(answer, fd, &r);
	if (!file)
		return r;
	file->type = call->mode & S_IFMT;
	file->device = call->device;
	if (!answer->recorder->fake) /* fakeroot's are root's */
		file->gid = group;
	return 0;
}
