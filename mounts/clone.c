/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/clone.h"

#include "base/cleanup.h"
#include "base/syscalls.h"

unsigned int mount_attributes(const struct mount_entry *entry)
{
	unsigned int attributes = 0;

	if (!(entry->flags & MOUNT_SUID))
		attributes |= MOUNT_ATTR_NOSUID;
	if (!(entry->flags & MOUNT_DEVICES))
		attributes |= MOUNT_ATTR_NODEV;
	if (entry->flags & MOUNT_READ_ONLY)
		attributes |= MOUNT_ATTR_RDONLY;
	if (entry->flags & MOUNT_NOEXEC)
		attributes |= MOUNT_ATTR_NOEXEC;
	return attributes;
}

int mount_clone(int dirfd, const char *path, unsigned int flags, unsigned int attributes,
		const char **call)
{
	struct mount_attr attr = { .attr_set = attributes };
	_cleanup_close_ int tree = -EBADF;

	flags |= OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
	*call = "open_tree";
	tree = sys_open_tree_attr(dirfd, path, flags, &attr);
	/* EPERM: what container filters say of calls that they do not know yet */
	if (tree >= 0 || (errno != ENOSYS && errno != EPERM))
		return tree < 0 ? -errno : steal_fd(&tree);
	tree = open_tree(dirfd, path, flags);
	if (tree < 0)
		return -errno;
	*call = "mount_setattr";
	if (mount_setattr(tree, "", AT_EMPTY_PATH | (flags & AT_RECURSIVE), &attr, sizeof(attr)) <
	    0)
		return -errno;
	return steal_fd(&tree);
}
