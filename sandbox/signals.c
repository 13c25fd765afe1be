/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/signals.h"

#include <errno.h>
#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>

/* Raised by our own faults: blocked, they would kill without a trace or loop. */
static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS };

int signals_take_over(struct inherited_signals *inherited, struct report *report)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t all;

	sigfillset(&all);
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		sigdelset(&all, faults[i]);
	if (sigprocmask(SIG_SETMASK, &all, &inherited->mask) < 0)
		return report_failure(report, errno, "sigprocmask");
	if (sigaction(SIGCHLD, &action, &inherited->child) < 0)
		return report_failure(report, errno, "sigaction SIGCHLD");
	return 0;
}

int signals_give_back(const struct inherited_signals *inherited, struct report *report)
{
	if (sigaction(SIGCHLD, &inherited->child, NULL) < 0)
		return report_failure(report, errno, "sigaction SIGCHLD");
	if (sigprocmask(SIG_SETMASK, &inherited->mask, NULL) < 0)
		return report_failure(report, errno, "sigprocmask");
	return 0;
}

int signals_open(struct report *report)
{
	sigset_t all;
	int fd;

	sigfillset(&all);
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		sigdelset(&all, faults[i]);
	fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? report_failure(report, errno, "signalfd") : fd;
}

bool signals_is_sent(const struct signalfd_siginfo *info)
{
	return info->ssi_code <=
	       0; /* sigaction(2): SI_USER, SI_QUEUE, SI_TKILL; SI_KERNEL is positive */
}

void signals_die_of(int signal)
{
	const struct rlimit no_core = { 0, 0 };
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t set;

	(void)setrlimit(RLIMIT_CORE, &no_core);
	sigaction(signal, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, signal);
	kill(getpid(), signal);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}
