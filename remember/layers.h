/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Overlays of the sandbox. The device number of an overlay is another each time it is mounted, and
 * the inode numbers of it change, too. So what is remembered of its files is kept of those in the
 * layers, which stay, and only while the overlay is mounted of its own.
 */

#include "remember/table.h"

struct remember_overlay {
	const char *target;
	int target_fd; /* O_PATH: the same as it was at the start; -EBADF before that */
	int *layers;   /* O_PATH fds of the folders, the topmost first */
	size_t count;
	bool writable; /* the topmost is the upper one */
};

#define OVERLAY_DEVICES_MAX 32

struct remember_overlays {
	struct remember_overlay *overlays;
	size_t count;
	dev_t devices[OVERLAY_DEVICES_MAX]; /* that files in the overlays have, as far as met */
	size_t device_count;
	bool too_deep; /* set where folders lie deeper than can be looked at: they are left out */
};

/* remember_overlays_free: closes the fds, too. */
void remember_overlays_free(struct remember_overlays *all);

/*
 * layers_adopt: at the start: what is remembered of a file in a layer is remembered of the
 * overlay's file, too, if that is the same one. The overlays are looked up from "/". Returns 0 or
 * -ENOMEM; what can't be read is left out.
 */
int layers_adopt(struct remember_overlays *all, struct remember_table *table);

/*
 * layers_follow: when what is remembered of a file has changed. A file of a lower layer has the
 * number of that after it was copied, too, until the kernel needs the memory; then it gets that of
 * the copy. So the same is remembered of both. fd: of the file; the current directory is a procfs.
 * Returns 0 or -ENOMEM.
 */
int layers_follow(const struct remember_overlays *all, struct remember_table *table, int fd,
		  const struct file_key *key);

/*
 * layers_settle: at the end (the current directory is a procfs), when nobody uses the overlays any
 * more: the reverse, for those that are writable. Of the overlays' own files nothing is remembered
 * then.
 */
int layers_settle(struct remember_overlays *all, struct remember_table *table);
