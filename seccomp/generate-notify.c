/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The calls of --remember: the part of the filter that notifies, and how each is to be read. */

#include "seccomp/generate.h"

#include "remember/calls.h"
#include "remember/shared.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

/* Calls that are remembered; the ids of those marked have 16 bits where there is a call with 32. */
static const struct {
	const char *name;
	struct call_row row;
	const char *wider;
	int number; /* if libseccomp may not know the name: it is the same everywhere (from
		       Linux 5.0 on, beside the ABI's own offset) */
} remembered_calls[] = {
	{ "chown", { .kind = CALL_CHOWN }, "chown32", 0 },
	{ "chown32", { .kind = CALL_CHOWN }, NULL, 0 },
	{ "lchown", { .kind = CALL_CHOWN, .nofollow = true }, "lchown32", 0 },
	{ "lchown32", { .kind = CALL_CHOWN, .nofollow = true }, NULL, 0 },
	{ "fchown", { .kind = CALL_CHOWN, .fd = true }, "fchown32", 0 },
	{ "fchown32", { .kind = CALL_CHOWN, .fd = true }, NULL, 0 },
	{ "fchownat", { .kind = CALL_CHOWN, .at = true, .flags_last = true }, NULL, 0 },
	{ "mknod", { .kind = CALL_MKNOD }, NULL, 0 },
	{ "mknodat", { .kind = CALL_MKNOD, .at = true }, NULL, 0 },
	{ "setxattr", { .kind = CALL_SETXATTR }, NULL, 0 },
	{ "lsetxattr", { .kind = CALL_SETXATTR, .nofollow = true }, NULL, 0 },
	{ "fsetxattr", { .kind = CALL_SETXATTR, .fd = true }, NULL, 0 },
	{ "removexattr", { .kind = CALL_REMOVEXATTR }, NULL, 0 },
	{ "lremovexattr", { .kind = CALL_REMOVEXATTR, .nofollow = true }, NULL, 0 },
	{ "fremovexattr", { .kind = CALL_REMOVEXATTR, .fd = true }, NULL, 0 },
	{ "setxattrat", { .kind = CALL_SETXATTR, .at = true, .attribute_at = true }, NULL, 463 },
	{ "removexattrat",
	  { .kind = CALL_REMOVEXATTR, .at = true, .attribute_at = true },
	  NULL,
	  466 },
	/* fakeroot's way */
	{ "chmod", { .kind = CALL_CHMOD }, NULL, 0 },
	{ "fchmod", { .kind = CALL_CHMOD, .fd = true }, NULL, 0 },
	{ "fchmodat", { .kind = CALL_CHMOD, .at = true }, NULL, 0 },
	{ "fchmodat2", { .kind = CALL_CHMOD, .at = true, .flags_last = true }, NULL, 452 },
	{ "mkdir", { .kind = CALL_MKDIR }, NULL, 0 },
	{ "mkdirat", { .kind = CALL_MKDIR, .at = true }, NULL, 0 },
	{ "unlink", { .kind = CALL_UNLINK }, NULL, 0 },
	{ "unlinkat", { .kind = CALL_UNLINK, .at = true, .flags_last = true }, NULL, 0 },
	{ "rmdir", { .kind = CALL_RMDIR }, NULL, 0 },
	{ "rename", { .kind = CALL_RENAME }, NULL, 0 },
	{ "renameat", { .kind = CALL_RENAME, .at = true }, NULL, 0 },
	{ "renameat2", { .kind = CALL_RENAME, .at = true, .flags_last = true }, NULL, 0 },
	{ "chroot", { .kind = CALL_ROOT }, NULL, 0 },
	{ "pivot_root", { .kind = CALL_ROOT }, NULL, 0 },
	{ "unshare", { .kind = CALL_NAMESPACE }, NULL, 0 },
	{ "setns", { .kind = CALL_NAMESPACE }, NULL, 0 },
	{ "chdir", { .kind = CALL_CHDIR }, NULL, 0 },
	{ "fchdir", { .kind = CALL_CHDIR, .fd = true }, NULL, 0 },
	{ "umount", { .kind = CALL_UMOUNT }, NULL, 0 },
	{ "umount2", { .kind = CALL_UMOUNT }, NULL, 0 },
	{ "seccomp", { .kind = CALL_FILTER }, NULL, 0 },
	{ "prctl", { .kind = CALL_FILTER }, NULL, 0 },
	/* from here on: what is shown */
	{ "getxattr", { .kind = CALL_GETXATTR }, NULL, 0 },
	{ "lgetxattr", { .kind = CALL_GETXATTR, .nofollow = true }, NULL, 0 },
	{ "fgetxattr", { .kind = CALL_GETXATTR, .fd = true }, NULL, 0 },
	{ "listxattr", { .kind = CALL_LISTXATTR }, NULL, 0 },
	{ "llistxattr", { .kind = CALL_LISTXATTR, .nofollow = true }, NULL, 0 },
	{ "flistxattr", { .kind = CALL_LISTXATTR, .fd = true }, NULL, 0 },
	{ "getxattrat", { .kind = CALL_GETXATTR, .at = true, .attribute_at = true }, NULL, 464 },
	{ "listxattrat", { .kind = CALL_LISTXATTR, .at = true, .attribute_at = true }, NULL, 465 },
	{ "statx", { .kind = CALL_STAT, .at = true, .layout = STAT_STATX }, NULL, 0 },
	{ "newfstatat", { .kind = CALL_STAT, .at = true, .flags_last = true }, NULL, 0 },
	{ "stat", { .kind = CALL_STAT }, NULL, 0 },
	{ "lstat", { .kind = CALL_STAT, .nofollow = true }, NULL, 0 },
	{ "fstat", { .kind = CALL_STAT, .fd = true }, NULL, 0 },
	{ "fstatat64",
	  { .kind = CALL_STAT, .at = true, .flags_last = true, .layout = STAT_I386_64 },
	  NULL,
	  0 },
	{ "stat64", { .kind = CALL_STAT, .layout = STAT_I386_64 }, NULL, 0 },
	{ "lstat64", { .kind = CALL_STAT, .nofollow = true, .layout = STAT_I386_64 }, NULL, 0 },
	{ "fstat64", { .kind = CALL_STAT, .fd = true, .layout = STAT_I386_64 }, NULL, 0 },
	{ "oldstat", { .kind = CALL_STAT, .layout = STAT_I386_OLD }, NULL, 0 },
	{ "oldlstat", { .kind = CALL_STAT, .nofollow = true, .layout = STAT_I386_OLD }, NULL, 0 },
	{ "oldfstat", { .kind = CALL_STAT, .fd = true, .layout = STAT_I386_OLD }, NULL, 0 },
};

/* A filter that is installed, unless it is the launcher's, which has the cookie, too. */
static int add_filter_calls(scmp_filter_ctx filter, const char *name)
{
	if (strcmp(name, "prctl") == 0)
		return seccomp_rule_add(filter, SCMP_ACT_NOTIFY, generate_resolve(name), 1,
					SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP, 0));
	return seccomp_rule_add(filter, SCMP_ACT_NOTIFY, generate_resolve(name), 2,
				SCMP_A0(SCMP_CMP_LE, SECCOMP_SET_MODE_FILTER, 0),
				SCMP_A5(SCMP_CMP_NE, SHARED_COOKIE, 0));
}

/* What the preload library marks: it asks as the C library does. */
static bool is_marked(const char *name)
{
	static const char *const marked[] = {
		"statx",     "newfstatat", "fstat",      "getxattr",   "lgetxattr",
		"fgetxattr", "listxattr",  "llistxattr", "flistxattr",
	};

	for (size_t i = 0; i < COUNT(marked); i++)
		if (strcmp(name, marked[i]) == 0)
			return true;
	return false;
}

static void add_notification(scmp_filter_ctx filter, const char *name, const struct call_row *row,
			     enum filter_calls calls)
{
	static const unsigned int devices[] = { S_IFCHR, S_IFBLK };
	unsigned int argument = row->at ? 2 : 1;
	int r = 0;

	if (row->kind == CALL_FILTER)
		r = add_filter_calls(filter, name);
	else if (calls == CALLS_UNMARKED && is_marked(name))
		r = seccomp_rule_add(filter, SCMP_ACT_NOTIFY, generate_resolve(name), 1,
				     SCMP_A5(SCMP_CMP_NE, SHARED_COOKIE, 0));
	else if (row->kind != CALL_MKNOD)
		r = seccomp_rule_add(filter, SCMP_ACT_NOTIFY, generate_resolve(name), 0);
	/* regular files, FIFOs and sockets anybody can make */
	for (size_t i = 0; row->kind == CALL_MKNOD && i < COUNT(devices) && r >= 0; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_NOTIFY, generate_resolve(name), 1,
				     SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, S_IFMT, devices[i]));
	if (r < 0)
		generate_fail(name, -r);
}

static bool is_heard(size_t i, enum filter_calls calls)
{
	switch (remembered_calls[i].row.kind) {
	case CALL_STAT:
	case CALL_GETXATTR:
	case CALL_LISTXATTR:
		return calls >= CALLS_THAT_ASK;
	case CALL_FILTER:
		return calls == CALLS_UNMARKED;
	case CALL_CHMOD:
	case CALL_MKDIR:
	case CALL_UNLINK:
	case CALL_RMDIR:
	case CALL_RENAME:
		return calls >= CALLS_OF_FAKEROOT;
	default:
		return true;
	}
}

void notify_add(scmp_filter_ctx filter, enum filter_calls calls)
{
	for (size_t i = 0; i < COUNT(remembered_calls); i++)
		if (!remembered_calls[i].number && is_heard(i, calls))
			add_notification(filter, remembered_calls[i].name, &remembered_calls[i].row,
					 calls);
}

/* Where the numbers of an ABI begin. */
static int offset_of(uint32_t abi)
{
	switch (abi) {
	case SCMP_ARCH_MIPS:
	case SCMP_ARCH_MIPSEL:
		return 4000;
	case SCMP_ARCH_MIPS64:
	case SCMP_ARCH_MIPSEL64:
		return 5000;
	case SCMP_ARCH_MIPS64N32:
	case SCMP_ARCH_MIPSEL64N32:
		return 6000;
	default:
		return 0;
	}
}

/* Put before a program: for the calls with numbers of their own, in the ABIs that are known. */
void notify_prepend(struct sock_fprog *program, const struct machine *machine,
		    enum filter_calls calls)
{
	struct sock_filter *steps = calloc(program->len + 64U, sizeof(*steps)), *at = steps;
	unsigned int numbers = 0, abis = 0, left;

	if (!steps)
		generate_fail("calloc", errno);
	while (abis < ABIS_MAX && machine->abis[abis])
		abis++;
	for (size_t i = 0; i < COUNT(remembered_calls); i++)
		numbers += remembered_calls[i].number && is_heard(i, calls) ? abis : 0;
	left = numbers;
	*at++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					     offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < COUNT(remembered_calls); i++) {
		if (!remembered_calls[i].number || !is_heard(i, calls))
			continue;
		for (unsigned int j = 0; j < abis; j++, left--)
			*at++ = (struct sock_filter)BPF_JUMP(
				BPF_JMP | BPF_JEQ | BPF_K,
				(uint32_t)(offset_of(machine->abis[j]) +
					   remembered_calls[i].number),
				(uint8_t)left, 0);
	}
	*at++ = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, abis + 3);
	*at++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					     offsetof(struct seccomp_data, arch));
	for (unsigned int j = 0; j < abis; j++)
		*at++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, machine->abis[j],
						     (uint8_t)(abis - j), 0);
	*at++ = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 1);
	*at++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	memcpy(at, program->filter, program->len * sizeof(*at));
	program->len += (unsigned short)(at - steps);
	free(program->filter);
	program->filter = steps;
}

/*
 * What a call writes in an ABI; false: it can't be answered. The C library's structure is the
 * kernel's in these ABIs of 64 bits; "stat" of 32 bits is not, and those of arm are much like
 * i386's.
 */
static bool find_layout(uint32_t abi, const struct machine *machine, enum stat_layout *layout)
{
	static const uint32_t native[] = {
		SCMP_ARCH_X86_64,      SCMP_ARCH_AARCH64, SCMP_ARCH_RISCV64,
		SCMP_ARCH_PPC64,       SCMP_ARCH_PPC64LE, SCMP_ARCH_S390X,
#ifdef SCMP_ARCH_LOONGARCH64
		SCMP_ARCH_LOONGARCH64,
#endif
	};

	if (*layout == STAT_STATX)
		return true;
	if (abi == SCMP_ARCH_X86 || abi == SCMP_ARCH_ARM) {
		if (*layout == STAT_NATIVE)
			*layout = STAT_I386;
		else if (*layout == STAT_I386_64 && abi == SCMP_ARCH_ARM)
			*layout = STAT_ARM_64;
		return *layout != STAT_I386_OLD || abi == SCMP_ARCH_X86;
	}
	for (size_t i = 0; i < COUNT(native); i++) {
		if (native[i] == abi)
			return abi == machine->abis[0] && *layout == STAT_NATIVE;
	}
	return false;
}

static void print_row(uint32_t abi, const struct machine *machine, size_t i)
{
	const struct call_row *row = &remembered_calls[i].row;
	const char *name = remembered_calls[i].name, *wider = remembered_calls[i].wider;
	enum stat_layout layout = row->layout;
	bool short_ids = wider && seccomp_syscall_resolve_name_arch(abi, wider) >= 0;
	int number = remembered_calls[i].number ? remembered_calls[i].number + offset_of(abi)
						: seccomp_syscall_resolve_name_arch(abi, name);

	if (number < 0 || (row->kind == CALL_STAT && !find_layout(abi, machine, &layout)))
		return;
	printf("\t{ 0x%08x, %d, %d, %d, %d, %d, %d, %d, %d, %d },\n", abi, number, row->kind,
	       row->at, row->fd, row->nofollow, row->flags_last, short_ids, layout,
	       row->attribute_at);
}

void notify_print_rows(const struct machine *machine)
{
	printf("\nconst struct call_row call_rows[] = {\n");
	for (size_t i = 0; i < ABIS_MAX && machine->abis[i]; i++)
		for (size_t j = 0; j < COUNT(remembered_calls); j++)
			print_row(machine->abis[i], machine, j);
	printf("\t{ 0 },\n};\n");
}
