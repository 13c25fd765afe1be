/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * When each step of a launch ended, for several rounds, in memory that the processes of a launch
 * share. Two lanes: the launcher's and pid 1's. All take NULL and do nothing then, so that a launch
 * that is not measured step by step pays nothing.
 */

#include <stddef.h>

struct timings;

/* timings_new: for a number of rounds; NULL with errno set. Lives until the process ends. */
struct timings *timings_new(size_t rounds);

/* timings_round: where a round's marks go. */
struct timings *timings_round(struct timings *timings, size_t round);

/*
 * timings_mark: a step has ended now.
 *  step: its name, a string literal; NULL starts the clock.
 */
void timings_mark(struct timings *round, const char *step);

/* timings_second_lane: the caller is pid 1; its marks go to the second lane from now on. */
void timings_second_lane(struct timings *round);

/* timings_print: a table of median durations, one line a step. */
void timings_print(struct timings *timings, size_t rounds);
