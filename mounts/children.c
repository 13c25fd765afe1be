/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/children.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "mounts/build.h"

#include <limits.h>
#include <string.h>

static int bind(int lower, const char *name, int base, mode_t mode, uint64_t attributes)
{
	struct mount_attr attr = { .attr_set = attributes };
	_cleanup_close_ int tree = -EBADF, point = -EBADF;
	int r;

	tree = open_tree(lower, name,
			 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW);
	if (tree < 0)
		return -errno;
	if (attributes &&
	    mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) < 0)
		return -errno;
	r = S_ISDIR(mode) ? mkdirat(base, name, 0755) : mknodat(base, name, S_IFREG | 0444, 0);
	if (r < 0 && errno != EEXIST)
		return -errno;
	point = openat(base, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return point < 0 ? -errno : mount_attach_at(tree, point);
}

int child_bind(int lower, const char *name, int base, mode_t mode)
{
	return bind(lower, name, base, mode, 0);
}

int child_bind_read_only(int lower, const char *name, int base, mode_t mode)
{
	return bind(lower, name, base, mode,
		    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
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
