/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"
#include "remember/generation.h"
#include "remember/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static struct file_key key(uint64_t inode)
{
	return (struct file_key){ .device = 7, .inode = inode, .generation = inode * 3 + 1 };
}

static void test_find(void)
{
	struct remember_table table = { 0 };
	const struct file_key one = key(1);
	struct file_key other = key(1);
	struct remembered *file;

	CHECK(!remember_find(&table, &one));
	CHECK(!remember_has_number(&table, 7, 1));
	file = remember_get(&table, &one);
	CHECK(file && file->uid == ID_UNSET && file->gid == ID_UNSET && !file->type);
	CHECK(remember_is_empty(file));
	file->uid = 5;
	CHECK(!remember_is_empty(file));
	CHECK(remember_get(&table, &one)->uid == 5);
	CHECK_INT(table.count, 1);
	CHECK(remember_has_number(&table, 7, 1));
	CHECK(!remember_has_number(&table, 8, 1));
	CHECK(!remember_has_number(&table, 7, 2));

	other.device = 8;
	CHECK(!remember_find(&table, &other));
	CHECK(remember_get(&table, &other)->uid == ID_UNSET);
	CHECK_INT(table.count, 2);
	remember_free(&table);
	CHECK_INT(table.count, 0);
	CHECK(!remember_find(&table, &one));
}

/* What an inode number stood for before is gone when it is given again. */
static void test_generation(void)
{
	struct remember_table table = { 0 };
	const struct file_key old = key(1);
	struct file_key new = key(1);
	struct remembered *file = remember_get(&table, &old);

	new.generation++;
	file->uid = 5;
	file->type = S_IFCHR;
	CHECK_INT(remember_attribute(file, "trusted.x", "v", 1), 0);
	CHECK(!remember_find(&table, &new));
	CHECK(remember_has_number(&table, 7, 1));
	file = remember_get(&table, &new);
	CHECK(remember_is_empty(file));
	CHECK_INT(table.count, 1);
	CHECK(!remember_find(&table, &old));
	remember_free(&table);
}

static void check_all(const struct remember_table *table, uint64_t count, uint64_t step)
{
	unsigned int wrong = 0;

	for (uint64_t i = 0; i < count; i++) {
		const struct file_key wanted = key(i);
		const struct remembered *file = remember_find(table, &wanted);
		bool kept = i % step != 0;

		wrong += kept ? !file || file->uid != (uid_t)i : file != NULL;
	}
	CHECK_INT(wrong, 0);
}

/* Searches go on over the gaps that forgotten files leave. */
static void test_forget(void)
{
	const uint64_t count = 20000;
	struct remember_table table = { 0 };

	for (uint64_t i = 0; i < count; i++) {
		const struct file_key added = key(i);

		remember_get(&table, &added)->uid = (uid_t)i;
	}
	CHECK_INT(table.count, count);
	for (uint64_t i = 0; i < count; i += 7) {
		const struct file_key gone = key(i);

		remember_forget(&table, &gone);
		remember_forget(&table, &gone);
	}
	check_all(&table, count, 7);
	for (uint64_t i = 0; i < count; i++) {
		const struct file_key added = key(i);

		if (i % 2 == 0)
			remember_forget(&table, &added);
		else
			remember_get(&table, &added)->uid = (uid_t)i;
	}
	check_all(&table, count, 2);
	CHECK_INT(table.count, count / 2);
	remember_free(&table);
}

static void test_forget_generation(void)
{
	struct remember_table table = { 0 };
	const struct file_key now = key(1);
	struct file_key before = key(1);

	before.generation--;
	remember_get(&table, &now)->gid = 3;
	remember_forget(&table, &before);
	CHECK(remember_find(&table, &now) != NULL);
	remember_free(&table);
}

static void test_attributes(void)
{
	struct remember_table table = { 0 };
	const struct file_key one = key(1);
	struct remembered *file = remember_get(&table, &one);
	const struct remembered_attribute *attribute;

	CHECK(!remember_find_attribute(file, "trusted.a"));
	CHECK_INT(remember_attribute(file, "trusted.a", "a\0b", 3), 0);
	CHECK_INT(remember_attribute(file, "trusted.empty", "", 0), 0);
	CHECK_INT(file->attribute_count, 2);
	CHECK(!remember_is_empty(file));
	attribute = remember_find_attribute(file, "trusted.a");
	CHECK(attribute && attribute->size == 3 && memcmp(attribute->value, "a\0b", 3) == 0);
	attribute = remember_find_attribute(file, "trusted.empty");
	CHECK(attribute && attribute->value && attribute->size == 0 && !attribute->removed);
	CHECK(!remember_find_attribute(file, "trusted."));

	CHECK_INT(remember_attribute(file, "trusted.a", "longer", 6), 0);
	CHECK_INT(file->attribute_count, 2);
	CHECK_INT(remember_find_attribute(file, "trusted.a")->size, 6);
	CHECK_INT(remember_attribute(file, "trusted.a", NULL, 0), 0);
	CHECK(remember_find_attribute(file, "trusted.a")->removed);
	CHECK_INT(remember_attribute(file, "trusted.a", "x", 1), 0);
	CHECK(!remember_find_attribute(file, "trusted.a")->removed);
	remember_free(&table);
}

/* As many attributes as there is room for. */
static size_t fill(struct remembered *file, const char *value, size_t size)
{
	char name[16];
	size_t count;
	int r = 0;

	for (count = 0; r == 0 && count < 100000; count++) {
		snprintf(name, sizeof(name), "trusted.%05zu", count);
		r = remember_attribute(file, name, value, size);
	}
	CHECK_INT(r, -ENOSPC);
	return count - 1;
}

static void test_limits(void)
{
	static char value[65536];
	struct remember_table table = { 0 };
	const struct file_key one = key(1);
	struct remembered *file = remember_get(&table, &one);

	/* of names: 14 bytes each */
	CHECK_INT(fill(file, "", 0), 65536 / 14);
	CHECK_INT(file->attribute_count, 65536 / 14);
	CHECK_INT(remember_attribute(file, "trusted.00000", "other", 5), 0);
	CHECK_INT(remember_attribute(file, "a", "", 0), 0); /* there are two left */
	CHECK_INT(remember_attribute(file, "c", "", 0), -ENOSPC);
	CHECK(!remember_find_attribute(file, "c"));
	/* those that were removed give way */
	CHECK_INT(remember_attribute(file, "trusted.00001", NULL, 0), 0);
	CHECK_INT(remember_attribute(file, "trusted.99999", "", 0), 0);
	CHECK(!remember_find_attribute(file, "trusted.00001"));
	CHECK_INT(file->attribute_count, 65536 / 14 + 1);
	remember_forget(&table, &one);

	/* of values */
	file = remember_get(&table, &one);
	CHECK_INT(fill(file, value, sizeof(value)), 16);
	CHECK_INT(remember_attribute(file, "trusted.x", "", 1), -ENOSPC);
	CHECK_INT(remember_attribute(file, "trusted.x", "", 0), 0);
	CHECK_INT(remember_attribute(file, "trusted.00000", value, sizeof(value) - 1), 0);
	CHECK_INT(remember_attribute(file, "trusted.x", "", 1), 0);
	remember_free(&table);
}

struct seen {
	uint64_t last;
	unsigned int count, unordered;
	unsigned int stop_after;
};

static int see(const struct remembered *file, void *context)
{
	struct seen *seen = context;
	uint64_t at = file->key.device << 32 | file->key.inode;

	seen->unordered += seen->count && at <= seen->last;
	seen->last = at;
	seen->count++;
	return seen->count == seen->stop_after ? -ECANCELED : 0;
}

static void test_each(void)
{
	struct remember_table table = { 0 };
	struct seen seen = { 0 };

	CHECK_INT(remember_each(&table, see, &seen), 0);
	CHECK_INT(seen.count, 0);
	for (uint64_t i = 0; i < 1000; i++) {
		const struct file_key added = { .device = i % 3, .inode = i * 7919 % 1009 };

		remember_get(&table, &added);
	}
	CHECK_INT(remember_each(&table, see, &seen), 0);
	CHECK_INT(seen.count, 1000);
	CHECK_INT(seen.unordered, 0);
	seen = (struct seen){ .stop_after = 3 };
	CHECK_INT(remember_each(&table, see, &seen), -ECANCELED);
	CHECK_INT(seen.count, 3);
	remember_free(&table);
}

/* Of an overlay's file, whose time of birth changes when it is written to. */
static void test_any_generation(void)
{
	struct remember_table table = { 0 };
	struct file_key any = key(1), one = key(1), other = key(1);

	any.generation = GENERATION_ANY;
	other.generation++;
	remember_get(&table, &any)->uid = 5;
	CHECK(remember_find(&table, &one) && remember_find(&table, &other));
	CHECK(remember_get(&table, &one)->uid == 5);
	CHECK(remember_get(&table, &other)->uid == 5);
	CHECK_INT(table.count, 1);
	remember_forget(&table, &one);
	CHECK_INT(table.count, 0);
	remember_free(&table);
}

static void test_copy(void)
{
	struct remember_table table = { 0 };
	struct remembered *file;

	for (uint64_t i = 1; i <= 100; i++) {
		const struct file_key from = key(i), to = key(i + 1000);

		file = remember_get(&table, &from);
		file->uid = (uid_t)i;
		file->type = S_IFBLK;
		file->device = 9;
		CHECK_INT(remember_attribute(file, "a", "value", 5), 0);
		CHECK_INT(remember_attribute(file, "b", NULL, 0), 0);
		remember_get(&table, &to)->gid = 77;
		/* by the key in the table itself */
		CHECK_INT(remember_copy(&table, &remember_find(&table, &from)->key, &to), 0);
		file = remember_find(&table, &to);
		CHECK(file->uid == i && file->gid == ID_UNSET && file->type == S_IFBLK);
		CHECK(file->device == 9 && file->attribute_count == 2);
		CHECK(remember_find_attribute(file, "b")->removed);
		remember_drop_attribute(file, "a");
		CHECK(!remember_find_attribute(file, "a") && file->attribute_count == 1);
		CHECK(remember_find(&table, &from)->attribute_count == 2);
	}
	CHECK_INT(table.count, 200);
	remember_free(&table);
}

static void test_devices(void)
{
	struct remember_table table = { 0 };

	for (uint64_t i = 0; i < 300; i++) {
		const struct file_key added = { .device = i % 3, .inode = i };

		remember_get(&table, &added);
	}
	CHECK(remember_has_device(&table, 1) && !remember_has_device(&table, 3));
	CHECK_INT(remember_forget_device(&table, 1), 0);
	CHECK(!remember_has_device(&table, 1) && remember_has_device(&table, 2));
	CHECK_INT(table.count, 200);
	CHECK_INT(remember_forget_device(&table, 8), 0);
	CHECK_INT(table.count, 200);
	remember_free(&table);
}

int main(void)
{
	test_find();
	test_generation();
	test_forget();
	test_forget_generation();
	test_attributes();
	test_limits();
	test_each();
	test_any_generation();
	test_copy();
	test_devices();
	return check_result();
}
