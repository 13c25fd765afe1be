/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"
#include "remember/shared.h"
#include "remember/table.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int make(struct shared *shared)
{
	int fd = memfd_create("owners", MFD_CLOEXEC);

	CHECK_INT(shared_make(fd), 0);
	CHECK_INT(shared_map(shared, fd), 0);
	return fd;
}

static void start(struct shared *shared, const struct remember_table *table)
{
	int fd = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);

	shared_start(shared, table, fd);
	close(fd);
}

static void unmap(struct shared *shared, int fd)
{
	munmap(shared->base, shared_place(SHARED_ORDER_MAX + 1));
	close(fd);
}

static struct file_key key(uint64_t inode)
{
	return (struct file_key){ .device = 7, .inode = inode, .generation = inode * 3 + 1 };
}

static void set(struct shared *shared, struct remember_table *table, uint64_t inode, uid_t uid)
{
	const struct file_key at = key(inode);

	table->changed = false;
	shared_begin(shared);
	if (uid == ID_UNSET)
		remember_forget(table, &at);
	else
		remember_get(table, &at)->uid = uid;
	if (table->changed)
		shared_note(shared, table, &table->changed_key);
	shared_end(shared);
}

/* The owner that a reader sees; ID_UNSET: nothing is remembered. */
static uid_t see(const struct shared *shared, uint64_t inode)
{
	struct shared_slot slot;

	if (!shared_find(shared->base, shared_order(shared->base), 7, inode, &slot, NULL))
		return ID_UNSET;
	CHECK(slot.generation == key(inode).generation && slot.inode == inode);
	return slot.uid;
}

static void test_values(void)
{
	struct remember_table table = { 0 };
	const struct file_key at = key(5);
	struct remembered *file = remember_get(&table, &at);
	struct shared_slot slot;
	struct shared shared;
	int fd = make(&shared);

	file->gid = 9;
	file->type = S_IFBLK;
	file->device = 0x123456789;
	/* nothing is to be read yet */
	CHECK(shared_changes(shared.base) % 2);
	CHECK_INT(shared_order(shared.base), SHARED_ORDER_NONE);
	start(&shared, &table);
	CHECK(shared_changes(shared.base) % 2 == 0);
	CHECK(shared_find(shared.base, shared_order(shared.base), 7, 5, &slot, NULL));
	CHECK(slot.uid == ID_UNSET && slot.gid == 9 && slot.type == S_IFBLK &&
	      slot.rdev == 0x123456789 && slot.generation == at.generation);
	CHECK(!shared_find(shared.base, shared_order(shared.base), 8, 5, &slot, NULL));
	CHECK(!shared_filtered(shared.base));
	shared_mind_filters(&shared);
	CHECK(shared_filtered(shared.base));
	unmap(&shared, fd);
	remember_free(&table);
}

/* What is changed, added, forgotten and found is the same as in the table itself. */
static void test_as_table(void)
{
	struct remember_table table = { 0 };
	struct shared shared;
	int fd = make(&shared);
	size_t found = 0;

	start(&shared, &table);
	srand(1);
	for (unsigned int i = 0; i < 60000; i++) {
		uint64_t inode = (uint64_t)rand() % 4000;

		set(&shared, &table, inode, rand() % 3 ? (uid_t)i : ID_UNSET);
	}
	for (uint64_t inode = 0; inode < 4000; inode++) {
		const struct file_key at = key(inode);
		const struct remembered *file = remember_find(&table, &at);

		CHECK_INT(see(&shared, inode), file ? file->uid : ID_UNSET);
		found += file != NULL;
	}
	CHECK_INT(found, table.count);
	CHECK_INT(found, shared.count);
	unmap(&shared, fd);
	remember_free(&table);
}

/* An inode number that is given again: what was remembered of the other file is gone. */
static void test_generation(void)
{
	struct remember_table table = { 0 };
	struct file_key at = key(1);
	struct shared_slot slot;
	struct shared shared;
	int fd = make(&shared);

	start(&shared, &table);
	set(&shared, &table, 1, 5);
	at.generation++;
	remember_get(&table, &at)->gid = 6;
	CHECK(table.changed && table.changed_key.generation == at.generation);
	shared_note(&shared, &table, &table.changed_key);
	CHECK(shared_find(shared.base, shared_order(shared.base), 7, 1, &slot, NULL));
	CHECK(slot.uid == ID_UNSET && slot.gid == 6 && slot.generation == at.generation);
	CHECK_INT(shared.count, 1);
	unmap(&shared, fd);
	remember_free(&table);
}

static void test_overflow(void)
{
	const size_t most = (size_t)1 << (SHARED_ORDER_MAX - 1);
	struct remember_table table = { 0 };
	struct shared shared;
	int fd = make(&shared);

	start(&shared, &table);
	for (uint64_t inode = 1; inode <= most; inode++)
		set(&shared, &table, inode, 5);
	CHECK_INT(shared_order(shared.base), SHARED_ORDER_MAX);
	CHECK_INT(see(&shared, most), 5);
	set(&shared, &table, most + 1, 5);
	CHECK_INT(shared_order(shared.base), SHARED_ORDER_NONE);
	/* for good, and without harm */
	set(&shared, &table, most + 2, 5);
	set(&shared, &table, 1, ID_UNSET);
	CHECK_INT(shared_order(shared.base), SHARED_ORDER_NONE);
	CHECK(shared_changes(shared.base) % 2 == 0);
	unmap(&shared, fd);
	remember_free(&table);
}

/* Without one, nothing happens. */
static void test_none(void)
{
	struct remember_table table = { 0 };
	struct shared shared = { 0 };

	set(&shared, &table, 1, 5);
	shared_start(&shared, &table, -1);
	shared_mind_filters(&shared);
	remember_free(&table);
}

#define FILES 64 /* the last ones come and go together: both there, or none */
#define READERS 3

struct race {
	struct shared shared;
	bool over;
};

static void *read_all(void *context)
{
	struct race *race = context;
	const void *base = race->shared.base;
	unsigned long good = 0, torn = 0;

	while (!__atomic_load_n(&race->over, __ATOMIC_RELAXED) || !good) {
		uint32_t changes = shared_changes(base);
		unsigned int order = shared_order(base);
		struct shared_slot slot, other;
		uint64_t inode = good % FILES + 1;
		bool found, also;

		if (changes % 2 || order == SHARED_ORDER_NONE)
			continue;
		found = shared_find(base, order, 7, inode, &slot, NULL);
		also = shared_find(base, order, 7, inode + FILES, &other, NULL);
		if (shared_changes(base) != changes)
			continue;
		good++;
		torn += found != also || (found && (slot.uid != slot.gid || other.uid != slot.uid ||
						    slot.inode != inode || slot.rdev != slot.uid));
	}
	return (void *)torn;
}

/* Names of attributes are told of from the first time that one is remembered, full as it may be. */
static void test_attributes(void)
{
	struct remember_table table = { 0 };
	const struct file_key at = key(5), other = key(6);
	struct shared shared;
	int fd = make(&shared);

	CHECK_INT(remember_attribute(remember_get(&table, &at), "trusted.a", "", 0), 0);
	start(&shared, &table);
	CHECK_INT(shared_attributes(shared.base), shared_name_bit("trusted.a"));
	CHECK(shared_name_bit("trusted.a") != shared_name_bit("trusted.b"));
	((struct shared_header *)shared.base)->order = SHARED_ORDER_NONE;
	shared_begin(&shared);
	CHECK_INT(remember_attribute(remember_get(&table, &other), "trusted.b", NULL, 0), 0);
	shared_note(&shared, &table, &other);
	shared_end(&shared);
	CHECK_INT(shared_attributes(shared.base),
		  shared_name_bit("trusted.a") | shared_name_bit("trusted.b"));
	set(&shared, &table, 5, ID_UNSET);
	CHECK_INT(shared_attributes(shared.base),
		  shared_name_bit("trusted.a") | shared_name_bit("trusted.b"));
	unmap(&shared, fd);
	remember_free(&table);
}

static void write_pair(struct shared *shared, struct remember_table *table, unsigned int i)
{
	shared_begin(shared);
	for (unsigned int j = 0; j < 2; j++) {
		const struct file_key at = key(i % FILES + 1 + j * FILES);

		if (i % 5 == 0) {
			remember_forget(table, &at);
		} else {
			struct remembered *file = remember_get(table, &at);

			file->uid = i;
			file->gid = i;
			file->device = i;
		}
		shared_note(shared, table, &at);
	}
	shared_end(shared);
}

/* Readers beside a writer never believe a mixture of two states, be it that the table grows. */
static void test_race(void)
{
	struct remember_table table = { 0 };
	struct race race = { 0 };
	pthread_t readers[READERS];
	int fd = make(&race.shared);

	start(&race.shared, &table);
	for (int i = 0; i < READERS; i++)
		CHECK_INT(pthread_create(&readers[i], NULL, read_all, &race), 0);
	for (unsigned int i = 0; i < 100000; i++) {
		write_pair(&race.shared, &table, i);
		if (i % 50 == 0)
			set(&race.shared, &table, 1000 + i, 5);
	}
	__atomic_store_n(&race.over, true, __ATOMIC_RELAXED);
	for (int i = 0; i < READERS; i++) {
		void *torn;

		pthread_join(readers[i], &torn);
		CHECK_INT((long)torn, 0);
	}
	CHECK(shared_order(race.shared.base) > SHARED_ORDER_FIRST);
	unmap(&race.shared, fd);
	remember_free(&table);
}

int main(void)
{
	test_values();
	test_as_table();
	test_generation();
	test_overflow();
	test_none();
	test_attributes();
	test_race();
	return check_result();
}
