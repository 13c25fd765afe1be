/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Kernel file systems of the command's namespaces, mounted by the launcher in its own mount
 * namespace: they, and what covers parts of them, are then as locked as the rest of the plan.
 * Mounted by pid 1, they could be unmounted inside, and the host's /proc below would come to light.
 */

#include "sandbox/launch.h"

/*
 * late_mount: mount the MOUNT_LATE entries. procfs by the fd of the pid namespace where the kernel
 * can; else, and for mqueue and sysfs, by a process that enters pid 1's namespaces.
 * Returns 0 or a negative errno, reported.
 */
int late_mount(struct launch *launch);

/* late_needs_ready: whether pid 1 must have made all its namespaces before late_mount. */
bool late_needs_ready(const struct launch *launch);
