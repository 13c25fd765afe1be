/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/reaper.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "sandbox/descriptors.h"
#include "sandbox/environment.h"
#include "sandbox/handshake.h"

#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/*
 * vfork(2): the command shares our memory until it execs, so nothing is copied, a failure shows in
 * our report, and when we go on we know that exec has succeeded.
 */
static __attribute__((noinline)) pid_t spawn(struct launch *launch, struct command *command)
{
	pid_t child = vfork();

	if (child == 0) {
		command_become(launch, command, launch->report);
		_exit(launch->report->status);
	}
	if (child < 0)
		return report_failure(launch->report, errno, "vfork");
	return child;
}

static bool owns_pid_namespace(const struct launch *launch)
{
	return launch->sandbox->namespaces[NAMESPACE_PID].wish == NAMESPACE_UNSHARE;
}

/* Only what pid 1 needs: pipes of the command must end with the command. */
static void close_rest(const struct launch *launch)
{
	const struct sandbox *sandbox = launch->sandbox;
	int keep[2 + 64];
	size_t count = 0;

	if (sandbox->lock_files.count)
		return; /* their fds are the locks */
	keep[count++] = launch->socket;
	keep[count++] = launch->proc_fd;
	for (size_t i = 0; i < sandbox->sync_fds.count && count < sizeof(keep) / sizeof(*keep); i++)
		keep[count++] = sandbox->sync_fds.fds[i];
	descriptors_close_except(keep, count);
}

pid_t reaper_start(struct launch *launch, struct command *command)
{
	_cleanup_close_ int pidfd = -EBADF;
	pid_t child;
	int r;

	if (!owns_pid_namespace(launch) && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return report_failure(launch->report, errno, "prctl PR_SET_CHILD_SUBREAPER");
	child = spawn(launch, command);
	if (child < 0)
		return child;
	if (launch->report->status) {
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
		return -ECHILD;
	}
	pidfd = pidfd_open(child, 0);
	if (pidfd < 0)
		return report_failure(launch->report, errno, "pidfd_open");
	r = handshake_send(launch->socket, MESSAGE_STARTED, 0, pidfd, "");
	if (r < 0)
		return report_failure(launch->report, -r, "handshake");
	environment_wipe_own(launch->argv, launch->own_environment);
	close_rest(launch);
	return child;
}

/*
 * Without a pid namespace there is no kernel to end what is left: every descendant is a child of
 * ours sooner or later, so kill those until there are none.
 */
static void kill_descendants(const struct launch *launch)
{
	for (;;) {
		char text[4096];
		_cleanup_close_ int fd = -EBADF;
		ssize_t n;
		char *rest = text, *word;

		fd = openat(launch->proc_fd, "thread-self/children", O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
		if (n <= 0)
			return;
		text[n] = '\0';
		if ((size_t)n == sizeof(text) - 1 && strrchr(text, ' '))
			*strrchr(text, ' ') = '\0'; /* the last number may be cut */
		while ((word = strsep(&rest, " "))) {
			if (*word)
				(void)kill((pid_t)strtol(word, NULL, 10), SIGKILL);
		}
		if (waitpid(-1, NULL, 0) < 0 && errno == ECHILD)
			return;
	}
}

int reaper_run(struct launch *launch, pid_t child)
{
	for (;;) {
		siginfo_t info = { 0 };

		if (waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WCONTINUED) < 0) {
			if (errno == EINTR)
				continue;
			return EXIT_NSROOT;
		}
		if (info.si_pid != child)
			continue;
		switch (info.si_code) {
		case CLD_STOPPED:
			(void)handshake_send(launch->socket, MESSAGE_STOPPED, info.si_status,
					     -EBADF, "");
			break;
		case CLD_CONTINUED:
			(void)handshake_send(launch->socket, MESSAGE_CONTINUED, 0, -EBADF, "");
			break;
		case CLD_EXITED:
		case CLD_KILLED:
		case CLD_DUMPED:
			(void)handshake_send(launch->socket, MESSAGE_EXITED,
					     info.si_code == CLD_EXITED
						     ? W_EXITCODE(info.si_status, 0)
						     : W_EXITCODE(0, info.si_status),
					     -EBADF, "");
			if (!owns_pid_namespace(launch))
				kill_descendants(launch);
			return 0;
		default:
			break;
		}
	}
}
