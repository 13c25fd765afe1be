/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/forward.h"

#include "base/syscalls.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#define KILL_AFTER_MS 5000 /* from --timeout's SIGTERM to its SIGKILL */
#define START_MS 50        /* at most, from the exec of the command to word of it */

/* The command, or with --as-pid-1 pid 1, which is it. */
void forward_signal(const struct supervisor *supervisor, int signal)
{
	int target = supervisor->command >= 0 ? supervisor->command : supervisor->launch->pid_1;

	(void)sys_pidfd_send_signal(target, signal);
}

/* With --new-session and --foreground the command leads a process group, which neither the terminal
 * nor a shell's "fg" knows. Before 6.9 the leader alone. */
static void forward_to_group(const struct supervisor *supervisor, int signal)
{
	int target = supervisor->command >= 0 ? supervisor->command : supervisor->launch->pid_1;

	if (sys_pidfd_send_signal_to_group(target, signal) < 0)
		forward_signal(supervisor, signal);
}

void forward_note_stop(struct supervisor *supervisor, int signal)
{
	const struct launch *launch = supervisor->launch;

	/* it wants the terminal, which a shell gave to us after the command had taken it */
	if (launch->sandbox->foreground && (signal == SIGTTIN || signal == SIGTTOU) &&
	    terminal_pass_on(&launch->terminal)) {
		forward_to_group(supervisor, SIGCONT);
		return;
	}
	supervisor->stopped = true;
	supervisor->stop_seen = false;
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
int forward_start_timer(struct supervisor *supervisor)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGCONT };

	if (!supervisor->launch->sandbox->timeout_ms)
		return 0;
	if (timer_create(CLOCK_MONOTONIC, &event, &supervisor->timer) < 0)
		return report_failure(supervisor->launch->report, errno, "--timeout: timer_create");
	return set_timer(supervisor, supervisor->launch->sandbox->timeout_ms);
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

	while (r >= 0 && !supervise_has_started(supervisor) && handshake->fd >= 0 &&
	       poll(handshake, 1, START_MS) > 0)
		r = supervise_hear(supervisor);
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
	if (r >= 0 && !supervise_has_started(supervisor))
		supervisor->launch->early_signal = signal;
	return r;
}

/* "fg" continues our process group; the command may be in another one by now. */
static void go_on(struct supervisor *supervisor)
{
	if (supervisor->launch->sandbox->foreground) {
		(void)terminal_pass_on(&supervisor->launch->terminal);
		forward_to_group(supervisor, SIGCONT);
	} else {
		forward_signal(supervisor, SIGCONT);
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
		forward_signal(supervisor, SIGKILL);
}

static int handle_timer(struct supervisor *supervisor)
{
	bool again = supervisor->terminated;

	supervisor->terminated = true;
	if (again || !supervise_has_started(supervisor)) {
		kill_sandbox(supervisor);
		return 0;
	}
	forward_signal(supervisor, SIGTERM);
	forward_signal(supervisor, SIGCONT);
	return set_timer(supervisor, KILL_AFTER_MS);
}

static int handle_signal(struct supervisor *supervisor, const struct signalfd_siginfo *info)
{
	int signal = (int)info->ssi_signo;

	if (signal == SIGCONT && info->ssi_code == SI_TIMER)
		return handle_timer(supervisor);
	if (signal == SIGCHLD)
		look_at_pid_1(supervisor);
	else if (!supervise_has_started(supervisor))
		return handle_early_signal(supervisor, info);
	else if (signal == SIGCONT)
		go_on(supervisor);
	else if (!is_for_command(supervisor, info))
		return 0;
	else if (signals_is_sent(info))
		forward_signal(supervisor, signal);
	else
		forward_to_group(supervisor, signal);
	/* a shell may have given us the terminal after the command took it */
	if (supervisor->launch->sandbox->foreground)
		(void)terminal_pass_on(&supervisor->launch->terminal);
	return 0;
}

int forward_handle_signals(struct supervisor *supervisor)
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
int forward_stop(struct supervisor *supervisor)
{
	struct pollfd *handshake = &supervisor->sources[SOURCE_HANDSHAKE];
	int r;

	if (!supervisor->stopped || supervisor->stop_seen || supervisor->terminated)
		return 0;
	/* stopping would discard a SIGCONT that waits already: signal(7) */
	r = forward_handle_signals(supervisor);
	if (r < 0 || !supervisor->stopped || supervisor->terminated)
		return r;
	if (handshake->fd >= 0 && poll(handshake, 1, 0) > 0)
		return 0; /* it may have been continued already */
	supervisor->stop_seen = true;
	(void)kill(getpid(), SIGSTOP);
	return 0;
}
