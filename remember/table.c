/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/table.h"

#include "base/cleanup.h"
#include "remember/generation.h"

#include <errno.h>
#include <linux/limits.h>
#include <string.h>

/* The generation is left out: files that come to one inode number meet in one place. */
static size_t hash(const struct file_key *key)
{
	uint64_t mixed = key->inode * UINT64_C(0x9e3779b97f4a7c15) ^ key->device;

	mixed ^= mixed >> 32;
	mixed *= UINT64_C(0xd6e8feb86659fd93);
	return (size_t)(mixed ^ mixed >> 32);
}

static bool is_same_number(const struct file_key *a, const struct file_key *b)
{
	return a->device == b->device && a->inode == b->inode;
}

static bool is_same_generation(const struct file_key *a, const struct file_key *b)
{
	return a->generation == b->generation || a->generation == GENERATION_ANY ||
	       b->generation == GENERATION_ANY;
}

/* The slot of the inode number, or the free one where it would be. */
static size_t find_slot(const struct remember_table *table, const struct file_key *key)
{
	size_t at = hash(key) & (table->capacity - 1);

	while (table->used[at] && !is_same_number(&table->slots[at].key, key))
		at = (at + 1) & (table->capacity - 1);
	return at;
}

bool remember_has_number(const struct remember_table *table, uint64_t device, uint64_t inode)
{
	const struct file_key key = { .device = device, .inode = inode };

	return table->capacity && table->used[find_slot(table, &key)];
}

/* The slot has the inode number of the key. */
static bool is_same_file(struct remembered *slot, const struct file_key *key)
{
	if (slot->unpinned) {
		slot->key.generation = key->generation;
		slot->unpinned = false;
	}
	return is_same_generation(&slot->key, key);
}

struct remembered *remember_find(const struct remember_table *table, const struct file_key *key)
{
	size_t at;

	if (!table->capacity)
		return NULL;
	at = find_slot(table, key);
	if (!table->used[at] || !is_same_file(&table->slots[at], key))
		return NULL;
	return &table->slots[at];
}

static void clear(struct remembered *file)
{
	for (size_t i = 0; i < file->attribute_count; i++) {
		free(file->attributes[i].name);
		free(file->attributes[i].value);
	}
	free(file->attributes);
	*file = (struct remembered){ .key = file->key, .uid = ID_UNSET, .gid = ID_UNSET };
}

static void note_change(struct remember_table *table, const struct file_key *key)
{
	table->changed = true;
	table->changed_key = *key;
}

static int grow(struct remember_table *table)
{
	struct remember_table larger = { .capacity = table->capacity ? 2 * table->capacity : 64 };

	larger.slots = calloc(larger.capacity, sizeof(*larger.slots));
	larger.used = calloc(larger.capacity, sizeof(*larger.used));
	if (!larger.slots || !larger.used) {
		free(larger.slots);
		free(larger.used);
		return -ENOMEM;
	}
	for (size_t i = 0; i < table->capacity; i++) {
		size_t at;

		if (!table->used[i])
			continue;
		at = find_slot(&larger, &table->slots[i].key);
		larger.slots[at] = table->slots[i];
		larger.used[at] = true;
		larger.count++;
	}
	free(table->slots);
	free(table->used);
	*table = larger;
	return 0;
}

struct remembered *remember_get(struct remember_table *table, const struct file_key *key)
{
	struct remembered *file;
	size_t at;

	/* half full at most, so that searches are short */
	if (2 * (table->count + 1) > table->capacity && grow(table) < 0)
		return NULL;
	note_change(table, key);
	at = find_slot(table, key);
	file = &table->slots[at];
	if (!table->used[at]) {
		*file = (struct remembered){ .uid = ID_UNSET, .gid = ID_UNSET };
		table->used[at] = true;
		table->count++;
	} else if (is_same_file(file, key)) {
		return file;
	} else {
		clear(file);
	}
	file->key = *key;
	return file;
}

int remember_copy(struct remember_table *table, const struct file_key *from,
		  const struct file_key *to)
{
	const struct file_key key = *from; /* it may be that of a slot, which moves */
	struct remembered *target, *source;

	remember_forget(table, to);
	target = remember_get(table, to);
	source = remember_find(table, &key);
	if (!target || !source)
		return -ENOMEM;
	target->uid = source->uid;
	target->gid = source->gid;
	target->type = source->type;
	target->device = source->device;
	target->passes = source->passes;
	for (size_t i = 0; i < source->attribute_count; i++) {
		const struct remembered_attribute *attribute = &source->attributes[i];
		int r = remember_attribute(target, attribute->name, attribute->value,
					   attribute->size);

		if (r < 0)
			return r;
	}
	return 0;
}

bool remember_has_device(const struct remember_table *table, uint64_t device)
{
	for (size_t i = 0; i < table->capacity; i++) {
		if (table->used[i] && table->slots[i].key.device == device)
			return true;
	}
	return false;
}

int remember_forget_device(struct remember_table *table, uint64_t device)
{
	_cleanup_free_ struct file_key *keys = reallocarray(NULL, table->count + 1, sizeof(*keys));
	size_t count = 0;

	if (!keys)
		return -ENOMEM;
	for (size_t i = 0; i < table->capacity; i++) {
		if (table->used[i] && table->slots[i].key.device == device)
			keys[count++] = table->slots[i].key;
	}
	for (size_t i = 0; i < count; i++)
		remember_forget(table, &keys[i]);
	return 0;
}

bool remember_is_empty(const struct remembered *file)
{
	return file->uid == ID_UNSET && file->gid == ID_UNSET && !file->type &&
	       !file->attribute_count;
}

void remember_forget(struct remember_table *table, const struct file_key *key)
{
	struct remembered *file = remember_find(table, key);
	size_t hole, next;

	if (!file)
		return;
	note_change(table, key);
	clear(file);
	/* close the gap: what a search would not reach any more moves up */
	hole = (size_t)(file - table->slots);
	for (next = (hole + 1) & (table->capacity - 1); table->used[next];
	     next = (next + 1) & (table->capacity - 1)) {
		size_t home = hash(&table->slots[next].key) & (table->capacity - 1);

		if (((next - home) & (table->capacity - 1)) <
		    ((next - hole) & (table->capacity - 1)))
			continue;
		table->slots[hole] = table->slots[next];
		hole = next;
	}
	table->used[hole] = false;
	table->count--;
}

const struct remembered_attribute *remember_find_attribute(const struct remembered *file,
							   const char *name)
{
	for (size_t i = 0; i < file->attribute_count; i++) {
		if (strcmp(file->attributes[i].name, name) == 0)
			return &file->attributes[i];
	}
	return NULL;
}

static struct remembered_attribute *add_attribute(struct remembered *file, const char *name)
{
	struct remembered_attribute *grown =
		reallocarray(file->attributes, file->attribute_count + 1, sizeof(*grown));
	char *copy = strdup(name);

	if (grown)
		file->attributes = grown;
	if (!grown || !copy) {
		free(copy);
		return NULL;
	}
	grown += file->attribute_count++;
	*grown = (struct remembered_attribute){ .name = copy };
	return grown;
}

static bool has_room(const struct remembered *file, const char *name, size_t size)
{
	size_t names = strlen(name) + 1, values = size;

	for (size_t i = 0; i < file->attribute_count; i++) {
		const struct remembered_attribute *attribute = &file->attributes[i];

		if (strcmp(attribute->name, name) == 0)
			continue;
		names += strlen(attribute->name) + 1;
		values += attribute->size;
	}
	return names <= XATTR_LIST_MAX && values <= REMEMBER_VALUES_MAX;
}

static void drop_removed(struct remembered *file)
{
	for (size_t i = file->attribute_count; i-- > 0;) {
		if (file->attributes[i].removed)
			remember_drop_attribute(file, file->attributes[i].name);
	}
}

static bool make_room(struct remembered *file, const char *name, size_t size)
{
	if (has_room(file, name, size))
		return true;
	drop_removed(file);
	return has_room(file, name, size);
}

int remember_attribute(struct remembered *file, const char *name, const char *value, size_t size)
{
	struct remembered_attribute *attribute;
	char *copy;

	if (!make_room(file, name, value ? size : 0))
		return -ENOSPC;
	copy = value ? malloc(size + 1) : NULL;
	if (value && !copy)
		return -ENOMEM;
	attribute = (struct remembered_attribute *)(uintptr_t)remember_find_attribute(file, name);
	if (!attribute)
		attribute = add_attribute(file, name);
	if (!attribute) {
		free(copy);
		return -ENOMEM;
	}
	if (value)
		memcpy(copy, value, size);
	free(attribute->value);
	attribute->value = copy;
	attribute->size = value ? size : 0;
	attribute->removed = !value;
	return 0;
}

void remember_drop_attribute(struct remembered *file, const char *name)
{
	struct remembered_attribute *attribute =
		(struct remembered_attribute *)(uintptr_t)remember_find_attribute(file, name);

	if (!attribute)
		return;
	free(attribute->name);
	free(attribute->value);
	*attribute = file->attributes[--file->attribute_count];
	if (!file->attribute_count) {
		free(file->attributes);
		file->attributes = NULL;
	}
}

static int compare(const void *left, const void *right)
{
	const struct remembered *a = *(const struct remembered *const *)left,
				*b = *(const struct remembered *const *)right;

	if (a->key.device != b->key.device)
		return a->key.device < b->key.device ? -1 : 1;
	return (a->key.inode > b->key.inode) - (a->key.inode < b->key.inode);
}

int remember_each(const struct remember_table *table,
		  int (*function)(const struct remembered *file, void *context), void *context)
{
	_cleanup_free_ const struct remembered **sorted =
		reallocarray(NULL, table->count + 1, sizeof(*sorted));
	size_t count = 0;
	int r = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < table->capacity; i++) {
		if (table->used[i])
			sorted[count++] = &table->slots[i];
	}
	qsort(sorted, count, sizeof(*sorted), compare);
	for (size_t i = 0; i < count && r >= 0; i++)
		r = function(sorted[i], context);
	return r;
}

void remember_free(struct remember_table *table)
{
	for (size_t i = 0; i < table->capacity; i++) {
		if (table->used[i])
			clear(&table->slots[i]);
	}
	free(table->slots);
	free(table->used);
	*table = (struct remember_table){ 0 };
}
