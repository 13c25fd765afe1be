/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"
#include "idmap/helper.h"
#include "idmap/subid.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct subid_ranges parse(const char *text, const char *name, uid_t uid)
{
	struct subid_ranges ranges = { 0 };

	subid_parse(text, strlen(text), name, uid, &ranges);
	return ranges;
}

static void check_one(const char *text, uint32_t start, uint32_t count)
{
	struct subid_ranges ranges = parse(text, "ann", 1000);

	if (!CHECK_INT(ranges.count, 1))
		fprintf(stderr, "\tfor %s\n", text);
	CHECK_INT(ranges.ranges[0].start, start);
	CHECK_INT(ranges.ranges[0].count, count);
}

static void check_none(const char *text)
{
	if (!CHECK_INT(parse(text, "ann", 1000).count, 0))
		fprintf(stderr, "\tfor %s\n", text);
}

static void test_parse(void)
{
	struct subid_ranges ranges;

	check_one("ann:100000:65536\n", 100000, 65536);
	check_one("ann:100000:65536", 100000, 65536);
	check_one("1000:100000:65536\n", 100000, 65536);
	check_one("anne:1:2\nan:3:4\n# ann:5:6\n\nann:7:8\n10:9:9\n", 7, 8);
	check_one("ann:4294967294:1\n", 4294967294, 1);
	check_one("ann:0:1\n", 0, 1);

	ranges = parse("ann:100000:65536\n1000:200000:10\nann:300000:1\n", "ann", 1000);
	CHECK_INT(ranges.count, 3);
	CHECK_INT(ranges.ranges[1].start, 200000);
	CHECK_INT(ranges.ranges[2].count, 1);

	/* who has no name is found by number alone */
	CHECK_INT(parse("ann:1:2\n:3:4\n1000:5:6\n", NULL, 1000).ranges[0].start, 5);
	CHECK_INT(parse(":3:4\n", "", 1000).count, 0);
}

static void test_malformed(void)
{
	check_none("");
	check_none("\n\n");
	check_none("ann\n");
	check_none("ann:\n");
	check_none("ann:1\n");
	check_none("ann::5\n");
	check_none("ann:1:\n");
	check_none("ann:1:2:3\n");
	check_none("ann:1:2 \n");
	check_none("ann: 1:2\n");
	check_none("ann:-1:2\n");
	check_none("ann:+1:2\n");
	check_none("ann:0x10:2\n");
	/* octal for some versions of shadow */
	check_none("ann:0100000:2\n");
	check_none("01000:1:2\n");
	check_none("ann:1:0\n");
	/* past the last id, and where 32 or 64 bits end: CVE-2016-6252 */
	check_none("ann:4294967295:1\n");
	check_none("ann:4294967290:10\n");
	check_none("ann:1:4294967295\n");
	check_none("ann:4294967296:1\n");
	check_none("ann:1:18446744073709551617\n");
}

/* A range that is there twice must not make the map fail. */
static void test_overlap(void)
{
	struct subid_ranges ranges =
		parse("ann:100:50\nann:100:50\nann:149:5\nann:90:11\nann:150:5\n", "ann", 1000);

	CHECK_INT(ranges.count, 2);
	CHECK_INT(ranges.ranges[0].start, 100);
	CHECK_INT(ranges.ranges[1].start, 150);
}

static void test_too_many(void)
{
	struct subid_ranges ranges = { 0 };

	for (int i = 0; i < IDMAP_MAX + 10; i++) {
		char line[64];

		snprintf(line, sizeof(line), "ann:%d:1\n", 100000 + i);
		subid_parse(line, strlen(line), "ann", 1000, &ranges);
	}
	CHECK_INT(ranges.count, IDMAP_MAX);
}

static void test_getsubids(void)
{
	const char *text = "0: ann 100000 65536\n1: ann 300000 5\n";
	struct subid_ranges ranges = { 0 };

	subid_parse_getsubids(text, strlen(text), &ranges);
	CHECK_INT(ranges.count, 2);
	CHECK_INT(ranges.ranges[0].start, 100000);
	CHECK_INT(ranges.ranges[0].count, 65536);
	CHECK_INT(ranges.ranges[1].start, 300000);

	text = "Error fetching ranges\n0: ann x 1\n0: ann 1 2 3\n0: ann 1\n";
	ranges.count = 0;
	subid_parse_getsubids(text, strlen(text), &ranges);
	CHECK_INT(ranges.count, 0);
}

static void test_load_none(void)
{
	struct report report = { 0 };
	struct subid_ranges ranges = { .count = 3 };

	CHECK_INT(subid_load(SUBID_GID, NULL, 4294967294, &ranges, &report), -ENOENT);
	CHECK_INT(ranges.count, 0);
	CHECK(strstr(report.text, "/etc/subgid: no subordinate ids for 4294967294 (") != NULL);
	CHECK(strstr(report.text, "usermod --add-subgids") != NULL);
}

/* Run a script as a helper; returns what it wrote to `stream`. */
static const char *run(const char *script, int stream, int *status)
{
	static char output[16];
	char shell[] = "/bin/sh", option[] = "-c";
	char *argv[] = { shell, option, (char *)script, NULL };
	struct report report = { 0 };
	struct helper helper;

	output[0] = '\0';
	CHECK_INT(helper_start(&helper, shell, argv, stream, &report), 0);
	CHECK_INT(helper_finish(&helper, output, sizeof(output), status, &report), 0);
	CHECK_STR(report.text, "");
	return output;
}

/* The programs of shadow get nothing from us that could change what they do. */
static void test_helper(void)
{
	const char *script = "echo ${NSROOT_TEST-unset}; echo error >&2; cat; exit 3";
	/* more than there is room for, and more than a pipe holds */
	const char *flood = "i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done";
	char path[HELPER_PATH_MAX], *argv[] = { path, NULL };
	struct report report = { 0 };
	struct helper helper;
	int status = -1;

	CHECK(helper_find("sh", path));
	CHECK(!helper_find("no-such-program", path));

	setenv("NSROOT_TEST", "set", 1);
	CHECK_STR(run(script, STDOUT_FILENO, &status), "unset\n");
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 3);
	CHECK_STR(run(script, STDERR_FILENO, &status), "error\n");
	CHECK_STR(run(flood, STDOUT_FILENO, &status), "0123456789\n0123");
	CHECK_INT(status, 0);
	CHECK_STR(run("kill -9 $$", STDOUT_FILENO, &status), "");
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == 9);

	CHECK_INT(helper_start(&helper, "/no/such", argv, STDOUT_FILENO, &report), -ENOENT);
	CHECK_STR(report.text, "/no/such: No such file or directory");
}

int main(void)
{
	test_parse();
	test_malformed();
	test_overlap();
	test_too_many();
	test_getsubids();
	test_load_none();
	test_helper();
	return check_result();
}
