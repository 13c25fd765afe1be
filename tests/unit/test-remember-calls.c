/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"
#include "idmap/idmap.h"
#include "remember/calls.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

static bool decode(uint32_t abi, int number, const uint64_t arguments[6], struct call *call)
{
	struct seccomp_data data = { .arch = abi, .nr = number };

	memcpy(data.args, arguments, sizeof(data.args));
	return call_decode(&data, call);
}

#define DECODE(abi, number, ...) decode(abi, number, (const uint64_t[6]){ __VA_ARGS__ }, &call)

static void test_unknown(void)
{
	struct call call;

	CHECK(!DECODE(0, 0, 0));
	CHECK(!DECODE(AUDIT_ARCH_ALPHA, 92, 0));
}

/* Each row is read without a look at memory, and one call has one row. */
static void test_rows(void)
{
	unsigned int twice = 0, count = 0;

	for (const struct call_row *row = call_rows; row->abi; row++, count++) {
		struct call call;

		CHECK(DECODE(row->abi, row->number, 11, 12, 13, 14, 15, 16));
		CHECK_INT(call.kind, row->kind);
		CHECK_INT(call.has_path, !row->fd);
		CHECK_INT(call.fd, row->at || row->fd ? 11 : AT_FDCWD);
		CHECK(!call.has_path || call.path == (row->at ? 12 : 11));
		for (const struct call_row *other = row + 1; other->abi; other++)
			twice += other->abi == row->abi && other->number == row->number;
	}
	CHECK_INT(twice, 0);
	CHECK(count > 20);
}

#ifdef __x86_64__
#define NATIVE AUDIT_ARCH_X86_64

static void test_chown(void)
{
	struct call call;

	CHECK(DECODE(NATIVE, SYS_chown, 0x1000, 1, 2));
	CHECK(call.has_path && call.path == 0x1000 && call.fd == AT_FDCWD && call.flags == 0);
	CHECK(call.uid == 1 && call.gid == 2);
	/* the upper half of a register says nothing */
	CHECK(DECODE(NATIVE, SYS_lchown, 0x1000, 0xffffffff, UINT64_MAX << 32 | 7));
	CHECK(call.uid == ID_UNSET && call.gid == 7 && call.flags == AT_SYMLINK_NOFOLLOW);
	CHECK(DECODE(NATIVE, SYS_fchown, 3, 65535, 4));
	CHECK(!call.has_path && call.fd == 3 && call.uid == 65535 && call.gid == 4);
	CHECK(DECODE(NATIVE, SYS_fchownat, UINT64_MAX - 99, 0x1000, 5, 6, AT_EMPTY_PATH));
	CHECK(call.fd == AT_FDCWD && call.uid == 5 && call.gid == 6);
	CHECK_INT(call.flags, AT_EMPTY_PATH);
}

static void test_i386(void)
{
	struct call call;

	CHECK(DECODE(AUDIT_ARCH_I386, 182, 0x1000, 0xffff, 0x1fffe));
	CHECK(call.uid == ID_UNSET && call.gid == 0xfffe && !call.flags);
	CHECK(DECODE(AUDIT_ARCH_I386, 16, 0x1000, 1, 0xffff));
	CHECK(call.uid == 1 && call.gid == ID_UNSET && call.flags == AT_SYMLINK_NOFOLLOW);
	CHECK(DECODE(AUDIT_ARCH_I386, 95, 3, 1, 2));
	CHECK(!call.has_path && call.uid == 1 && call.gid == 2);
	CHECK(DECODE(AUDIT_ARCH_I386, 212, 0x1000, 0xffff, 0x10001));
	CHECK(call.uid == 0xffff && call.gid == 0x10001);
	CHECK(DECODE(AUDIT_ARCH_I386, 107, 1, 2));
	CHECK(call.layout == STAT_I386 && call.buffer == 2 && call.flags == AT_SYMLINK_NOFOLLOW);
	CHECK(DECODE(AUDIT_ARCH_I386, 195, 1, 2));
	CHECK(call.layout == STAT_I386_64);
	CHECK(DECODE(AUDIT_ARCH_I386, 18, 1, 2));
	CHECK(call.layout == STAT_I386_OLD);
	CHECK(DECODE(AUDIT_ARCH_I386, 300, 3, 1, 2, AT_SYMLINK_NOFOLLOW));
	CHECK(call.layout == STAT_I386_64 && call.fd == 3 && call.flags == AT_SYMLINK_NOFOLLOW);
	CHECK(DECODE(AUDIT_ARCH_I386, 383, 3, 1, 0x100, 0x7ff, 2));
	CHECK(call.layout == STAT_STATX && call.buffer == 2);
}

static void test_mknod(void)
{
	struct call call;

	CHECK(DECODE(NATIVE, SYS_mknod, 0x1000, S_IFCHR | 0644, 0x103));
	CHECK(call.mode == (S_IFCHR | 0644) && call.device == makedev(1, 3));
	/* 20 bits of the minor number, in two parts */
	CHECK(DECODE(NATIVE, SYS_mknodat, 4, 0x1000, S_IFBLK, 0xfffabcde));
	CHECK(call.fd == 4 && major(call.device) == 0xabc && minor(call.device) == 0xfffde);
}

static void test_attributes(void)
{
	struct call call;

	CHECK(DECODE(NATIVE, SYS_lsetxattr, 1, 2, 3, 4, 5));
	CHECK(call.path == 1 && call.name == 2 && call.value == 3 && call.size == 4);
	CHECK(call.xattr_flags == 5 && call.flags == AT_SYMLINK_NOFOLLOW);
	CHECK(DECODE(NATIVE, SYS_fremovexattr, 6, 2));
	CHECK(!call.has_path && call.fd == 6 && call.name == 2);
	CHECK(DECODE(NATIVE, SYS_getxattr, 1, 2, 3, 4));
	CHECK(call.name == 2 && call.value == 3 && call.size == 4);
	CHECK(DECODE(NATIVE, SYS_llistxattr, 1, 3, 4));
	CHECK(call.value == 3 && call.size == 4 && call.flags == AT_SYMLINK_NOFOLLOW);
}

/* Linux 6.13: the same numbers in each ABI. */
static void test_attributes_at(void)
{
	static const uint32_t abis[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386 };
	const struct call_xattr_args args = { .value = 21, .size = 22, .flags = 23 };
	struct call call;

	for (size_t i = 0; i < 2; i++) {
		CHECK(DECODE(abis[i], 463, 3, 1, AT_EMPTY_PATH, 2, 4, 16));
		CHECK(call.kind == CALL_SETXATTR && call.fd == 3 && call.path == 1);
		CHECK(call.flags == AT_EMPTY_PATH && call.name == 2 && call.has_xattr_args);
		CHECK(call.xattr_args == 4 && call.xattr_args_size == 16);
		call_take_xattr_args(&call, &args);
		CHECK(call.value == 21 && call.size == 22 && call.xattr_flags == 23);
		CHECK(!call.has_xattr_args);
		CHECK(DECODE(abis[i], 464, 3, 1, 0, 2, 4, 17));
		CHECK(call.kind == CALL_GETXATTR && call.has_xattr_args && call.name == 2);
		CHECK_INT(call.xattr_args_size, 17);
		CHECK(DECODE(abis[i], 465, 3, 1, AT_SYMLINK_NOFOLLOW, 2, 4));
		CHECK(call.kind == CALL_LISTXATTR && call.value == 2 && call.size == 4);
		CHECK_INT(call.flags, AT_SYMLINK_NOFOLLOW);
		CHECK(DECODE(abis[i], 466, 3, 1, 0, 2));
		CHECK(call.kind == CALL_REMOVEXATTR && call.name == 2 && !call.has_xattr_args);
	}
}

static void test_stat(void)
{
	struct call call;

	CHECK(DECODE(NATIVE, SYS_statx, 3, 1, AT_EMPTY_PATH, STATX_ALL, 2));
	CHECK(call.fd == 3 && call.path == 1 && call.flags == AT_EMPTY_PATH && call.buffer == 2);
	CHECK(call.mask == STATX_ALL && call.layout == STAT_STATX);
	CHECK(DECODE(NATIVE, SYS_newfstatat, 3, 1, 2, AT_SYMLINK_NOFOLLOW));
	CHECK(call.flags == AT_SYMLINK_NOFOLLOW && call.buffer == 2 && call.layout == STAT_NATIVE);
	CHECK(DECODE(NATIVE, SYS_fstat, 3, 2));
	CHECK(!call.has_path && call.fd == 3 && call.buffer == 2);
}
#endif

int main(void)
{
	test_unknown();
	test_rows();
#ifdef __x86_64__
	test_chown();
	test_i386();
	test_mknod();
	test_attributes();
	test_attributes_at();
	test_stat();
#endif
	return check_result();
}
