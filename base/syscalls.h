/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * System calls and flags that the C library or the kernel headers of Debian 12 lack, each with the
 * kernel version that brought it. All return -1 and set errno, as system calls do.
 */

#include <fcntl.h>
#include <linux/ioctl.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080 /* 5.6 */
#endif

/* ioctl(2) on a pidfd: an fd of its pid namespace; 6.11 */
#ifndef PIDFD_GET_PID_NAMESPACE
#define PIDFD_GET_PID_NAMESPACE _IO(0xFF, 5)
#endif

/* Landlock scopes came with 6.12 (ABI 6); older headers lack the member. */
#define NSROOT_LANDLOCK_SCOPE_ABI 6
#ifndef LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
#define LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define LANDLOCK_SCOPE_SIGNAL (1ULL << 1)
#endif

struct landlock_scoped_ruleset {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};

/* openat2(2), 5.6 */
static inline int sys_openat2(int dirfd, const char *path, const struct open_how *how)
{
	return (int)syscall(SYS_openat2, dirfd, path, how, sizeof(*how));
}

/* clone3(2), 5.3; without a stack: returns twice, as fork(2) does */
static inline pid_t sys_clone3(const struct clone_args *args)
{
	return (pid_t)syscall(SYS_clone3, args, sizeof(*args));
}

/* fchmodat2(2), 6.6; ENOSYS before */
static inline int sys_fchmodat2(int dirfd, const char *path, mode_t mode, int flags)
{
	return (int)syscall(452, dirfd, path, mode, flags);
}

/* open_tree_attr(2), 6.15: open_tree and mount_setattr in one; ENOSYS before */
static inline int sys_open_tree_attr(int dirfd, const char *path, unsigned int flags,
				     struct mount_attr *attr)
{
	return (int)syscall(467, dirfd, path, flags, attr, sizeof(*attr));
}

/* clone(2), with a pidfd since 5.2: the same; CLONE_NEWTIME and args->stack are not for it */
static inline pid_t sys_clone(const struct clone_args *args)
{
	unsigned long flags = (unsigned long)(args->flags | args->exit_signal);

#if defined(__s390x__)
	return (pid_t)syscall(SYS_clone, NULL, flags, (int *)(uintptr_t)args->pidfd, NULL, 0);
#else
	return (pid_t)syscall(SYS_clone, flags, NULL, (int *)(uintptr_t)args->pidfd, NULL, 0);
#endif
}

/* pivot_root(2) */
static inline int sys_pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(SYS_pivot_root, new_root, put_old);
}

/* landlock_create_ruleset(2), 5.13; with a NULL attribute and the version flag: the ABI */
static inline int sys_landlock_create_ruleset(const struct landlock_scoped_ruleset *attr,
					      size_t size, uint32_t flags)
{
	return (int)syscall(SYS_landlock_create_ruleset, attr, size, flags);
}

/* landlock_restrict_self(2), 5.13 */
static inline int sys_landlock_restrict_self(int ruleset_fd, uint32_t flags)
{
	return (int)syscall(SYS_landlock_restrict_self, ruleset_fd, flags);
}

/* keyctl(2): replace the session keyring by a new, anonymous one */
static inline long sys_keyctl_join_session_keyring(void)
{
	return syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, NULL);
}

/* pidfd_send_signal(2) to the process group that the process leads, 6.9 */
#ifndef PIDFD_SIGNAL_PROCESS_GROUP
#define PIDFD_SIGNAL_PROCESS_GROUP (1U << 2)
#endif

static inline int sys_pidfd_send_signal_to_group(int pidfd, int signal)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, PIDFD_SIGNAL_PROCESS_GROUP);
}

/* pidfd_send_signal(2), 5.1 */
static inline int sys_pidfd_send_signal(int pidfd, int signal)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}
