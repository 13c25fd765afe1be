/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* --show-owners=auto as a part of a launch: the preload library, and what it reads. */

#include "sandbox/launch.h"

/*
 * showing_prepare: launcher, before pid 1 is there: find the library, and name it in the command's
 * environment; or, where it can't be had or could be in the way, say so (--verbose), and let the
 * recorder answer all. Does nothing unless it was asked for.
 * Returns 0 or a negative errno, reported.
 */
int showing_prepare(struct launch *launch);

/* showing_map: launcher: the table that is in the tree now, for the recorder to write.
 * Returns 0 or a negative errno, reported. */
int showing_map(struct launch *launch);
