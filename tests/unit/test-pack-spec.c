/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "check.h"
#include "pack/limits.h"
#include "pack/spec.h"

#include <stdlib.h>

static int parse(struct spec *spec, const char *text)
{
	_cleanup_fclose_ FILE *stream = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	struct report report = { 0 };

	return stream ? spec_parse(spec, stream, "--spec", "spec", &report) : -ENOMEM;
}

static void test_paths(void)
{
	static const char *const same[][2] = {
		{ "a", "a" },
		{ "./a", "a" },
		{ "/a", "a" },
		{ "a/", "a" },
		{ ".//./a//", "a" },
		{ "a/./b", "a/b" },
		{ "a//b/.", "a/b" },
		{ ".", "." },
		{ "./", "." },
		{ "/", "." },
		{ "", "." },
		{ "./.", "." },
		{ ".a", ".a" },
		{ "..", ".." },
		{ "a/../b", "a/../b" },
		{ "a/.b/...", "a/.b/..." },
		{ "\377\n", "\377\n" },
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		_cleanup_free_ char *path = path_of_entry(same[i][0]);

		CHECK_STR(path, same[i][1]);
	}
}

/* What lines say, and what they don't: that is not 0, but nothing. */
static void test_words(void)
{
	struct spec spec;
	const struct spec_file *file;

	CHECK_INT(parse(&spec, "#mtree\n/set uid=8\n./a type=file gid=0\n./b type=file mode=0600\n"
			       "/unset uid mode\n./c type=file\n/set mode=0711\n./d type=dir\n"
			       "/unset all\n./d/e type=file uid=0\n"),
		  0);
	CHECK_INT((long long)spec.count, 5);
	file = spec_find(&spec, "a");
	CHECK(file && file->has_uid && file->has_gid && !file->has_mode);
	file = spec_find(&spec, "b");
	CHECK(file && file->has_uid && !file->has_gid && file->has_mode);
	file = spec_find(&spec, "c");
	CHECK(file && !file->has_uid && !file->has_gid && !file->has_mode);
	file = spec_find(&spec, "d");
	CHECK(file && file->has_mode && archive_entry_perm(file->entry) == 0711);
	file = spec_find(&spec, "d/e");
	CHECK(file && file->has_uid && archive_entry_uid(file->entry) == 0 && !file->has_mode);
	CHECK(!spec_find(&spec, "e"));
	CHECK(!spec_find(&spec, ""));
	spec_free(&spec);
	CHECK(!spec_find(&spec, "a"));
}

static void test_continued(void)
{
	struct spec spec;
	const struct spec_file *file;

	CHECK_INT(parse(&spec, "#mtree\n/set uid=8 \\\n gid=9\n/unset \\\n uid\n./a type=file\\\n\n"
			       "./b type=file \\\n mode=0640 \\\n uid=4"),
		  0);
	file = spec_find(&spec, "a");
	CHECK(file && !file->has_uid && file->has_gid);
	file = spec_find(&spec, "b");
	CHECK(file && file->has_mode && file->has_uid && archive_entry_uid(file->entry) == 4);
	spec_free(&spec);
}

static void test_refused(void)
{
	static const char *const texts[] = {
		"#mtree\n./a type=nothing\n",
		"#mtree\n./a mode=u=rwx\n",
		"#mtree\n/bogus\n",
	};
	struct spec spec;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (!CHECK_INT(parse(&spec, texts[i]), -EINVAL))
			fprintf(stderr, "\t%s", texts[i]);
		spec_free(&spec);
	}
}

static void check_limit(const char *format, struct archive_entry *entry, const char *what)
{
	struct limit limit = { 0 };

	CHECK_INT(limits_find(format, entry, &limit), what != NULL);
	CHECK_STR(limit.what, what);
}

static void test_limits(void)
{
	struct archive_entry *entry = archive_entry_new();

	check_limit("ustar", entry, NULL);
	archive_entry_set_uid(entry, 262143);
	archive_entry_set_mtime(entry, 4294967295, 0);
	archive_entry_set_size(entry, 4294967295);
	check_limit("ustar", entry, NULL);
	check_limit("newc", entry, NULL);
	archive_entry_set_uid(entry, 262144);
	check_limit("ustar", entry, "uid");
	check_limit("newc", entry, NULL);
	archive_entry_set_uid(entry, 0);
	archive_entry_set_mtime(entry, 4294967296, 0);
	check_limit("ustar", entry, NULL);
	check_limit("newc", entry, "time");
	archive_entry_set_mtime(entry, -1, 0);
	check_limit("ustar", entry, "time");
	check_limit("newc", entry, "time");
	check_limit("pax", entry, NULL);
	check_limit("mtree", entry, NULL);
	archive_entry_set_size(entry, 4294967296);
	check_limit("newc", entry, "size");
	archive_entry_free(entry);
}

int main(void)
{
	test_paths();
	test_words();
	test_continued();
	test_refused();
	test_limits();
	return check_result();
}
