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

/*
 * reaper_kill_children: where no pid namespace ends it: kill and reap all children of the calling
 * process, a child subreaper, until there are none; every descendant becomes a child sooner or
 * later.
 *  proc_fd: a procfs; its numbers may be those of another pid namespace.
 */
void reaper_kill_children(int proc_fd);
