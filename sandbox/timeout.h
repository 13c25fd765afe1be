/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The clock of --timeout. */

#include "base/report.h"

#include <stdint.h>
#include <time.h>

struct timeout {
	bool set;
	timer_t timer; /* sends SIGCONT, as we may have stopped with the command */
	struct timespec end;
};

/* timeout_start: start it, or start it anew. Returns 0 or a negative errno, reported. */
int timeout_start(struct timeout *timeout, uint64_t milliseconds, struct report *report);

/* timeout_is_over: by the clock, whoever sent the SIGCONT. */
bool timeout_is_over(const struct timeout *timeout);

/*
 * timeout_put_off: before we stop: let the signal come at least a second from now. Stopping
 * discards a SIGCONT that waits (signal(7)), and then nothing would wake us.
 * Returns 0 or a negative errno, reported.
 */
int timeout_put_off(struct timeout *timeout, struct report *report);
