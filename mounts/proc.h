/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The kernel's own file systems, which belong to namespaces: procfs, sysfs, mqueue. */

#include "mounts/build.h"

/*
 * mount_kernel_fs: mount a MOUNT_PROC, MOUNT_SYSFS or MOUNT_MQUEUE entry. Where the kernel allows
 * no new procfs (parts of the caller's are hidden: mount_namespaces(7)) or no new sysfs (the
 * network is shared), the caller's own is bound; for procfs with a warning, unless the pid
 * namespace is shared too. For real root (build->mask_proc) what would let it change the machine
 * becomes read-only; mount_manner.cover_switches has less of that. Returns 0 or a negative errno,
 * reported.
 */
int mount_kernel_fs(struct mount_build *build, const struct mount_entry *entry,
		    struct report *report);

/* mount_proc_takes_pidns: whether the kernel mounts the procfs of another pid namespace (6.17). */
bool mount_proc_takes_pidns(int pidns_fd);

/*
 * mount_restrict_kernel_fs: make procfs, sysfs, cgroup file systems and their like read-only in
 * this mount namespace, and so in every bind of them made from now on. For real root, whose files
 * they are: written to, they change the machine; and as long as the mount namespace holds one that
 * is writable, hidden or not, so is each new one inside: mount_namespaces(7). Returns 0 or a
 * negative errno, reported.
 */
int mount_restrict_kernel_fs(int proc_fd, struct report *report);
