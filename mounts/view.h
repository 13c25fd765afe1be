/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Views: a changed sight of a directory that can't be changed itself. A mount point that is
 * missing in a read-only tree gets one: a layer over the deepest folder that exists.
 */

#include "mounts/build.h"

/*
 * view_prepare: entries[index], a read-only bind or overlay, has just been attached: see which
 * entries below it lack their mount point, and put a writable layer over each folder that is to
 * hold one: an overlay with a tmpfs as upper; where the kernel refuses that because of submounts, a
 * tmpfs on which each child is bound. The layers become read-only at the end. Returns 0 or a
 * negative errno, reported.
 */
int view_prepare(struct mount_build *build, size_t index, struct report *report);

/*
 * view_prepare_one: the same for entries[index] alone, just before it is carried out, wherever it
 * will land: for an entry that view_prepare could not foresee.
 *  again: this was done before for another entry of this plan.
 * Returns 0 or a negative errno, reported.
 */
int view_prepare_one(struct mount_build *build, size_t index, bool again, struct report *report);
