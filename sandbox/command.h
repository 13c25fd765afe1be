/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Becoming the command: the last steps of a process before execve(2). */

#include "sandbox/capabilities.h"
#include "sandbox/launch.h"

/* What the command needs, prepared beforehand: its own process may allocate nothing. */
struct command {
	char *const *argv;
	char *const *shell_argv; /* for a script without "#!": /bin/sh FILE ARGS */
	const char *file;
	const char *path; /* PATH of its environment */
	struct capability_sets capabilities;
	struct sock_fprog builtin;           /* filter; may be empty */
	struct sock_fprog not_remembering;   /* instead, where --remember can't be had */
	struct fd_list fds;                  /* to keep, sorted */
	char listen_fds[32], listen_pid[32]; /* LISTEN_FDS and LISTEN_PID of --pack-fds */
};

/*
 * command_prepare: fill in everything that takes memory or look-ups.
 * Returns 0 or a negative errno, reported.
 */
int command_prepare(const struct launch *launch, struct command *command, struct report *report);

/*
 * command_become: give up rights, restore what was inherited, install the filters and exec. Fit for
 * the child of a vfork(2). Returns only on failure: a negative errno, reported, with status 126 or
 * 127 where exec failed.
 */
int command_become(const struct launch *launch, struct command *command, struct report *report);
