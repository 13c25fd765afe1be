/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/progress.h"

#include "base/report.h"

#include <stdio.h>
#include <unistd.h>

#define ERASE "\r\033[K" /* to the end of the line: console_codes(4) */

void progress_start(struct progress *progress, size_t total)
{
	*progress = (struct progress){ .terminal = isatty(STDERR_FILENO), .total = total };
	clock_gettime(CLOCK_MONOTONIC, &progress->last);
}

void progress_tell(struct progress *progress, size_t done, const char *path)
{
	struct timespec now;
	char shown[51];

	if (!progress->terminal)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if ((now.tv_sec - progress->last.tv_sec) * 1000 +
		    (now.tv_nsec - progress->last.tv_nsec) / 1000000 <
	    200)
		return;
	progress->last = now;
	progress->told = true;
	report_escape(shown, sizeof(shown), path);
	if (progress->total)
		fprintf(stderr, ERASE "%zu of %zu files: %s", done, progress->total, shown);
	else
		fprintf(stderr, ERASE "%zu files: %s", done, shown);
}

void progress_end(const struct progress *progress)
{
	if (progress->told)
		fputs(ERASE, stderr);
}
