/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The recorder: a process beside the sandbox that answers the system calls of remember/calls.h for
 * it, and remembers what they asked for. It lives in the user and mount namespaces of the command,
 * with no more rights, but out of its sight: in the caller's pid namespace.
 */

#include "base/report.h"
#include "remember/file.h"
#include "remember/shared.h"

struct recorder {
	int listener; /* seccomp(2), SECCOMP_FILTER_FLAG_NEW_LISTENER */
	int proc_fd;  /* O_PATH: a procfs of the recorder's own pid namespace */
	struct remember_table *table;
	struct shared *shared;                 /* what is to be told of it: --show-owners=auto */
	const struct idmap *uid_map, *gid_map; /* of the sandbox: ids that can be had */
	struct report *report;
};

/*
 * recorder_run: answer until nobody is left who could call. The calling process must have entered
 * the namespaces, and have "/" as the command sees it.
 * Returns 0 or a negative errno, reported.
 */
int recorder_run(struct recorder *recorder);
