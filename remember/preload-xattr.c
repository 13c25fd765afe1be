/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The preload library: getxattr(2), listxattr(2) and the like. */

#include "remember/preload.h"

#include "remember/shared.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* A call of getxattr(2) or listxattr(2) and the like. */
struct attribute_call {
	long number, file; /* a path, or an fd */
	bool has_name;
	const char *name;
	void *value;
	size_t size;
};

static ssize_t do_call(const struct attribute_call *call, uint64_t cookie)
{
	if (call->has_name)
		return syscall(call->number, call->file, call->name, call->value, call->size, 0L,
			       cookie);
	return syscall(call->number, call->file, call->value, call->size, 0L, 0L, cookie);
}

/* Whether what the kernel said is to be believed, whatever the file is. */
static bool is_kernels(const struct attribute_call *call, ssize_t r, uint32_t remembered)
{
	if (!remembered)
		return true;
	/* the name is an address of the program's: not to be looked at before the kernel has */
	if (!call->has_name || (r < 0 && errno != ENODATA && errno != EOPNOTSUPP))
		return false;
	return !(remembered & shared_name_bit(call->name));
}

static ssize_t ask_attribute(struct attribute_call call)
{
	const int saved = errno;
	uint32_t changes;
	const void *table = preload_begin(&changes);
	ssize_t r;

	if (table) {
		r = do_call(&call, SHARED_COOKIE);
		if (is_kernels(&call, r, shared_attributes(table)) &&
		    shared_changes(table) == changes)
			return r;
		errno = saved;
	}
	return do_call(&call, 0);
}

EXPORT(ssize_t, owners_getxattr, "getxattr", const char *path, const char *name, void *value,
       size_t size)
{
	return ask_attribute(
		(struct attribute_call){ SYS_getxattr, (long)path, true, name, value, size });
}

EXPORT(ssize_t, owners_lgetxattr, "lgetxattr", const char *path, const char *name, void *value,
       size_t size)
{
	return ask_attribute(
		(struct attribute_call){ SYS_lgetxattr, (long)path, true, name, value, size });
}

EXPORT(ssize_t, owners_fgetxattr, "fgetxattr", int fd, const char *name, void *value, size_t size)
{
	return ask_attribute((struct attribute_call){ SYS_fgetxattr, fd, true, name, value, size });
}

EXPORT(ssize_t, owners_listxattr, "listxattr", const char *path, char *list, size_t size)
{
	return ask_attribute(
		(struct attribute_call){ SYS_listxattr, (long)path, false, NULL, list, size });
}

EXPORT(ssize_t, owners_llistxattr, "llistxattr", const char *path, char *list, size_t size)
{
	return ask_attribute(
		(struct attribute_call){ SYS_llistxattr, (long)path, false, NULL, list, size });
}

EXPORT(ssize_t, owners_flistxattr, "flistxattr", int fd, char *list, size_t size)
{
	return ask_attribute(
		(struct attribute_call){ SYS_flistxattr, fd, false, NULL, list, size });
}
