/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mounts/build.h"

/*
 * view_split_overlay: an overlay of one lower whose submounts the kernel won't uncover (a whole
 * "/"): one overlay for each child that has no submounts below, each with a folder of the same
 * name in upper; folders with submounts are split in turn. What can't be overlaid (procfs and
 * the like) is bound read-only.
 *  lower, upper, work: O_PATH fds.
 * Returns 0 or a negative errno, reported.
 */
int view_split_overlay(struct mount_build *build, const struct mount_entry *entry, int lower,
		       int upper, int work, struct report *report);
