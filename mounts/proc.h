/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The kernel's own file systems, which belong to namespaces: procfs, sysfs, mqueue. */

#include "mounts/build.h"

/*
 * mount_kernel_fs: mount a MOUNT_PROC, MOUNT_SYSFS or MOUNT_MQUEUE entry. Where the kernel allows
 * no new procfs (parts of the caller's are hidden: mount_namespaces(7)) or no new sysfs (the
 * network is shared), the caller's own is bound; for procfs with a warning, unless the pid
 * namespace is shared too. For real root (build->mask_proc) what would let it change the machine
 * becomes read-only. Returns 0 or a negative errno, reported.
 */
int mount_kernel_fs(struct mount_build *build, const struct mount_entry *entry,
		    struct report *report);

/* mount_proc_takes_pidns: whether the kernel mounts the procfs of another pid namespace (6.17). */
bool mount_proc_takes_pidns(int pidns_fd);
