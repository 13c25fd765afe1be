/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Resource limits and priority of the command: setrlimit(2), setpriority(2). */

#include "sandbox/sandbox.h"

/* limits_find: the number of a limit by its name ("nofile"), length bytes of it; -EINVAL: unknown.
 */
int limits_find(const char *name, size_t length);

/*
 * limits_raise: raise what was asked to be raised, in the launcher and before a user namespace is
 * entered: the rights for it are those of the machine's root alone.
 * Returns 0 or a negative errno, reported.
 */
int limits_raise(const struct sandbox *sandbox, struct report *report);

/* limits_set: in the command's own process. Fit for the child of a vfork.
 * Returns 0 or a negative errno, reported. */
int limits_set(const struct sandbox *sandbox, struct report *report);
