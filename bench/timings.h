/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * When each step of a launch ended, for several rounds, in memory that the processes of a launch
 * share. Two lanes a round: the launcher's, 0, and pid 1's, 1.
 */

#include <stddef.h>

struct timings;
struct timings_lane;

/* timings_new: for a number of rounds; NULL with errno set. Lives until the process ends. */
struct timings *timings_new(size_t rounds);

/* timings_lane: where the marks of one side of a launch go. */
struct timings_lane *timings_lane(struct timings *timings, size_t round, size_t lane);

/*
 * timings_mark: a step has ended now.
 *  lane: NULL does nothing, so that a launch that is not measured step by step pays nothing.
 *  step: its name, a string literal; NULL, as the first of a lane: nothing has ended yet.
 */
void timings_mark(struct timings_lane *lane, const char *step);

/* timings_print: a table of median durations, one line a step. */
void timings_print(struct timings *timings, size_t rounds);
