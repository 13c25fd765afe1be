/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "remember/answer.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>

/*
 * fakeroot's way alone. Its state file knows files by device and inode number: what is remembered
 * of a file must not outlive it, or a later one would have its owner. Only the names of files of
 * which something is remembered matter; for all others the kernel goes on.
 */

/*
 * Whether a name is the last one of a file of which something is remembered; *key is set to that of
 * the file.
 */
static bool is_last_name(const struct answer *answer, int folder, const char *path,
			 struct file_key *key)
{
	_cleanup_close_ int fd = caller_open(&answer->caller, folder, path, AT_SYMLINK_NOFOLLOW);
	const struct remembered *file;
	struct stat status;

	file = fd < 0 ? NULL : answer_find(answer, fd, &status);
	if (!file || (status.st_nlink > 1 && !S_ISDIR(status.st_mode)))
		return false;
	*key = file->key;
	return true;
}

static bool matters(const struct answer *answer)
{
	return answer->recorder->table->count && answer_may(answer, CAP_FOWNER);
}

/* "folder/" */
static void cut_slashes(char *path)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		path[--length] = '\0';
}

int answer_unlink(const struct answer *answer)
{
	const struct call *call = &answer->call;
	int flags = call->kind == CALL_RMDIR ? AT_REMOVEDIR : call->flags;
	_cleanup_close_ int parent = -EBADF;
	struct file_key key;
	char path[PATH_MAX];
	const char *name;

	if (!matters(answer) || answer_read_path(answer, path) < 0)
		return ANSWER_GO_ON;
	if (flags & AT_REMOVEDIR)
		cut_slashes(path);
	if (!is_last_name(answer, call->fd, path, &key))
		return ANSWER_GO_ON;
	parent = caller_open_parent(&answer->caller, call->fd, path, &name);
	/* "." and the like fail in ways of their own */
	if (parent < 0)
		return ANSWER_GO_ON;
	if (!answer_is_waiting(answer))
		return -EINTR;
	if (unlinkat(parent, name, flags) < 0)
		return -errno;
	remember_forget(answer->recorder->table, &key);
	return 0;
}

/* To give a file the name that it has already does nothing: rename(2). */
static bool is_file(const struct answer *answer, int folder, const char *path,
		    const struct file_key *key)
{
	_cleanup_close_ int fd = caller_open(&answer->caller, folder, path, AT_SYMLINK_NOFOLLOW);
	struct stat status;

	return fd >= 0 && fstat(fd, &status) == 0 && status.st_dev == key->device &&
	       status.st_ino == key->inode;
}

int answer_rename(const struct answer *answer)
{
	const struct call *call = &answer->call;
	_cleanup_close_ int parent = -EBADF, new_parent = -EBADF;
	char path[PATH_MAX], new_path[PATH_MAX];
	const char *name, *new_name;
	struct file_key key;

	/* not where both stay, or the target may not be there */
	if (call->flags || !matters(answer) || answer_read_path(answer, path) < 0 ||
	    caller_read_string(&answer->caller, call->new_path, new_path, sizeof(new_path)) < 0 ||
	    !is_last_name(answer, call->new_fd, new_path, &key) ||
	    is_file(answer, call->fd, path, &key))
		return ANSWER_GO_ON;
	parent = caller_open_parent(&answer->caller, call->fd, path, &name);
	new_parent = caller_open_parent(&answer->caller, call->new_fd, new_path, &new_name);
	if (parent < 0 || new_parent < 0)
		return ANSWER_GO_ON;
	if (!answer_is_waiting(answer))
		return -EINTR;
	if (renameat(parent, name, new_parent, new_name) < 0)
		return -errno;
	remember_forget(answer->recorder->table, &key);
	return 0;
}
