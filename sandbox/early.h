/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the launcher waits for while the sandbox is set up. A signal that asks it to end and
 * --timeout end each of these: they return -EINTR then, with launch->early_signal set. Otherwise
 * they return 0 or a negative errno, reported.
 */

#include "sandbox/handshake.h"
#include "sandbox/launch.h"

/* early_expect: wait for a certain message of pid 1; a failure of pid 1 becomes ours. */
int early_expect(struct launch *launch, enum message_kind kind, struct message *message);

/* early_let_go_on: send MESSAGE_GO. */
int early_let_go_on(struct launch *launch, int value);

/* early_wait_for_byte: wait for a byte or the end of an fd that an option names. */
int early_wait_for_byte(struct launch *launch, int fd, const char *option);

/* early_ask_pid_1: after a failure of ours, which may have come of one of pid 1's: then make that
 * the reason. */
void early_ask_pid_1(struct launch *launch);
