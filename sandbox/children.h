/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The children of the calling process, where no pid namespace ends them: --share-pid. */

#include "base/report.h"

#include <sys/types.h>

/* Pids as the procfs numbers them: base/procfs.h. */
struct children {
	pid_t *pids;
	size_t count;
};

/*
 * children_list: all of the moment, those not yet waited for too.
 *  proc_fd: a procfs.
 *  children: to be freed with children_free, whatever is returned.
 * Returns 0 or a negative errno, reported.
 */
int children_list(int proc_fd, struct children *children, struct report *report);

void children_free(struct children *children);

/*
 * children_kill: kill and reap all children of the calling process, a child subreaper, until there
 * are none but the spared ones; every descendant becomes a child sooner or later.
 *  spared: NULL for none.
 * Returns 0 or a negative errno, reported.
 */
int children_kill(int proc_fd, const struct children *spared, struct report *report);
