/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Who writes the maps of a launch's user namespaces, and when. */

#include "sandbox/launch.h"

/* A process outside the new user namespace that writes its maps once it exists. */
struct map_writer {
	pid_t pid; /* 0: none, the maps are written from within */
	int wake;  /* a byte lets the writer go on, the end of file ends it */
	struct report *shared;
};

/* map_writer_start: before unshare(CLONE_NEWUSER). Returns 0 or a negative errno, reported. */
int map_writer_start(struct map_writer *writer, struct launch *launch);

/* map_writer_finish: after it: write the maps of the outer level, by one's own hand or by the
 * writer's. Returns 0 or a negative errno, reported. */
int map_writer_finish(struct map_writer *writer, struct launch *launch);

void map_writer_cancel(struct map_writer *writer);

/* maps_write: write the maps of pid 1's user namespace from the one around it.
 *  pidfd: of pid 1.
 * Returns 0 or a negative errno, reported. */
int maps_write(int proc_fd, int pidfd, const struct identity *identity, struct report *report);
