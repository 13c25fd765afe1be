/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Signals on their way to the command. */

#include "sandbox/supervisor.h"

/* forward_target: a pidfd of the command: with --as-pid-1, of pid 1. */
int forward_target(const struct supervisor *supervisor);

/* forward_signal: to the command: with --as-pid-1, to pid 1. */
void forward_signal(const struct supervisor *supervisor, int signal);

/* forward_note_stop: the command was stopped by a signal. */
void forward_note_stop(struct supervisor *supervisor, int signal);

/* forward_is_needed: whether a signal that came to us did not reach the command by itself. */
bool forward_is_needed(const struct supervisor *supervisor, const struct signalfd_siginfo *info);

/* forward_received: pass on what came to us while the command runs, if that is needed. */
void forward_received(struct supervisor *supervisor, const struct signalfd_siginfo *info);
