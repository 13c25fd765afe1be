/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* pid 1 while the command runs. */

#include "sandbox/command.h"

/* reaper_start: start the command and tell the launcher. Returns its pid or a negative errno,
 * reported. */
pid_t reaper_start(struct launch *launch, struct command *command);

/*
 * reaper_run: reap what there is to reap and tell the launcher of the command's stops, until the
 * command has ended; then end what it left behind. Returns the exit status for pid 1 itself.
 */
int reaper_run(struct launch *launch, pid_t child);
