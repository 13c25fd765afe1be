/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One level: the process that the command comes from makes the tree in its own mount namespace. */

#include "sandbox/launch.h"

/*
 * own_tree_enter: carry out the plan and enter what it made; the current directory is its "/" then.
 * The mount namespace is new already.
 * Returns 0 or a negative errno, reported.
 */
int own_tree_enter(struct launch *launch);
