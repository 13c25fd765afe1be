/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The built-in filters, interpreted: each combination of parts against each number of each ABI. The
 * numbers below come from the kernel's tables, not from libseccomp, which made the filters. Built
 * once for each machine that has a table: the filters of other machines are tested here too.
 */

#include "seccomp/filters.h"

#include "remember/calls.h"
#include "remember/shared.h"
#include "seccomp/builtin.h"
#include "tests/unit/bpf.h"
#include "tests/unit/check.h"

#define END UINT32_MAX
#define NUMBERS 1024 /* more than any ABI has */
#define IO_URING_SETUP 425

#define STI 0x5412U   /* TIOCSTI of all machines below */
#define LINUX 0x541cU /* TIOCLINUX */

struct abi {
	uint32_t audit; /* AUDIT_ARCH_*; 0 ends the table */
	uint32_t ioctl;
	uint32_t add_key;  /* request_key and keyctl come next */
	uint32_t chown[8]; /* up to END */
	uint32_t ids[16];
	uint32_t sync[8];
};

/*
 * arch/ARCH/(entry|kernel)/syscalls/syscall*.tbl, include/uapi/asm-generic/unistd.h. In the order:
 * chown, fchown, lchown, fchownat, then those of 32 bit ids; setgroups, set[re]uid, set[re]gid,
 * then those of 32 bit ids; fdatasync, fsync, msync, sync, sync_file_range, syncfs.
 */
/* clang-format off */
static const struct abi abis[] = {
	{ AUDIT_ARCH_X86_64, 16, 248,
	  { 92, 93, 94, 260, END },
	  { 116, 105, 113, 117, 106, 114, 119, END },
	  { 75, 74, 26, 162, 277, 306, END } },
	{ AUDIT_ARCH_I386, 54, 286,
	  { 182, 95, 16, 298, 212, 207, 198, END },
	  { 81, 23, 70, 164, 46, 71, 170,
	    206, 213, 203, 208, 214, 204, 210, END },
	  { 148, 118, 144, 36, 314, 344, END } },
	{ AUDIT_ARCH_AARCH64, 29, 217,
	  { 55, 54, END },
	  { 159, 146, 145, 147, 144, 143, 149, END },
	  { 83, 82, 227, 81, 84, 267, END } },
	{ AUDIT_ARCH_ARM, 54, 309,
	  { 182, 95, 16, 325, 212, 207, 198, END },
	  { 81, 23, 70, 164, 46, 71, 170,
	    206, 213, 203, 208, 214, 204, 210, END },
	  { 148, 118, 144, 36, 341, 373, END } },
	{ AUDIT_ARCH_RISCV64, 29, 217,
	  { 55, 54, END },
	  { 159, 146, 145, 147, 144, 143, 149, END },
	  { 83, 82, 227, 81, 84, 267, END } },
	{ AUDIT_ARCH_PPC64LE, 54, 269,
	  { 181, 95, 16, 289, END },
	  { 81, 23, 70, 164, 46, 71, 169, END },
	  { 148, 118, 144, 36, 308, 348, END } },
	{ AUDIT_ARCH_S390X, 54, 278,
	  { 291, 212, 207, 198, END },
	  { 206, 213, 203, 208, 214, 204, 210, END },
	  { 148, 118, 144, 36, 307, 338, END } },
	{ AUDIT_ARCH_S390, 54, 278,
	  { 182, 95, 16, 291, 212, 207, 198, END },
	  { 81, 23, 70, 164, 46, 71, 170,
	    206, 213, 203, 208, 214, 204, 210, END },
	  { 148, 118, 144, 36, 307, 338, END } },
	{ 0 },
};
/* clang-format on */

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
	    ((uint32_t)arg1 == STI || (uint32_t)arg1 == LINUX))
		return BPF_ERRNO(EPERM);
	if (parts & FILTER_IO_URING && number == IO_URING_SETUP)
		return BPF_ERRNO(ENOSYS);
	if (parts & FILTER_KEYRING && number >= abi->add_key && number < abi->add_key + 3)
		return BPF_ERRNO(ENOSYS);
	if (parts & FILTER_CHOWN && contains(abi->chown, number))
		return BPF_ERRNO(0);
	if (parts & FILTER_IDS && contains(abi->ids, number))
		return BPF_ERRNO(0);
	if (parts & FILTER_SYNC && contains(abi->sync, number))
		return BPF_ERRNO(0);
	return BPF_ALLOW;
}

/* Every number, with a second argument that is no request, then ioctl with requests. */
static void check_abi(unsigned int parts, const struct abi *abi)
{
	static const uint64_t requests[] = {
		STI,       LINUX,         STI - 1,          STI + 1,    LINUX - 1,
		LINUX + 1, STI | 0x10000, STI | 0x80000000, STI & 0xff, 0x5413,
		0,         UINT32_MAX
	};
	static const uint64_t high[] = { 0, 1ULL << 32, 1ULL << 63, 0xffffffffULL << 32,
					 (uint64_t)STI << 32 };
	struct sock_fprog program = filter_builtin(parts);

	for (uint32_t number = 0; number < NUMBERS; number++) {
		uint32_t is = bpf_decide(&program, abi->audit, number, 0);

		if (!CHECK_INT(is, wanted(parts, abi, number, 0)))
			fprintf(stderr, "\tparts %u, ABI %#x, call %u\n", parts, abi->audit,
				number);
	}
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		for (size_t j = 0; j < sizeof(high) / sizeof(high[0]); j++) {
			uint64_t request = requests[i] | high[j];
			uint32_t is = bpf_decide(&program, abi->audit, abi->ioctl, request);

			if (!CHECK_INT(is, wanted(parts, abi, abi->ioctl, request)))
				fprintf(stderr, "\tparts %u, ABI %#x, request %#llx\n", parts,
					abi->audit, (unsigned long long)request);
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
			CHECK_INT(bpf_decide(&program, audits[i], number, STI), BPF_ERRNO(ENOSYS));
}

/* x32 has x86-64's AUDIT_ARCH and bit 30 in the number. */
static void check_x32(unsigned int parts)
{
	struct sock_fprog program = filter_builtin(parts);

	for (uint32_t number = 0; number < NUMBERS; number++)
		for (uint32_t high = 0x40000000; high; high += 0x40000000)
			CHECK_INT(bpf_decide(&program, AUDIT_ARCH_X86_64, high | number, STI),
				  BPF_ERRNO(ENOSYS));
	CHECK_INT(bpf_decide(&program, AUDIT_ARCH_X86_64, 0x7fffffff, 0), BPF_ERRNO(ENOSYS));
	CHECK_INT(bpf_decide(&program, AUDIT_ARCH_X86_64, 0xfffffffe, 0), BPF_ERRNO(ENOSYS));
	/* -1 is how ptrace(2) skips a call: no call of any ABI */
	CHECK_INT(bpf_decide(&program, AUDIT_ARCH_X86_64, 0xffffffff, 0), BPF_ALLOW);
}

static const struct abi *find_abi(uint32_t audit)
{
	for (const struct abi *abi = abis; abi->audit; abi++)
		if (abi->audit == audit)
			return abi;
	return NULL;
}

/* --show-owners: calls that ask notify, but those that are marked with all of the cookie, of
 * programs of 64 bits, where the preload library is to be asked. */
static bool asks(const struct call_row *row, bool *marked)
{
	*marked = row->kind == CALL_STAT ? row->at || row->fd : !row->attribute_at;
	return row->kind == CALL_STAT || row->kind == CALL_GETXATTR || row->kind == CALL_LISTXATTR;
}

static void check_marks(void)
{
	for (const struct call_row *row = call_rows; row->abi; row++) {
		const uint32_t number = (uint32_t)row->number;
		const bool wide = row->abi & __AUDIT_ARCH_64BIT;
		bool marked;
		const uint64_t others[] = { 0,
					    UINT64_MAX,
					    (uint32_t)SHARED_COOKIE,
					    SHARED_COOKIE >> 32 << 32,
					    SHARED_COOKIE ^ 1,
					    SHARED_COOKIE ^ UINT64_C(1) << 63 };

		if (!asks(row, &marked))
			continue;
		for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
			if (!wide && (uint32_t)others[i] == (uint32_t)SHARED_COOKIE)
				continue;
			CHECK_INT(bpf_decide_by(&filters_notifying[CALLS_UNMARKED], row->abi,
						number, 5, others[i]),
				  SECCOMP_RET_USER_NOTIF);
			CHECK_INT(bpf_decide_by(&filters_notifying[CALLS_THAT_ASK], row->abi,
						number, 5, others[i]),
				  SECCOMP_RET_USER_NOTIF);
		}
		CHECK_INT(bpf_decide_by(&filters_notifying[CALLS_THAT_ASK], row->abi, number, 5,
					SHARED_COOKIE),
			  SECCOMP_RET_USER_NOTIF);
		CHECK_INT(bpf_decide_by(&filters_notifying[CALLS_THAT_CHANGE], row->abi, number, 5,
					0),
			  BPF_ALLOW);
		if (wide)
			CHECK_INT(bpf_decide_by(&filters_notifying[CALLS_UNMARKED], row->abi,
						number, 5, SHARED_COOKIE),
				  marked ? BPF_ALLOW : SECCOMP_RET_USER_NOTIF);
	}
}

/* A program's own filters are heard of with --show-owners=auto alone. */
static void check_own_filters(void)
{
	for (const struct call_row *row = call_rows; row->abi; row++) {
		const uint32_t number = (uint32_t)row->number;
		unsigned int heard = 0;

		if (row->kind != CALL_FILTER)
			continue;
		for (uint64_t first = 0; first < 64; first++) {
			heard += bpf_decide_by(&filters_notifying[CALLS_UNMARKED], row->abi, number,
					       0, first) == SECCOMP_RET_USER_NOTIF;
			CHECK_INT(bpf_decide_by(&filters_notifying[CALLS_THAT_ASK], row->abi,
						number, 0, first),
				  BPF_ALLOW);
		}
		/* PR_SET_SECCOMP; SECCOMP_SET_MODE_STRICT, SECCOMP_SET_MODE_FILTER */
		CHECK(heard == 1 || heard == 2);
	}
}

int main(void)
{
	struct sock_fprog none = filter_builtin(0);

	CHECK_INT(none.len, 0);
	CHECK(!none.filter);
	for (const uint32_t *audit = filters_abis; *audit; audit++) {
		const struct abi *abi = find_abi(*audit);

		if (!abi) {
			fprintf(stderr, "skipped: no table of system calls for ABI %#x\n", *audit);
			return 77;
		}
		for (unsigned int parts = 1; parts <= FILTER_PARTS_ALL; parts++) {
			CHECK(filter_builtin(parts).len > 0);
			check_abi(parts, abi);
			check_foreign(parts);
			if (*audit == AUDIT_ARCH_X86_64)
				check_x32(parts);
		}
	}
	check_marks();
	check_own_filters();
	return check_result();
}
