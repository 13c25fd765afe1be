/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How far it is, on standard error if that is a terminal: one line, written over and over. */

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct progress {
	bool terminal, told;
	size_t total;
	struct timespec last;
};

/* progress_start: `total` files are to come; 0: nobody knows. */
void progress_start(struct progress *progress, size_t total);

/* progress_tell: so many are done, and this is the next; five times a second at the most. */
void progress_tell(struct progress *progress, size_t done, const char *path);

/* progress_end: take the line away. */
void progress_end(const struct progress *progress);
