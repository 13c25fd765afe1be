/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * System call filters: seccomp(2). The ones that every launch wants were made at build time by
 * libseccomp and are plain arrays here; the ones that a user describes are made at run time by
 * libseccomp, opened with dlopen(3) only then.
 */

#include "base/report.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a built-in filter does; any combination exists. Each covers every system call ABI of the
 * machine (x86-64: i386 too; aarch64: arm too) and fails the calls of any other ABI, x32 among
 * them, with ENOSYS.
 */
enum filter_parts {
	/* TIOCSTI and TIOCLINUX fail with EPERM; the low 32 bits of the request are compared */
	FILTER_TERMINAL = 1 << 0,
	/* io_uring_setup fails with ENOSYS */
	FILTER_IO_URING = 1 << 1,
	/* chown, fchown, fchownat and lchown return 0, not done */
	FILTER_CHOWN = 1 << 2,
	/* fsync, sync, msync and friends return 0, not done */
	FILTER_SYNC = 1 << 3,
	/* add_key, request_key and keyctl fail with ENOSYS: the caller's keyrings belong to its
	   uid, and no namespace hides them */
	FILTER_KEYRING = 1 << 4,
	/* setgroups, set*uid and set*gid return 0, not done; setfsuid and setfsgid, which return
	   the old id, stay */
	FILTER_IDS = 1 << 5,
	FILTER_PARTS_ALL = (1 << 6) - 1,
};

/* filter_builtin: the program for a combination of parts; {0, NULL} for none of them. */
struct sock_fprog filter_builtin(unsigned int parts);

/*
 * filter_read: a compiled cBPF program from an fd, read to its end: --seccomp.
 *  option: as typed, for the message.
 * Returns 0 with program->filter allocated; -EINVAL if the length is 0 or no multiple of 8 or
 * the program has more than BPF_MAXINSNS instructions; another negative errno; reported. The
 * instructions are the kernel's to check, at filter_install.
 */
int filter_read(int fd, const char *option, struct sock_fprog *program, struct report *report);

/*
 * filter_compile_deny: a program in which the named system calls fail with EPERM:
 * --seccomp-deny NAME,... "NAME:ERRNO" sets another error, by its name (with glibc) or as a
 * number up to 4094; with 0 the call returns 0 and is not done. A name that libseccomp does not
 * know is refused, and so is one given twice; one that an ABI of the machine lacks is skipped
 * there.
 *
 * filter_compile_allow: only the system calls listed in a file are let through, the others fail
 * with ENOSYS: --seccomp-allow-only FILE. One name a line; empty lines and what follows a # are
 * skipped. Nothing is added to the list: the filter is installed before the command is executed,
 * so that without execve no command can start (a warning says so), and without exit_group none
 * can end but by a signal.
 *
 * Both cover the ABIs that the built-in filters cover, and fail those of others with ENOSYS.
 * Return 0 with program->filter allocated, or a negative errno, reported.
 */
int filter_compile_deny(const char *names, struct sock_fprog *program, struct report *report);
int filter_compile_allow(const char *path, struct sock_fprog *program, struct report *report);

/*
 * filter_install: seccomp(SECCOMP_SET_MODE_FILTER); NO_NEW_PRIVS must be set already. Nothing is
 * done for an empty program. Uses no memory and calls nothing but the system call: fit for the
 * child of a vfork.
 * Returns 0 or a negative errno, reported.
 */
int filter_install(const struct sock_fprog *program, struct report *report);

/* Which calls of remember/calls.h are to be answered; each value those of the ones before, too,
 * marked or not. */
enum filter_calls {
	CALLS_THAT_CHANGE,
	CALLS_THAT_ASK,    /* about files */
	CALLS_UNMARKED,    /* of these, only those without the cookie of remember/shared.h; and what
			      installs filters */
	CALLS_OF_FAKEROOT, /* that have modes, or end files */
};

/*
 * filter_install_listener: install the filter whose calls (remember/calls.h) wait until a listener
 * answers: seccomp_unotify(2). As filter_install.
 * Returns the O_CLOEXEC fd of the listener, -EBUSY, not reported, if somebody listens to the caller
 * already, or another negative errno, reported.
 */
int filter_install_listener(enum filter_calls calls, struct report *report);
