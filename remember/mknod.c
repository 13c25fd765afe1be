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

/* Whether what we make is as if the caller had made it: with more ids than one it may have others.
 */
static bool is_like_us(const struct answer *answer)
{
	const struct recorder *recorder = answer->recorder;

	return rights_suffice(&answer->caller, answer->own, 0) &&
	       ((idmap_has_single(recorder->uid_map) && idmap_has_single(recorder->gid_map)) ||
		rights_has_our_ids(&answer->caller));
}

static int make_file(int parent, const char *name, mode_t mode, mode_t mask)
{
	int fd;

	/* the kernel knows when an ACL of the folder takes the place of the umask */
	umask(mask);
	fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    mode & 07777);
	umask(0);
	return fd < 0 ? -errno : fd;
}

/*
 * The file that stands for the device.
 *  parent: set to its folder; name: to its name there, within path.
 */
static int make_placeholder(const struct answer *answer, char *path, mode_t mask, int *parent,
			    const char **name)
{
	*parent = caller_open_parent(&answer->caller, answer->call.fd, path, name);
	if (*parent < 0)
		return *parent;
	return answer_is_waiting(answer) ? make_file(*parent, *name, answer->call.mode, mask)
					 : -EINTR;
}

static int make_as_caller(const struct answer *answer, char *path, mode_t mask, int *parent,
			  const char **name)
{
	int fd = rights_take(&answer->caller, answer->own);

	if (fd < 0)
		return -EPERM;
	fd = make_placeholder(answer, path, mask, parent, name);
	rights_give_back(answer->own);
	return fd;
}

/* Where it can't be remembered, it was not made. */
static void unmake(int fd, int parent, const char *name)
{
	struct stat made, there;

	if (fstat(fd, &made) == 0 && fstatat(parent, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    made.st_dev == there.st_dev && made.st_ino == there.st_ino)
		(void)unlinkat(parent, name, 0);
}

static bool may_make(const struct answer *answer)
{
	return rights_has_there(&answer->caller, CAP_MKNOD) && caller_is_beside_us(&answer->caller);
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
	if ((S_ISCHR(call->mode) && call->device == 0) || !may_make(answer))
		return ANSWER_GO_ON;
	r = answer_read_path(answer, path);
	if (r < 0)
		return r;
	mask = caller_umask(&answer->caller);
	if (mask < 0)
		return mask;
	fd = is_like_us(answer) ? make_placeholder(answer, path, (mode_t)mask, &parent, &name)
				: make_as_caller(answer, path, (mode_t)mask, &parent, &name);
	if (fd < 0)
		return fd;
	group = inherited_group(answer, parent);
	file = answer_remember(answer, fd, &r);
	if (!file) {
		unmake(fd, parent, name);
		return r;
	}
	file->type = call->mode & S_IFMT;
	file->device = call->device;
	if (!answer->recorder->fake) /* fakeroot's are root's */
		file->gid = group;
	return 0;
}
