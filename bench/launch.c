/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Wall time of commands, measured side by side: each round starts every contender once, one after
 * the other in a new random order, so that whatever disturbs the machine disturbs them alike.
 *
 *   launch [--rounds N] [--warm-up N] [--before COMMAND] [--own UNIT] [--ratios medians|rounds]
 *          [--baseline NAME]... [--medians FILE]
 *          :: NAME COMMAND [ARGUMENT...] [:: NAME COMMAND...]...
 *
 * --before: what a shell does ahead of each run, not measured. --own: the commands print what is to
 * be compared, a number, in that unit. --ratios rounds: the median of the ratios within each round,
 * and how far off it may be (95 of 100 times it is nearer): for differences that the machine's own
 * ups and downs would hide.
 *
 * Prints median, 10th and 90th percentile in milliseconds, and the ratio to each baseline; the
 * medians are appended to a file too, NAME, a tab, MILLISECONDS. A contender that fails is named
 * with its exit status, on a line of its own, and not measured any more; then the exit status is 1.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CONTENDERS_MAX = 32, BASELINES_MAX = 4 };

extern char **environ;

struct contender {
	const char *name;
	char **command;
	double *samples; /* milliseconds, or what --own says; in the order of the rounds */
	double *sorted;
	int failed; /* wait status of the failure */
};

struct contest {
	size_t rounds, warm_up;
	const char *before; /* NULL: nothing */
	const char *own;    /* unit; NULL: wall time */
	bool by_rounds;
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

/* The number that a command prints; NAN where there is none. */
static double read_number(int fd)
{
	char text[64] = "", *end;
	size_t used = 0;
	ssize_t n;
	double value;

	while (used < sizeof(text) - 1 && (n = read(fd, text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	value = strtod(text, &end);
	return end == text ? (double)NAN : value;
}

/* One run. Returns milliseconds, or the command's own number; notes a failure. */
static double run(const struct contest *contest, struct contender *contender)
{
	posix_spawn_file_actions_t actions;
	double begin, own = 0, took;
	int status, error, ends[2] = { -1, -1 };
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	if (contest->own) {
		if (pipe2(ends, O_CLOEXEC) < 0)
			abort();
		posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	}
	begin = now();
	error = posix_spawnp(&pid, contender->command[0], &actions, NULL, contender->command,
			     environ);
	posix_spawn_file_actions_destroy(&actions);
	if (contest->own) {
		close(ends[1]);
		own = error ? 0 : read_number(ends[0]);
		close(ends[0]);
	}
	if (error) {
		fprintf(stderr, "launch: %s: %s\n", contender->command[0], strerror(error));
		contender->failed = 127 << 8;
		return 0;
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			abort();
	took = now() - begin;
	if (status != 0)
		contender->failed = status;
	else if (isnan(own))
		contender->failed = 126 << 8;
	return contest->own ? own : took;
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
	for (size_t round = 0; round < contest->rounds + contest->warm_up; round++) {
		shuffle(order, contest->count);
		for (size_t i = 0; i < contest->count; i++) {
			struct contender *contender = &contest->contenders[order[i]];
			double took;

			if (contender->failed)
				continue;
			if (contest->before && system(contest->before) != 0) {
				contender->failed = 125 << 8;
				continue;
			}
			took = run(contest, contender);
			if (round >= contest->warm_up)
				contender->samples[round - contest->warm_up] = took;
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
	return contender->sorted[(size_t)(part * (double)(contest->rounds - 1) + 0.5)];
}

static const struct contender *find(const struct contest *contest, const char *name)
{
	for (size_t i = 0; i < contest->count; i++)
		if (strcmp(contest->contenders[i].name, name) == 0)
			return contest->contenders[i].failed ? NULL : &contest->contenders[i];
	return NULL;
}

/* The median of the ratios within each round, and half of the interval that it lies in. */
static void print_ratio_by_rounds(const struct contest *contest, const struct contender *contender,
				  const struct contender *baseline)
{
	double *ratios = calloc(contest->rounds, sizeof(double)), off;
	double count = (double)contest->rounds, spread = 0.98 * sqrt(count);
	size_t low, high;

	if (!ratios)
		abort();
	for (size_t i = 0; i < contest->rounds; i++)
		ratios[i] = contender->samples[i] / baseline->samples[i];
	qsort(ratios, contest->rounds, sizeof(double), compare);
	/* of the sample's order: it needs no shape of the distribution */
	low = count / 2 > spread ? (size_t)(count / 2 - spread) : 0;
	high = contest->rounds - 1 - low;
	off = (ratios[high] - ratios[low]) / 2;
	printf(" %8.4f +-%.4f", ratios[contest->rounds / 2], off);
	free(ratios);
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

		if (!baseline)
			printf(" %12s", "-");
		else if (contest->by_rounds)
			print_ratio_by_rounds(contest, contender, baseline);
		else
			printf(" %12.2f", median / quantile(contest, baseline, 0.5));
	}
	printf("\n");
}

static void sort(const struct contest *contest, struct contender *contender)
{
	memcpy(contender->sorted, contender->samples, contest->rounds * sizeof(double));
	qsort(contender->sorted, contest->rounds, sizeof(double), compare);
}

static void print_table(struct contest *contest)
{
	for (size_t i = 0; i < contest->count; i++)
		sort(contest, &contest->contenders[i]);
	printf("%zu rounds, %s\n", contest->rounds, contest->own ? contest->own : "milliseconds");
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
		contender->sorted = calloc(contest->rounds, sizeof(double));
		if (!contender->samples || !contender->sorted)
			return false;
		contest->count++;
		for (argv += 2; *argv && strcmp(*argv, "::") != 0; argv++)
			;
	}
	return contest->count > 0;
}

static bool parse_option(struct contest *contest, const char *option, const char *value)
{
	if (strcmp(option, "--rounds") == 0)
		contest->rounds = strtoul(value, NULL, 10);
	else if (strcmp(option, "--warm-up") == 0)
		contest->warm_up = strtoul(value, NULL, 10);
	else if (strcmp(option, "--before") == 0)
		contest->before = value;
	else if (strcmp(option, "--own") == 0)
		contest->own = value;
	else if (strcmp(option, "--ratios") == 0)
		contest->by_rounds = strcmp(value, "rounds") == 0;
	else if (strcmp(option, "--baseline") == 0 && contest->baseline_count < BASELINES_MAX)
		contest->baselines[contest->baseline_count++] = value;
	else if (strcmp(option, "--medians") == 0)
		contest->medians = value;
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	struct contest contest = { .rounds = 200, .warm_up = 3 };
	int i;

	for (i = 1; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
		if (!parse_option(&contest, argv[i], argv[i + 1]))
			break;
	}
	if (contest.rounds == 0 || !parse_contenders(&contest, argv + i)) {
		fprintf(stderr,
			"usage: launch [--rounds N] [--warm-up N] [--before COMMAND] [--own UNIT] "
			"[--ratios medians|rounds] [--baseline NAME]... [--medians FILE] "
			":: NAME COMMAND [ARGUMENT...] [:: NAME ...]...\n");
		return 2;
	}
	srandom((unsigned int)time(NULL));
	hold_contest(&contest);
	print_table(&contest);
	return write_medians(&contest) && all_succeeded(&contest) ? 0 : 1;
}
