/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench/timings.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { STEPS_MAX = 32, LANES = 2 };

struct timings_lane {
	size_t count;
	struct {
		const char *step;
		int64_t nanoseconds;
	} marks[STEPS_MAX];
};

struct timings {
	struct timings_lane lanes[LANES];
};

struct timings *timings_new(size_t rounds)
{
	void *memory = mmap(NULL, rounds * sizeof(struct timings), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

struct timings_lane *timings_lane(struct timings *timings, size_t round, size_t lane)
{
	return &timings[round].lanes[lane];
}

void timings_mark(struct timings_lane *lane, const char *step)
{
	struct timespec now;

	if (!lane || lane->count == STEPS_MAX)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	lane->marks[lane->count].step = step;
	lane->marks[lane->count].nanoseconds = now.tv_sec * 1000000000LL + now.tv_nsec;
	lane->count++;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Microseconds from the start of the launch to a mark. */
static double since_start(const struct timings *round, size_t lane, size_t mark)
{
	return (double)(round->lanes[lane].marks[mark].nanoseconds -
			round->lanes[0].marks[0].nanoseconds) /
	       1000;
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

static void print_lane(struct timings *timings, size_t rounds, size_t lane, double *values)
{
	const struct timings_lane *first = &timings->lanes[lane];

	printf("%-28s %8s %8s\n", lane ? "pid 1" : "launcher", "took", "ended at");
	for (size_t i = 0; i < first->count; i++) {
		double took = 0;

		for (size_t round = 0; round < rounds && i; round++)
			values[round] = since_start(timings + round, lane, i) -
					since_start(timings + round, lane, i - 1);
		if (i)
			took = median(values, rounds);
		for (size_t round = 0; round < rounds; round++)
			values[round] = since_start(timings + round, lane, i);
		printf("  %-26s %8.1f %8.1f\n",
		       first->marks[i].step ? first->marks[i].step : "(begin)", took,
		       median(values, rounds));
	}
}

void timings_print(struct timings *timings, size_t rounds)
{
	double *values = calloc(rounds, sizeof(*values));

	if (!values || !rounds)
		return;
	printf("median microseconds of %zu rounds\n", rounds);
	for (size_t lane = 0; lane < LANES; lane++)
		print_lane(timings, rounds, lane, values);
	free(values);
}
