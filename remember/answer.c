/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/answer.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "remember/fake.h"
#include "remember/shared.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define ARGS_MAX 4096 /* the kernel's own: a page */

bool answer_is_waiting(const struct answer *answer)
{
	return ioctl(answer->recorder->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &answer->id) == 0;
}

bool answer_may(const struct answer *answer, int capability)
{
	return rights_suffice(&answer->caller, answer->own, UINT64_C(1) << capability);
}

int answer_read_path(const struct answer *answer, char path[PATH_MAX])
{
	return caller_read_string(&answer->caller, answer->call.path, path, PATH_MAX);
}

int answer_open_file(const struct answer *answer)
{
	const struct call *call = &answer->call;
	char path[PATH_MAX];
	bool path_only;
	int fd, r;

	if (!call->has_path) {
		fd = caller_open_fd(&answer->caller, call->fd, &path_only);
		if (fd >= 0 && path_only) {
			close(fd);
			return -EBADF;
		}
		return fd;
	}
	r = answer_read_path(answer, path);
	return r < 0 ? r : caller_open(&answer->caller, call->fd, path, call->flags);
}

/* A path that is empty stands for the fd here, which must be good for more than a path. */
int answer_open_attributed(const struct answer *answer)
{
	const struct call *call = &answer->call;
	char first = '\0';
	bool path_only;
	int fd;

	if (call->flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (!call->has_path || !(call->flags & AT_EMPTY_PATH) || call->fd < 0)
		return answer_open_file(answer);
	if (call->path && caller_read(&answer->caller, call->path, &first, 1) < 0)
		return -EFAULT;
	if (first)
		return answer_open_file(answer);
	fd = caller_open_fd(&answer->caller, call->fd, &path_only);
	if (fd >= 0 && path_only) {
		close(fd);
		return -EBADF;
	}
	return fd;
}

int answer_read_xattr_args(struct answer *answer)
{
	struct call *call = &answer->call;
	_cleanup_free_ char *bytes = NULL;
	struct call_xattr_args args;
	int r;

	if (!call->has_xattr_args)
		return 0;
	if (call->xattr_args_size < sizeof(args))
		return -EINVAL;
	if (call->xattr_args_size > ARGS_MAX)
		return -E2BIG;
	bytes = malloc(call->xattr_args_size);
	if (!bytes)
		return -ENOMEM;
	r = caller_read(&answer->caller, call->xattr_args, bytes, call->xattr_args_size);
	if (r < 0)
		return r;
	/* of a later kernel's, what this one knows */
	for (size_t i = sizeof(args); i < call->xattr_args_size; i++) {
		if (bytes[i])
			return -E2BIG;
	}
	memcpy(&args, bytes, sizeof(args));
	call_take_xattr_args(call, &args);
	return 0;
}

int answer_open_as_caller(const struct answer *answer, answer_opener *open)
{
	int fd, r = rights_take(&answer->caller, answer->own);

	if (r < 0)
		return r;
	fd = open(answer);
	rights_give_back(answer->own);
	return fd;
}

bool answer_reaches(const struct answer *answer, int seen, answer_opener *open)
{
	_cleanup_close_ int fd = -EBADF;
	struct stat a, b;

	if (rights_suffice(&answer->caller, answer->own, 0))
		return true;
	fd = answer_open_as_caller(answer, open);
	return fd >= 0 && fstat(fd, &a) == 0 && fstat(seen, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

int answer_follow(const struct answer *answer, int fd)
{
	const struct remember_overlays *overlays = answer->recorder->overlays;
	struct remember_table *table = answer->recorder->table;
	struct file_key key;
	int r;

	if (!overlays || !overlays->device_count)
		return 0;
	r = file_key_of(fd, &key);
	if (r < 0)
		return r;
	/* a second change may come: only the last one is noted by who called */
	if (table->changed)
		shared_note(answer->recorder->shared, table, &table->changed_key);
	return layers_follow(overlays, table, fd, &key);
}

struct remembered *answer_remember_by(const struct answer *answer, int fd,
				      const struct file_key *key)
{
	struct remembered *file = remember_get(answer->recorder->table, key);

	if (!file)
		return NULL;
	file->passes = file_life_of(fd, key->generation) != FILE_STAYS;
	fake_note(answer, fd, file);
	return file;
}

struct remembered *answer_remember(const struct answer *answer, int fd, int *r)
{
	struct remembered *file;
	struct file_key key;

	*r = file_key_of(fd, &key);
	if (*r < 0)
		return NULL;
	file = answer_remember_by(answer, fd, &key);
	*r = file ? 0 : -ENOMEM;
	return file;
}

/* By fd: our current directory is a procfs. */
int answer_change_mode(int fd, mode_t mode)
{
	char path[32];

	if (sys_fchmodat2(fd, "", mode, AT_EMPTY_PATH) == 0)
		return 0;
	if (errno != ENOSYS)
		return -errno;
	snprintf(path, sizeof(path), "self/fd/%d", fd);
	return chmod(path, mode) < 0 ? -errno : 0;
}

int answer_touch(const struct answer *answer, int fd)
{
	struct stat status;
	int r;

	if (fstat(fd, &status) < 0)
		return -errno;
	if (S_ISLNK(status.st_mode)) {
		/* it has no mode: the same time of access */
		const struct timespec times[2] = { status.st_atim, { .tv_nsec = UTIME_OMIT } };

		r = utimensat(fd, "", times, AT_EMPTY_PATH) < 0 ? -errno : 0;
	} else {
		r = answer_change_mode(fd, status.st_mode & 07777);
	}
	/* files of others have attributes as well */
	return r == -EPERM && answer->recorder->fake ? 0 : r;
}

const struct remembered *answer_find(const struct answer *answer, int fd, struct stat *status)
{
	const struct remember_table *table = answer->recorder->table;
	struct remembered *file;
	struct file_key key;

	if (fstat(fd, status) < 0 ||
	    !remember_has_number(table, (uint64_t)status->st_dev, (uint64_t)status->st_ino) ||
	    file_key_from(fd, status, &key) < 0)
		return NULL;
	file = remember_find(table, &key);
	if (file && file->mode && !fake_follow(file, status)) {
		remember_forget(answer->recorder->table, &key);
		return NULL;
	}
	return file;
}
