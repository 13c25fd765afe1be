/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the launcher does for the command while it runs: signals passed on, stops shared, --timeout.
 */

#include "sandbox/supervisor.h"

/* forward_start_timer: start the clock of --timeout. Returns 0 or a negative errno, reported. */
int forward_start_timer(struct supervisor *supervisor);

/* forward_signal: to the command: with --as-pid-1, to pid 1. */
void forward_signal(const struct supervisor *supervisor, int signal);

/* forward_note_stop: the command was stopped by a signal. */
void forward_note_stop(struct supervisor *supervisor, int signal);

/*
 * forward_handle_signals: take what waits in the signalfd: pass it on, or note it for when the
 * command has started, or end the launch. Returns 0 or a negative errno, reported.
 */
int forward_handle_signals(struct supervisor *supervisor);

/* forward_stop: if the command is stopped, stop as well, until somebody continues us.
 * Returns 0 or a negative errno, reported. */
int forward_stop(struct supervisor *supervisor);
