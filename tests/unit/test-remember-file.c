/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"
#include "remember/file.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEAD "nsroot-remember 1\n"

static int parse(struct remember_table *table, const char *text, unsigned int *line)
{
	char *copy = strdup(text);
	int r = copy ? remember_parse(table, copy, strlen(text), line) : -ENOMEM;

	free(copy);
	return r;
}

static void check_same(const char *text)
{
	struct remember_table table = { 0 };
	char *formatted = NULL;
	size_t size;
	unsigned int line;
	FILE *stream = open_memstream(&formatted, &size);

	if (!CHECK_INT(parse(&table, text, &line), 0))
		fprintf(stderr, "\tline %u of %s\n", line, text);
	CHECK_INT(remember_format(&table, stream), 0);
	fclose(stream);
	CHECK_STR(formatted, text);
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

static void test_formats(void)
{
	check_same(HEAD "end 0\n");
	check_same(HEAD "fe00:12:ab uid=5 gid=6\nend 1\n");
	check_same(HEAD "fe00:12:0 uid=4294967294\nend 1\n");
	check_same(HEAD "ffffffffffffffff:18446744073709551615:ffffffffffffffff gid=0\nend 1\n");
	check_same(HEAD "1:1:1 uid=0 gid=0 dev=c:1:3\n1:2:1 dev=b:4095:1048575\nend 2\n");
	check_same(HEAD "1:1:1 xattr.747275737465642e78=00ff -xattr.747275737465642e79\nend 1\n");
	check_same(HEAD "1:1:1 xattr.747275737465642e78=\nend 1\n");
	/* the file of a sandbox that has not come to its end yet */
	{
		struct remember_table table = { 0 };
		unsigned int line;

		CHECK_INT(parse(&table, "", &line), 0);
		CHECK_INT(table.count, 0);
	}
}

static void test_meaning(void)
{
	struct remember_table table = { 0 };
	const struct file_key key = { .device = 0xfe, .inode = 10, .generation = 0x1f };
	const struct remembered_attribute *attribute;
	const struct remembered *file;
	unsigned int line;

	CHECK_INT(parse(&table, HEAD "fe:10:1f uid=1 dev=b:8:17 xattr.61=6200 -xattr.63\nend 1\n",
			&line),
		  0);
	file = remember_find(&table, &key);
	if (CHECK(file != NULL)) {
		CHECK_INT(file->uid, 1);
		CHECK_INT(file->gid, ID_UNSET);
		CHECK_INT(file->type, S_IFBLK);
		CHECK(file->device == makedev(8, 17));
		attribute = remember_find_attribute(file, "a");
		CHECK(attribute && attribute->size == 2 && memcmp(attribute->value, "b", 2) == 0);
		attribute = remember_find_attribute(file, "c");
		CHECK(attribute && attribute->removed);
	}
	remember_free(&table);
}

/* What the sandbox could not have set. */
static void test_limits(void)
{
	struct remember_table table = { 0 };
	char *text = NULL;
	size_t size;
	unsigned int line;
	FILE *stream = open_memstream(&text, &size);

	/* 255 and 256 bytes of name, 65536 and 65537 of value */
	for (int more = 0; more < 2; more++) {
		rewind(stream);
		fprintf(stream, HEAD "1:1:1 xattr.%0*d=\nend 1\n", 2 * (255 + more), 0);
		fflush(stream);
		for (char *at = strstr(text, "xattr.") + 6; *at != '='; at += 2)
			memcpy(at, "61", 2);
		CHECK_INT(parse(&table, text, &line), more ? -EINVAL : 0);
		remember_free(&table);
		rewind(stream);
		fprintf(stream, HEAD "1:1:1 xattr.61=%0*d\nend 1\n", 2 * (65536 + more), 0);
		fflush(stream);
		CHECK_INT(parse(&table, text, &line), more ? -EINVAL : 0);
		remember_free(&table);
	}
	/* 8192 names of 8 bytes */
	for (unsigned int more = 0; more < 2; more++) {
		rewind(stream);
		fprintf(stream, HEAD "1:1:1");
		for (unsigned int i = 0; i < 8192 + more; i++)
			fprintf(stream, " xattr.616161%08x=",
				0x61616161 + i % 16 + (i / 16 % 16 << 8) + (i / 256 % 16 << 16) +
					(i / 4096 << 24));
		fprintf(stream, "\nend 1\n");
		fflush(stream);
		CHECK_INT(parse(&table, text, &line), more ? -EINVAL : 0);
		remember_free(&table);
	}
	fclose(stream);
	free(text);
}

static void test_refused(void)
{
	static const char *const lines[] = {
		"",
		" ",
		"1:1 uid=1",
		"1:1:1:1 uid=1",
		"1:1:1  uid=1",
		"1:1:1 uid=1 ",
		" 1:1:1 uid=1",
		"-1:1:1 uid=1",
		"+1:1:1 uid=1",
		"0x1:1:1 uid=1",
		"1:a:1 uid=1",
		"1:1:g uid=1",
		"1:18446744073709551616:1 uid=1",
		"10000000000000000:1:1 uid=1",
		"1:1:1 uid",
		"1:1:1 uid=",
		"1:1:1 uid=-1",
		"1:1:1 uid=4294967295",
		"1:1:1 gid=0x1",
		"1:1:1 UID=1",
		"1:1:1 dev=p:1:1",
		"1:1:1 dev=c:1",
		"1:1:1 dev=c:1:2:3",
		"1:1:1 dev=c1:2",
		"1:1:1 dev=c:4294967296:1",
		"1:1:1 xattr.6=00",
		"1:1:1 xattr.6g=00",
		"1:1:1 xattr.=00",
		"1:1:1 xattr.00=00",
		"1:1:1 xattr.6100=00",
		"1:1:1 xattr.61=0",
		"1:1:1 xattr.61=0X",
		"1:1:1 xattr.61",
		"1:1:1 -xattr.61=00",
		"1:1:1 -xattr.",
		"1:1:1 more=1",
		"1:1:1 uid=1\t",
		"1:1:1 uid=1\r",
		"end",
		"end ",
		"end 2",
		"end 01x",
		"end -1",
	};
	char text[256];

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		snprintf(text, sizeof(text), HEAD "9:9:9 uid=1\n%s\nend 2\n", lines[i]);
		check_refused(text, 3);
	}
	check_refused(HEAD "1:1:1 uid=1\n1:1:1 uid=2\nend 2\n", 3);
	check_refused(HEAD "1:1:1 uid=1 uid=1 x=\nend 1\n", 2);
	check_refused(HEAD "end 0\n\n", 2);
	check_refused(HEAD "end 0\nend 0\n", 2);
	check_refused("nsroot-remember 2\nend 0\n", 1);
	check_refused("nsroot-remember 11\nend 0\n", 1);
	check_refused(" " HEAD "end 0\n", 1);
	check_refused("junk", 1);
	check_refused("\n", 1);
}

/* Wherever it is cut off, it is not taken. */
static void test_truncated(void)
{
	static const char whole[] = HEAD "1:1:1 uid=1 gid=2\n1:2:1 dev=c:1:3\n"
					 "1:3:1 xattr.747275737465642e78=6162\nend 3\n";
	struct remember_table table;
	unsigned int line;

	for (size_t size = 1; size < strlen(whole); size++) {
		char *text = strndup(whole, size);

		table = (struct remember_table){ 0 };
		if (!CHECK_INT(remember_parse(&table, text, size, &line), -EINVAL) ||
		    !CHECK_INT(line, 0))
			fprintf(stderr, "\tcut off after %zu bytes\n", size);
		remember_free(&table);
		free(text);
	}
}

static void test_nul(void)
{
	struct remember_table table = { 0 };
	char text[] = HEAD "1:1:1 uid=1\0\nend 1\n";
	unsigned int line;

	CHECK_INT(remember_parse(&table, text, sizeof(text) - 1, &line), -EINVAL);
	remember_free(&table);
}

/* Another process, as a lock of one's own is no hindrance to oneself on NFS. */
static int open_elsewhere(const char *path)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		struct remember_table table = { 0 };
		struct remember_file file;
		struct report report = { 0 };

		_exit(-remember_file_open(&file, "--remember", path, &table, &report));
	}
	waitpid(child, &status, 0);
	return -WEXITSTATUS(status);
}

static void test_file(const char *path)
{
	struct remember_table table = { 0 }, again = { 0 };
	const struct file_key key = { 1, 2, 3 };
	struct remember_file file;
	struct report report = { 0 };

	CHECK_INT(remember_file_open(&file, "--remember", path, &table, &report), 0);
	CHECK_INT(open_elsewhere(path), -EBUSY);
	remember_get(&table, &key)->uid = 9;
	CHECK_INT(remember_file_save(&file, &table, &report), 0);
	CHECK_INT(remember_file_save(&file, &table, &report), 0);
	remember_file_close(&file);
	CHECK_INT(open_elsewhere(path), 0);

	CHECK_INT(remember_file_open(&file, "--remember", path, &again, &report), 0);
	CHECK_INT(again.count, 1);
	CHECK(remember_find(&again, &key) && remember_find(&again, &key)->uid == 9);
	remember_file_close(&file);
	remember_free(&table);
	remember_free(&again);
}

int main(void)
{
	char folder[] = "/tmp/test-remember-file.XXXXXX";

	test_formats();
	test_meaning();
	test_refused();
	test_limits();
	test_truncated();
	test_nul();
	if (CHECK(mkdtemp(folder) && chdir(folder) == 0)) {
		test_file("F");
		CHECK_INT(unlink("F"), 0);
		/* nothing else is left there */
		CHECK_INT(rmdir(folder), 0);
	}
	return check_result();
}
