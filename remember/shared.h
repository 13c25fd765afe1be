/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * --show-owners=auto: what stat(2) is to show, in memory that the recorder writes and every process
 * of the sandbox may read, so that an ordinary program needs no answer from the recorder. The
 * preload library (preload.c) reads it, and marks its own system calls by a cookie, for the filter
 * to let them through. Whatever it can't serve it asks for without the cookie, as any program
 * would, and the recorder answers: so --show-owners=auto says what trap would say.
 *
 * Where it lies. A library wants a path, and an inherited fd would be seen, and closed, by
 * programs. So there is a folder in the /dev that is made for the sandbox: the one place of nearly
 * every plan that is memory of ours, so that nothing is made in the user's tree, and that programs
 * neither clean nor pack, as they do with /tmp, nor mount over, as they do with /run. It is a mount
 * of its own: read-only, and locked, as those of the plan are; where they are not locked, or /dev
 * is another one, `auto` is `trap`. The recorder writes by a mapping that was made through another
 * mount of the same files, which the sandbox can't reach.
 *
 * The cookie is no secret. A program that uses it sees the owners that files really have, which are
 * its own files' by any account: nothing is allowed or denied by what is shown.
 *
 * How it is kept right. One writer, and `changes` in the header: odd while the recorder changes a
 * file or the table. A reader notes it, asks the kernel, looks into the table, and looks at
 * `changes` again: if it is odd or another one, what was found is void and the recorder is asked.
 * Nobody waits, so that reading is fit for signal handlers, and for the child of a vfork. A process
 * that is killed while reading leaves nothing behind.
 *
 * A program's own seccomp filter may forbid what a reader does beside stat(2), and kill it. So the
 * recorder hears of such filters before they are installed, and from then on readers ask it for all
 * that is remembered; to see that nothing is remembered of a file takes no other call.
 *
 * The layout: a header of one page, then tables of 2^SHARED_ORDER_FIRST slots, twice as many, and
 * so on; `order` tells which is in use. It is half full at the most. Everything is read and written
 * by words of 32 bits, which are atomic on any machine.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SHARED_FOLDER "/dev/nsroot"
#define SHARED_LIBRARY "owners.so"
#define SHARED_TABLE "owners"
#define SHARED_LIBRARY_PATH SHARED_FOLDER "/" SHARED_LIBRARY

/* Of programs of 32 bits libseccomp compares the lower half alone: no address of theirs. */
#define SHARED_COOKIE UINT64_C(0x6f776e65ffffe6c3)

#define SHARED_VERSION 1U
#define SHARED_HEADER_SIZE 4096U
#define SHARED_ORDER_FIRST 8U
#define SHARED_ORDER_MAX 19U /* a quarter of a million files, 50 MiB of address space */
#define SHARED_ORDER_NONE 0U /* the recorder is to be asked, always: it has become too much */

struct shared_header {
	uint32_t version;
	uint32_t changes;
	uint32_t order;
	uint32_t filtered;      /* a program has a filter of its own: see above */
	uint32_t moves;         /* how many times a process was about to change its namespaces */
	uint32_t attributes;    /* the names of those remembered of any file: shared_name_bit */
	uint64_t device, inode; /* of this file: a copy of it is not kept right */
	uint64_t userns_device, userns_inode; /* whose view of ids this is; written once, before
						 `changes` is even for the first time */
};

struct shared_slot {
	uint32_t used;
	uint32_t type; /* as struct remembered has it, and so the rest */
	uint64_t device, inode, generation;
	uint32_t uid, gid;
	uint64_t rdev;
};

#define SHARED_SLOT_WORDS (sizeof(struct shared_slot) / sizeof(uint32_t))

/* shared_place: where the table of an order begins; that of the next one is its end. */
static inline size_t shared_place(unsigned int order)
{
	return SHARED_HEADER_SIZE + (((size_t)1 << order) - ((size_t)1 << SHARED_ORDER_FIRST)) *
					    sizeof(struct shared_slot);
}

/* shared_hash: the generation is left out: files that come to one inode number meet in one place.
 */
static inline size_t shared_hash(uint64_t device, uint64_t inode)
{
	uint64_t mixed = inode * UINT64_C(0x9e3779b97f4a7c15) ^ device;

	mixed ^= mixed >> 32;
	mixed *= UINT64_C(0xd6e8feb86659fd93);
	return (size_t)(mixed ^ mixed >> 32);
}

static inline uint32_t *shared_words(const void *base, unsigned int order, size_t at)
{
	return (uint32_t *)((uintptr_t)base + shared_place(order) +
			    at * sizeof(struct shared_slot));
}

/* shared_load: acquire: `changes` is looked at after the slot. */
static inline struct shared_slot shared_load(const void *base, unsigned int order, size_t at)
{
	const uint32_t *words = shared_words(base, order, at);
	union {
		uint32_t words[SHARED_SLOT_WORDS];
		struct shared_slot slot;
	} copy;

	for (size_t i = 0; i < SHARED_SLOT_WORDS; i++)
		copy.words[i] = __atomic_load_n(&words[i], __ATOMIC_ACQUIRE);
	return copy.slot;
}

/*
 * shared_find: the slot of an inode number, whatever its generation.
 *  base: of a mapping that holds the table of that order.
 *  at: set to where it is, or would be; NULL: not asked for.
 * Returns whether there is one. To be believed only once `changes` has been looked at again.
 */
static inline bool shared_find(const void *base, unsigned int order, uint64_t device,
			       uint64_t inode, struct shared_slot *slot, size_t *at)
{
	size_t mask = ((size_t)1 << order) - 1, place = shared_hash(device, inode) & mask;

	for (size_t probes = 0; probes <= mask; probes++, place = (place + 1) & mask) {
		*slot = shared_load(base, order, place);
		if (at)
			*at = place;
		if (!slot->used)
			return false;
		if (slot->device == device && slot->inode == inode)
			return true;
	}
	return false;
}

/* shared_changes: even: the table may be read. */
static inline uint32_t shared_changes(const void *base)
{
	const struct shared_header *header = base;

	return __atomic_load_n(&header->changes, __ATOMIC_ACQUIRE);
}

static inline uint32_t shared_order(const void *base)
{
	const struct shared_header *header = base;

	return __atomic_load_n(&header->order, __ATOMIC_ACQUIRE);
}

static inline bool shared_filtered(const void *base)
{
	const struct shared_header *header = base;

	return __atomic_load_n(&header->filtered, __ATOMIC_ACQUIRE);
}

/* shared_name_bit: an attribute's, which it may have in common with others. */
static inline uint32_t shared_name_bit(const char *name)
{
	uint32_t sum = 0;

	for (; *name; name++)
		sum = 31 * sum + (unsigned char)*name;
	return UINT32_C(1) << (sum % 32);
}

static inline uint32_t shared_attributes(const void *base)
{
	const struct shared_header *header = base;

	return __atomic_load_n(&header->attributes, __ATOMIC_ACQUIRE);
}

/*
 * shared_leave_list: take the library out of the value of an LD_PRELOAD, in place: ld.so(8).
 * Returns whether it was there.
 */
static inline bool shared_leave_list(char *list)
{
	const size_t size = sizeof(SHARED_LIBRARY_PATH) - 1;
	bool found = false;
	char *item = list;

	while (*item) {
		size_t length = strcspn(item, " :"), next = length + (item[length] != '\0');

		if (length != size || strncmp(item, SHARED_LIBRARY_PATH, size) != 0) {
			item += next;
			continue;
		}
		found = true;
		memmove(item, item + next, strlen(item + next) + 1);
		/* of the last one, the separator before it */
		if (!*item && item > list)
			item[-1] = '\0';
	}
	return found;
}

/* The writer's side: shared.c. */

struct remember_table;
struct remembered;
struct file_key;

struct shared {
	void *base; /* NULL: nothing is shared, and what is below does nothing */
	size_t count;
};

/*
 * shared_make: the contents of a new, empty file: nothing can be read before shared_start.
 * Returns 0 or a negative errno.
 */
int shared_make(int fd);

/* shared_map: map it to be written, and note in it which file it is. Returns 0 or a negative errno.
 */
int shared_map(struct shared *shared, int fd);

/*
 * shared_start: put in what is remembered, and let it be read.
 *  userns_fd: of the user namespace that the ids are those of.
 */
void shared_start(struct shared *shared, const struct remember_table *table, int userns_fd);

/* shared_begin: from here on files and the table are changed. */
void shared_begin(struct shared *shared);

/* shared_note: what is remembered of the file of a device and inode number, as it is now. Between
 * shared_begin and shared_end. */
void shared_note(struct shared *shared, const struct remember_table *table,
		 const struct file_key *key);

/* shared_end: all is as it should be. */
void shared_end(struct shared *shared);

/* shared_mind_filters: a program is about to have a filter of its own. */
void shared_mind_filters(struct shared *shared);

/* shared_mind_moves: a process is about to go to other namespaces. */
void shared_mind_moves(struct shared *shared);
