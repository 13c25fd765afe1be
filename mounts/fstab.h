/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Plan files: nsroot-plan(5), which is fstab(5) with more types; libmount reads the lines. */

#include "mounts/plan.h"

/*
 * mount_plan_read: append the entries of a plan file.
 *  path: of the file; "-" is standard input. Relative sources are made absolute against its
 *        folder ("-": against the current directory).
 * Returns 0; -EINVAL for a line that is not understood (reported as "--plan FILE:LINE: ...");
 * another negative errno, reported. Strings of the entries are allocated and live as long as the
 * plan.
 */
int mount_plan_read(struct mount_plan *plan, const char *path, struct report *report);

#define MOUNT_SIZE_FORM "a number of bytes above 0, with K, M, G, T or % after it or none"

/*
 * mount_size_parse: the size of a tmpfs as tmpfs(5) has it: bytes; units of 1024 with a suffix k,
 * m, g or t, small or capital; or % of the memory of the machine.
 * Returns 0, or -EINVAL (not reported) for what is no such size, for 0 and beyond INT64_MAX.
 */
int mount_size_parse(const char *text, size_t length, uint64_t *size);
