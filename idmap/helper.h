/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Running the programs of shadow (newuidmap, newgidmap, getsubids): idmap's own, not for others. */

#include "base/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define HELPER_PATH_MAX 64

/*
 * helper_find: the absolute path of a program. Only folders that belong to the system are searched,
 * never PATH: it is the user's, and what it leads to would be trusted.
 *  path: room for HELPER_PATH_MAX bytes.
 * Returns false if there is no such program.
 */
bool helper_find(const char *name, char *path);

/* A program that runs. */
struct helper {
	const char *path; /* for messages; borrowed */
	pid_t pid;
	int output_fd;
};

/*
 * helper_start: run a program with an empty environment, no signal blocked or ignored and /dev/null
 * as standard input.
 *  stream: STDOUT_FILENO or STDERR_FILENO, the one to collect; the other goes to /dev/null.
 * Returns 0, and then helper_finish must be called; or a negative errno, reported.
 */
int helper_start(struct helper *helper, const char *path, char *const *argv, int stream,
		 struct report *report);

/*
 * helper_finish: collect what a program writes, to the end, and wait for it.
 *  output: the text, NUL-terminated; what goes beyond `size` is lost.
 * Returns 0, with its wait status in *status, or a negative errno, reported.
 */
int helper_finish(struct helper *helper, char *output, size_t size, int *status,
		  struct report *report);
