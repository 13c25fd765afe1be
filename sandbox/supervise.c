/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/supervise.h"

#include "base/cleanup.h"
#include "base/procfs.h"
#include "base/syscalls.h"
#include "sandbox/descriptors.h"
#include "sandbox/forward.h"
#include "sandbox/status.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

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

/*
 * Pipes of the command must end with the command, not with us; 2 stays for what we may have to say.
 * --sync-fd is pid 1's, unless that is the command.
 */
static int let_go_of_fds(struct supervisor *supervisor)
{
	struct launch *launch = supervisor->launch;
	const struct fd_list *sync_fds = &launch->sandbox->sync_fds;
	_cleanup_free_ int *keep = NULL;
	size_t count = 0;

	keep = calloc(SOURCE_COUNT + 6 + mount_build_held(&launch->build, NULL) + sync_fds->count,
		      sizeof(*keep));
	if (!keep)
		return report_failure(launch->report, ENOMEM, "list of fds");
	mount_build_release(&launch->build); /* by name, not by number */
	for (size_t i = 0; i < SOURCE_COUNT; i++)
		keep[count++] = supervisor->sources[i].fd;
	keep[count++] = supervisor->command;
	keep[count++] = launch->sandbox->json_status_fd;
	keep[count++] = launch->proc_fd;
	keep[count++] = launch->pid_1;
	keep[count++] = launch->terminal.fd;
	count += mount_build_held(&launch->build, keep + count);
	for (size_t i = 0; launch->sandbox->as_pid_1 && i < sync_fds->count; i++)
		keep[count++] = sync_fds->fds[i];
	keep[count++] = STDERR_FILENO;
	descriptors_close_except(keep, count);
	return 0;
}

static void note_terminal(struct supervisor *supervisor)
{
	struct launch *launch = supervisor->launch;
	struct report unused = { 0 };
	pid_t pid = launch->pid_1_pid;

	if (supervisor->command >= 0)
		pid = procfs_pid(launch->proc_fd, supervisor->command, &unused);
	if (pid > 0)
		terminal_note_command(&launch->terminal, pid);
}

/* missed: signals that were sent to our process group before the command was in it */
static int handle_start(struct supervisor *supervisor, uint64_t missed)
{
	struct launch *launch = supervisor->launch;
	uint64_t waiting = supervisor->waiting | (supervisor->made & missed);

	if (launch->sandbox->foreground) {
		note_terminal(supervisor);
		(void)terminal_pass_on(&launch->terminal);
	}
	for (int signal = 1; signal <= 64; signal++) {
		if (waiting >> (signal - 1) & 1)
			forward_signal(supervisor, signal);
	}
	return let_go_of_fds(supervisor);
}

bool supervise_has_started(const struct supervisor *supervisor)
{
	/* --as-pid-1: the handshake closes when exec has succeeded */
	return supervisor->command >= 0 || (supervisor->launch->sandbox->as_pid_1 &&
					    supervisor->sources[SOURCE_HANDSHAKE].fd < 0);
}

int supervise_hear(struct supervisor *supervisor)
{
	struct launch *launch = supervisor->launch;
	struct message message;
	int fd, r = handshake_receive(launch->socket, &message, &fd);

	if (r == -ECONNRESET) {
		supervisor->sources[SOURCE_HANDSHAKE].fd = -EBADF;
		return launch->sandbox->as_pid_1 ? handle_start(supervisor, 0) : 0;
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
		r = handle_start(supervisor, (uint64_t)message.value);
		break;
	case MESSAGE_STOPPED:
		forward_note_stop(supervisor, message.value);
		break;
	case MESSAGE_CONTINUED:
		supervisor->stopped = false;
		break;
	case MESSAGE_EXITED:
		supervisor->exited = true;
		supervisor->wait_status = message.value;
		/* its last word: the end of file need not wake us, its own end will */
		supervisor->sources[SOURCE_HANDSHAKE].fd = -EBADF;
		break;
	case MESSAGE_FAILED:
		r = supervise_adopt_failure(launch, &message);
		break;
	default:
		break;
	}
	return r;
}

/* poll(2) looks at one fd after the other: what pid 1 said before its end may have come between. */
static int hear_last_words(struct supervisor *supervisor)
{
	struct pollfd *handshake = &supervisor->sources[SOURCE_HANDSHAKE];
	int r = 0;

	while (r >= 0 && handshake->fd >= 0 && poll(handshake, 1, 0) > 0)
		r = supervise_hear(supervisor);
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
		[SOURCE_HANDSHAKE] = supervise_hear,
		[SOURCE_PID_1] = handle_end,
		[SOURCE_SIGNALS] = forward_handle_signals,
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
	while (!supervisor->pid_1_ended && !supervisor->launch->early_signal) {
		int r = poll_sources(supervisor);

		if (r >= 0)
			r = forward_stop(supervisor);
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
	int r = signals_open(launch->report);

	if (r >= 0) {
		supervisor.sources[SOURCE_SIGNALS].fd = r;
		r = forward_start_timer(&supervisor);
	}
	if (r >= 0)
		r = run(&supervisor);
	*death = 0;
	if (supervisor.exited && WIFSIGNALED(supervisor.wait_status))
		*death = WTERMSIG(supervisor.wait_status);
	*status = *death ? 128 + *death : WEXITSTATUS(supervisor.wait_status);
	if (r >= 0 && supervisor.exited && supervise_has_started(&supervisor))
		status_write_exit(launch, *status);
	close_fd(&supervisor.sources[SOURCE_SIGNALS].fd);
	close_fd(&supervisor.command);
	return r;
}

int supervise_wait_for_byte(struct launch *launch, int fd, const char *option)
{
	_cleanup_close_ int signals = signals_open_deadly(&launch->signals, launch->report);
	struct pollfd sources[] = { { fd, POLLIN, 0 }, { signals, POLLIN, 0 } };
	struct signalfd_siginfo info;
	char byte;

	if (signals < 0)
		return signals;
	while (poll(sources, 2, -1) < 0) {
		if (errno != EINTR)
			return report_failure(launch->report, errno, "%s %d: poll", option, fd);
	}
	if (sources[1].revents && read(signals, &info, sizeof(info)) == sizeof(info)) {
		launch->early_signal = (int)info.ssi_signo;
		return -EINTR;
	}
	if (read(fd, &byte, 1) < 0)
		return report_failure(launch->report, errno, "%s %d: read", option, fd);
	return 0;
}
