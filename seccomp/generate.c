/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Run at build time, on the machine that builds: print the built-in filters (seccomp/filters.h)
 * for the machine that will run them, as a C file.
 *
 *	generate-filters CPU_FAMILY ENDIAN	(as meson names them)
 *
 * The programs are libseccomp's. With the same libseccomp the output is the same.
 */

#include "seccomp/generate.h"

#include "seccomp/filters.h"

#include <byteswap.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/*
 * x86-64 is without x32: libseccomp then treats its numbers, and an unknown ABI's, alike. A program
 * of 32 bits may start commands of 64. libseccomp can't put two byte orders into one program, so
 * ppc64 has no ppc where it is little endian (Linux has no 32 bit programs there either).
 */
#define MIPS64_ABIS SCMP_ARCH_MIPS64, SCMP_ARCH_MIPS64N32, SCMP_ARCH_MIPS
#define MIPSEL64_ABIS SCMP_ARCH_MIPSEL64, SCMP_ARCH_MIPSEL64N32, SCMP_ARCH_MIPSEL

static const struct machine machines[] = {
	{ "x86_64", "little", { SCMP_ARCH_X86_64, SCMP_ARCH_X86 }, 0x5412, 0x541c },
	{ "x86", "little", { SCMP_ARCH_X86, SCMP_ARCH_X86_64 }, 0x5412, 0x541c },
	{ "aarch64", "little", { SCMP_ARCH_AARCH64, SCMP_ARCH_ARM }, 0x5412, 0x541c },
	{ "arm", "little", { SCMP_ARCH_ARM, SCMP_ARCH_AARCH64 }, 0x5412, 0x541c },
	{ "riscv64", "little", { SCMP_ARCH_RISCV64 }, 0x5412, 0x541c },
#ifdef SCMP_ARCH_LOONGARCH64 /* libseccomp 2.6 */
	{ "loongarch64", "little", { SCMP_ARCH_LOONGARCH64 }, 0x5412, 0x541c },
#endif
	{ "ppc64", "little", { SCMP_ARCH_PPC64LE }, 0x5412, 0x541c },
	{ "ppc64", "big", { SCMP_ARCH_PPC64, SCMP_ARCH_PPC }, 0x5412, 0x541c },
	{ "ppc", "big", { SCMP_ARCH_PPC, SCMP_ARCH_PPC64 }, 0x5412, 0x541c },
	{ "s390x", "big", { SCMP_ARCH_S390X, SCMP_ARCH_S390 }, 0x5412, 0x541c },
	{ "mips64", "little", { MIPSEL64_ABIS }, 0x5472, 0x5483 },
	{ "mips64", "big", { MIPS64_ABIS }, 0x5472, 0x5483 },
	{ "mips", "little", { SCMP_ARCH_MIPSEL }, 0x5472, 0x5483 },
	{ "mips", "big", { SCMP_ARCH_MIPS }, 0x5472, 0x5483 },
};

/* Each name stands for itself in the ABIs that have it: i386 and arm have chown and chown32. */
/* clang-format off */
static const char *const chown_calls[] = {
	"chown", "chown32", "fchown", "fchown32", "fchownat", "lchown", "lchown32",
};

static const char *const ids_calls[] = {
	"setgroups", "setgroups32",
	"setuid", "setuid32", "setreuid", "setreuid32", "setresuid", "setresuid32",
	"setgid", "setgid32", "setregid", "setregid32", "setresgid", "setresgid32",
};

static const char *const keyring_calls[] = { "add_key", "request_key", "keyctl" };

static const char *const sync_calls[] = {
	"fdatasync", "fsync", "msync", "sync", "syncfs",
	"sync_file_range", "sync_file_range2", "arm_sync_file_range",
};
/* clang-format on */

/* A filter of its own: system calls that notify, by enum filter_calls. */
#define NOTIFY(calls) ((FILTER_PARTS_ALL + 1U) << (calls))

void generate_fail(const char *what, int error)
{
	fprintf(stderr, "generate-filters: %s: %s\n", what, strerror(error));
	exit(1);
}

int generate_resolve(const char *name)
{
	int number = seccomp_syscall_resolve_name(name);

	if (number == __NR_SCMP_ERROR)
		generate_fail(name, ENOSYS);
	return number;
}

static void add_call(scmp_filter_ctx filter, const char *name, int error)
{
	int r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(error), generate_resolve(name), 0);

	if (r < 0)
		generate_fail(name, -r);
}

/* The kernel takes the request as an unsigned int, so the upper half must not matter. */
static void add_request(scmp_filter_ctx filter, uint32_t request)
{
	int r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), generate_resolve("ioctl"), 1,
				 SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, request));

	if (r < 0)
		generate_fail("ioctl", -r);
}

static void set_attribute(scmp_filter_ctx filter, enum scmp_filter_attr attribute, uint32_t value)
{
	int r = seccomp_attr_set(filter, attribute, value);

	if (r < 0)
		generate_fail("seccomp_attr_set", -r);
}

static scmp_filter_ctx make_filter(const struct machine *machine, unsigned int parts,
				   uint32_t optimize)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int r;

	if (!filter)
		generate_fail("seccomp_init", ENOMEM);
	set_attribute(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	set_attribute(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
	set_attribute(filter, SCMP_FLTATR_CTL_OPTIMIZE, optimize);

	r = seccomp_arch_remove(filter, SCMP_ARCH_NATIVE);
	for (size_t i = 0; r >= 0 && i < ABIS_MAX && machine->abis[i]; i++)
		r = seccomp_arch_add(filter, machine->abis[i]);
	if (r < 0)
		generate_fail("seccomp_arch_add", -r);

	for (enum filter_calls calls = 0; calls <= CALLS_OF_FAKEROOT; calls++) {
		if (parts != NOTIFY(calls))
			continue;
		notify_add(filter, calls);
		return filter;
	}
	if (parts & FILTER_TERMINAL) {
		add_request(filter, machine->tiocsti);
		add_request(filter, machine->tioclinux);
	}
	if (parts & FILTER_IO_URING)
		add_call(filter, "io_uring_setup", ENOSYS);
	for (size_t i = 0; parts & FILTER_KEYRING && i < COUNT(keyring_calls); i++)
		add_call(filter, keyring_calls[i], ENOSYS);
	for (size_t i = 0; parts & FILTER_CHOWN && i < COUNT(chown_calls); i++)
		add_call(filter, chown_calls[i], 0);
	for (size_t i = 0; parts & FILTER_IDS && i < COUNT(ids_calls); i++)
		add_call(filter, ids_calls[i], 0);
	for (size_t i = 0; parts & FILTER_SYNC && i < COUNT(sync_calls); i++)
		add_call(filter, sync_calls[i], 0);
	return filter;
}

/* libseccomp exports in the byte order of the target; here it is to be read as numbers. */
static void to_host_order(struct sock_fprog *program, const struct machine *machine)
{
	bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

	if (little == (strcmp(machine->endian, "little") == 0))
		return;
	for (size_t i = 0; i < program->len; i++) {
		program->filter[i].code = bswap_16(program->filter[i].code);
		program->filter[i].k = bswap_32(program->filter[i].k);
	}
}

static struct sock_fprog export_filter(const struct machine *machine, unsigned int parts,
				       uint32_t optimize)
{
	scmp_filter_ctx filter = make_filter(machine, parts, optimize);
	struct sock_fprog program = { 0 };
	FILE *file = tmpfile();
	long size;
	int r;

	if (!file)
		generate_fail("tmpfile", errno);
	r = seccomp_export_bpf(filter, fileno(file));
	if (r < 0)
		generate_fail("seccomp_export_bpf", -r);
	seccomp_release(filter);

	if (fseek(file, 0, SEEK_END) < 0)
		generate_fail("fseek", errno);
	size = ftell(file);
	if (size < 0)
		generate_fail("ftell", errno);
	rewind(file);
	program.len = (unsigned short)((size_t)size / sizeof(*program.filter));
	program.filter = calloc(program.len, sizeof(*program.filter));
	if (!program.filter)
		generate_fail("calloc", errno);
	if (fread(program.filter, sizeof(*program.filter), program.len, file) != program.len)
		generate_fail("fread", EIO);
	fclose(file);
	to_host_order(&program, machine);
	return program;
}

/* Instructions that the kernel walks to decide on a system call without looking at arguments. */
static unsigned int walk(const struct sock_fprog *program, uint32_t abi, uint32_t number)
{
	uint32_t accumulator = 0;
	unsigned int steps = 0;

	for (size_t at = 0; at < program->len; at++, steps++) {
		const struct sock_filter *step = &program->filter[at];

		switch (step->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (step->k == offsetof(struct seccomp_data, nr))
				accumulator = number;
			else if (step->k == offsetof(struct seccomp_data, arch))
				accumulator = abi;
			else
				return steps;
			break;
		case BPF_JMP | BPF_JA:
			at += step->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += accumulator == step->k ? step->jt : step->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			at += accumulator > step->k ? step->jt : step->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			at += accumulator >= step->k ? step->jt : step->jf;
			break;
		default:
			return steps;
		}
	}
	return steps;
}

/*
 * What a program costs: when it is installed, the kernel (5.11) walks it once for each number of
 * each ABI, to know those that are always let through; older kernels walk it at each call.
 */
static unsigned int cost(const struct sock_fprog *program, const struct machine *machine)
{
	const uint32_t numbers = 470; /* about as many as Linux has */
	unsigned int sum = 0;

	for (size_t i = 0; i < ABIS_MAX && machine->abis[i]; i++)
		for (uint32_t number = 0; number < numbers; number++)
			sum += walk(program, machine->abis[i], number);
	return sum;
}

/* A list of comparisons (1) or a binary tree (2), whichever is cheaper. */
static struct sock_fprog cheapest(const struct machine *machine, unsigned int parts)
{
	struct sock_fprog list = export_filter(machine, parts, 1);
	struct sock_fprog tree = export_filter(machine, parts, 2);
	bool take_list = cost(&list, machine) <= cost(&tree, machine);

	free(take_list ? tree.filter : list.filter);
	return take_list ? list : tree;
}

static void print_instructions(const char *name, const struct sock_fprog *program)
{
	printf("\nstatic const struct sock_filter %s[%u] = {\n", name, (unsigned int)program->len);
	for (size_t i = 0; i < program->len; i++) {
		const struct sock_filter *step = &program->filter[i];

		printf("\t{ 0x%02x, %u, %u, 0x%08x },\n", step->code, step->jt, step->jf, step->k);
	}
	printf("};\n");
}

static void print_table(const unsigned short *lengths)
{
	printf("\nconst struct sock_fprog filters_builtin[FILTER_PARTS_ALL + 1] = {\n");
	for (unsigned int parts = 1; parts <= FILTER_PARTS_ALL; parts++)
		printf("\t[%u] = { %u, (struct sock_filter *)parts_%u },\n", parts, lengths[parts],
		       parts);
	printf("};\n");
}

static void print_abis(const struct machine *machine)
{
	printf("\nconst uint32_t filters_abis[] = {");
	for (size_t i = 0; i < ABIS_MAX && machine->abis[i]; i++)
		printf(" 0x%08x,", machine->abis[i]);
	printf(" 0 };\n");
}

static void print_notifying(const struct machine *machine)
{
	unsigned short lengths[CALLS_OF_FAKEROOT + 1];

	for (enum filter_calls calls = 0; calls <= CALLS_OF_FAKEROOT; calls++) {
		struct sock_fprog program = cheapest(machine, NOTIFY(calls));
		char name[32];

		notify_prepend(&program, machine, calls);
		snprintf(name, sizeof(name), "calls_%d", (int)calls);
		print_instructions(name, &program);
		lengths[calls] = program.len;
		free(program.filter);
	}
	printf("\nconst struct sock_fprog filters_notifying[] = {\n");
	for (enum filter_calls calls = 0; calls <= CALLS_OF_FAKEROOT; calls++)
		printf("\t{ %u, (struct sock_filter *)calls_%d },\n", lengths[calls], (int)calls);
	printf("};\n");
}

static const struct machine *find_machine(const char *family, const char *endian)
{
	for (size_t i = 0; i < COUNT(machines); i++)
		if (strcmp(machines[i].family, family) == 0 &&
		    strcmp(machines[i].endian, endian) == 0)
			return &machines[i];
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned short lengths[FILTER_PARTS_ALL + 1] = { 0 };
	const struct machine *machine;

	if (argc != 3) {
		fprintf(stderr, "usage: generate-filters CPU_FAMILY ENDIAN\n");
		return 2;
	}
	machine = find_machine(argv[1], argv[2]);
	if (!machine) {
		fprintf(stderr,
			"generate-filters: no system call filters are known for a %s-endian %s: "
			"add it to machines[] in seccomp/generate.c\n",
			argv[2], argv[1]);
		return 1;
	}

	printf("/* Made by seccomp/generate.c for %s, %s endian. */\n", argv[1], argv[2]);
	seccomp_api_set(5); /* notifications, whatever the kernel of this machine knows */
	printf("#include \"remember/calls.h\"\n");
	printf("#include \"seccomp/builtin.h\"\n");
	for (unsigned int parts = 1; parts <= FILTER_PARTS_ALL; parts++) {
		struct sock_fprog program = cheapest(machine, parts);
		char name[32];

		snprintf(name, sizeof(name), "parts_%u", parts);
		print_instructions(name, &program);
		lengths[parts] = program.len;
		free(program.filter);
	}
	print_table(lengths);
	print_notifying(machine);
	notify_print_rows(machine);
	print_abis(machine);
	return fflush(stdout) < 0 || ferror(stdout) ? 1 : 0;
}
