/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "remember/answer.h"
#include "remember/show.h"

#include <limits.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/xattr.h>

/* What is security.* but works for real in a user namespace: capabilities(7). */
static bool is_remembered(const char *name)
{
	if (strncmp(name, "trusted.", 8) == 0)
		return true;
	return strncmp(name, "security.", 9) == 0 && strcmp(name, "security.capability") != 0;
}

static int set_real(const struct answer *answer, int fd, const char *name, const char *value)
{
	char path[32];
	int r;

	snprintf(path, sizeof(path), "self/fd/%d", fd);
	if (value)
		r = setxattr(path, name, value, answer->call.size, answer->call.xattr_flags);
	else
		r = removexattr(path, name);
	return r < 0 ? -errno : 0;
}

static int check_flags(const struct answer *answer, const struct remembered *file, const char *name)
{
	const struct remembered_attribute *there =
		file ? remember_find_attribute(file, name) : NULL;
	bool exists = there && !there->removed;

	if (answer->call.kind == CALL_REMOVEXATTR)
		return exists ? 0 : -ENODATA;
	if ((answer->call.xattr_flags & XATTR_CREATE) && exists)
		return -EEXIST;
	if ((answer->call.xattr_flags & XATTR_REPLACE) && !exists)
		return -ENODATA;
	return 0;
}

static int remember_xattr(const struct answer *answer, int fd, const char *name, const char *value)
{
	struct remembered *file;
	struct file_key key;
	int r = answer_touch(answer, fd);

	if (r >= 0)
		r = file_key_of(fd, &key);
	if (r >= 0)
		r = check_flags(answer, remember_find(answer->recorder->table, &key), name);
	if (r < 0)
		return r;
	file = answer_remember(answer, fd, &r);
	return file ? remember_attribute(file, name, value, value ? answer->call.size : 0) : r;
}

int answer_set_xattr(const struct answer *answer)
{
	const struct call *call = &answer->call;
	bool setting = call->kind == CALL_SETXATTR, acl;
	_cleanup_free_ char *value = NULL;
	_cleanup_close_ int fd = -EBADF;
	char name[XATTR_NAME_MAX + 1];
	struct stat status;
	int r = caller_read_string(&answer->caller, call->name, name, sizeof(name));

	if (r < 0)
		return r == -ENAMETOOLONG ? -ERANGE : r;
	acl = strncmp(name, "system.posix_acl_", 17) == 0;
	if ((!acl && !is_remembered(name)) || !answer_may(answer, acl ? CAP_FOWNER : CAP_SYS_ADMIN))
		return ANSWER_GO_ON;
	if (setting && (call->xattr_flags & ~(XATTR_CREATE | XATTR_REPLACE)))
		return -EINVAL;
	if (setting && call->size > XATTR_SIZE_MAX)
		return -E2BIG;
	if (setting) {
		value = malloc(call->size + 1);
		if (!value)
			return -ENOMEM;
		r = caller_read(&answer->caller, call->value, value, call->size);
		if (r < 0)
			return r;
	}
	fd = answer_open_file(answer);
	if (fd < 0)
		return fd;
	if (!answer_is_waiting(answer))
		return -EINTR;
	if (acl) {
		r = set_real(answer, fd, name, value);
		/* it may have set the mode, too */
		if (r == 0 && answer->recorder->fake)
			(void)answer_find(answer, fd, &status);
		/* it names ids that are not mapped */
		if (r != -EINVAL || !setting)
			return r;
	}
	return remember_xattr(answer, fd, name, value);
}

/* A value, or a list of names, to who asks for at most so many bytes, or for the size alone. */
static int give(struct answer *answer, const char *bytes, size_t size)
{
	const struct call *call = &answer->call;

	answer->value = (__s64)size;
	if (call->size == 0)
		return 0;
	if (size > call->size)
		return -ERANGE;
	if (!answer_is_waiting(answer))
		return -EINTR;
	return caller_write(&answer->caller, call->value, bytes, size);
}

int answer_getxattr(struct answer *answer)
{
	const struct remembered_attribute *attribute;
	const struct remembered *file;
	struct stat status;
	_cleanup_close_ int fd = -EBADF;
	char name[XATTR_NAME_MAX + 1];

	if (caller_read_string(&answer->caller, answer->call.name, name, sizeof(name)) < 0)
		return ANSWER_GO_ON;
	fd = answer_open_file(answer);
	file = fd < 0 ? NULL : answer_find(answer, fd, &status);
	attribute = file ? remember_find_attribute(file, name) : NULL;
	if (!attribute || !answer_may(answer, CAP_SYS_ADMIN))
		return ANSWER_GO_ON;
	return attribute->removed ? -ENODATA : give(answer, attribute->value, attribute->size);
}

int answer_listxattr(struct answer *answer)
{
	_cleanup_free_ char *real = NULL, *list = NULL;
	const struct remembered *file;
	struct stat status;
	_cleanup_close_ int fd = answer_open_file(answer);
	char path[32];
	ssize_t size;

	file = fd < 0 ? NULL : answer_find(answer, fd, &status);
	if (!file || !file->attribute_count || !answer_may(answer, CAP_SYS_ADMIN))
		return ANSWER_GO_ON;
	real = malloc(XATTR_LIST_MAX);
	if (!real)
		return -ENOMEM;
	snprintf(path, sizeof(path), "self/fd/%d", fd);
	size = listxattr(path, real, XATTR_LIST_MAX);
	if (size < 0)
		return -errno;
	size = show_list(file, real, (size_t)size, &list);
	return size < 0 ? (int)size : give(answer, list, (size_t)size);
}
