/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/nearest.h"

#include <string.h>

#define LENGTH_MAX 40 /* of the words that are compared */

static size_t minimum(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t distance_between(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t rows[3][LENGTH_MAX + 1];
	size_t *oldest = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_length; j++)
		above[j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			row[j] = minimum(minimum(above[j], row[j - 1]) + 1,
					 above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = minimum(row[j], oldest[j - 2] + 1);
		}

		size_t *recycled = oldest;
		oldest = above;
		above = row;
		row = recycled;
	}
	return above[b_length];
}

void nearest_start(struct nearest *nearest, const char *word, size_t length)
{
	*nearest = (struct nearest){ .word = word, .length = length, .distance = length / 3 + 1 };
}

void nearest_try(struct nearest *nearest, const char *candidate)
{
	size_t length = strlen(candidate);

	if (length > LENGTH_MAX || nearest->length > LENGTH_MAX)
		return;

	size_t distance = distance_between(nearest->word, nearest->length, candidate, length);
	if (distance < nearest->distance) {
		nearest->distance = distance;
		nearest->found = candidate;
	}
}
