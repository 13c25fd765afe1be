/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The command's environment: environ(7). */

#include "sandbox/sandbox.h"

/*
 * environment_build: the caller's environment with the changes that were asked for, in their order.
 *  hide_session: leave out what leads to services of the caller's session (ssh-agent, D-Bus, ...).
 * Returns 0 with *environment allocated, as are its strings, and with room for environment_put; or
 * -ENOMEM, reported.
 */
int environment_build(const struct sandbox *sandbox, char *const *own, bool hide_session,
		      char ***environment, struct report *report);

/* environment_put: set "NAME=VALUE", borrowed; at most ENVIRONMENT_SPARE new names. Allocates
 * nothing. */
#define ENVIRONMENT_SPARE 4
void environment_put(char **environment, char *assignment);

/* environment_get: the value of a name, or NULL. */
const char *environment_get(char *const *environment, const char *name);

/* environment_set_pwd: PWD, as the current directory is. Returns 0 or -ENOMEM, reported. */
int environment_set_pwd(char **environment, struct report *report);

/*
 * environment_wipe_options: overwrite our own arguments before the command's, which is part of argv
 * or not; anybody inside may read /proc/1/cmdline. Nothing but the name is left there.
 */
void environment_wipe_options(char **argv, char *const *command, const char *name);

/*
 * environment_wipe_own: overwrite the arguments and the environment that the kernel shows of this
 * process in /proc/PID/cmdline and environ, and leave a name there. argv: as main got it; the
 * environment lies right behind it: execve(2).
 */
void environment_wipe_own(char **argv, char **own, const char *name);
