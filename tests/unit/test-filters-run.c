/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The filters in the kernel: each in a child of its own, with the calls really made. */

#include "seccomp/filters.h"
#include "tests/unit/check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Run `body` in a child under a filter; its checks are the child's exit status. */
static int run_filtered(const struct sock_fprog *program, void (*body)(void))
{
	struct report report = { 0 };
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (!CHECK_INT(filter_install(program, &report), 0))
			fprintf(stderr, "\t%s\n", report.text);
		body();
		/* sanitizers do more at _exit(2) than a filter may let through */
		syscall(SYS_exit_group, check_failed ? 1 : 0);
	}
	if (!CHECK(pid > 0) || !CHECK_INT(waitpid(pid, &status, 0), pid))
		return -1;
	return status;
}

/* Result of a system call as the kernel gives it. */
static long result(long returned)
{
	return returned < 0 ? -errno : returned;
}

#define CALL(number, ...) result(syscall((number), __VA_ARGS__))

static int open_null(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

/* /dev/null says ENOTTY to each request that reaches it. */
static void try_terminal(void)
{
	int fd = open_null();

	CHECK_INT(CALL(SYS_ioctl, fd, TIOCSTI, "x"), -EPERM);
	CHECK_INT(CALL(SYS_ioctl, fd, TIOCLINUX, "x"), -EPERM);
	CHECK_INT(CALL(SYS_ioctl, fd, TIOCSTI + 1, "x"), -ENOTTY);
	CHECK_INT(CALL(SYS_ioctl, fd, TIOCGPGRP, "x"), -ENOTTY);
#if __SIZEOF_LONG__ == 8
	for (unsigned int bit = 32; bit < 64; bit++) {
		CHECK_INT(CALL(SYS_ioctl, fd, TIOCSTI | 1UL << bit, "x"), -EPERM);
		CHECK_INT(CALL(SYS_ioctl, fd, TIOCLINUX | 1UL << bit, "x"), -EPERM);
	}
#endif
}

static void try_io_uring(void)
{
	CHECK_INT(CALL(SYS_io_uring_setup, 1, NULL), -ENOSYS);
}

static void try_keyring(void)
{
	CHECK_INT(CALL(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, NULL), -ENOSYS);
	CHECK_INT(CALL(SYS_add_key, "user", "a", "b", 1, -2), -ENOSYS);
	CHECK_INT(CALL(SYS_request_key, "user", "a", NULL, 0), -ENOSYS);
}

static void try_chown(void)
{
	const char *path = "/nonexistent/file";

#ifdef SYS_chown
	CHECK_INT(CALL(SYS_chown, path, 1, 1), 0);
	CHECK_INT(CALL(SYS_lchown, path, 1, 1), 0);
#endif
	CHECK_INT(CALL(SYS_fchown, -1, 1, 1), 0);
	CHECK_INT(CALL(SYS_fchownat, AT_FDCWD, path, 1, 1, 0), 0);
	/* neighbours reach the kernel */
	CHECK_INT(CALL(SYS_fchmod, -1, 0), -EBADF);
	CHECK_INT(CALL(SYS_fchmodat, AT_FDCWD, path, 0), -ENOENT);
}

static void try_ids(void)
{
	CHECK_INT(CALL(SYS_setgroups, 1, NULL), 0);
	CHECK_INT(CALL(SYS_setuid, 54321), 0);
	CHECK_INT(CALL(SYS_setgid, 54321), 0);
	CHECK_INT(CALL(SYS_setreuid, 54321, 54321), 0);
	CHECK_INT(CALL(SYS_setregid, 54321, 54321), 0);
	CHECK_INT(CALL(SYS_setresuid, 54321, 54321, 54321), 0);
	CHECK_INT(CALL(SYS_setresgid, 54321, 54321, 54321), 0);
	CHECK(getuid() != 54321 && getgid() != 54321);
}

/* Owners without ids: -1 is no id, not to root either. */
static void try_only_chown(void)
{
	try_chown();
	CHECK(CALL(SYS_setgroups, 1, NULL) < 0);
	CHECK_INT(CALL(SYS_setuid, -1), -EINVAL);
	CHECK_INT(CALL(SYS_setgid, -1), -EINVAL);
}

/* Ids without owners. */
static void try_only_ids(void)
{
	try_ids();
	CHECK_INT(CALL(SYS_fchown, -1, 1, 1), -EBADF);
	CHECK_INT(CALL(SYS_fchownat, AT_FDCWD, "/nonexistent/file", 1, 1, 0), -ENOENT);
}

static void try_sync(void)
{
	CHECK_INT(CALL(SYS_fsync, -1), 0);
	CHECK_INT(CALL(SYS_fdatasync, -1), 0);
	CHECK_INT(CALL(SYS_syncfs, -1), 0);
	CHECK_INT(CALL(SYS_msync, 1, 1, -1), 0);
	CHECK_INT(CALL(SYS_ftruncate, -1, 0), -EBADF);
}

static void try_all(void)
{
	try_terminal();
	try_io_uring();
	try_chown();
	try_ids();
	try_sync();
}

#ifdef __x86_64__
/* A call of the i386 ABI, by a process of 64 bits: attacks start so. */
static long call_i386(long number, long arg1, long arg2, long arg3)
{
	long returned;

	__asm__ volatile("int $0x80"
			 : "=a"(returned)
			 : "a"(number), "b"(arg1), "c"(arg2), "d"(arg3)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)returned;
}

/* Without IA32 emulation the instruction kills. */
static bool have_i386(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		_exit(call_i386(20 /* getpid */, 0, 0, 0) == getpid() ? 0 : 1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static void try_i386(void)
{
	int fd = open_null();
	/* where a pointer of 32 bits leads */
	char *path = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (!CHECK(path != MAP_FAILED))
		return;
	strcpy(path, "/nonexistent/file");
	CHECK_INT(call_i386(54 /* ioctl */, fd, TIOCSTI, (long)path), -EPERM);
	CHECK_INT(call_i386(54, fd, TIOCLINUX, (long)path), -EPERM);
	CHECK_INT(call_i386(54, fd, TIOCSTI + 1, (long)path), -ENOTTY);
	CHECK_INT(call_i386(54, fd, (long)(TIOCSTI | 1UL << 32), (long)path), -EPERM);
	CHECK_INT(call_i386(425 /* io_uring_setup */, 1, 0, 0), -ENOSYS);
	CHECK_INT(call_i386(288 /* keyctl */, 1, 0, 0), -ENOSYS);
	CHECK_INT(call_i386(182 /* chown */, (long)path, 1, 1), 0);
	CHECK_INT(call_i386(212 /* chown32 */, (long)path, 1, 1), 0);
	CHECK_INT(call_i386(16 /* lchown */, (long)path, 1, 1), 0);
	CHECK_INT(call_i386(81 /* setgroups */, 1, 0, 0), 0);
	CHECK_INT(call_i386(213 /* setuid32 */, -1, 0, 0), 0);
	CHECK_INT(call_i386(118 /* fsync */, -1, 0, 0), 0);
	CHECK_INT(call_i386(15 /* chmod */, (long)path, 0, 0), -ENOENT);
	/* i386 has another call at x86-64's number: ugetrlimit is no chown */
	CHECK_INT(call_i386(92 /* truncate */, (long)path, 0, 0), -ENOENT);
}

static void try_x32(void)
{
	CHECK_INT(CALL(0x40000000 | SYS_getpid, 0), -ENOSYS);
	CHECK_INT(CALL(0x40000000 | 514 /* ioctl */, open_null(), TIOCSTI, "x"), -ENOSYS);
	CHECK_INT(CALL(0x40000000 | SYS_chown, "/nonexistent/file", 1, 1), -ENOSYS);
}
#endif

/* Each part does its work alone, and nothing of the others'. */
static void check_parts(void)
{
	static const struct {
		unsigned int part;
		void (*body)(void);
	} parts[] = {
		{ FILTER_TERMINAL, try_terminal }, { FILTER_IO_URING, try_io_uring },
		{ FILTER_CHOWN, try_only_chown },  { FILTER_IDS, try_only_ids },
		{ FILTER_SYNC, try_sync },         { FILTER_KEYRING, try_keyring },
		{ FILTER_PARTS_ALL, try_all },
#ifdef __x86_64__
		{ FILTER_TERMINAL, try_x32 },
#endif
	};
	struct sock_fprog program;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		program = filter_builtin(parts[i].part);
		CHECK_INT(run_filtered(&program, parts[i].body), 0);
	}
#ifdef __x86_64__
	program = filter_builtin(FILTER_PARTS_ALL);
	if (have_i386())
		CHECK_INT(run_filtered(&program, try_i386), 0);
	else
		fprintf(stderr, "skipped: no i386 system calls on this machine\n");
#endif
}

static void try_nothing(void)
{
	CHECK_INT(CALL(SYS_fsync, -1), -EBADF);
}

static void check_install(void)
{
	static struct sock_filter garbage[] = { { 0xffff, 0, 0, 0 } };
	struct sock_fprog program = filter_builtin(0);
	struct report report = { 0 };

	CHECK_INT(run_filtered(&program, try_nothing), 0);
	program = (struct sock_fprog){ 1, garbage };
	CHECK_INT(filter_install(&program, &report), -EINVAL);
	CHECK_INT(report.status, EXIT_NSROOT);
	CHECK_STR(report.text, "seccomp: Invalid argument");
}

static void try_denied(void)
{
	CHECK_INT(CALL(SYS_chroot, "/"), -EPERM);
	CHECK_INT(CALL(SYS_getpriority, 0, 0), -ENOSYS);
	CHECK_INT(CALL(SYS_fsync, -1), 0);
	CHECK_INT(CALL(SYS_fdatasync, -1), -EBADF);
}

/* read is let through; what the child needs to end is too. */
static void try_allowed(void)
{
	CHECK_INT(CALL(SYS_read, -1, NULL, 0), -EBADF);
	CHECK_INT(CALL(SYS_fsync, -1), -ENOSYS);
	CHECK_INT(CALL(SYS_execve, "/nonexistent/file", NULL, NULL), -ENOENT);
}

static void check_custom(void)
{
	struct sock_fprog program = { 0 };
	struct report report = { 0 };
	char path[] = "/tmp/filter-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);
	int r;

	r = filter_compile_deny("chroot,getpriority:ENOSYS,fsync:0", &program, &report);
	if (CHECK_INT(r, 0))
		CHECK_INT(run_filtered(&program, try_denied), 0);
	free(program.filter);

	CHECK(dprintf(fd, "read\nwrite\nexit_group\nexecve\n") > 0);
	program = (struct sock_fprog){ 0 };
	r = filter_compile_allow(path, &program, &report);
	if (CHECK_INT(r, 0))
		CHECK_INT(run_filtered(&program, try_allowed), 0);
	free(program.filter);
	close(fd);
	unlink(path);
	CHECK_STR(report.text, "");
}

int main(void)
{
	/* seccomp(2) wants it of an ordinary user */
	CHECK_INT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	check_parts();
	check_install();
	check_custom();
	return check_result();
}
