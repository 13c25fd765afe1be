/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The overlay entries of a plan. */

#include "mounts/build.h"

/*
 * layers_apply: mount an overlay entry at its target. A lower with submounts that the kernel won't
 * uncover is split into several overlays: view_split_overlay.
 * Returns 0 or a negative errno, reported.
 */
int layers_apply(struct mount_build *build, const struct mount_entry *entry, struct report *report);
