/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * System call filters: seccomp(2). The ones that every launch wants were made at build time by
 * libseccomp and are plain arrays here; the ones that a user describes are made at run time by
 * libseccomp, opened with dlopen(3) only then.
 */

#include "base/report.h"

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

/* What a built-in filter does; any combination exists. */
enum filter_parts {
	/* TIOCSTI and TIOCLINUX fail with EPERM (low 32 bits of the request compared), in every
	   system call ABI of the machine; foreign ABIs (x32 too) get ENOSYS */
	FILTER_TERMINAL = 1 << 0,
	FILTER_IO_URING = 1 << 1, /* io_uring_setup fails with ENOSYS */
	FILTER_CHOWN = 1 << 2,	  /* chown and friends, setgroups and set*id return 0, not done */
	FILTER_SYNC = 1 << 3,	  /* fsync, sync and friends return 0, not done */
	FILTER_PARTS_ALL = (1 << 4) - 1,
};

/* filter_builtin: the program for a combination of parts; {0, NULL} for none of them. */
struct sock_fprog filter_builtin(unsigned int parts);

/*
 * filter_read: a compiled cBPF program from an fd, read to its end: --seccomp.
 * Returns 0 with program->filter allocated; -EINVAL if the length is 0 or no multiple of 8 or
 * the program has more than BPF_MAXINSNS instructions; another negative errno; reported.
 */
int filter_read(int fd, const char *option, struct sock_fprog *program, struct report *report);

/*
 * filter_compile_deny: a program in which the named system calls fail with EPERM:
 * --seccomp-deny NAME,... A name unknown to libseccomp is refused; one that the machine lacks is
 * skipped. "NAME:ERRNO" (ERRNO a name such as ENOSYS) sets another error.
 * filter_compile_allow: only the system calls listed in a file (one name a line, # comments) are
 * let through; the others fail with ENOSYS: --seccomp-allow-only FILE.
 * Both cover every system call ABI of the machine.
 * Return 0 with program->filter allocated, or a negative errno, reported.
 */
int filter_compile_deny(const char *names, struct sock_fprog *program, struct report *report);
int filter_compile_allow(const char *path, struct sock_fprog *program, struct report *report);

/*
 * filter_install: seccomp(SECCOMP_SET_MODE_FILTER); NO_NEW_PRIVS must be set already. Uses no
 * memory and calls nothing but the system call: fit for the child of a vfork.
 * Returns 0 or a negative errno, reported.
 */
int filter_install(const struct sock_fprog *program, struct report *report);
