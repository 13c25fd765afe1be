/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/supervise.h"

#include "base/cleanup.h"
#include "base/procfs.h"
#include "base/syscalls.h"
#include "sandbox/descriptors.h"
#include "sandbox/status.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#define KILL_AFTER_MS 5000 /* from --timeout's SIGTERM to its SIGKILL */
#define START_MS 50        /* at most, from the exec of the command to word of it */

enum source { SOURCE_HANDSHAKE, SOURCE_PID_1, SOURCE_SIGNALS, SOURCE_COUNT };

struct supervisor {
	struct launch *launch;
	struct pollfd sources[SOURCE_COUNT];
	int command; /* pidfd */
	bool stopped;
	bool stop_seen;  /* we have stopped with it */
	bool exited;     /* wait_status is the command's */
	int wait_status; /* as wait(2) */
	bool pid_1_ended;
	timer_t timer;   /* --timeout */
	bool terminated; /* --timeout has sent its SIGTERM */
	uint64_t
		waiting; /* signals for the command from before it had started: bit 0 is signal 1 */
	uint64_t made;   /* others that the terminal made: the command may have got them itself */
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

static int set_timer(struct supervisor *supervisor, uint64_t milliseconds)
{
	const struct itimerspec when = {
		.it_value = { .tv_sec = (time_t)(milliseconds / 1000),
			      .tv_nsec = (long)(milliseconds % 1000) * 1000000 },
	};

	if (timer_settime(supervisor->timer, 0, &when, NULL) < 0)
		return report_failure(supervisor->launch->report, errno,
				      "--timeout: timer_settime");
	return 0;
}

/* SIGCONT, as we may have stopped with the command when the time is over */
static int start_timer(struct supervisor *supervisor)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGCONT };

	if (!supervisor->launch->sandbox->timeout_ms)
		return 0;
	if (timer_create(CLOCK_MONOTONIC, &event, &supervisor->timer) < 0)
		return report_failure(supervisor->launch->report, errno, "--timeout: timer_create");
	return set_timer(supervisor, supervisor->launch->sandbox->timeout_ms);
}

/*
 * Pipes of the command must end with the command, not with us; 2 stays for what we may have to say.
 * --sync-fd is pid 1's, unless that is the command.
 */
static int let_go_of_fds(struct supervisor *supervisor)
{
	const struct launch *launch = supervisor->launch;
	const struct fd_list *sync_fds = &launch->sandbox->sync_fds;
	_cleanup_free_ int *keep = NULL;
	size_t count = 0;

	keep = calloc(SOURCE_COUNT + 6 + mount_build_held(&launch->build, NULL) + sync_fds->count,
		      sizeof(*keep));
	if (!keep)
		return report_failure(launch->report, ENOMEM, "list of fds");
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

/* The command, or with --as-pid-1 pid 1, which is it. */
static void signal_command(const struct supervisor *supervisor, int signal)
{
	int target = supervisor->command >= 0 ? supervisor->command : supervisor->launch->pid_1;

	(void)sys_pidfd_send_signal(target, signal);
}

/* With --new-session and --foreground the command leads a process group, which neither the terminal
 * nor a shell's "fg" knows. Before 6.9 the leader alone. */
static void signal_group(const struct supervisor *supervisor, int signal)
{
	int target = supervisor->command >= 0 ? supervisor->command : supervisor->launch->pid_1;

	if (sys_pidfd_send_signal_to_group(target, signal) < 0)
		signal_command(supervisor, signal);
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
			signal_command(supervisor, signal);
	}
	return let_go_of_fds(supervisor);
}

static void handle_stop(struct supervisor *supervisor, int signal)
{
	const struct launch *launch = supervisor->launch;

	/* it wants the terminal, which a shell gave to us after the command had taken it */
	if (launch->sandbox->foreground && (signal == SIGTTIN || signal == SIGTTOU) &&
	    terminal_pass_on(&launch->terminal)) {
		signal_group(supervisor, SIGCONT);
		return;
	}
	supervisor->stopped = true;
	supervisor->stop_seen = false;
}

static int handle_message(struct supervisor *supervisor)
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
		handle_stop(supervisor, message.value);
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

static bool has_started(const struct supervisor *supervisor)
{
	/* --as-pid-1: the handshake closes when exec has succeeded */
	return supervisor->command >= 0 || (supervisor->launch->sandbox->as_pid_1 &&
					    supervisor->sources[SOURCE_HANDSHAKE].fd < 0);
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

/* What did not reach the command by itself. */
static bool is_for_command(const struct supervisor *supervisor, const struct signalfd_siginfo *info)
{
	int signal = (int)info->ssi_signo;

	if (signals_is_sent(info))
		return (pid_t)info->ssi_pid != getpid(); /* SIGPIPE of our own writing */
	/* of a timer that was set before exec: `perl -e 'alarm 5; exec "nsroot", ...'` */
	if (signal == SIGALRM)
		return true;
	/* a terminal that is closed tells the leader of its session, and nobody else */
	if (signal == SIGHUP && getsid(0) == getpid())
		return true;
	/* what the terminal sends goes to our process group, in which the command is not */
	return (supervisor->launch->sandbox->new_session ||
		supervisor->launch->sandbox->foreground) &&
	       (signal == SIGINT || signal == SIGQUIT || signal == SIGHUP || signal == SIGTSTP ||
		signal == SIGWINCH);
}

/* The command may run already, while word of it is on the way. */
static int await_start(struct supervisor *supervisor)
{
	struct pollfd *handshake = &supervisor->sources[SOURCE_HANDSHAKE];
	int r = 0;

	while (r >= 0 && !has_started(supervisor) && handshake->fd >= 0 &&
	       poll(handshake, 1, START_MS) > 0)
		r = handle_message(supervisor);
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
	if (is_for_command(supervisor, info))
		supervisor->waiting |= UINT64_C(1) << (signal - 1);
	else
		supervisor->made |= UINT64_C(1) << (signal - 1);
	if (!wanted || !signals_is_deadly(signal))
		return 0;
	r = await_start(supervisor);
	if (r >= 0 && !has_started(supervisor))
		supervisor->launch->early_signal = signal;
	return r;
}

/* "fg" continues our process group; the command may be in another one by now. */
static void go_on(struct supervisor *supervisor)
{
	if (supervisor->launch->sandbox->foreground) {
		(void)terminal_pass_on(&supervisor->launch->terminal);
		signal_group(supervisor, SIGCONT);
	} else {
		signal_command(supervisor, SIGCONT);
	}
	supervisor->stopped = false;
}

/* Without a pid namespace of its own pid 1 is to live, and end what the command leaves behind. */
static void kill_sandbox(const struct supervisor *supervisor)
{
	const struct launch *launch = supervisor->launch;

	if (supervisor->command < 0 ||
	    launch->sandbox->namespaces[NAMESPACE_PID].wish == NAMESPACE_UNSHARE)
		(void)sys_pidfd_send_signal(launch->pid_1, SIGKILL);
	else
		signal_command(supervisor, SIGKILL);
}

static int handle_timer(struct supervisor *supervisor)
{
	bool again = supervisor->terminated;

	supervisor->terminated = true;
	if (again || !has_started(supervisor)) {
		kill_sandbox(supervisor);
		return 0;
	}
	signal_command(supervisor, SIGTERM);
	signal_command(supervisor, SIGCONT);
	return set_timer(supervisor, KILL_AFTER_MS);
}

static int handle_signal(struct supervisor *supervisor, const struct signalfd_siginfo *info)
{
	int signal = (int)info->ssi_signo;

	if (signal == SIGCONT && info->ssi_code == SI_TIMER)
		return handle_timer(supervisor);
	if (signal == SIGCHLD)
		look_at_pid_1(supervisor);
	else if (!has_started(supervisor))
		return handle_early_signal(supervisor, info);
	else if (signal == SIGCONT)
		go_on(supervisor);
	else if (!is_for_command(supervisor, info))
		return 0;
	else if (signals_is_sent(info))
		signal_command(supervisor, signal);
	else
		signal_group(supervisor, signal);
	/* a shell may have given us the terminal after the command took it */
	if (supervisor->launch->sandbox->foreground)
		(void)terminal_pass_on(&supervisor->launch->terminal);
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

/* poll(2) looks at one fd after the other: what pid 1 said before its end may have come between. */
static int hear_last_words(struct supervisor *supervisor)
{
	struct pollfd *handshake = &supervisor->sources[SOURCE_HANDSHAKE];
	int r = 0;

	while (r >= 0 && handshake->fd >= 0 && poll(handshake, 1, 0) > 0)
		r = handle_message(supervisor);
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
		[SOURCE_HANDSHAKE] = handle_message,
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

/*
 * Our parent, a shell, sees us stop as the command did; it takes the terminal, and lets us go on
 * later: then SIGCONT waits in the signalfd.
 */
static int stop_with_command(struct supervisor *supervisor)
{
	struct pollfd *handshake = &supervisor->sources[SOURCE_HANDSHAKE];
	int r;

	if (!supervisor->stopped || supervisor->stop_seen || supervisor->terminated)
		return 0;
	/* stopping would discard a SIGCONT that waits already: signal(7) */
	r = handle_signals(supervisor);
	if (r < 0 || !supervisor->stopped || supervisor->terminated)
		return r;
	if (handshake->fd >= 0 && poll(handshake, 1, 0) > 0)
		return 0; /* it may have been continued already */
	supervisor->stop_seen = true;
	(void)kill(getpid(), SIGSTOP);
	return 0;
}

static int run(struct supervisor *supervisor)
{
	while (!supervisor->pid_1_ended && !supervisor->launch->early_signal) {
		int r = poll_sources(supervisor);

		if (r >= 0)
			r = stop_with_command(supervisor);
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
		r = start_timer(&supervisor);
	}
	if (r >= 0)
		r = run(&supervisor);
	*death = 0;
	if (supervisor.exited && WIFSIGNALED(supervisor.wait_status))
		*death = WTERMSIG(supervisor.wait_status);
	*status = *death ? 128 + *death : WEXITSTATUS(supervisor.wait_status);
	if (r >= 0 && supervisor.exited && has_started(&supervisor))
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
