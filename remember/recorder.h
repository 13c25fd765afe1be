/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The recorder: a process beside the sandbox that answers the system calls of remember/calls.h for
 * it, and remembers what they asked for. It lives in the user and mount namespaces of the command,
 * with no more rights, but out of its sight: in the caller's pid namespace.
 */

#include "base/report.h"
#include "remember/file.h"
#include "remember/layers.h"
#include "remember/shared.h"

struct recorder {
	int listener; /* seccomp(2), SECCOMP_FILTER_FLAG_NEW_LISTENER */
	int proc_fd;  /* O_PATH: a procfs of the recorder's own pid namespace */
	struct remember_table *table;
	struct remember_overlays *overlays;    /* NULL: none */
	struct shared *shared;                 /* what is to be told: --show-owners=auto */
	const struct idmap *uid_map, *gid_map; /* of the sandbox: ids that can be had */
	bool fake;            /* fakeroot's way: owners of any file are remembered, and shown */
	bool unknown_is_real; /* fake: those of files of which nothing is remembered are real */
	int witness;          /* who knows these (remember/witness.h); -EBADF: the recorder */
	int control;          /* a socket; -EBADF: none */
	struct report *report;
};

/*
 * recorder_run: answer until nobody is left who could call, or until the control socket's other end
 * has nothing more to say: then `control` is set to -EBADF, and the caller may run it again. The
 * calling process must have entered the namespaces, and have "/" as the command sees it. In the end
 * the table tells of files in the layers of overlays, not of those that the sandbox saw.
 * Returns 0 or a negative errno, reported.
 */
int recorder_run(struct recorder *recorder);
