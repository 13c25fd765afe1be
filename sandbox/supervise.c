/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/supervise.h"

#include "base/cleanup.h"
#include "base/procfs.h"
#include "base/syscalls.h"
#include "sandbox/forward.h"
#include "sandbox/messages.h"
#include "sandbox/status.h"

#include <signal.h>
#include <sys/wait.h>

#define KILL_AFTER_MS 5000 /* from --timeout's SIGTERM to its SIGKILL */
#define START_MS 50        /* at most, from the exec of the command to word of it */

/* Who only waits: signals have their own effect on it, as on any process. */
static bool is_monitor(const struct supervisor *supervisor)
{
	return supervisor->launch->sandbox->custom.processes == PROCESSES_MONITORED;
}

/* --as-pid-1: the command is our own child, and nobody else tells of its stops */
static void look_at_pid_1(struct supervisor *supervisor)
{
	siginfo_t info = { 0 };

	if (!supervisor->launch->direct ||
	    waitid(P_PIDFD, (id_t)supervisor->launch->pid_1, &info,
		   WSTOPPED | WCONTINUED | WNOHANG) < 0 ||
	    !info.si_pid)
		return;
	supervisor->stopped = info.si_code == CLD_STOPPED;
	supervisor->stop_seen = false;
}

/* The command may run already, while word of it is on the way. */
static int await_start(struct supervisor *supervisor)
{
	struct pollfd *handshake = &supervisor->sources[SOURCE_HANDSHAKE];
	int r = 0;

	while (r >= 0 && !messages_command_started(supervisor) && handshake->fd >= 0 &&
	       poll(handshake, 1, START_MS) > 0)
		r = messages_hear(supervisor);
	return r;
}

static int handle_early_signal(struct supervisor *supervisor, const struct signalfd_siginfo *info)
{
	int signal = (int)info->ssi_signo, r;
	bool wanted = signals_is_wanted(&supervisor->launch->signals, signal);

	if (signal == SIGCONT)
		return 0;
	if (wanted && signal == SIGTSTP) {
		signals_take(signal);
		return 0;
	}
	if (forward_is_needed(supervisor, info))
		supervisor->waiting |= UINT64_C(1) << (signal - 1);
	else
		supervisor->made |= UINT64_C(1) << (signal - 1);
	if (!wanted || !signals_is_deadly(signal))
		return 0;
	r = await_start(supervisor);
	if (r >= 0 && !messages_command_started(supervisor))
		supervisor->launch->early_signal = signal;
	return r;
}

/* Without a pid namespace of its own pid 1 is to live, and end what the command leaves behind. */
static void kill_sandbox(const struct supervisor *supervisor)
{
	const struct launch *launch = supervisor->launch;

	if (supervisor->command < 0 || sandbox_unshares(launch->sandbox, NAMESPACE_PID))
		(void)sys_pidfd_send_signal(launch->pid_1, SIGKILL);
	else
		forward_signal(supervisor, SIGKILL);
}

static int handle_timeout(struct supervisor *supervisor)
{
	struct launch *launch = supervisor->launch;
	bool again = supervisor->terminated;

	supervisor->terminated = true;
	if (!messages_command_started(supervisor)) {
		launch->early_signal = SIGKILL;
		return 0;
	}
	if (again) {
		kill_sandbox(supervisor);
		return 0;
	}
	forward_signal(supervisor, SIGTERM);
	forward_signal(supervisor, SIGCONT);
	return timeout_start(&launch->timeout, KILL_AFTER_MS, launch->report);
}

static int handle_signal(struct supervisor *supervisor, const struct signalfd_siginfo *info)
{
	struct launch *launch = supervisor->launch;

	/* not by ssi_code, which any process of the user may forge, and whoever came first left no
	   room for the timer's own: signal(7) */
	if (info->ssi_signo == SIGCONT && timeout_is_over(&launch->timeout))
		return handle_timeout(supervisor);
	if (info->ssi_signo == SIGCHLD)
		look_at_pid_1(supervisor);
	else if (!messages_command_started(supervisor))
		return handle_early_signal(supervisor, info);
	else
		forward_received(supervisor, info);
	/* a shell may have given us the terminal after the command took it */
	if (launch->sandbox->foreground)
		(void)terminal_pass_on(&launch->terminal);
	return 0;
}

static int handle_signals(struct supervisor *supervisor)
{
	struct signalfd_siginfo info;

	while (read(supervisor->sources[SOURCE_SIGNALS].fd, &info, sizeof(info)) == sizeof(info)) {
		int r = handle_signal(supervisor, &info);

		if (r < 0)
			return r;
	}
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	return report_failure(supervisor->launch->report, errno, "read signalfd");
}

/*
 * Our parent, a shell, sees us stop as the command did; it takes the terminal, and lets us go on
 * later: then SIGCONT waits in the signalfd.
 */
static int stop_too(struct supervisor *supervisor)
{
	struct launch *launch = supervisor->launch;
	struct pollfd *handshake = &supervisor->sources[SOURCE_HANDSHAKE];
	int r;

	if (!supervisor->stopped || supervisor->stop_seen || supervisor->terminated ||
	    is_monitor(supervisor))
		return 0;
	r = timeout_put_off(&launch->timeout, launch->report);
	/* stopping would discard a SIGCONT that waits already: signal(7) */
	if (r >= 0)
		r = handle_signals(supervisor);
	if (r >= 0 && timeout_is_over(&launch->timeout) && !supervisor->terminated)
		r = handle_timeout(supervisor);
	if (r < 0 || !supervisor->stopped || supervisor->terminated)
		return r;
	if (handshake->fd >= 0 && poll(handshake, 1, 0) > 0)
		return 0; /* it may have been continued already */
	supervisor->stop_seen = true;
	/* word of its stop may come after it was continued: then word of that is on the way */
	if (!procfs_is_stopped(supervisor->launch->proc_fd, forward_target(supervisor)))
		return 0;
	(void)kill(getpid(), SIGSTOP);
	return 0;
}

/* poll(2) looks at one fd after the other: what pid 1 said before its end may have come between. */
static int hear_last_words(struct supervisor *supervisor)
{
	struct pollfd *handshake = &supervisor->sources[SOURCE_HANDSHAKE];
	int r = 0;

	while (r >= 0 && handshake->fd >= 0 && poll(handshake, 1, 0) > 0)
		r = messages_hear(supervisor);
	return r;
}

/* pid 1 has ended, and with it everything that was in its pid namespace: pid_namespaces(7) */
static int handle_end(struct supervisor *supervisor)
{
	siginfo_t info = { 0 };
	int r;

	if (waitid(P_PIDFD, (id_t)supervisor->launch->pid_1, &info, WEXITED | WNOHANG) < 0)
		return errno == EINTR ? 0
				      : report_failure(supervisor->launch->report, errno, "waitid");
	if (!info.si_pid)
		return 0;
	supervisor->pid_1_ended = true;
	supervisor->launch->emptied = info.si_code == CLD_EXITED && info.si_status == 0;
	close_fd(&supervisor->launch->pid_1);
	r = hear_last_words(supervisor);
	if (r < 0)
		return r;
	if (!supervisor->exited &&
	    (supervisor->launch->direct || supervisor->terminated || is_monitor(supervisor))) {
		supervisor->exited = true;
		supervisor->wait_status = info.si_code == CLD_EXITED
						  ? W_EXITCODE(info.si_status, 0)
						  : W_EXITCODE(0, info.si_status);
	}
	if (!supervisor->exited && !supervisor->launch->report->status)
		return report_refusal(supervisor->launch->report,
				      "pid 1 of the sandbox ended: %s %d, and with it the command",
				      info.si_code == CLD_EXITED ? "status" : "signal",
				      info.si_status);
	return 0;
}

static int poll_sources(struct supervisor *supervisor)
{
	static int (*const handlers[SOURCE_COUNT])(struct supervisor *) = {
		[SOURCE_HANDSHAKE] = messages_hear,
		[SOURCE_PID_1] = handle_end,
		[SOURCE_SIGNALS] = handle_signals,
	};

	if (poll(supervisor->sources, SOURCE_COUNT, -1) < 0)
		return errno == EINTR ? 0
				      : report_failure(supervisor->launch->report, errno, "poll");
	/* messages first: the status comes before the end */
	for (size_t i = 0; i < SOURCE_COUNT; i++) {
		int r = supervisor->sources[i].revents ? handlers[i](supervisor) : 0;

		if (r < 0)
			return r;
		if (i == SOURCE_HANDSHAKE && supervisor->sources[i].revents)
			return 0; /* there may be more of them */
	}
	return 0;
}

static int run(struct supervisor *supervisor)
{
	while (!supervisor->pid_1_ended && !supervisor->launch->early_signal &&
	       !(supervisor->exited && is_monitor(supervisor))) {
		int r = poll_sources(supervisor);

		if (r >= 0)
			r = stop_too(supervisor);
		if (r < 0)
			return r;
	}
	return 0;
}

int supervise(struct launch *launch, int *status, int *death)
{
	struct supervisor supervisor = {
		.launch = launch,
		.sources = {
			[SOURCE_HANDSHAKE] = { launch->socket, POLLIN, 0 },
			[SOURCE_PID_1] = { launch->pid_1, POLLIN, 0 },
			[SOURCE_SIGNALS] = { -EBADF, POLLIN, 0 },
		},
		.command = -EBADF,
	};
	int r = 0;

	if (!is_monitor(&supervisor))
		r = signals_open(launch->report);
	if (r >= 0) {
		supervisor.sources[SOURCE_SIGNALS].fd = is_monitor(&supervisor) ? -EBADF : r;
		r = run(&supervisor);
	}
	*death = 0;
	if (supervisor.exited && WIFSIGNALED(supervisor.wait_status))
		*death = WTERMSIG(supervisor.wait_status);
	*status = *death ? 128 + *death : WEXITSTATUS(supervisor.wait_status);
	if (r >= 0 && supervisor.exited && messages_command_started(&supervisor))
		status_write_exit(launch, *status);
	close_fd(&supervisor.sources[SOURCE_SIGNALS].fd);
	close_fd(&supervisor.command);
	return r;
}
