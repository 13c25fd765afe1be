/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/show.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

/* i386's, as its kernel has them whatever the program is built with: asm/stat.h. */
struct stat_i386 {
	uint32_t dev, ino;
	uint16_t mode, nlink, uid, gid;
	uint32_t rdev, size, blksize, blocks, atime, atime_nsec, mtime, mtime_nsec, ctime,
		ctime_nsec, unused[2];
};

struct stat_i386_64 {
	uint64_t dev;
	uint32_t padding, low_ino, mode, nlink, uid, gid;
	uint64_t rdev;
	uint32_t more_padding;
	int64_t size;
	uint32_t blksize;
	uint64_t blocks;
	uint32_t atime, atime_nsec, mtime, mtime_nsec, ctime, ctime_nsec;
	uint64_t ino;
} __attribute__((packed, aligned(4)));

/* The same for arm, whose numbers of 64 bits lie at multiples of 8. */
struct stat_arm_64 {
	uint64_t dev;
	uint32_t padding, low_ino, mode, nlink, uid, gid;
	_Alignas(8) uint64_t rdev;
	uint32_t more_padding;
	_Alignas(8) int64_t size;
	uint32_t blksize;
	_Alignas(8) uint64_t blocks;
	uint32_t atime, atime_nsec, mtime, mtime_nsec, ctime, ctime_nsec;
	_Alignas(8) uint64_t ino;
};

_Static_assert(sizeof(struct stat_i386) == 64 && sizeof(struct stat_i386_64) == 96, "asm/stat.h");
_Static_assert(offsetof(struct stat_arm_64, size) == 48 &&
		       offsetof(struct stat_arm_64, blocks) == 64 &&
		       offsetof(struct stat_arm_64, ino) == 96 && sizeof(struct stat_arm_64) == 104,
	       "asm/stat.h");

struct stat_i386_old {
	uint16_t dev, ino, mode, nlink, uid, gid, rdev;
	uint32_t size, atime, mtime, ctime;
};

/* An id that 16 bits don't hold: chown(2), and the kernel's fs.overflowuid. */
static uint16_t narrow(uint32_t id)
{
	return id > UINT16_MAX ? 65534 : (uint16_t)id;
}

/* As the kernel tells programs of 32 bits, and their system calls take it. */
static uint32_t encode_device(dev_t device)
{
	return (minor(device) & 0xff) | major(device) << 8 | (minor(device) & ~0xffU) << 12;
}

static int to_i386(const struct stat *status, struct stat_i386 *shown)
{
	if (status->st_size > INT32_MAX || status->st_ino > UINT32_MAX ||
	    status->st_nlink > UINT16_MAX)
		return -EOVERFLOW;
	*shown = (struct stat_i386){
		.dev = encode_device(status->st_dev),
		.ino = (uint32_t)status->st_ino,
		.mode = (uint16_t)status->st_mode,
		.nlink = (uint16_t)status->st_nlink,
		.uid = narrow(status->st_uid),
		.gid = narrow(status->st_gid),
		.rdev = encode_device(status->st_rdev),
		.size = (uint32_t)status->st_size,
		.blksize = (uint32_t)status->st_blksize,
		.blocks = (uint32_t)status->st_blocks,
		.atime = (uint32_t)status->st_atim.tv_sec,
		.atime_nsec = (uint32_t)status->st_atim.tv_nsec,
		.mtime = (uint32_t)status->st_mtim.tv_sec,
		.mtime_nsec = (uint32_t)status->st_mtim.tv_nsec,
		.ctime = (uint32_t)status->st_ctim.tv_sec,
		.ctime_nsec = (uint32_t)status->st_ctim.tv_nsec,
	};
	return 0;
}

static int to_i386_64(const struct stat *status, struct stat_i386_64 *shown)
{
	*shown = (struct stat_i386_64){
		.dev = encode_device(status->st_dev),
		.low_ino = (uint32_t)status->st_ino,
		.mode = status->st_mode,
		.nlink = (uint32_t)status->st_nlink,
		.uid = status->st_uid,
		.gid = status->st_gid,
		.rdev = encode_device(status->st_rdev),
		.size = status->st_size,
		.blksize = (uint32_t)status->st_blksize,
		.blocks = (uint64_t)status->st_blocks,
		.atime = (uint32_t)status->st_atim.tv_sec,
		.atime_nsec = (uint32_t)status->st_atim.tv_nsec,
		.mtime = (uint32_t)status->st_mtim.tv_sec,
		.mtime_nsec = (uint32_t)status->st_mtim.tv_nsec,
		.ctime = (uint32_t)status->st_ctim.tv_sec,
		.ctime_nsec = (uint32_t)status->st_ctim.tv_nsec,
		.ino = status->st_ino,
	};
	return 0;
}

static int to_arm_64(const struct stat *status, struct stat_arm_64 *shown)
{
	struct stat_i386_64 packed;

	to_i386_64(status, &packed);
	*shown = (struct stat_arm_64){
		.dev = packed.dev,
		.low_ino = packed.low_ino,
		.mode = packed.mode,
		.nlink = packed.nlink,
		.uid = packed.uid,
		.gid = packed.gid,
		.rdev = packed.rdev,
		.size = packed.size,
		.blksize = packed.blksize,
		.blocks = packed.blocks,
		.atime = packed.atime,
		.atime_nsec = packed.atime_nsec,
		.mtime = packed.mtime,
		.mtime_nsec = packed.mtime_nsec,
		.ctime = packed.ctime,
		.ctime_nsec = packed.ctime_nsec,
		.ino = packed.ino,
	};
	return 0;
}

static int to_i386_old(const struct stat *status, struct stat_i386_old *shown)
{
	if (status->st_size > INT32_MAX || status->st_ino > UINT16_MAX ||
	    status->st_nlink > UINT16_MAX || encode_device(status->st_dev) > UINT16_MAX ||
	    encode_device(status->st_rdev) > UINT16_MAX)
		return -EOVERFLOW;
	*shown = (struct stat_i386_old){
		.dev = (uint16_t)encode_device(status->st_dev),
		.ino = (uint16_t)status->st_ino,
		.mode = (uint16_t)status->st_mode,
		.nlink = (uint16_t)status->st_nlink,
		.uid = narrow(status->st_uid),
		.gid = narrow(status->st_gid),
		.rdev = (uint16_t)encode_device(status->st_rdev),
		.size = (uint32_t)status->st_size,
		.atime = (uint32_t)status->st_atim.tv_sec,
		.mtime = (uint32_t)status->st_mtim.tv_sec,
		.ctime = (uint32_t)status->st_ctim.tv_sec,
	};
	return 0;
}

static int show_statx(const struct call *call, int fd, const struct remembered *file,
		      struct statx *shown)
{
	const int taken = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;

	if (statx(fd, "", (call->flags & ~taken) | AT_EMPTY_PATH, call->mask, shown) < 0)
		return -errno;
	if (file->uid != ID_UNSET)
		shown->stx_uid = file->uid;
	if (file->gid != ID_UNSET)
		shown->stx_gid = file->gid;
	if (file->mode)
		shown->stx_mode = (uint16_t)((shown->stx_mode & S_IFMT) | (file->mode & 07777));
	if (!file->type)
		return 0;
	shown->stx_mode = (uint16_t)((shown->stx_mode & ~S_IFMT) | file->type);
	shown->stx_rdev_major = major(file->device);
	shown->stx_rdev_minor = minor(file->device);
	shown->stx_size = shown->stx_blocks = 0; /* whatever was written to it */
	return 0;
}

int show_stat(const struct call *call, int fd, struct stat status, const struct remembered *file,
	      void *buffer, size_t *size)
{
	if (call->layout == STAT_STATX) {
		*size = sizeof(struct statx);
		return show_statx(call, fd, file, buffer);
	}
	if (file->uid != ID_UNSET)
		status.st_uid = file->uid;
	if (file->gid != ID_UNSET)
		status.st_gid = file->gid;
	if (file->mode)
		status.st_mode = (status.st_mode & S_IFMT) | (file->mode & 07777);
	if (file->type) {
		status.st_mode = (status.st_mode & ~(mode_t)S_IFMT) | file->type;
		status.st_rdev = file->device;
	}
	switch (call->layout) {
	case STAT_I386:
		*size = sizeof(struct stat_i386);
		return to_i386(&status, buffer);
	case STAT_I386_64:
		*size = sizeof(struct stat_i386_64);
		return to_i386_64(&status, buffer);
	case STAT_ARM_64:
		*size = sizeof(struct stat_arm_64);
		return to_arm_64(&status, buffer);
	case STAT_I386_OLD:
		*size = sizeof(struct stat_i386_old);
		return to_i386_old(&status, buffer);
	default:
		*size = sizeof(status);
		memcpy(buffer, &status, sizeof(status));
		return 0;
	}
}

static size_t append_name(char *list, size_t used, const char *name)
{
	size_t length = strlen(name) + 1;

	memcpy(list + used, name, length);
	return used + length;
}

ssize_t show_list(const struct remembered *file, bool trusted, const char *real, size_t real_size,
		  char **list)
{
	size_t room = real_size, used = 0;

	for (size_t i = 0; i < file->attribute_count; i++)
		room += strlen(file->attributes[i].name) + 1;
	*list = malloc(room + 1);
	if (!*list)
		return -ENOMEM;
	for (const char *name = real; name < real + real_size; name += strlen(name) + 1) {
		if (!remember_find_attribute(file, name))
			used = append_name(*list, used, name);
	}
	for (size_t i = 0; i < file->attribute_count; i++) {
		const struct remembered_attribute *attribute = &file->attributes[i];

		if (!attribute->removed &&
		    (trusted || strncmp(attribute->name, "trusted.", 8) != 0))
			used = append_name(*list, used, attribute->name);
	}
	return (ssize_t)used;
}
