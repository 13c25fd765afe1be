/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/signals.h"

#include <errno.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Raised by our own faults: blocked, they would kill without a trace or loop. */
static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS };

static const int deadly[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM };

static uint64_t bit(int signal)
{
	return UINT64_C(1) << (signal - 1);
}

/* Not sigprocmask(3), nor sigset_t: they hide the two signals that the C library keeps for itself.
 */
static int set_mask(int how, uint64_t mask, uint64_t *old)
{
	return (int)syscall(SYS_rt_sigprocmask, how, &mask, old, sizeof(mask));
}

static uint64_t taken_over(void)
{
	uint64_t mask = UINT64_MAX;

	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		mask &= ~bit(faults[i]);
	return mask;
}

int signals_take_over(struct inherited_signals *inherited, struct report *report)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	if (set_mask(SIG_SETMASK, taken_over(), &inherited->mask) < 0)
		return report_failure(report, errno, "sigprocmask");
	if (sigaction(SIGCHLD, &action, &inherited->child) < 0)
		return report_failure(report, errno, "sigaction SIGCHLD");
	return 0;
}

int signals_leave(struct inherited_signals *inherited, struct report *report)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	if (set_mask(SIG_BLOCK, 0, &inherited->mask) < 0)
		return report_failure(report, errno, "sigprocmask");
	if (sigaction(SIGCHLD, &action, &inherited->child) < 0)
		return report_failure(report, errno, "sigaction SIGCHLD");
	return 0;
}

void signals_allow_child(struct inherited_signals *inherited)
{
	inherited->child.sa_handler = SIG_DFL;
	inherited->mask &= ~bit(SIGCHLD);
}

int signals_give_back(const struct inherited_signals *inherited, struct report *report)
{
	if (sigaction(SIGCHLD, &inherited->child, NULL) < 0)
		return report_failure(report, errno, "sigaction SIGCHLD");
	if (set_mask(SIG_SETMASK, inherited->mask, NULL) < 0)
		return report_failure(report, errno, "sigprocmask");
	return 0;
}

int signals_open(struct report *report)
{
	uint64_t mask = taken_over();
	int fd = (int)syscall(SYS_signalfd4, -1, &mask, sizeof(mask), SFD_CLOEXEC | SFD_NONBLOCK);

	return fd < 0 ? report_failure(report, errno, "signalfd") : fd;
}

bool signals_is_wanted(const struct inherited_signals *inherited, int signal)
{
	struct sigaction action;

	/* blocked signals are not discarded, even if they are ignored: sigaction(2) */
	return !(inherited->mask & bit(signal)) && sigaction(signal, NULL, &action) == 0 &&
	       action.sa_handler != SIG_IGN;
}

bool signals_is_deadly(int signal)
{
	for (size_t i = 0; i < sizeof(deadly) / sizeof(*deadly); i++) {
		if (deadly[i] == signal)
			return true;
	}
	return false;
}

int signals_open_early(const struct inherited_signals *inherited, struct report *report)
{
	uint64_t mask = bit(SIGCONT);
	int fd;

	for (size_t i = 0; i < sizeof(deadly) / sizeof(*deadly); i++) {
		if (signals_is_wanted(inherited, deadly[i]))
			mask |= bit(deadly[i]);
	}
	fd = (int)syscall(SYS_signalfd4, -1, &mask, sizeof(mask), SFD_CLOEXEC);
	return fd < 0 ? report_failure(report, errno, "signalfd") : fd;
}

uint64_t signals_pending(void)
{
	uint64_t pending = 0;

	(void)syscall(SYS_rt_sigpending, &pending, sizeof(pending));
	return pending;
}

void signals_take(int signal)
{
	(void)kill(getpid(), signal);
	(void)set_mask(SIG_UNBLOCK, bit(signal), NULL);
	(void)set_mask(SIG_BLOCK, bit(signal), NULL);
}

bool signals_is_sent(const struct signalfd_siginfo *info)
{
	return info->ssi_code <=
	       0; /* sigaction(2): SI_USER, SI_QUEUE, SI_TKILL; SI_KERNEL is positive */
}

void signals_die_of(int signal)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	/* RLIMIT_CORE does not keep a core dump from a pipe: core(5) */
	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)sigaction(signal, &action, NULL);
	signals_take(signal);
}
