/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fakeroot's state file, and how what it tells is pinned to files. */
#include "check.h"
#include "remember/state.h"

#include <stdlib.h>
#include <sys/sysmacros.h>

#define LINE "dev=fe00,ino=12,mode=104755,uid=5,gid=6,nlink=1,rdev=0\n"
#define DEVICE "dev=fe00,ino=13,mode=20600,uid=0,gid=0,nlink=2,rdev=259\n"

static int parse(struct remember_table *table, const char *text, unsigned int *line)
{
	char *copy = strdup(text);
	int r = copy ? state_parse(table, copy, strlen(text), line) : -ENOMEM;

	free(copy);
	return r;
}

static void check_becomes(const char *text, const char *wanted)
{
	struct remember_table table = { 0 };
	char *formatted = NULL;
	size_t size;
	unsigned int line;
	FILE *stream = open_memstream(&formatted, &size);

	if (!CHECK_INT(parse(&table, text, &line), 0))
		fprintf(stderr, "\tline %u of %s\n", line, text);
	CHECK_INT(state_format(&table, stream), 0);
	fclose(stream);
	CHECK_STR(formatted, wanted);
	free(formatted);
	remember_free(&table);
}

static void check_refused(const char *text, unsigned int wanted)
{
	struct remember_table table = { 0 };
	unsigned int line = 1000;

	if (!CHECK_INT(parse(&table, text, &line), -EINVAL) || !CHECK_INT(line, wanted))
		fprintf(stderr, "\tof %s\n", text);
	remember_free(&table);
}

static void test_taken(void)
{
	check_becomes("", "");
	check_becomes(LINE, LINE);
	check_becomes(DEVICE LINE, LINE DEVICE);
	/* the last counts */
	check_becomes(DEVICE "dev=fe00,ino=13,mode=100600,uid=1,gid=0,nlink=1,rdev=0\n",
		      "dev=fe00,ino=13,mode=100600,uid=1,gid=0,nlink=1,rdev=0\n");
	check_becomes("dev=1,ino=2,mode=100644,uid=0,gid=0,nlink=1,rdev=0",
		      "dev=1,ino=2,mode=100644,uid=0,gid=0,nlink=1,rdev=0\n");
	/* only devices have a number */
	check_becomes("dev=1,ino=2,mode=40755,uid=0,gid=0,nlink=1,rdev=7\n",
		      "dev=1,ino=2,mode=40755,uid=0,gid=0,nlink=1,rdev=0\n");
}

static void test_refused(void)
{
	static const char *const lines[] = {
		"\n",
		"# comment\n",
		"dev=fe00,ino=12,mode=100644,uid=5,gid=6,nlink=1\n",
		"dev=fe00,ino=12,mode=100644,uid=5,gid=6,nlink=1,rdev=0 \n",
		"dev=fe00,ino=12,mode=100644,uid=5,gid=6,nlink=1,rdev=0,more=1\n",
		"dev=fe00,ino=12,mode=100648,uid=5,gid=6,nlink=1,rdev=0\n",
		"dev=fe00,ino=12,mode=1100644,uid=5,gid=6,nlink=1,rdev=0\n",
		"dev=fe00,ino=12,mode=100644,uid=4294967296,gid=6,nlink=1,rdev=0\n",
		"dev=fe00,ino=-1,mode=100644,uid=5,gid=6,nlink=1,rdev=0\n",
		"dev=0xfe00,ino=12,mode=100644,uid=5,gid=6,nlink=1,rdev=0\n",
		"dev=fe00,ino=,mode=100644,uid=5,gid=6,nlink=1,rdev=0\n",
		"ino=12,dev=fe00,mode=100644,uid=5,gid=6,nlink=1,rdev=0\n",
		"dev=fe00,ino=18446744073709551616,mode=100644,uid=5,gid=6,nlink=1,rdev=0\n",
	};
	char text[256];

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		snprintf(text, sizeof(text), LINE "%s", lines[i]);
		check_refused(text, 2);
	}
}

/* The first file of that number that is asked for has it, and a later one has not. */
static void test_pinned(void)
{
	const struct file_key first = { 0xfe00, 12, 77 }, later = { 0xfe00, 12, 78 };
	struct remember_table table = { 0 };
	const struct remembered *file;
	unsigned int line;

	CHECK_INT(parse(&table, LINE, &line), 0);
	file = remember_find(&table, &first);
	if (CHECK(file)) {
		CHECK_INT(file->uid, 5);
		CHECK_INT(file->mode, 0104755);
	}
	CHECK(!remember_find(&table, &later));
	CHECK(remember_find(&table, &first));
	remember_free(&table);
}

static void test_device(void)
{
	const struct file_key key = { 0xfe00, 13, 1 };
	struct remember_table table = { 0 };
	const struct remembered *file;
	unsigned int line;

	CHECK_INT(parse(&table, DEVICE, &line), 0);
	file = remember_find(&table, &key);
	if (CHECK(file)) {
		CHECK_INT(file->type, S_IFCHR);
		CHECK_INT(major(file->device), 1);
		CHECK_INT(minor(file->device), 3);
		CHECK_INT(file->links, 2);
	}
	remember_free(&table);
}

int main(void)
{
	test_taken();
	test_refused();
	test_pinned();
	test_device();
	return check_result();
}
