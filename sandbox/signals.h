/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Signals: the launcher and pid 1 take none by themselves. What somebody sends to the launcher is
 * passed on to the command; what the terminal sends reaches the command without help, as it stays
 * in the caller's process group.
 */

#include "base/report.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/signalfd.h>

/* What the caller left us, and the command gets back unchanged. */
struct inherited_signals {
	uint64_t mask;          /* as the kernel has it: bit 0 is signal 1 */
	struct sigaction child; /* SIGCHLD: ignored, wait(2) would not work for us */
};

/*
 * signals_take_over: block every signal that can wait, and give SIGCHLD its default action.
 * Returns 0 or a negative errno, reported.
 */
int signals_take_over(struct inherited_signals *inherited, struct report *report);

/* signals_leave: block nothing, but give SIGCHLD its default action, so that children can be waited
 * for. Returns 0 or a negative errno, reported. */
int signals_leave(struct inherited_signals *inherited, struct report *report);

/* signals_allow_child: the command is to get SIGCHLD neither ignored nor blocked, as of bubblewrap.
 */
void signals_allow_child(struct inherited_signals *inherited);

/* signals_give_back: restore what was inherited: for the command, before exec. Returns 0 or -errno.
 */
int signals_give_back(const struct inherited_signals *inherited, struct report *report);

/* signals_open: a signalfd(2) with all blocked signals. Returns the fd or a negative errno,
 * reported. */
int signals_open(struct report *report);

/* signals_is_deadly: a request to end, while there is no command yet that could decide. */
bool signals_is_deadly(int signal);

/* signals_open_early: a signalfd(2) with the deadly signals that are wanted, and SIGCONT, which
 * --timeout sends; reading it blocks. Returns the fd or a negative errno, reported. */
int signals_open_early(const struct inherited_signals *inherited, struct report *report);

/* signals_is_wanted: neither ignored nor blocked when we were started. */
bool signals_is_wanted(const struct inherited_signals *inherited, int signal);

/* signals_pending: what waits for the calling process; bit 0 is signal 1. */
uint64_t signals_pending(void);

/* signals_take: let a blocked signal have its inherited effect on the calling process, once. */
void signals_take(int signal);

/*
 * signals_is_sent: true for a signal that a process sent (kill, sigqueue, tgkill), false for one
 * that the kernel made: of a terminal, say, which the command got too.
 */
bool signals_is_sent(const struct signalfd_siginfo *info);

/* signals_die_of: end the calling process by a signal, without a core dump, so that its parent sees
 * what the command died of. Returns only if the signal does not kill. */
void signals_die_of(int signal);
