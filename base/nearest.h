/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Which known word a mistyped one was meant to be. */

#include <stddef.h>

struct nearest {
	const char *word;
	size_t length;
	const char *found; /* NULL: no candidate is near enough */
	size_t distance;
};

/*
 * nearest_start: begin the search.
 *  word: what was typed, `length` bytes of it; borrowed.
 */
void nearest_start(struct nearest *nearest, const char *word, size_t length);

/*
 * nearest_try: compare one candidate; nearest->found is the best so far, the first of equals.
 * Single letters added, left out, replaced or swapped with the next count one each; more than a
 * third of the letters is another word, not a slip.
 */
void nearest_try(struct nearest *nearest, const char *candidate);
