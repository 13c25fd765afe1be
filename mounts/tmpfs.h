/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* New file systems in memory: tmpfs(5). */

#include "idmap/idmap.h"

#include <stdint.h>
#include <sys/types.h>

/* mount_tmpfs: a detached tmpfs. size in bytes, 0: the kernel's default; uid, gid: ID_UNSET or its
 * owner. Returns the fd or a negative errno; *call is set to what failed. */
int mount_tmpfs(mode_t mode, uint64_t size, uid_t uid, gid_t gid, unsigned int attributes,
		const char **call);
