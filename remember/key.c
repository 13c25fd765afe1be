/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/key.h"

#include "remember/generation.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/vfs.h>

int file_key_from(int fd, const struct stat *status, struct file_key *key)
{
	*key = (struct file_key){ .device = status->st_dev, .inode = status->st_ino };
	return generation_of(fd, "", AT_EMPTY_PATH, 0, &key->generation) < 0 ? -errno : 0;
}

int file_key_of(int fd, struct file_key *key)
{
	struct stat status;

	return fstat(fd, &status) < 0 ? -errno : file_key_from(fd, &status, key);
}

enum file_life file_life_of(int fd, uint64_t generation)
{
	struct statfs status;

	if (generation || fstatfs(fd, &status) < 0)
		return FILE_STAYS;
	switch ((unsigned long)status.f_type) {
	case DEVPTS_SUPER_MAGIC:
		return FILE_RETURNS;
	case PROC_SUPER_MAGIC:
		return FILE_PASSES;
	case ANON_INODE_FS_MAGIC:
	case PIPEFS_MAGIC:
	case SOCKFS_MAGIC:
		return FILE_NAMELESS;
	default:
		return FILE_STAYS;
	}
}
