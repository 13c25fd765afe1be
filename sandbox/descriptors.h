/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* File descriptors: what is inherited, kept and closed. None of these allocates. */

#include "base/report.h"

#include <stdbool.h>

/* descriptors_fill_standard: open /dev/null on each of 0, 1 and 2 that is closed, so that nothing
 * of ours ends up there. Returns 0 or a negative errno, reported. */
int descriptors_fill_standard(struct report *report);

/* descriptors_close_except: close every fd but these (sorted here; negative ones are none). */
void descriptors_close_except(int *keep, size_t count);

/* descriptors_seal: let every fd from 3 on end with exec, but these.
 *  others: leave the others as they are.
 * Returns 0 or a negative errno, reported (-EBADF: one of them is not open). */
int descriptors_seal(const int *keep, size_t count, bool others, struct report *report);

/*
 * descriptors_list: the fds from 3 on that the next exec would pass on, ascending.
 *  proc_fd: O_PATH fd of procfs.
 * Returns 0 with *fds allocated, or a negative errno, reported.
 */
int descriptors_list(int proc_fd, int **fds, size_t *count, struct report *report);

/* descriptors_pack: renumber fds, ascending, to 3, 4, ... Returns 0 or a negative errno, reported.
 */
int descriptors_pack(int *fds, size_t count, struct report *report);

/* descriptors_sort: ascending. */
void descriptors_sort(int *fds, size_t count);
