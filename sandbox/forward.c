/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/forward.h"

#include "base/syscalls.h"

#include <signal.h>

int forward_target(const struct supervisor *supervisor)
{
	return supervisor->command >= 0 ? supervisor->command : supervisor->launch->pid_1;
}

/* The command, or with --as-pid-1 pid 1, which is it. */
void forward_signal(const struct supervisor *supervisor, int signal)
{
	(void)sys_pidfd_send_signal(forward_target(supervisor), signal);
}

/* With --new-session and --foreground the command leads a process group, which neither the terminal
 * nor a shell's "fg" knows. Before 6.9 the leader alone. */
static void forward_to_group(const struct supervisor *supervisor, int signal)
{
	if (sys_pidfd_send_signal_to_group(forward_target(supervisor), signal) < 0)
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

bool forward_is_needed(const struct supervisor *supervisor, const struct signalfd_siginfo *info)
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

void forward_received(struct supervisor *supervisor, const struct signalfd_siginfo *info)
{
	int signal = (int)info->ssi_signo;

	if (signal == SIGCONT)
		go_on(supervisor);
	else if (!forward_is_needed(supervisor, info))
		return;
	else if (signals_is_sent(info))
		forward_signal(supervisor, signal);
	else
		forward_to_group(supervisor, signal);
}
