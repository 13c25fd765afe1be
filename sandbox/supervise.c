/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/supervise.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "sandbox/descriptors.h"
#include "sandbox/status.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

#define KILL_AFTER_MS 5000 /* from --timeout's SIGTERM to its SIGKILL */

enum source { SOURCE_HANDSHAKE, SOURCE_PID_1, SOURCE_SIGNALS, SOURCE_TIMER, SOURCE_COUNT };

struct supervisor {
	struct launch *launch;
	struct pollfd sources[SOURCE_COUNT];
	int command; /* pidfd */
	bool stopped;
	bool stop_seen;  /* we have stopped with it */
	bool exited;     /* wait_status is the command's */
	int wait_status; /* as wait(2) */
	bool pid_1_ended;
	bool terminated;  /* --timeout has sent its SIGTERM */
	int early_signal; /* came before the command had started */
};

int supervise_adopt_failure(struct launch *launch, const struct message *message)
{
	struct report *report = launch->report;

	if (!report->status) {
		report->status = message->value;
		/* it was escaped where it was recorded */
		memcpy(report->text, message->text, sizeof(report->text));
		report->text[sizeof(report->text) - 1] = '\0';
	}
	return -ECHILD;
}

static int start_timer(struct supervisor *supervisor, uint64_t milliseconds)
{
	struct itimerspec when = { .it_value = { .tv_sec = (time_t)(milliseconds / 1000),
						 .tv_nsec =
							 (long)(milliseconds % 1000) * 1000000 } };
	struct pollfd *source = &supervisor->sources[SOURCE_TIMER];

	if (!milliseconds)
		return 0;
	if (source->fd < 0)
		source->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (source->fd < 0 || timerfd_settime(source->fd, 0, &when, NULL) < 0)
		return report_failure(supervisor->launch->report, errno, "--timeout: timerfd");
	return 0;
}

/* Pipes of the command must end with the command, not with us; 2 stays for what we may have to say.
 */
static void let_go_of_fds(struct supervisor *supervisor)
{
	struct launch *launch = supervisor->launch;
	int keep[SOURCE_COUNT + 4];
	size_t count = 0;

	if (launch->build.work_count)
		return; /* work directories are to be tidied up; rare enough */
	for (size_t i = 0; i < SOURCE_COUNT; i++)
		keep[count++] = supervisor->sources[i].fd;
	keep[count++] = supervisor->command;
	keep[count++] = launch->sandbox->json_status_fd;
	keep[count++] = launch->proc_fd;
	keep[count++] = launch->pid_1;
	descriptors_close_except(keep, count);
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
}

static int handle_message(struct supervisor *supervisor)
{
	struct launch *launch = supervisor->launch;
	struct message message;
	int fd, r = handshake_receive(launch->socket, &message, &fd);

	if (r == -ECONNRESET) {
		supervisor->sources[SOURCE_HANDSHAKE].fd = -EBADF;
		if (launch->sandbox->as_pid_1)
			let_go_of_fds(supervisor);
		return 0;
	}
	if (r < 0)
		return report_failure(launch->report, -r, "handshake");
	switch (message.kind) {
	case MESSAGE_NAMESPACES:
		if (launch->sandbox->userns_block_fd < 0)
			r = status_write_info(launch, message.text);
		break;
	case MESSAGE_STARTED:
		supervisor->command = fd;
		let_go_of_fds(supervisor);
		break;
	case MESSAGE_STOPPED:
		supervisor->stopped = true;
		supervisor->stop_seen = false;
		break;
	case MESSAGE_CONTINUED:
		supervisor->stopped = false;
		break;
	case MESSAGE_EXITED:
		supervisor->exited = true;
		supervisor->wait_status = message.value;
		break;
	case MESSAGE_FAILED:
		r = supervise_adopt_failure(launch, &message);
		break;
	default:
		break;
	}
	return r;
}

/* The command, or with --as-pid-1 pid 1, which is it. */
static void signal_command(const struct supervisor *supervisor, int signal)
{
	int target = supervisor->command >= 0 ? supervisor->command : supervisor->launch->pid_1;

	(void)sys_pidfd_send_signal(target, signal);
}

static bool has_started(const struct supervisor *supervisor)
{
	/* --as-pid-1: the handshake closes when exec has succeeded */
	return supervisor->command >= 0 || supervisor->sources[SOURCE_HANDSHAKE].fd < 0;
}

static bool is_deadly(int signal)
{
	return signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT;
}

/* --as-pid-1: the command is our own child, and nobody else tells of its stops */
static void look_at_pid_1(struct supervisor *supervisor)
{
	siginfo_t info = { 0 };

	if (!supervisor->launch->sandbox->as_pid_1 ||
	    waitid(P_PIDFD, (id_t)supervisor->launch->pid_1, &info,
		   WSTOPPED | WCONTINUED | WNOHANG) < 0 ||
	    !info.si_pid)
		return;
	supervisor->stopped = info.si_code == CLD_STOPPED;
	supervisor->stop_seen = false;
}

static void handle_signal(struct supervisor *supervisor, const struct signalfd_siginfo *info)
{
	int signal = (int)info->ssi_signo;

	if (signal == SIGCHLD) {
		look_at_pid_1(supervisor);
		return;
	}
	if (!has_started(supervisor)) {
		if (is_deadly(signal))
			supervisor->early_signal = signal;
		return;
	}
	/* "fg" continues our process group; the command may be in another one by now */
	if (signal == SIGCONT) {
		if (signals_is_sent(info) || supervisor->stopped)
			signal_command(supervisor, SIGCONT);
		return;
	}
	if (signals_is_sent(info))
		signal_command(supervisor, signal);
}

static int handle_signals(struct supervisor *supervisor)
{
	struct signalfd_siginfo info;

	while (read(supervisor->sources[SOURCE_SIGNALS].fd, &info, sizeof(info)) == sizeof(info))
		handle_signal(supervisor, &info);
	return errno == EAGAIN ? 0
			       : report_failure(supervisor->launch->report, errno, "read signalfd");
}

static int handle_timer(struct supervisor *supervisor)
{
	uint64_t expirations;

	if (read(supervisor->sources[SOURCE_TIMER].fd, &expirations, sizeof(expirations)) < 0)
		return errno == EAGAIN
			       ? 0
			       : report_failure(supervisor->launch->report, errno, "read timerfd");
	if (supervisor->terminated || !has_started(supervisor)) {
		supervisor->terminated = true;
		(void)sys_pidfd_send_signal(supervisor->launch->pid_1, SIGKILL);
		return 0;
	}
	supervisor->terminated = true;
	signal_command(supervisor, SIGTERM);
	signal_command(supervisor, SIGCONT);
	return start_timer(supervisor, KILL_AFTER_MS);
}

/* pid 1 has ended, and with it everything that was in its pid namespace: pid_namespaces(7) */
static int handle_end(struct supervisor *supervisor)
{
	siginfo_t info = { 0 };

	if (waitid(P_PIDFD, (id_t)supervisor->launch->pid_1, &info, WEXITED | WNOHANG) < 0)
		return report_failure(supervisor->launch->report, errno, "waitid");
	if (!info.si_pid)
		return 0;
	supervisor->pid_1_ended = true;
	close_fd(&supervisor->launch->pid_1);
	if (!supervisor->exited &&
	    (supervisor->launch->sandbox->as_pid_1 || supervisor->terminated)) {
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
		[SOURCE_HANDSHAKE] = handle_message,
		[SOURCE_PID_1] = handle_end,
		[SOURCE_SIGNALS] = handle_signals,
		[SOURCE_TIMER] = handle_timer,
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

/*
 * Our parent, a shell, sees us stop as the command did; it takes the terminal, and lets us go on
 * later: then SIGCONT waits in the signalfd.
 */
static void stop_with_command(struct supervisor *supervisor)
{
	struct pollfd *handshake = &supervisor->sources[SOURCE_HANDSHAKE];

	if (!supervisor->stopped || supervisor->stop_seen)
		return;
	if (handshake->fd >= 0 && poll(handshake, 1, 0) > 0)
		return; /* it may have been continued already */
	supervisor->stop_seen = true;
	(void)kill(getpid(), SIGSTOP);
}

static int run(struct supervisor *supervisor)
{
	while (!supervisor->pid_1_ended && !supervisor->early_signal) {
		int r = poll_sources(supervisor);

		if (r < 0)
			return r;
		stop_with_command(supervisor);
	}
	return 0;
}

static void take_back_terminal(const struct supervisor *supervisor)
{
	if (!supervisor->launch->sandbox->foreground)
		return;
	/* 0 and 1 are closed by now; SIGTTOU is blocked */
	if (isatty(STDERR_FILENO))
		(void)tcsetpgrp(STDERR_FILENO, getpgrp());
}

int supervise(struct launch *launch, int *status, int *death)
{
	struct supervisor supervisor = {
		.launch = launch,
		.sources = {
			[SOURCE_HANDSHAKE] = { launch->socket, POLLIN, 0 },
			[SOURCE_PID_1] = { launch->pid_1, POLLIN, 0 },
			[SOURCE_SIGNALS] = { -EBADF, POLLIN, 0 },
			[SOURCE_TIMER] = { -EBADF, POLLIN, 0 },
		},
		.command = -EBADF,
	};
	int r = signals_open(launch->report);

	if (r >= 0) {
		supervisor.sources[SOURCE_SIGNALS].fd = r;
		r = start_timer(&supervisor, launch->sandbox->timeout_ms);
	}
	if (r >= 0)
		r = run(&supervisor);
	take_back_terminal(&supervisor);
	*death = supervisor.early_signal;
	if (supervisor.exited && WIFSIGNALED(supervisor.wait_status))
		*death = WTERMSIG(supervisor.wait_status);
	*status = *death ? 128 + *death : WEXITSTATUS(supervisor.wait_status);
	if (r >= 0 && supervisor.exited)
		r = status_write_exit(launch, *status);
	close_fd(&supervisor.sources[SOURCE_SIGNALS].fd);
	close_fd(&supervisor.sources[SOURCE_TIMER].fd);
	close_fd(&supervisor.command);
	return r;
}
