/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The launcher while the command runs: one loop over pid 1's messages, signals and the clock. */

#include "sandbox/launch.h"

/*
 * supervise: from the completed set-up to the end of pid 1.
 *  status, death: as launch_run has them.
 * Returns 0 or a negative errno, reported.
 */
int supervise(struct launch *launch, int *status, int *death);
