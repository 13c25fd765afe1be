/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "foreign/unmapped.h"

#include "base/cleanup.h"
#include "base/procfs.h"
#include "base/syscalls.h"

#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

/* ioctl(2) on a pidfd: an fd of its user namespace; 6.11 */
#ifndef PIDFD_GET_USER_NAMESPACE
#define PIDFD_GET_USER_NAMESPACE _IO(0xFF, 9)
#endif

/* Only its namespace is wanted. It reads until it is killed, or until its parent is dead. */
static void stay(const int *ends)
{
	char byte;

	close(ends[1]);
	while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

/* Filters of containers often know no clone3(2). */
static pid_t clone_holder(int *pidfd)
{
	struct clone_args args = {
		.flags = CLONE_NEWUSER | CLONE_PIDFD, .pidfd = (uintptr_t)pidfd,
		/* no exit_signal: nobody is to be told of its end */
	};
	pid_t pid = sys_clone3(&args);

	if (pid >= 0 || (errno != ENOSYS && errno != EPERM))
		return pid;
	return sys_clone(&args);
}

static int open_namespace(const char *what, int proc_fd, int pidfd, struct report *report)
{
	char path[32];
	pid_t pid;
	int fd = ioctl(pidfd, PIDFD_GET_USER_NAMESPACE, 0);

	if (fd >= 0)
		return fd;
	pid = procfs_pid(proc_fd, pidfd, report);
	if (pid < 0)
		return pid;
	snprintf(path, sizeof(path), "%d/ns/user", (int)pid);
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return report_failure(report, errno, "%s: open /proc/%s", what, path);
	return fd;
}

int unmapped_userns_open(const char *what, int proc_fd, struct report *report)
{
	_cleanup_close_ int pidfd = -EBADF;
	int ends[2], fd;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return report_failure(report, errno, "%s: pipe2", what);
	pid = clone_holder(&pidfd);
	if (pid == 0)
		stay(ends);
	fd = pid < 0 ? report_failure(report, errno, "%s: clone a user namespace", what)
		     : open_namespace(what, proc_fd, pidfd, report);
	close(ends[0]);
	close(ends[1]);
	if (pid < 0)
		return fd;

	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	return fd;
}
