/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "remember/acl.h"
#include "remember/answer.h"

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

/* There is no attribute of that name: xattr(7). */
static bool is_prefix_alone(const char *name)
{
	return strcmp(name, "trusted.") == 0 || strcmp(name, "security.") == 0;
}

static int set_real(const struct answer *answer, int fd, const char *name, const char *value,
		    size_t size)
{
	char path[32];
	int r;

	snprintf(path, sizeof(path), "self/fd/%d", fd);
	if (value)
		r = setxattr(path, name, value, size, answer->call.xattr_flags);
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
	int r;

	/* nobody gives such attributes to it: xattr(7) */
	if (file_life_of(fd, 0) == FILE_NAMELESS)
		return -EOPNOTSUPP;
	if (is_prefix_alone(name))
		return -EINVAL;
	r = answer_touch(answer, fd);
	if (r >= 0)
		r = file_key_of(fd, &key);
	if (r >= 0)
		r = check_flags(answer, remember_find(answer->recorder->table, &key), name);
	if (r < 0)
		return r;
	file = answer_remember(answer, fd, &r);
	return file ? remember_attribute(file, name, value, value ? answer->call.size : 0) : r;
}

/* Nothing is to be remembered of an attribute that the file really has, or has lost. */
static int forget_xattr(const struct answer *answer, int fd, const char *name)
{
	struct remember_table *table = answer->recorder->table;
	struct remembered *file;
	struct file_key key;
	int r = file_key_of(fd, &key);

	file = r < 0 ? NULL : remember_find(table, &key);
	if (!file)
		return r;
	remember_drop_attribute(file, name);
	if (remember_is_empty(file))
		remember_forget(table, &key);
	return 0;
}

static int set_acl(const struct answer *answer, int fd, const char *name, const char *value)
{
	const struct recorder *recorder = answer->recorder;
	_cleanup_free_ char *mapped = NULL;
	size_t size = answer->call.size;
	struct remembered *file;
	struct stat status;
	int r = set_real(answer, fd, name, value, size);

	/* it may have set the mode, too */
	if (r >= 0 && recorder->fake)
		(void)answer_find(answer, fd, &status);
	if (r >= 0)
		return forget_xattr(answer, fd, name);
	if (r != -EINVAL || !value)
		return r;
	/* it names ids that are not mapped */
	mapped = malloc(size + 1);
	if (!mapped)
		return -ENOMEM;
	memcpy(mapped, value, size);
	r = acl_keep_mapped(mapped, &size, recorder->uid_map, recorder->gid_map);
	if (r >= 0)
		r = set_real(answer, fd, name, mapped, size);
	if (r < 0)
		return r;
	file = answer_remember(answer, fd, &r);
	return file ? remember_attribute(file, name, value, answer->call.size) : r;
}

static int read_value(const struct answer *answer, char **value)
{
	const struct call *call = &answer->call;

	if (call->xattr_flags & ~(XATTR_CREATE | XATTR_REPLACE))
		return -EINVAL;
	if (call->size > XATTR_SIZE_MAX)
		return -E2BIG;
	*value = malloc(call->size + 1);
	return *value ? caller_read(&answer->caller, call->value, *value, call->size) : -ENOMEM;
}

/* The kernel does it, but for a device: it takes the one for a regular file. */
static int set_of_user(const struct answer *answer)
{
	_cleanup_close_ int fd =
		answer->recorder->table->count ? answer_open_attributed(answer) : -ENOENT;
	const struct remembered *file;
	struct stat status;

	file = fd < 0 ? NULL : answer_find(answer, fd, &status);
	return file && file->type && answer_reaches(answer, fd, answer_open_attributed)
		       ? -EPERM
		       : ANSWER_GO_ON;
}

int answer_set_xattr(struct answer *answer)
{
	bool setting = answer->call.kind == CALL_SETXATTR, acl;
	_cleanup_free_ char *value = NULL;
	_cleanup_close_ int fd = -EBADF;
	char name[XATTR_NAME_MAX + 1];
	int r = caller_read_string(&answer->caller, answer->call.name, name, sizeof(name));

	if (r < 0)
		return r == -ENAMETOOLONG ? -ERANGE : r;
	if (strncmp(name, "user.", 5) == 0)
		return set_of_user(answer);
	acl = acl_is_name(name);
	if ((!acl && !is_remembered(name)) || !answer_may(answer, acl ? CAP_FOWNER : CAP_SYS_ADMIN))
		return ANSWER_GO_ON;
	r = answer_read_xattr_args(answer);
	if (r >= 0 && setting)
		r = read_value(answer, &value);
	if (r < 0)
		return r;
	fd = answer_open_attributed(answer);
	if (fd < 0)
		return fd;
	if (!answer_is_waiting(answer))
		return -EINTR;
	r = acl ? set_acl(answer, fd, name, value) : remember_xattr(answer, fd, name, value);
	return r < 0 ? r : answer_follow(answer, fd);
}
