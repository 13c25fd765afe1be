/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The launcher while the command runs: one loop over pid 1's messages, signals and the clock. */

#include "sandbox/handshake.h"
#include "sandbox/launch.h"

/*
 * supervise: from the completed set-up to the end of pid 1.
 *  status, death: as launch_run has them.
 * Returns 0 or a negative errno, reported.
 */
int supervise(struct launch *launch, int *status, int *death);

/* supervise_adopt_failure: make a MESSAGE_FAILED of pid 1 our own failure. Returns a negative
 * errno. */
int supervise_adopt_failure(struct launch *launch, const struct message *message);

/*
 * supervise_wait_for_byte: wait for a byte or the end of an fd while the sandbox is set up.
 * Returns 0, -EINTR with launch->early_signal set by a signal that ends the launch, or another
 * negative errno, reported.
 */
int supervise_wait_for_byte(struct launch *launch, int fd, const char *option);
