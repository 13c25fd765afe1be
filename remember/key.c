/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/key.h"

#include "remember/generation.h"

#include <errno.h>

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
