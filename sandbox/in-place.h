/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* mkosi-sandbox's launch: this very process gets namespaces and a root, and becomes the command. */

#include "sandbox/launch.h"

/*
 * launch_in_place: all of a launch. Nothing stands between the caller and the command: the pid, the
 * session, the signals and the exit status are the command's.
 *  launch: with sandbox and report set.
 * Returns only in failure: a negative errno, reported.
 */
int launch_in_place(struct launch *launch, char **argv);
