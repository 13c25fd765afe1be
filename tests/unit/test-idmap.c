/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"
#include "idmap/idmap.h"

static struct idmap make(size_t count, const struct id_range *ranges)
{
	struct idmap map = { 0 };

	for (size_t i = 0; i < count; i++)
		CHECK_INT(idmap_add(&map, ranges[i].inner, ranges[i].outer, ranges[i].count), 0);
	return map;
}

#define MAKE(...)                                                                                  \
	make(sizeof((struct id_range[]){ __VA_ARGS__ }) / sizeof(struct id_range),                 \
	     (struct id_range[]){ __VA_ARGS__ })

static void test_add(void)
{
	struct idmap map = MAKE({ 0, 1000, 1 }, { 1, 100000, 65536 });

	CHECK_INT(idmap_add(&map, 70000, 200000, 0), -EINVAL);
	/* inner overlaps, outer overlaps, both ends */
	CHECK_INT(idmap_add(&map, 0, 5, 1), -EINVAL);
	CHECK_INT(idmap_add(&map, 65536, 200000, 1), -EINVAL);
	CHECK_INT(idmap_add(&map, 70000, 99999, 2), -EINVAL);
	CHECK_INT(idmap_add(&map, 70000, 165535, 1), -EINVAL);
	CHECK_INT(idmap_add(&map, 70000, 0, 4294967295), -EINVAL);
	/* the end of the ids */
	CHECK_INT(idmap_add(&map, 4294967295, 200000, 1), -EINVAL);
	CHECK_INT(idmap_add(&map, 70000, 4294967295, 1), -EINVAL);
	CHECK_INT(idmap_add(&map, 4294967290, 200000, 10), -EINVAL);
	CHECK_INT(idmap_add(&map, 4294967294, 4294967294, 1), 0);
	CHECK_INT(map.count, 3);

	map = MAKE({ 0, 0, 4294967295 });
	CHECK_INT(map.count, 1);
}

static void test_full(void)
{
	struct report report = { 0 };
	struct idmap map = { 0 };

	for (uint32_t i = 0; i < IDMAP_MAX; i++)
		CHECK_INT(idmap_add(&map, 2 * i, 2 * i + 4000000000, 1), 0);
	CHECK_INT(idmap_add(&map, 5000, 5000, 1), -E2BIG);
	CHECK_INT(idmap_parse_range(&map, "--map-uid", "5000:5000:1", &report), -E2BIG);
	CHECK_STR(report.text, "--map-uid 5000:5000:1: a map has at most 340 ranges");
	CHECK_INT(map.count, IDMAP_MAX);
}

static void check_range_refused(const char *text, const char *reason)
{
	struct idmap map = MAKE({ 5, 5, 1 });
	struct report report = { 0 };

	CHECK_INT(idmap_parse_range(&map, "--map-gid", text, &report), -EINVAL);
	CHECK(strncmp(report.text, "--map-gid ", 10) == 0);
	if (!CHECK(strstr(report.text, reason) != NULL))
		fprintf(stderr, "\tis %s\n", report.text);
	CHECK_INT(map.count, 1);
}

static void test_parse_range(void)
{
	struct report report = { 0 };
	struct idmap map = { 0 };

	CHECK_INT(idmap_parse_range(&map, "--map-uid", "0:1000:1", &report), 0);
	CHECK_INT(idmap_parse_range(&map, "--map-uid", "1:4294967294:1", &report), 0);
	CHECK_INT(map.count, 2);
	CHECK_INT(map.ranges[1].outer, 4294967294);

	check_range_refused("", "INNER:OUTER:COUNT");
	check_range_refused("1:2", "INNER:OUTER:COUNT");
	check_range_refused("1:2:", "INNER:OUTER:COUNT");
	check_range_refused("1:2:3:4", "INNER:OUTER:COUNT");
	check_range_refused("1:2:3 ", "INNER:OUTER:COUNT");
	check_range_refused(" 1:2:3", "INNER:OUTER:COUNT");
	check_range_refused("-1:2:3", "INNER:OUTER:COUNT");
	check_range_refused("1:+2:3", "INNER:OUTER:COUNT");
	check_range_refused("0x1:2:3", "INNER:OUTER:COUNT");
	check_range_refused("1:2:4294967296", "INNER:OUTER:COUNT");
	check_range_refused("1:2:99999999999999999999", "INNER:OUTER:COUNT");
	check_range_refused("1:2:0", "the count is 0");
	check_range_refused("1:2:4294967295", "past the last id");
	check_range_refused("0:100:10", "inner id is mapped already");
	check_range_refused("100:0:10", "outer id is mapped already");
}

static void test_parse_file(void)
{
	struct idmap map = { .count = 7 };

	CHECK_INT(idmap_parse_file(&map, "         0       1000          1\n"
					 "         1     100000      65536\n"),
		  0);
	CHECK_INT(map.count, 2);
	CHECK_INT(map.ranges[1].outer, 100000);
	CHECK_INT(idmap_parse_file(&map, "0 0 4294967295\n"), 0);
	CHECK_INT(map.count, 1);
	CHECK_INT(idmap_parse_file(&map, "0\t0 1"), 0);
	CHECK_INT(idmap_parse_file(&map, ""), 0);
	CHECK_INT(map.count, 0);

	CHECK_INT(idmap_parse_file(&map, "\n"), -EINVAL);
	CHECK_INT(idmap_parse_file(&map, "0 0\n"), -EINVAL);
	CHECK_INT(idmap_parse_file(&map, "0 0\n1\n"), -EINVAL);
	CHECK_INT(idmap_parse_file(&map, "0 0 1 1\n"), -EINVAL);
	CHECK_INT(idmap_parse_file(&map, "0 0 1x\n"), -EINVAL);
	CHECK_INT(idmap_parse_file(&map, "0 0 1\n0 5 1\n"), -EINVAL);
	/* an id that the reader's namespace does not have */
	CHECK_INT(idmap_parse_file(&map, "0 4294967295 1\n"), -EINVAL);
}

static void test_format(void)
{
	struct idmap map = MAKE({ 0, 1000, 1 }, { 1, 100000, 65536 }), again;
	char text[IDMAP_TEXT_MAX];

	CHECK_INT(idmap_format(&map, text, sizeof(text)), 24);
	CHECK_STR(text, "0 1000 1\n1 100000 65536\n");
	CHECK_INT(idmap_parse_file(&again, text), 0);
	CHECK(idmap_equal(&map, &again));

	CHECK_INT(idmap_format(&map, text, 12), 9);
	CHECK_STR(text, "0 1000 1\n");
	CHECK_INT(idmap_format(&map, text, 0), 0);

	map.count = 0;
	CHECK_INT(idmap_format(&map, text, sizeof(text)), 0);
	CHECK_STR(text, "");

	/* the longest map that there can be fits */
	for (uint32_t i = 0; i < IDMAP_MAX; i++)
		CHECK_INT(idmap_add(&map, 4000000000 + i, 4000000000 + i, 1), 0);
	CHECK_INT(idmap_format(&map, text, sizeof(text)), IDMAP_MAX * 24);
}

static void test_translate(void)
{
	struct idmap map = MAKE({ 0, 1000, 1 }, { 1, 100000, 65536 }, { 4294967290, 7, 5 });
	uint32_t id = 42;

	CHECK(idmap_to_inner(&map, 1000, &id));
	CHECK_INT(id, 0);
	CHECK(idmap_to_inner(&map, 165535, &id));
	CHECK_INT(id, 65536);
	CHECK(!idmap_to_inner(&map, 165536, &id));
	CHECK(!idmap_to_inner(&map, 999, &id));
	CHECK(!idmap_to_inner(&map, 4294967295, &id));
	CHECK_INT(id, 65536);

	CHECK(idmap_to_outer(&map, 0, &id));
	CHECK_INT(id, 1000);
	CHECK(idmap_to_outer(&map, 4294967294, &id));
	CHECK_INT(id, 11);
	CHECK(!idmap_to_outer(&map, 4294967295, &id));
	CHECK(!idmap_to_outer(&map, 65537, &id));
}

static void test_identity(void)
{
	struct idmap map = MAKE({ 0, 1000, 1 }, { 1, 100000, 65536 }), identity;
	struct idmap wanted = MAKE({ 1000, 1000, 1 }, { 100000, 100000, 65536 });

	idmap_identity(&map, &identity);
	CHECK(idmap_equal(&identity, &wanted));
	CHECK(!idmap_equal(&identity, &map));
}

static void test_single(void)
{
	struct idmap map = { 0 };

	CHECK(!idmap_has_single(&map));
	map = MAKE({ 0, 1000, 1 });
	CHECK(idmap_has_single(&map));
	map = MAKE({ 0, 1000, 2 });
	CHECK(!idmap_has_single(&map));
	map = MAKE({ 0, 1000, 1 }, { 1, 1001, 1 });
	CHECK(!idmap_has_single(&map));
}

static void test_equal(void)
{
	struct idmap whole = MAKE({ 0, 100, 10 }, { 50, 500, 1 });
	struct idmap cut = MAKE({ 5, 105, 5 }, { 50, 500, 1 }, { 0, 100, 3 }, { 3, 103, 2 });
	struct idmap shifted = MAKE({ 0, 100, 5 }, { 5, 106, 5 }, { 50, 500, 1 });
	struct idmap shorter = MAKE({ 0, 100, 9 }, { 50, 500, 1 });
	struct idmap swapped = MAKE({ 0, 105, 5 }, { 5, 100, 5 }, { 50, 500, 1 });
	struct idmap empty = { 0 };

	CHECK(idmap_equal(&whole, &cut));
	CHECK(idmap_equal(&cut, &whole));
	CHECK(idmap_equal(&empty, &empty));
	CHECK(!idmap_equal(&whole, &shifted));
	CHECK(!idmap_equal(&whole, &shorter));
	CHECK(!idmap_equal(&whole, &swapped));
	CHECK(!idmap_equal(&whole, &empty));
}

int main(void)
{
	test_add();
	test_full();
	test_parse_range();
	test_parse_file();
	test_format();
	test_translate();
	test_identity();
	test_single();
	test_equal();
	return check_result();
}
