/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The current directory of the command. */

#include "sandbox/launch.h"

/*
 * directory_remember: launch->cwd, the caller's, before anything changes.
 * Returns 0 or a negative errno, reported.
 */
int directory_remember(struct launch *launch);

/*
 * directory_enter: from "/" of the new root: what --chdir says, or what custom.directory makes of
 * the caller's; and PWD to go with it, in launch->environment.
 * Returns 0 or a negative errno, reported.
 */
int directory_enter(struct launch *launch);
