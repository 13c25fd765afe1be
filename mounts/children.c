/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/children.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "mounts/attach.h"
#include "mounts/clone.h"

#include <limits.h>
#include <string.h>

int child_bind(int lower, const char *name, int base, mode_t mode, unsigned int attributes)
{
	const char *call;
	_cleanup_close_ int tree =
		mount_clone(lower, name, AT_RECURSIVE | AT_SYMLINK_NOFOLLOW, attributes, &call);
	_cleanup_close_ int point = -EBADF;
	int r;

	if (tree < 0)
		return tree;
	r = S_ISDIR(mode) ? mkdirat(base, name, 0755) : mknodat(base, name, S_IFREG | 0444, 0);
	if (r < 0 && errno != EEXIST)
		return -errno;
	point = openat(base, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return point < 0 ? -errno : mount_attach_at(tree, point);
}

int child_copy_link(int lower, const char *name, int base)
{
	char text[PATH_MAX];
	ssize_t length = readlinkat(lower, name, text, sizeof(text) - 1);

	if (length < 0)
		return -errno;
	text[length] = '\0';
	if (symlinkat(text, base, name) < 0)
		return errno == EEXIST ? 0 : -errno;
	return 1;
}

int child_for_each(int lower, child_function function, void *context)
{
	int fd = openat(lower, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *child;

	if (!dir) {
		cleanup_close(&fd);
		return -errno;
	}
	while (errno = 0, child = readdir(dir)) {
		struct stat status;
		int r;

		if (strcmp(child->d_name, ".") == 0 || strcmp(child->d_name, "..") == 0)
			continue;
		if (fstatat(lower, child->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
			return -errno;
		r = function(lower, child->d_name, &status, context);
		if (r < 0)
			return r;
	}
	return -errno;
}
