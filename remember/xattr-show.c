/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "remember/acl.h"
#include "remember/answer.h"
#include "remember/show.h"

#include <limits.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/xattr.h>

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

static bool is_trusted(const char *name)
{
	return strncmp(name, "trusted.", 8) == 0;
}

static int give_acl(struct answer *answer, const struct remembered_attribute *attribute,
		    mode_t mode)
{
	_cleanup_free_ char *value = malloc(attribute->size + 1);

	if (!value)
		return -ENOMEM;
	memcpy(value, attribute->value, attribute->size);
	acl_follow_mode(value, attribute->size, mode);
	return give(answer, value, attribute->size);
}

int answer_getxattr(struct answer *answer)
{
	const struct remembered_attribute *attribute;
	const struct remembered *file;
	_cleanup_close_ int fd = -EBADF;
	char name[XATTR_NAME_MAX + 1];
	struct stat status;

	if (!answer->recorder->table->count ||
	    caller_read_string(&answer->caller, answer->call.name, name, sizeof(name)) < 0)
		return ANSWER_GO_ON;
	fd = answer_open_attributed(answer);
	file = fd < 0 ? NULL : answer_find(answer, fd, &status);
	attribute = file ? remember_find_attribute(file, name) : NULL;
	/* the ids in an ACL are those of the sandbox */
	if (!attribute || (acl_is_name(name) && !caller_is_beside_us(&answer->caller)) ||
	    (is_trusted(name) && !answer_may(answer, CAP_SYS_ADMIN)) ||
	    !answer_reaches(answer, fd, answer_open_attributed))
		return ANSWER_GO_ON;
	if (attribute->removed)
		return -ENODATA;
	if (answer->call.has_xattr_args) {
		int r = answer_read_xattr_args(answer);

		if (r < 0)
			return r;
		if (answer->call.xattr_flags)
			return -EINVAL;
	}
	return strcmp(name, "system.posix_acl_access") == 0
		       ? give_acl(answer, attribute, status.st_mode)
		       : give(answer, attribute->value, attribute->size);
}

int answer_listxattr(struct answer *answer)
{
	_cleanup_close_ int fd =
		answer->recorder->table->count ? answer_open_attributed(answer) : -ENOENT;
	_cleanup_free_ char *real = NULL, *list = NULL;
	const struct remembered *file;
	struct stat status;
	char path[32];
	ssize_t size;

	file = fd < 0 ? NULL : answer_find(answer, fd, &status);
	if (!file || !file->attribute_count || !answer_reaches(answer, fd, answer_open_attributed))
		return ANSWER_GO_ON;
	real = malloc(XATTR_LIST_MAX);
	if (!real)
		return -ENOMEM;
	snprintf(path, sizeof(path), "self/fd/%d", fd);
	size = listxattr(path, real, XATTR_LIST_MAX);
	if (size < 0)
		return -errno;
	size = show_list(file, answer_may(answer, CAP_SYS_ADMIN), real, (size_t)size, &list);
	/* listxattr(2) */
	if (size > XATTR_LIST_MAX && answer->call.size >= XATTR_LIST_MAX)
		return -E2BIG;
	return size < 0 ? (int)size : give(answer, list, (size_t)size);
}
