/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"
#include "remember/show.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#define DEVICE makedev(0x123, 0x45678)

static int show(enum stat_layout layout, off_t length, void *bytes, size_t *size)
{
	struct stat status = {
		.st_dev = makedev(8, 1),
		.st_ino = 0x1234,
		.st_mode = S_IFREG | 0640,
		.st_nlink = 3,
		.st_size = length,
		.st_blksize = 4096,
		.st_blocks = 8,
		.st_mtim = { 11, 12 },
	};
	/* what has a length is no device */
	const struct remembered file = {
		.uid = 70000, .gid = 6, .type = length ? 0 : S_IFCHR, .device = length ? 0 : DEVICE
	};
	struct call call = { .layout = layout };

	return show_stat(&call, -1, status, &file, bytes, size);
}

/* At a place of the answer, little endian. */
static uint64_t at(const unsigned char *bytes, size_t offset, size_t size)
{
	uint64_t value = 0;

	for (size_t i = size; i-- > 0;)
		value = value << 8 | bytes[offset + i];
	return value;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static void test_narrow(void)
{
	unsigned char bytes[SHOW_STAT_MAX];
	size_t size;

	CHECK_INT(show(STAT_I386, 0, bytes, &size), 0);
	CHECK_INT(size, 64);
	CHECK_INT(at(bytes, 0, 4), 0x801);
	CHECK_INT(at(bytes, 4, 4), 0x1234);
	CHECK_INT(at(bytes, 8, 2), S_IFCHR | 0640);
	CHECK_INT(at(bytes, 10, 2), 3);
	CHECK_INT(at(bytes, 12, 2), 65534); /* 70000 does not fit */
	CHECK_INT(at(bytes, 14, 2), 6);
	CHECK_INT(at(bytes, 16, 4), 0x45612378);
	CHECK_INT(show(STAT_I386, 5, bytes, &size), 0);
	CHECK_INT(at(bytes, 8, 2), S_IFREG | 0640);
	CHECK_INT(at(bytes, 20, 4), 5);
	CHECK_INT(at(bytes, 40, 4), 11);
	CHECK_INT(show(STAT_I386, INT64_C(1) << 31, bytes, &size), -EOVERFLOW);
	CHECK_INT(show(STAT_I386_OLD, 0, bytes, &size), -EOVERFLOW); /* of the device */
}

/* stat64: all but the larger numbers lie at one place in both. */
static void test_wide(void)
{
	static const struct {
		enum stat_layout layout;
		size_t size, length, blocks, mtime, inode;
	} rows[] = { { STAT_I386_64, 96, 44, 56, 72, 88 }, { STAT_ARM_64, 104, 48, 64, 80, 96 } };

	for (size_t i = 0; i < 2; i++) {
		unsigned char bytes[SHOW_STAT_MAX];
		size_t size;

		CHECK_INT(show(rows[i].layout, 0, bytes, &size), 0);
		CHECK_INT(size, rows[i].size);
		CHECK_INT(at(bytes, 0, 8), 0x801);
		CHECK_INT(at(bytes, 12, 4), 0x1234);
		CHECK_INT(at(bytes, 16, 4), S_IFCHR | 0640);
		CHECK_INT(at(bytes, 20, 4), 3);
		CHECK_INT(at(bytes, 24, 4), 70000);
		CHECK_INT(at(bytes, 28, 4), 6);
		CHECK_INT(at(bytes, 32, 8), 0x45612378);
		CHECK_INT(show(rows[i].layout, INT64_C(5) << 32, bytes, &size), 0);
		CHECK_INT(at(bytes, rows[i].length, 8), INT64_C(5) << 32);
		CHECK_INT(at(bytes, rows[i].blocks, 8), 8);
		CHECK_INT(at(bytes, rows[i].mtime, 4), 11);
		CHECK_INT(at(bytes, rows[i].inode, 8), 0x1234);
	}
}
#endif

static void test_native(void)
{
	struct stat shown;
	char bytes[SHOW_STAT_MAX];
	size_t size;

	CHECK_INT(show(STAT_NATIVE, 0, bytes, &size), 0);
	CHECK_INT(size, sizeof(shown));
	memcpy(&shown, bytes, sizeof(shown));
	CHECK(shown.st_uid == 70000 && shown.st_gid == 6 && shown.st_mode == (S_IFCHR | 0640));
	CHECK(shown.st_rdev == DEVICE && shown.st_size == 0 && shown.st_ino == 0x1234);
}

static void test_list(void)
{
	static const char real[] = "user.a\0system.posix_acl_access\0security.gone";
	struct remembered_attribute attributes[] = {
		{ .name = (char[]){ "trusted.x" }, .value = (char[]){ "" } },
		{ .name = (char[]){ "system.posix_acl_access" }, .value = (char[]){ "" } },
		{ .name = (char[]){ "security.gone" }, .removed = true },
		{ .name = (char[]){ "security.b" }, .value = (char[]){ "" } },
	};
	static const char all[] = "user.a\0trusted.x\0system.posix_acl_access\0security.b",
			  untrusted[] = "user.a\0system.posix_acl_access\0security.b";
	const struct remembered file = { .attributes = attributes, .attribute_count = 4 };
	char *list;

	CHECK_INT(show_list(&file, true, real, sizeof(real), &list), sizeof(all));
	CHECK(memcmp(list, all, sizeof(all)) == 0);
	free(list);
	CHECK_INT(show_list(&file, false, real, sizeof(real), &list), sizeof(untrusted));
	CHECK(memcmp(list, untrusted, sizeof(untrusted)) == 0);
	free(list);
}

int main(void)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	test_narrow();
	test_wide();
#endif
	test_native();
	test_list();
	return check_result();
}
