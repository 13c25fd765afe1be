/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is dropped from a plan must not be missed: at every target, and below it, the plan with all
 * its entries and the plan without the dropped ones show the same.
 */

#include "mounts/plan.h"

#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX 48
#define PATH_SIZE 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
	if (!holds)
		abort();
}

struct input {
	const uint8_t *data;
	size_t size;
};

static unsigned int take(struct input *input)
{
	if (input->size == 0)
		return 0;
	input->size--;
	return *input->data++;
}

/* Few words, so that paths meet often. */
static const char *take_path(struct input *input, bool absolute, char path[PATH_SIZE])
{
	static const char *const words[] = { "a", "b", "a-", "c", ".", "", "a", ".." };
	unsigned int choice = take(input), count = choice % 4;

	path[0] = '\0';
	for (unsigned int i = 0; i < count; i++) {
		strcat(path, "/");
		strcat(path, words[take(input) % 8]);
	}
	if (path[0] == '\0')
		strcpy(path, "/");
	/* one in eight relative */
	return !absolute && choice >= 224 && path[1] ? path + 1 : path;
}

/* A TRY that is skipped and what mounts nothing show nothing. */
static bool shows_itself(const struct mount_entry *entry, bool sources_exist)
{
	switch (entry->kind) {
	case MOUNT_DIR:
	case MOUNT_FILE:
	case MOUNT_SYMLINK:
	case MOUNT_CHMOD:
	case MOUNT_REMOUNT:
		return false;
	default:
		return sources_exist || !(entry->flags & MOUNT_TRY);
	}
}

/* The entry that is seen at a path: the last one around it. */
static const struct mount_entry *find_shown(const struct mount_plan *plan, const char *path,
					    bool sources_exist, bool with_dropped)
{
	for (size_t i = plan->count; i-- > 0;) {
		const struct mount_entry *entry = &plan->entries[i];

		if (entry->flags & MOUNT_DROPPED && !with_dropped)
			continue;
		if (shows_itself(entry, sources_exist) && mount_path_is_below(path, entry->target))
			return entry;
	}
	return NULL;
}

/* The place on the host that a bind shows at a path, as text. */
static void join_source(const struct mount_entry *entry, const char *path, char joined[])
{
	joined[0] = '/';
	strcpy(joined + 1, entry->source);
	strcat(joined, "/");
	strcat(joined, path + strlen(entry->target));
	mount_path_normalize(joined);
}

static void check_same(const struct mount_entry *a, const struct mount_entry *b, const char *path)
{
	const unsigned int same =
		~(unsigned int)(MOUNT_DROPPED | MOUNT_SHOWN | MOUNT_LATE | MOUNT_TRY);
	char first[4 * PATH_SIZE], second[4 * PATH_SIZE];

	if (a == b)
		return;
	need(a && b && a->kind == MOUNT_BIND && b->kind == MOUNT_BIND);
	need((a->flags & same) == (b->flags & same));
	need((a->source[0] == '/') == (b->source[0] == '/'));
	join_source(a, path, first);
	join_source(b, path, second);
	need(strcmp(first, second) == 0);
}

static void check_plan(const struct mount_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct mount_entry *entry = &plan->entries[i];
		char below[2 * PATH_SIZE];

		need(!(entry->flags & MOUNT_DROPPED) == !entry->why);
		if (i > 0 && mount_path_is_below(entry[-1].target, entry->target))
			need(strcmp(entry[-1].target, entry->target) == 0);
		strcpy(below, entry->target);
		strcat(below, "/z");
		mount_path_normalize(below);
		for (int exist = 0; exist < 2; exist++) {
			check_same(find_shown(plan, entry->target, exist, true),
				   find_shown(plan, entry->target, exist, false), entry->target);
			check_same(find_shown(plan, below, exist, true),
				   find_shown(plan, below, exist, false), below);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char sources[ENTRIES_MAX][PATH_SIZE], targets[ENTRIES_MAX][PATH_SIZE];
	struct input input = { data, size };
	struct mount_plan plan = { 0 };
	struct report report = { 0 };

	while (input.size > 0 && plan.count < ENTRIES_MAX) {
		size_t index = plan.count;
		unsigned int kind = take(&input);
		const char *target = take_path(&input, true, targets[index]);
		struct mount_entry *entry;

		/* binds are what most of it is about */
		kind = kind < 128 ? MOUNT_BIND : kind % MOUNT_KIND_COUNT;
		entry = mount_plan_add(&plan, (enum mount_kind)kind, "--option", target, &report);
		if (!entry) { /* only what can be the root is taken there */
			mount_path_normalize(targets[index]);
			need(strcmp(targets[index], "/") == 0);
			report = (struct report){ 0 };
			continue;
		}
		entry->source = take_path(&input, false, sources[index]);
		if (kind == MOUNT_BIND)
			entry->flags = take(&input) & take(&input) & 0x3f;
	}
	need(mount_plan_order(&plan, &report) == 0);
	check_plan(&plan);
	need(mount_plan_order(&plan, &report) == 0);
	check_plan(&plan);
	mount_plan_free(&plan);
	return 0;
}
