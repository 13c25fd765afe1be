/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What pid 1 tells the launcher, and what follows from it. */

#include "sandbox/handshake.h"
#include "sandbox/supervisor.h"

/* messages_adopt_failure: make a MESSAGE_FAILED of pid 1 our own failure. Returns a negative errno.
 */
int messages_adopt_failure(struct launch *launch, const struct message *message);

/* messages_command_started: whether the command has been executed, as far as was heard. */
bool messages_command_started(const struct supervisor *supervisor);

/* messages_hear: take one message. Returns 0 or a negative errno, reported. */
int messages_hear(struct supervisor *supervisor);
