/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/key.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#ifndef AT_HANDLE_FID
#define AT_HANDLE_FID 0x200 /* linux/fcntl.h, 6.5 */
#endif

#define HANDLE_INO64_GEN 0x81 /* linux/exportfs.h: what file systems have that make none */

static uint64_t mix(uint64_t sum, const unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sum = (sum ^ bytes[i]) * UINT64_C(0x100000001b3);
	return sum;
}

/* The handle holds the inode number and a generation, whatever the file system's form of it. */
static bool read_handle(int fd, uint64_t *generation)
{
	union {
		struct file_handle handle;
		char space[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} room;
	uint32_t last;
	int mount;

	room.handle.handle_bytes = MAX_HANDLE_SZ;
	memset(room.handle.f_handle, 0, MAX_HANDLE_SZ);
	if (name_to_handle_at(fd, "", &room.handle, &mount, AT_EMPTY_PATH | AT_HANDLE_FID) < 0 &&
	    name_to_handle_at(fd, "", &room.handle, &mount, AT_EMPTY_PATH) < 0)
		return false;
	/* an overlay in a user namespace has the inode number alone */
	memcpy(&last, room.handle.f_handle + sizeof(uint64_t), sizeof(last));
	if (room.handle.handle_type == HANDLE_INO64_GEN && last == 0)
		return false;
	*generation = mix(mix(UINT64_C(0xcbf29ce484222325),
			      (const unsigned char *)&room.handle.handle_type,
			      sizeof(room.handle.handle_type)),
			  room.handle.f_handle, room.handle.handle_bytes);
	return true;
}

int file_key_from(int fd, const struct stat *status, struct file_key *key)
{
	struct statx born;

	*key = (struct file_key){ .device = status->st_dev, .inode = status->st_ino };
	if (read_handle(fd, &key->generation))
		return 0;
	if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &born) < 0)
		return -errno;
	if (born.stx_mask & STATX_BTIME)
		key->generation =
			(uint64_t)born.stx_btime.tv_sec * 1000000000U + born.stx_btime.tv_nsec;
	return 0;
}

int file_key_of(int fd, struct file_key *key)
{
	struct stat status;

	return fstat(fd, &status) < 0 ? -errno : file_key_from(fd, &status, key);
}
