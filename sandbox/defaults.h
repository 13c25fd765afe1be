/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The plan of who asks for none: the host to look at, the current directory to work in. */

#include "sandbox/sandbox.h"

/*
 * defaults_apply: add the default plan to what the parser collected, below it: the user's entries
 * win. A plan that names a root gets /proc and /dev alone; none with --no-default-mounts.
 * Returns 0 or a negative errno, reported.
 */
int defaults_apply(struct sandbox *sandbox, struct report *report);
