/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What tells a file from others that had its inode number: nsroot-remember(5). Here as code that
 * the preload library (preload.c) has, too: nothing but system calls.
 */

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef AT_HANDLE_FID
#define AT_HANDLE_FID 0x200 /* linux/fcntl.h, 6.5 */
#endif

/* A key with this generation is that of any file of the inode number. */
#define GENERATION_ANY UINT64_MAX

#define GENERATION_INO64_GEN 0x81 /* linux/exportfs.h: what file systems have that make none */

static inline uint64_t generation_mix(uint64_t sum, const unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sum = (sum ^ bytes[i]) * UINT64_C(0x100000001b3);
	return sum;
}

/* The handle holds the inode number and a generation, whatever the file system's form of it. */
static inline bool generation_of_handle(int folder, const char *path, int flags,
					uint64_t *generation)
{
	union {
		struct file_handle handle;
		char space[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} room;
	uint32_t last;
	int mount;

	room.handle.handle_bytes = MAX_HANDLE_SZ;
	memset(room.handle.f_handle, 0, MAX_HANDLE_SZ);
	flags = (flags & AT_EMPTY_PATH) | (flags & AT_SYMLINK_NOFOLLOW ? 0 : AT_SYMLINK_FOLLOW);
	if (syscall(SYS_name_to_handle_at, folder, path, &room.handle, &mount,
		    flags | AT_HANDLE_FID) < 0 &&
	    syscall(SYS_name_to_handle_at, folder, path, &room.handle, &mount, flags) < 0)
		return false;
	/* an overlay in a user namespace has the inode number alone */
	memcpy(&last, room.handle.f_handle + sizeof(uint64_t), sizeof(last));
	if (room.handle.handle_type == GENERATION_INO64_GEN && last == 0)
		return false;
	*generation = generation_mix(generation_mix(UINT64_C(0xcbf29ce484222325),
						    (const unsigned char *)&room.handle.handle_type,
						    sizeof(room.handle.handle_type)),
				     room.handle.f_handle, room.handle.handle_bytes);
	return true;
}

/*
 * generation_of: of a file.
 *  flags: AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH.
 *  cookie: for the sixth argument of statx(2): remember/shared.h; 0: none.
 * Returns 0 (with 0 where the file system has none) or -1 with errno set.
 */
static inline int generation_of(int folder, const char *path, int flags, unsigned long cookie,
				uint64_t *generation)
{
	struct statx born;

	*generation = 0;
	if (generation_of_handle(folder, path, flags, generation))
		return 0;
	if (syscall(SYS_statx, folder, path, flags, STATX_BTIME, &born, cookie) < 0)
		return -1;
	if (born.stx_mask & STATX_BTIME)
		*generation =
			(uint64_t)born.stx_btime.tv_sec * 1000000000U + born.stx_btime.tv_nsec;
	return 0;
}
