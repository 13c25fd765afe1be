/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Wall time of commands, measured side by side: each round starts every contender once, one after
 * the other in a new random order, so that whatever disturbs the machine disturbs them alike.
 *
 *   launch [--rounds N] [--baseline NAME]... [--medians FILE]
 *          :: NAME COMMAND [ARGUMENT...] [:: NAME COMMAND...]...
 *
 * Prints median, 10th and 90th percentile in milliseconds, and the ratio to each baseline; the
 * medians are appended to a file too, NAME, a tab, MILLISECONDS. A contender that fails is named
 * with its exit status, on a line of its own, and not measured any more; then the exit status is 1.
 */

#include <errno.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CONTENDERS_MAX = 32, BASELINES_MAX = 4, WARM_UP = 3 };

extern char **environ;

struct contender {
	const char *name;
	char **command;
	double *samples; /* milliseconds */
	int failed;      /* wait status of the failure */
};

struct contest {
	size_t rounds;
	size_t count;
	struct contender contenders[CONTENDERS_MAX];
	size_t baseline_count;
	const char *baselines[BASELINES_MAX];
	const char *medians; /* path; NULL: none */
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* One run. Returns milliseconds; notes a failure. */
static double run(struct contender *contender)
{
	double begin = now();
	int status, error;
	pid_t pid;

	error = posix_spawnp(&pid, contender->command[0], NULL, NULL, contender->command, environ);
	if (error) {
		fprintf(stderr, "launch: %s: %s\n", contender->command[0], strerror(error));
		contender->failed = 127 << 8;
		return 0;
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			abort();
	if (status != 0)
		contender->failed = status;
	return now() - begin;
}

static void shuffle(size_t *order, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		size_t other = (size_t)random() % i;
		size_t held = order[i - 1];

		order[i - 1] = order[other];
		order[other] = held;
	}
}

static void hold_contest(struct contest *contest)
{
	size_t order[CONTENDERS_MAX];

	for (size_t i = 0; i < contest->count; i++)
		order[i] = i;
	for (size_t round = 0; round < contest->rounds + WARM_UP; round++) {
		shuffle(order, contest->count);
		for (size_t i = 0; i < contest->count; i++) {
			struct contender *contender = &contest->contenders[order[i]];
			double took;

			if (contender->failed)
				continue;
			took = run(contender);
			if (round >= WARM_UP)
				contender->samples[round - WARM_UP] = took;
		}
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(const struct contest *contest, const struct contender *contender,
		       double part)
{
	return contender->samples[(size_t)(part * (double)(contest->rounds - 1) + 0.5)];
}

static const struct contender *find(const struct contest *contest, const char *name)
{
	for (size_t i = 0; i < contest->count; i++)
		if (strcmp(contest->contenders[i].name, name) == 0)
			return contest->contenders[i].failed ? NULL : &contest->contenders[i];
	return NULL;
}

static void print_row(const struct contest *contest, const struct contender *contender)
{
	double median;

	if (contender->failed) {
		printf("%-28s failed, %s %d\n", contender->name,
		       WIFEXITED(contender->failed) ? "status" : "signal",
		       WIFEXITED(contender->failed) ? WEXITSTATUS(contender->failed)
						    : WTERMSIG(contender->failed));
		return;
	}
	median = quantile(contest, contender, 0.5);
	printf("%-28s %8.3f %8.3f %8.3f", contender->name, median,
	       quantile(contest, contender, 0.1), quantile(contest, contender, 0.9));
	for (size_t i = 0; i < contest->baseline_count; i++) {
		const struct contender *baseline = find(contest, contest->baselines[i]);

		if (baseline)
			printf(" %12.2f", median / quantile(contest, baseline, 0.5));
		else
			printf(" %12s", "-");
	}
	printf("\n");
}

static void print_table(struct contest *contest)
{
	for (size_t i = 0; i < contest->count; i++)
		qsort(contest->contenders[i].samples, contest->rounds, sizeof(double), compare);
	printf("%zu rounds, milliseconds\n", contest->rounds);
	printf("%-28s %8s %8s %8s", "", "median", "p10", "p90");
	for (size_t i = 0; i < contest->baseline_count; i++)
		printf(" %12.12s", contest->baselines[i]);
	printf("\n");
	for (size_t i = 0; i < contest->count; i++)
		print_row(contest, &contest->contenders[i]);
}

static bool write_medians(const struct contest *contest)
{
	FILE *file = contest->medians ? fopen(contest->medians, "a") : NULL;

	if (!contest->medians)
		return true;
	for (size_t i = 0; file && i < contest->count; i++)
		if (!contest->contenders[i].failed)
			fprintf(file, "%s\t%.4f\n", contest->contenders[i].name,
				quantile(contest, &contest->contenders[i], 0.5));
	if (file && fclose(file) == 0)
		return true;
	perror(contest->medians);
	return false;
}

static bool all_succeeded(const struct contest *contest)
{
	for (size_t i = 0; i < contest->count; i++)
		if (contest->contenders[i].failed)
			return false;
	return true;
}

/* Cuts argv at each "::"; the first word of a piece is the name. */
static bool parse_contenders(struct contest *contest, char **argv)
{
	while (*argv) {
		struct contender *contender = &contest->contenders[contest->count];

		if (contest->count == CONTENDERS_MAX || strcmp(argv[0], "::") != 0 || !argv[1] ||
		    !argv[2])
			return false;
		*argv = NULL;
		contender->name = argv[1];
		contender->command = argv + 2;
		contender->samples = calloc(contest->rounds, sizeof(double));
		if (!contender->samples)
			return false;
		contest->count++;
		for (argv += 2; *argv && strcmp(*argv, "::") != 0; argv++)
			;
	}
	return contest->count > 0;
}

int main(int argc, char **argv)
{
	struct contest contest = { .rounds = 200 };
	int i;

	for (i = 1; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
		if (strcmp(argv[i], "--rounds") == 0)
			contest.rounds = strtoul(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--baseline") == 0 &&
			 contest.baseline_count < BASELINES_MAX)
			contest.baselines[contest.baseline_count++] = argv[i + 1];
		else if (strcmp(argv[i], "--medians") == 0)
			contest.medians = argv[i + 1];
		else
			break;
	}
	if (contest.rounds == 0 || !parse_contenders(&contest, argv + i)) {
		fprintf(stderr,
			"usage: launch [--rounds N] [--baseline NAME]... "
			"[--medians FILE] :: NAME COMMAND [ARGUMENT...] [:: NAME ...]...\n");
		return 2;
	}
	srandom((unsigned int)time(NULL));
	hold_contest(&contest);
	print_table(&contest);
	return write_medians(&contest) && all_succeeded(&contest) ? 0 : 1;
}
