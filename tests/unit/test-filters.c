/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The built-in filters, interpreted: each combination of parts against each number of each ABI. The
 * numbers below come from the kernel's tables, not from libseccomp, which made the filters.
 */

#include "seccomp/filters.h"

#include "seccomp/builtin.h"
#include "tests/unit/bpf.h"
#include "tests/unit/check.h"

#include <sys/ioctl.h>
#include <sys/syscall.h>

#define END UINT32_MAX
#define NUMBERS 1024 /* more than any ABI has */

struct abi {
	uint32_t audit; /* AUDIT_ARCH_*; 0: filters_abis[0] */
	uint32_t ioctl;
	uint32_t io_uring_setup;
	uint32_t chown[24]; /* up to END */
	uint32_t sync[12];
};

static const struct abi native = {
	.audit = 0,
	.ioctl = SYS_ioctl,
	.io_uring_setup = SYS_io_uring_setup,
	.chown = {
#ifdef SYS_chown
		SYS_chown, SYS_lchown,
#endif
#ifdef SYS_chown32
		SYS_chown32, SYS_lchown32, SYS_fchown32, SYS_setgroups32, SYS_setuid32,
		SYS_setgid32, SYS_setreuid32, SYS_setregid32, SYS_setresuid32, SYS_setresgid32,
#endif
		SYS_fchown, SYS_fchownat, SYS_setgroups, SYS_setuid, SYS_setgid, SYS_setreuid,
		SYS_setregid, SYS_setresuid, SYS_setresgid, END,
	},
	.sync = {
#ifdef SYS_sync_file_range
		SYS_sync_file_range,
#endif
#ifdef SYS_sync_file_range2
		SYS_sync_file_range2,
#endif
#ifdef SYS_arm_sync_file_range
		SYS_arm_sync_file_range,
#endif
		SYS_fdatasync, SYS_fsync, SYS_msync, SYS_sync, SYS_syncfs, END,
	},
};

#ifdef __x86_64__
#define HAVE_COMPAT
static const struct abi compat = {
	/* arch/x86/entry/syscalls/syscall_32.tbl */
	.audit = AUDIT_ARCH_I386,
	.ioctl = 54,
	.io_uring_setup = 425,
	.chown = { 182, 212, 95, 207, 298, 16,  198, 81,  206, 23,  213,
		   46,  214, 70, 203, 71,  204, 164, 208, 170, 210, END },
	.sync = { 148, 118, 144, 36, 314, 344, END },
};
#elif defined(__aarch64__)
#define HAVE_COMPAT
static const struct abi compat = {
	/* arch/arm/tools/syscall.tbl */
	.audit = AUDIT_ARCH_ARM,
	.ioctl = 54,
	.io_uring_setup = 425,
	.chown = { 182, 212, 95, 207, 325, 16,  198, 81,  206, 23,  213,
		   46,  214, 70, 203, 71,  204, 164, 208, 170, 210, END },
	.sync = { 148, 118, 144, 36, 341, 373, END },
};
#endif

static bool contains(const uint32_t *numbers, uint32_t number)
{
	for (; *numbers != END; numbers++)
		if (*numbers == number)
			return true;
	return false;
}

/* The contract of enum filter_parts, once more. */
static uint32_t wanted(unsigned int parts, const struct abi *abi, uint32_t number, uint64_t arg1)
{
	if (parts & FILTER_TERMINAL && number == abi->ioctl &&
	    ((uint32_t)arg1 == TIOCSTI || (uint32_t)arg1 == TIOCLINUX))
		return BPF_ERRNO(EPERM);
	if (parts & FILTER_IO_URING && number == abi->io_uring_setup)
		return BPF_ERRNO(ENOSYS);
	if (parts & FILTER_CHOWN && contains(abi->chown, number))
		return BPF_ERRNO(0);
	if (parts & FILTER_SYNC && contains(abi->sync, number))
		return BPF_ERRNO(0);
	return BPF_ALLOW;
}

/* Every number, with a second argument that is no request, then ioctl with requests. */
static void check_abi(unsigned int parts, const struct abi *abi)
{
	static const uint64_t requests[] = { TIOCSTI,
					     TIOCLINUX,
					     TIOCSTI - 1,
					     TIOCSTI + 1,
					     TIOCLINUX - 1,
					     TIOCLINUX + 1,
					     TIOCSTI | 0x10000,
					     TIOCSTI | 0x80000000,
					     TIOCSTI & 0xff,
					     TIOCGWINSZ,
					     0,
					     UINT32_MAX };
	static const uint64_t high[] = { 0, 1ULL << 32, 1ULL << 63, 0xffffffffULL << 32,
					 (uint64_t)TIOCSTI << 32 };
	struct sock_fprog program = filter_builtin(parts);
	uint32_t audit = abi->audit ? abi->audit : filters_abis[0];

	for (uint32_t number = 0; number < NUMBERS; number++) {
		uint32_t is = bpf_decide(&program, audit, number, 0);

		if (!CHECK_INT(is, wanted(parts, abi, number, 0)))
			fprintf(stderr, "\tparts %u, ABI %#x, call %u\n", parts, audit, number);
	}
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		for (size_t j = 0; j < sizeof(high) / sizeof(high[0]); j++) {
			uint64_t request = requests[i] | high[j];
			uint32_t is = bpf_decide(&program, audit, abi->ioctl, request);

			if (!CHECK_INT(is, wanted(parts, abi, abi->ioctl, request)))
				fprintf(stderr, "\tparts %u, ABI %#x, request %#llx\n", parts,
					audit, (unsigned long long)request);
		}
	}
}

/* Another machine's ABI, and none at all: no call gets through. */
static void check_foreign(unsigned int parts)
{
	static const uint32_t audits[] = {
		0,         UINT32_MAX, AUDIT_ARCH_SPARC64, AUDIT_ARCH_ALPHA,
		EM_X86_64, EM_386,     EM_AARCH64,         EM_ARM
	};
	struct sock_fprog program = filter_builtin(parts);

	for (size_t i = 0; i < sizeof(audits) / sizeof(audits[0]); i++)
		for (uint32_t number = 0; number < NUMBERS; number++)
			CHECK_INT(bpf_decide(&program, audits[i], number, TIOCSTI),
				  BPF_ERRNO(ENOSYS));
}

#ifdef __x86_64__
/* x32 has x86-64's AUDIT_ARCH and bit 30 in the number. */
static void check_x32(unsigned int parts)
{
	struct sock_fprog program = filter_builtin(parts);

	for (uint32_t number = 0; number < NUMBERS; number++)
		for (uint32_t high = 0x40000000; high; high += 0x40000000)
			CHECK_INT(bpf_decide(&program, AUDIT_ARCH_X86_64, high | number, TIOCSTI),
				  BPF_ERRNO(ENOSYS));
	CHECK_INT(bpf_decide(&program, AUDIT_ARCH_X86_64, 0x7fffffff, 0), BPF_ERRNO(ENOSYS));
	CHECK_INT(bpf_decide(&program, AUDIT_ARCH_X86_64, 0xfffffffe, 0), BPF_ERRNO(ENOSYS));
	/* -1 is how ptrace(2) skips a call: no call of any ABI */
	CHECK_INT(bpf_decide(&program, AUDIT_ARCH_X86_64, 0xffffffff, 0), BPF_ALLOW);
}
#endif

int main(void)
{
	struct sock_fprog none = filter_builtin(0);

	CHECK_INT(none.len, 0);
	CHECK(!none.filter);
	for (unsigned int parts = 1; parts <= FILTER_PARTS_ALL; parts++) {
		CHECK(filter_builtin(parts).len > 0);
		check_abi(parts, &native);
#ifdef HAVE_COMPAT
		check_abi(parts, &compat);
#endif
		check_foreign(parts);
#ifdef __x86_64__
		check_x32(parts);
#endif
	}
	return check_result();
}
