/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A path followed step by step, where the kernel would take us for the caller. */

#include "remember/caller.h"

/*
 * walk_path: as openat2(2) with O_PATH below the caller's root, but /proc/self, wherever a path or
 * a link leads there, is the caller and not we: for us, outside its pid namespace, there is none.
 *  root: of the caller.
 *  base: where a relative path starts.
 *  flags: O_NOFOLLOW, O_DIRECTORY.
 * Returns the fd or a negative errno.
 */
int walk_path(const struct caller *caller, int root, int base, const char *path, int flags);
