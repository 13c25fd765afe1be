/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The filters that a user describes: what is read, what is refused, what they decide. */

#include "seccomp/filters.h"

#include "base/cleanup.h"
#include "seccomp/builtin.h"
#include "tests/unit/bpf.h"
#include "tests/unit/check.h"

#include <sys/mman.h>
#include <sys/syscall.h>

/* What a program does with a call of the native ABI. */
static uint32_t decide(const struct sock_fprog *program, uint32_t number)
{
	return bpf_decide(program, filters_abis[0], number, 0);
}

static void check_deny(void)
{
	struct sock_fprog program = { 0 };
	struct report report = { 0 };
	const char *names = "chroot,swapon:ENOSYS,swapoff:95,sync:ENOTSUP,fsync:0,chown32,"
			    "arm_sync_file_range,mount:4094";

	if (!CHECK_INT(filter_compile_deny(names, &program, &report), 0))
		return;
	CHECK_INT(decide(&program, SYS_chroot), BPF_ERRNO(EPERM));
	CHECK_INT(decide(&program, SYS_swapon), BPF_ERRNO(ENOSYS));
	CHECK_INT(decide(&program, SYS_swapoff), BPF_ERRNO(EOPNOTSUPP));
	CHECK_INT(decide(&program, SYS_sync), BPF_ERRNO(ENOTSUP));
	CHECK_INT(decide(&program, SYS_fsync), BPF_ERRNO(0));
	CHECK_INT(decide(&program, SYS_mount), BPF_ERRNO(4094));
	CHECK_INT(decide(&program, SYS_read), BPF_ALLOW);
	CHECK_INT(decide(&program, SYS_execve), BPF_ALLOW);
	CHECK_INT(bpf_decide(&program, 0, SYS_read, 0), BPF_ERRNO(ENOSYS));
#ifdef __x86_64__
	/* chown32 is i386's alone: the number has another meaning here */
	CHECK_INT(decide(&program, 212), BPF_ALLOW);
	CHECK_INT(bpf_decide(&program, AUDIT_ARCH_I386, 212, 0), BPF_ERRNO(EPERM));
	CHECK_INT(bpf_decide(&program, AUDIT_ARCH_I386, 61 /* chroot */, 0), BPF_ERRNO(EPERM));
	CHECK_INT(bpf_decide(&program, AUDIT_ARCH_I386, SYS_chroot, 0), BPF_ALLOW);
	CHECK_INT(decide(&program, 0x40000000 | SYS_chroot), BPF_ERRNO(ENOSYS));
#endif
	free(program.filter);
}

static void check_deny_refused(void)
{
	static const struct {
		const char *names;
		const char *text;
	} cases[] = {
		{ "", "--seccomp-deny : a name is empty" },
		{ ",", "--seccomp-deny ,: a name is empty" },
		{ "chroot,", "--seccomp-deny chroot,: a name is empty" },
		{ "chroot,,mount", "--seccomp-deny chroot,,mount: a name is empty" },
		{ ":ENOSYS", "--seccomp-deny :ENOSYS: a name is empty" },
		{ "chroot:", "--seccomp-deny: chroot:: no such error" },
		{ "chroot:EFOO", "--seccomp-deny: chroot:EFOO: no such error" },
		{ "chroot:4095", "--seccomp-deny: chroot:4095: no such error" },
		{ "chroot:99999999999999999999",
		  "--seccomp-deny: chroot:99999999999999999999: no such error" },
		{ "chroot:4294967297", "--seccomp-deny: chroot:4294967297: no such error" },
		{ "chroot:-1", "--seccomp-deny: chroot:-1: no such error" },
		{ "chroot:1 ", "--seccomp-deny: chroot:1 : no such error" },
		{ "chroot:EPERM:1", "--seccomp-deny: chroot:EPERM:1: no such error" },
		{ "chroot,mount,chroot", "--seccomp-deny: chroot is named twice" },
		{ "chroot:1,chroot:ENOSYS", "--seccomp-deny: chroot is named twice" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sock_fprog program = { 0 };
		struct report report = { 0 };

		CHECK_INT(filter_compile_deny(cases[i].names, &program, &report), -EINVAL);
		CHECK_STR(report.text, cases[i].text);
		CHECK(!program.filter);
	}
}

/* An unknown name is told together with the version of the library that doesn't know it. */
static void check_unknown(const char *names, const char *beginning)
{
	struct sock_fprog program = { 0 };
	struct report report = { 0 };

	CHECK_INT(filter_compile_deny(names, &program, &report), -EINVAL);
	if (!CHECK(strncmp(report.text, beginning, strlen(beginning)) == 0))
		fprintf(stderr, "\tis     %s\n", report.text);
}

static int allow(const char *text, size_t size, struct sock_fprog *program, struct report *report)
{
	_cleanup_close_ int fd = memfd_create("test", MFD_CLOEXEC);
	char path[64];

	CHECK_INT(write(fd, text, size), (long long)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return filter_compile_allow(path, program, report);
}

static void check_allow(void)
{
	static const char text[] = "# what it needs\n\n read\t # a comment\nexit_group\r\n"
				   "execve\n#write\nchown32\nlseek";
	struct sock_fprog program = { 0 };
	struct report report = { 0 };

	if (!CHECK_INT(allow(text, strlen(text), &program, &report), 0))
		return;
	CHECK_INT(decide(&program, SYS_read), BPF_ALLOW);
	CHECK_INT(decide(&program, SYS_exit_group), BPF_ALLOW);
	CHECK_INT(decide(&program, SYS_execve), BPF_ALLOW);
	CHECK_INT(decide(&program, SYS_lseek), BPF_ALLOW);
	CHECK_INT(decide(&program, SYS_write), BPF_ERRNO(ENOSYS));
	CHECK_INT(decide(&program, SYS_getpid), BPF_ERRNO(ENOSYS));
	CHECK_INT(decide(&program, 1023), BPF_ERRNO(ENOSYS));
#ifdef __x86_64__
	CHECK_INT(bpf_decide(&program, AUDIT_ARCH_I386, 3 /* read */, 0), BPF_ALLOW);
	CHECK_INT(bpf_decide(&program, AUDIT_ARCH_I386, 4 /* write */, 0), BPF_ERRNO(ENOSYS));
	CHECK_INT(decide(&program, 0x40000000 | SYS_read), BPF_ERRNO(ENOSYS));
#endif
	free(program.filter);
}

/* A list without execve is the user's business, but said aloud. */
static void check_allow_warning(void)
{
	_cleanup_close_ int fd = memfd_create("stderr", MFD_CLOEXEC);
	_cleanup_close_ int saved = dup(STDERR_FILENO);
	struct sock_fprog program = { 0 };
	struct report report = { 0 };
	char text[512] = "";
	int r;

	dup2(fd, STDERR_FILENO);
	r = allow("read\n", 5, &program, &report);
	dup2(saved, STDERR_FILENO);
	CHECK_INT(r, 0);
	CHECK_INT(report.status, 0);
	CHECK(pread(fd, text, sizeof(text) - 1, 0) > 0);
	CHECK(strstr(text, "without execve the command can't be started"));
	free(program.filter);
}

static void check_allow_refused(void)
{
	static const struct {
		const char *text;
		size_t size;
		const char *holds;
	} cases[] = {
		{ "execve\nread write\n", 18, ":2: read write: no system call" },
		{ "read\nnonesuch\n", 14, ":2: nonesuch: no system call" },
		{ "read\0write\n", 11, ":1: a NUL byte" },
		{ "read,write\n", 11, ":1: read,write: no system call" },
	};
	struct sock_fprog program = { 0 };
	struct report report = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		report = (struct report){ 0 };
		CHECK_INT(allow(cases[i].text, cases[i].size, &program, &report), -EINVAL);
		if (!CHECK(strstr(report.text, cases[i].holds)))
			fprintf(stderr, "\tis     %s\n", report.text);
	}
	report = (struct report){ 0 };
	CHECK_INT(filter_compile_allow("/nonexistent/file", &program, &report), -ENOENT);
	CHECK_STR(report.text,
		  "--seccomp-allow-only /nonexistent/file: open: No such file or directory");
	report = (struct report){ 0 };
	CHECK_INT(filter_compile_allow("/", &program, &report), -EISDIR);
}

/* Read a "program" of so many bytes; returns what filter_read does, and how long it found it. */
static int read_bytes(size_t size, unsigned short *length)
{
	_cleanup_close_ int fd = memfd_create("test", MFD_CLOEXEC);
	struct sock_fprog program = { 0 };
	struct report report = { 0 };
	int r;

	CHECK_INT(ftruncate(fd, (off_t)size), 0);
	r = filter_read(fd, "--seccomp", &program, &report);
	CHECK_INT(report.status, r < 0 ? EXIT_NSROOT : 0);
	CHECK((r == 0) == (program.filter != NULL));
	*length = program.len;
	free(program.filter);
	return r;
}

static void check_read(void)
{
	static const struct sock_filter kill = { BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS };
	struct sock_fprog program = { 0 };
	struct report report = { 0 };
	unsigned short length;
	int fds[2];

	CHECK_INT(read_bytes(0, &length), -EINVAL);
	CHECK_INT(read_bytes(7, &length), -EINVAL);
	CHECK_INT(read_bytes(9, &length), -EINVAL);
	CHECK_INT(read_bytes(8, &length), 0);
	CHECK_INT(length, 1);
	CHECK_INT(read_bytes(BPF_MAXINSNS * sizeof(kill), &length), 0);
	CHECK_INT(length, BPF_MAXINSNS);
	CHECK_INT(read_bytes((BPF_MAXINSNS + 1) * sizeof(kill), &length), -EINVAL);
	CHECK_INT(read_bytes(BPF_MAXINSNS * sizeof(kill) + 1, &length), -EINVAL);

	/* a pipe gives it in pieces */
	CHECK_INT(pipe(fds), 0);
	CHECK_INT(write(fds[1], &kill, 3), 3);
	CHECK_INT(write(fds[1], (const char *)&kill + 3, sizeof(kill) - 3), sizeof(kill) - 3);
	close(fds[1]);
	CHECK_INT(filter_read(fds[0], "--seccomp", &program, &report), 0);
	CHECK_INT(program.len, 1);
	CHECK(program.filter && memcmp(program.filter, &kill, sizeof(kill)) == 0);
	free(program.filter);
	close(fds[0]);

	CHECK_INT(filter_read(-1, "--seccomp", &program, &report), -EBADF);
	CHECK_STR(report.text, "--seccomp -1: read: Bad file descriptor");
}

int main(void)
{
	check_deny();
	check_deny_refused();
	check_unknown("chroot,nonesuch,mount", "--seccomp-deny: nonesuch: no system call that");
	check_unknown(" chroot", "--seccomp-deny:  chroot: no system call that");
	check_unknown("92", "--seccomp-deny: 92: no system call that");
	check_allow();
	check_allow_warning();
	check_allow_refused();
	check_read();
	return check_result();
}
