/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which process group has the terminal, tcgetpgrp(3): a command that took it, for itself or for its
 * jobs, can't give it back when it is killed.
 */

#include <stdbool.h>
#include <sys/types.h>

struct terminal {
	int fd;         /* the controlling terminal; -EBADF: none of 0, 1 and 2 is */
	pid_t original; /* who had it at first */
	pid_t command;  /* --foreground: the command's group; 0: not known */
};

/* terminal_init: no terminal that we know of. */
void terminal_init(struct terminal *terminal);

/* terminal_open: the state before the command runs. SIGTTOU must be blocked in all of these. */
void terminal_open(struct terminal *terminal);
void terminal_close(struct terminal *terminal);

/* terminal_note_command: the command has started as the foreground job, leader of its group. */
void terminal_note_command(struct terminal *terminal, pid_t command);

/* terminal_pass_on: if a shell has put us into the foreground ("fg"), it means the command. Returns
 * whether it was so. */
bool terminal_pass_on(const struct terminal *terminal);

/* terminal_take_back: the sandbox has ended; if it had the terminal, the one from before gets it.
 */
void terminal_take_back(const struct terminal *terminal);
