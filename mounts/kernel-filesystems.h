/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The one table of the kernel's own file systems: filesystems(5), statfs(2). */

#include <stdbool.h>

/* kernel_filesystem_has_switches: true for a type, as in mountinfo, whose files are switches of the
 * machine, which its root may turn. */
bool kernel_filesystem_has_switches(const char *type);

/* kernel_filesystem_is_at: true if an fd lies on one: no layer for an overlay, and no place where
 * builds write. */
bool kernel_filesystem_is_at(int fd);
