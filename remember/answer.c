/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/answer.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "remember/witness.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

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

/* A mode that was given to the file meanwhile, by the kernel itself, is right. */
static void follow_mode(struct remembered *file, const struct stat *status)
{
	mode_t mode = status->st_mode & 07777;

	if (file->real_mode != mode && file->real_mode != REMEMBER_UNSEEN)
		file->mode = (file->mode & S_IFMT) | mode;
	file->real_mode = mode;
}

void answer_unknown_owner(const struct answer *answer, int fd, struct stat *status)
{
	const struct recorder *recorder = answer->recorder;

	if (!recorder->unknown_is_real)
		status->st_uid = status->st_gid = 0;
	else if (recorder->witness >= 0)
		(void)witness_ask(recorder->witness, fd, &status->st_uid, &status->st_gid);
}

void answer_note(const struct answer *answer, int fd, struct remembered *file)
{
	struct stat status;

	if (!answer->recorder->fake || fstat(fd, &status) < 0)
		return;
	if (file->uid == ID_UNSET || file->gid == ID_UNSET)
		answer_unknown_owner(answer, fd, &status);
	if (file->uid == ID_UNSET)
		file->uid = status.st_uid;
	if (file->gid == ID_UNSET)
		file->gid = status.st_gid;
	if (!file->mode) {
		file->mode = status.st_mode;
		file->real_mode = REMEMBER_UNSEEN;
	}
	follow_mode(file, &status);
	file->links = status.st_nlink;
}

struct remembered *answer_remember(const struct answer *answer, int fd, int *r)
{
	struct remembered *file;
	struct file_key key;

	*r = file_key_of(fd, &key);
	if (*r < 0)
		return NULL;
	file = remember_get(answer->recorder->table, &key);
	*r = file ? 0 : -ENOMEM;
	if (file)
		answer_note(answer, fd, file);
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

/* What a state file says of another file that had the inode number is known by its type. */
static bool is_of_file(const struct remembered *file, const struct stat *status)
{
	mode_t type = status->st_mode & S_IFMT;

	return !file->mode || type == (file->mode & S_IFMT) || (file->type && type == S_IFREG);
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
	if (file && !is_of_file(file, status)) {
		remember_forget(answer->recorder->table, &key);
		return NULL;
	}
	if (file && file->mode)
		follow_mode(file, status);
	return file;
}
