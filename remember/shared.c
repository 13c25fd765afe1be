/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/shared.h"

#include "remember/table.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* asm-generic/mman-common.h, 5.14 */
#endif

#define SIZE shared_place(SHARED_ORDER_MAX + 1)

int shared_make(int fd)
{
	const struct shared_header header = { .version = SHARED_VERSION, .changes = 1 };

	if (ftruncate(fd, (off_t)SIZE) < 0)
		return -errno;
	if (pwrite(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header))
		return errno ? -errno : -EIO;
	return 0;
}

int shared_map(struct shared *shared, int fd)
{
	struct shared_header *header;
	struct stat status;
	void *base;

	if (fstat(fd, &status) < 0)
		return -errno;
	base = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (base == MAP_FAILED)
		return -errno;
	header = base;
	header->device = status.st_dev;
	header->inode = status.st_ino;
	*shared = (struct shared){ .base = base };
	return 0;
}

/* Release: who sees it, sees that `changes` is odd. */
static void store(const struct shared *shared, unsigned int order, size_t at,
		  const struct shared_slot *slot)
{
	uint32_t *words = shared_words(shared->base, order, at);
	uint32_t copy[SHARED_SLOT_WORDS];

	memcpy(copy, slot, sizeof(copy));
	for (size_t i = 0; i < SHARED_SLOT_WORDS; i++)
		__atomic_store_n(&words[i], copy[i], __ATOMIC_RELEASE);
}

static void set_order(struct shared *shared, uint32_t order)
{
	struct shared_header *header = shared->base;

	__atomic_store_n(&header->order, order, __ATOMIC_RELEASE);
}

static void add_change(struct shared *shared)
{
	struct shared_header *header = shared->base;

	if (shared->base)
		__atomic_add_fetch(&header->changes, 1, __ATOMIC_SEQ_CST);
}

void shared_begin(struct shared *shared)
{
	add_change(shared);
}

void shared_end(struct shared *shared)
{
	add_change(shared);
}

static void put(struct shared *shared, unsigned int order, const struct shared_slot *slot)
{
	struct shared_slot there;
	size_t at;

	if (!shared_find(shared->base, order, slot->device, slot->inode, &there, &at))
		shared->count++;
	store(shared, order, at, slot);
}

/* The next table; memory that is not to be had must show here, and not as a signal later. */
static void grow(struct shared *shared, unsigned int order)
{
	unsigned int larger = order ? order + 1 : SHARED_ORDER_FIRST;
	size_t place = shared_place(larger), size = shared_place(larger + 1) - place;
	size_t page = (size_t)sysconf(_SC_PAGESIZE), start = place & ~(page - 1);

	shared->count = 0;
	if (larger > SHARED_ORDER_MAX ||
	    madvise((char *)shared->base + start, place - start + size, MADV_POPULATE_WRITE) < 0) {
		set_order(shared, SHARED_ORDER_NONE);
		return;
	}
	for (size_t at = 0; order && at < (size_t)1 << order; at++) {
		struct shared_slot slot = shared_load(shared->base, order, at);

		if (slot.used)
			put(shared, larger, &slot);
	}
	set_order(shared, larger);
}

static void share_names(struct shared *shared, const struct remembered *file)
{
	struct shared_header *header = shared->base;

	for (size_t i = 0; i < file->attribute_count; i++)
		__atomic_or_fetch(&header->attributes, shared_name_bit(file->attributes[i].name),
				  __ATOMIC_RELEASE);
}

static void share(struct shared *shared, const struct remembered *file)
{
	unsigned int order = shared_order(shared->base);
	const struct shared_slot slot = {
		.used = 1,
		.type = file->type,
		.device = file->key.device,
		.inode = file->key.inode,
		.generation = file->key.generation,
		.uid = file->uid,
		.gid = file->gid,
		.rdev = file->device,
	};

	share_names(shared, file);
	if (order && 2 * (shared->count + 1) > (size_t)1 << order) {
		grow(shared, order);
		order = shared_order(shared->base);
	}
	if (order)
		put(shared, order, &slot);
}

/* Close the gap: what a search would not reach any more moves up. */
static void withdraw(struct shared *shared, uint64_t device, uint64_t inode)
{
	unsigned int order = shared_order(shared->base);
	const struct shared_slot none = { 0 };
	size_t mask = ((size_t)1 << order) - 1, hole, next;
	struct shared_slot slot;

	if (!order || !shared_find(shared->base, order, device, inode, &slot, &hole))
		return;
	for (next = (hole + 1) & mask; slot = shared_load(shared->base, order, next), slot.used;
	     next = (next + 1) & mask) {
		size_t home = shared_hash(slot.device, slot.inode);

		if (((next - home) & mask) < ((next - hole) & mask))
			continue;
		store(shared, order, hole, &slot);
		hole = next;
	}
	store(shared, order, hole, &none);
	shared->count--;
}

void shared_note(struct shared *shared, const struct remember_table *table,
		 const struct file_key *key)
{
	const struct remembered *file;

	if (!shared->base)
		return;
	file = remember_find(table, key);
	if (file)
		share(shared, file);
	else
		withdraw(shared, key->device, key->inode);
}

void shared_start(struct shared *shared, const struct remember_table *table, int userns_fd)
{
	struct shared_header *header = shared->base;
	struct stat status;

	if (!shared->base || fstat(userns_fd, &status) < 0)
		return;
	header->userns_device = status.st_dev;
	header->userns_inode = status.st_ino;
	grow(shared, SHARED_ORDER_NONE);
	for (size_t i = 0; i < table->capacity; i++) {
		if (table->used[i])
			share(shared, &table->slots[i]);
	}
	shared_end(shared);
}

void shared_mind_filters(struct shared *shared)
{
	struct shared_header *header = shared->base;

	if (shared->base)
		__atomic_store_n(&header->filtered, 1, __ATOMIC_SEQ_CST);
}

void shared_mind_moves(struct shared *shared)
{
	struct shared_header *header = shared->base;

	if (shared->base)
		__atomic_add_fetch(&header->moves, 1, __ATOMIC_SEQ_CST);
}
