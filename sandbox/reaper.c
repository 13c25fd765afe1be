/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/reaper.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "sandbox/capabilities.h"
#include "sandbox/children.h"
#include "sandbox/descriptors.h"
#include "sandbox/dialect.h"
#include "sandbox/environment.h"
#include "sandbox/handshake.h"
#include "seccomp/filters.h"

#include <poll.h>
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

static bool is_monitored(const struct launch *launch)
{
	return launch->sandbox->custom.processes == PROCESSES_MONITORED;
}

static bool owns_pid_namespace(const struct launch *launch)
{
	return sandbox_unshares(launch->sandbox, NAMESPACE_PID);
}

/* Only what pid 1 needs: pipes of the command must end with the command. */
static int close_rest(const struct launch *launch)
{
	const struct fd_list *lists[] = { &launch->sandbox->sync_fds, &launch->locks };
	int *keep = calloc(2 + lists[0]->count + lists[1]->count, sizeof(*keep));
	size_t count = 0;

	if (!keep)
		return report_failure(launch->report, ENOMEM, "list of fds");
	keep[count++] = launch->socket;
	keep[count++] = launch->proc_fd; /* -EBADF where nobody needs it any more */
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		for (size_t j = 0; j < lists[i]->count; j++)
			keep[count++] = lists[i]->fds[j];
	}
	descriptors_close_except(keep, count);
	free(keep);
	return 0;
}

/* bubblewrap's pid 1 has no more rights than the command, and lives as long as anything inside. */
static int become_plain(const struct launch *launch, const struct command *command)
{
	const struct sandbox *sandbox = launch->sandbox;
	const struct capability_sets none = { .bounding = command->capabilities.bounding };
	int r = capability_seal(&none, launch->report);

	/* wait_for_all: who waited may be gone */
	if (sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL) < 0 && r >= 0)
		r = report_failure(launch->report, errno, "sigaction SIGPIPE");

	/* to give up rights has taken it away */
	if (r >= 0 && sandbox->die_with_parent && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		r = report_failure(launch->report, errno, "prctl PR_SET_PDEATHSIG");
	if (r >= 0 && sandbox->die_with_parent && handshake_is_over(launch->socket))
		_exit(EXIT_NSROOT);
	return r;
}

/* Of bubblewrap's pid 1 too. Not before the launcher knows of the start: they may deny telling. */
static int install_filters(const struct launch *launch)
{
	int r = 0;

	for (size_t i = 0; i < launch->sandbox->filter_count && r >= 0; i++)
		r = filter_install(&launch->sandbox->filters[i], launch->report);
	return r;
}

/* bubblewrap's pid 1 does, from before the command runs: that may see to it that we are killed. */
static bool outlives_launcher(const struct launch *launch)
{
	return is_monitored(launch) && !launch->sandbox->die_with_parent;
}

static int tell_of_start(const struct launch *launch, pid_t child, int pending)
{
	_cleanup_close_ int pidfd = pidfd_open(child, 0);
	int r;

	if (pidfd < 0)
		return report_failure(launch->report, errno, "pidfd_open");
	r = handshake_send(launch->socket, MESSAGE_STARTED, pending, pidfd, "");
	if ((r == -EPIPE || r == -ECONNRESET) && outlives_launcher(launch))
		return 0;
	return r < 0 ? report_failure(launch->report, -r, "handshake") : 0;
}

static int start(struct launch *launch, struct command *command)
{
	pid_t child;
	int pending, r;

	environment_wipe_options(launch->argv, launch->sandbox->command,
				 launch->sandbox->dialect->name);
	pending = (int)(signals_pending() & INT32_MAX);
	/* bubblewrap's pid 1 can be looked into from inside */
	if (is_monitored(launch))
		close_fd(&launch->proc_fd);
	child = spawn(launch, command);
	if (child < 0)
		return child;
	if (launch->report->status) {
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
		return -ECHILD;
	}
	environment_wipe_own(launch->argv, launch->own_environment, launch->sandbox->dialect->name);
	r = close_rest(launch);
	/* last, as without rights we can be led by the command: ptrace(2) */
	if (r >= 0 && is_monitored(launch))
		r = become_plain(launch, command);
	/* failures are heard until the launcher knows of the start: messages.c */
	if (r >= 0)
		r = tell_of_start(launch, child, pending);
	if (r >= 0 && is_monitored(launch))
		r = install_filters(launch);
	if (r < 0)
		(void)kill(child, SIGKILL); /* where no pid namespace ends it with us */
	return r < 0 ? r : child;
}

pid_t reaper_start(struct launch *launch, struct command *command)
{
	pid_t child;

	if (is_monitored(launch) && launch->sandbox->new_session && setsid() < 0 && errno != EPERM)
		return report_failure(launch->report, errno, "--new-session: setsid");
	if (outlives_launcher(launch) && prctl(PR_SET_PDEATHSIG, 0) < 0)
		return report_failure(launch->report, errno, "prctl PR_SET_PDEATHSIG");
	if (owns_pid_namespace(launch) || is_monitored(launch))
		return start(launch, command);
	/* dying with the launcher would let go of what is below us: see wait_for_news */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return report_failure(launch->report, errno, "prctl PR_SET_CHILD_SUBREAPER");
	if (prctl(PR_SET_PDEATHSIG, 0) < 0)
		return report_failure(launch->report, errno, "prctl PR_SET_PDEATHSIG");
	child = start(launch, command);
	if (child < 0)
		(void)children_kill(launch->proc_fd, NULL, launch->report);
	return child;
}

/* Until a child may have changed; false: the launcher has died, or a failure, reported. */
static bool wait_for_news(const struct launch *launch, int signals)
{
	struct pollfd sources[] = { { launch->socket, 0, 0 }, { signals, POLLIN, 0 } };
	struct signalfd_siginfo info;

	while (poll(sources, 2, -1) < 0) {
		if (errno == EINTR)
			continue;
		report_failure(launch->report, errno, "poll");
		return false;
	}
	while (read(signals, &info, sizeof(info)) == sizeof(info))
		;
	return !(sources[0].revents & (POLLHUP | POLLERR));
}

/* waitid(2) for any child, but where a pid namespace is shared an end of the launcher too: then,
 * or on failure, -1. */
static int wait_for_child(const struct launch *launch, int signals, siginfo_t *info)
{
	int flags = WEXITED | WSTOPPED | WCONTINUED | (signals >= 0 ? WNOHANG : 0);

	for (;;) {
		info->si_pid = 0;
		if (waitid(P_ALL, 0, info, flags) < 0) {
			if (errno != EINTR)
				return report_failure(launch->report, errno, "waitid");
		} else if (info->si_pid) {
			return 0;
		} else if (!wait_for_news(launch, signals)) {
			return -1;
		}
	}
}

static int give_up(const struct launch *launch)
{
	const struct report *report = launch->report;

	if (report->status)
		(void)handshake_send(launch->socket, MESSAGE_FAILED, report->status, -EBADF,
				     report->text);
	if (!owns_pid_namespace(launch) && !is_monitored(launch))
		(void)children_kill(launch->proc_fd, NULL, launch->report);
	return EXIT_NSROOT;
}

/* Until nothing is left of the sandbox, which the caller need not wait for. Returns the status of
 * the command. */
static int wait_for_all(const struct launch *launch, pid_t command)
{
	int exit_status = -1;

	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0 && errno != EINTR) {
			if (exit_status >= 0)
				return exit_status;
			report_failure(launch->report, errno, "waitpid");
			(void)kill(command, SIGKILL);
			return give_up(launch);
		}
		if (pid != command)
			continue;
		exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		(void)handshake_write(launch->socket, MESSAGE_EXITED, status, "");
	}
}

int reaper_run(struct launch *launch, pid_t child)
{
	_cleanup_close_ int signals = -EBADF;

	if (is_monitored(launch))
		return wait_for_all(launch, child);
	if (!owns_pid_namespace(launch)) {
		signals = signals_open(launch->report);
		if (signals < 0)
			return give_up(launch);
	}
	for (;;) {
		siginfo_t info = { 0 };

		if (wait_for_child(launch, signals, &info) < 0)
			return give_up(launch);
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
			/* the launcher tries again */
			if (signals >= 0 &&
			    children_kill(launch->proc_fd, NULL, launch->report) < 0)
				return EXIT_NSROOT;
			return 0;
		default:
			break;
		}
	}
}
