/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Overlays: overlayfs, Documentation/filesystems/overlayfs.rst of the kernel. */

#include "base/report.h"

#include <stdbool.h>
#include <stddef.h>

struct overlay_layers {
	const int *lowers; /* O_PATH fds, the topmost last */
	size_t lower_count;
	int upper, work;     /* O_PATH fds; -EBADF for a read-only overlay */
	const char *options; /* of the user, comma separated; or NULL */
};

/*
 * overlay_mount: a detached overlay.
 *  attributes: MOUNT_ATTR_* of the mount.
 * Layers go in as fds where the kernel takes them (6.13), else as names in /proc/self/fd, which
 * need no escaping whatever their paths hold; before 6.7 all in one string. Returns the fd of the
 * mount, or a negative errno with *call set to what failed; not reported. -EINVAL may mean
 * a layer with submounts that the kernel won't uncover, among much else.
 */
int overlay_mount(const struct overlay_layers *layers, unsigned int attributes, const char **call);

/* overlay_mount_by_string: the same by mount(2), for kernels before 6.7: for overlay_mount only. */
int overlay_mount_by_string(const struct overlay_layers *layers, unsigned int attributes,
			    const char **call);

/* overlay_has_submounts: true if the kernel would refuse a layer (an O_PATH fd) since it has
 * submounts that are locked to it: mount_namespaces(7). */
bool overlay_has_submounts(int layer_fd);

/*
 * overlay_unlock_work: after the mount, make the "work" and "index" folders that overlayfs leaves
 * in a work directory with mode 000 accessible, so that rm -rf works even if nobody tidies up.
 */
void overlay_unlock_work(int work_fd);

/* overlay_tidy_work: remove what overlayfs made in a work directory, when it is used no more. */
void overlay_tidy_work(int work_fd);
