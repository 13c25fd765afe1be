/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Checks for the unit tests. A check that fails prints its place and goes on; main() ends with
 * `return check_result();`.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static unsigned int check_count;
static unsigned int check_failed;

/* Print the place of a failed check; the caller goes on with what differed. */
static inline bool check_note(bool holds, const char *file, int line, const char *text)
{
	check_count++;
	if (holds)
		return true;
	check_failed++;
	fprintf(stderr, "%s:%d: failed: %s\n", file, line, text);
	return false;
}

static inline bool check_int(long long is, long long wanted, const char *file, int line,
			     const char *text)
{
	if (check_note(is == wanted, file, line, text))
		return true;
	fprintf(stderr, "\tis     %lld\n\twanted %lld\n", is, wanted);
	return false;
}

static inline bool check_str(const char *is, const char *wanted, const char *file, int line,
			     const char *text)
{
	bool holds = is && wanted ? strcmp(is, wanted) == 0 : is == wanted;

	if (check_note(holds, file, line, text))
		return true;
	fprintf(stderr, "\tis     %s\n\twanted %s\n", is ? is : "(null)",
		wanted ? wanted : "(null)");
	return false;
}

/* Each gives true if the check holds. */
#define CHECK(expression) check_note((expression), __FILE__, __LINE__, #expression)
#define CHECK_INT(is, wanted) check_int((is), (wanted), __FILE__, __LINE__, #is " == " #wanted)
#define CHECK_STR(is, wanted) check_str((is), (wanted), __FILE__, __LINE__, #is " == " #wanted)

/* The exit status of the test. */
static inline int check_result(void)
{
	/* test-filters is the test "filters" of meson */
	const char *name = program_invocation_short_name;
	const char *prefix = "test-";

	if (!check_failed)
		return 0;
	if (strncmp(name, prefix, strlen(prefix)) == 0)
		name += strlen(prefix);
	fprintf(stderr, "%u of %u checks failed; this test alone: meson test -C build -v %s\n",
		check_failed, check_count, name);
	return 1;
}
