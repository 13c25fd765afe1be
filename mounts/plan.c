/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "mounts/plan.h"

#include "base/cleanup.h"
#include "idmap/idmap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HIDDEN "hidden by a later entry"
#define SHOWN "an outer bind shows it already"
#define PRESENT "is there already"

struct mount_memory {
	struct mount_memory *next;
	max_align_t bytes[];
};

enum kind_traits {
	MOUNTS = 1 << 0,     /* something is mounted on target, and hides what was there */
	DIRECTORY = 1 << 1,  /* afterwards target is a directory for sure */
	INTERRUPTS = 1 << 2, /* from target on, an outer bind may not show what its source has */
	NEEDS_PID_1 = 1 << 3,
	SECOND_PASS = 1 << 4, /* changes what other entries made */
	NO_ROOT = 1 << 5,     /* target can't be "/" */
	OWN_MODE = 1 << 6,    /* what is made has a mode of its own, asked for or not */
};

static const struct {
	const char *name;
	unsigned int traits;
} kinds[MOUNT_KIND_COUNT] = {
	[MOUNT_BIND] = { "bind", MOUNTS },
	[MOUNT_OVERLAY] = { "overlay", MOUNTS | DIRECTORY },
	[MOUNT_TMPFS] = { "tmpfs", MOUNTS | DIRECTORY | OWN_MODE },
	[MOUNT_PROC] = { "proc", MOUNTS | DIRECTORY | NEEDS_PID_1 | NO_ROOT },
	[MOUNT_SYSFS] = { "sysfs", MOUNTS | DIRECTORY | NEEDS_PID_1 | NO_ROOT },
	[MOUNT_MQUEUE] = { "mqueue", MOUNTS | DIRECTORY | NEEDS_PID_1 | NO_ROOT },
	[MOUNT_DEV] = { "dev", MOUNTS | DIRECTORY | NO_ROOT },
	[MOUNT_DIR] = { "dir", DIRECTORY | OWN_MODE },
	[MOUNT_FILE] = { "file", INTERRUPTS | NO_ROOT | OWN_MODE },
	[MOUNT_DATA] = { "data", MOUNTS | NO_ROOT | OWN_MODE },
	[MOUNT_SYMLINK] = { "symlink", INTERRUPTS | NO_ROOT },
	[MOUNT_MASK] = { "mask", MOUNTS | NO_ROOT },
	[MOUNT_CHMOD] = { "chmod", SECOND_PASS },
	[MOUNT_REMOUNT] = { "remount", SECOND_PASS | INTERRUPTS },
};

static bool has_trait(const struct mount_entry *entry, unsigned int traits)
{
	return kinds[entry->kind].traits & traits;
}

struct mount_entry *mount_plan_add(struct mount_plan *plan, enum mount_kind kind,
				   const char *option, const char *target, struct report *report)
{
	bool add_slash = plan->manner.add_slash && target[0] && target[0] != '/';

	if (target[0] != '/' && !add_slash) {
		report_refusal(report, "%s %s: the path inside must be absolute", option, target);
		return NULL;
	}
	if (plan->count == plan->capacity) {
		size_t capacity = plan->capacity ? plan->capacity * 2 : 16;
		struct mount_entry *entries =
			reallocarray(plan->entries, capacity, sizeof(*entries));

		if (!entries) {
			report_failure(report, ENOMEM, "%s %s", option, target);
			return NULL;
		}
		plan->entries = entries;
		plan->capacity = capacity;
	}

	char *copy = malloc(add_slash + strlen(target) + 1);
	if (!copy) {
		report_failure(report, ENOMEM, "%s %s", option, target);
		return NULL;
	}
	copy[0] = '/';
	strcpy(copy + add_slash, target);
	mount_path_normalize(copy);
	if (copy[1] == '\0' && (kinds[kind].traits & NO_ROOT)) {
		report_refusal(report, "%s %s: %s can't be the root", option, target,
			       kinds[kind].name);
		free(copy);
		return NULL;
	}

	struct mount_entry *entry = &plan->entries[plan->count];
	*entry = (struct mount_entry){
		.kind = kind,
		.source_fd = -EBADF,
		.target = copy,
		.written = target,
		.mode = MODE_UNSET,
		.uid = ID_UNSET,
		.gid = ID_UNSET,
		.option = option,
		.position = (uint32_t)plan->count,
	};
	plan->count++;
	return entry;
}

void mount_plan_remove_last(struct mount_plan *plan)
{
	plan->count--;
	free((char *)plan->entries[plan->count].target);
}

void *mount_plan_allocate(struct mount_plan *plan, size_t size, struct report *report)
{
	struct mount_memory *memory = malloc(sizeof(*memory) + size);

	if (!memory) {
		report_failure(report, ENOMEM, "the mount plan");
		return NULL;
	}
	memory->next = plan->memory;
	plan->memory = memory;
	return memory->bytes;
}

void mount_path_normalize(char *path)
{
	const char *from = path;
	char *to = path;

	for (;;) {
		from += strspn(from, "/");
		size_t length = strcspn(from, "/");
		if (length == 0)
			break;
		if (length == 2 && from[0] == '.' && from[1] == '.') {
			while (to > path && *--to != '/')
				;
		} else if (length != 1 || from[0] != '.') {
			*to++ = '/';
			memmove(to, from, length);
			to += length;
		}
		from += length;
	}
	if (to == path)
		*to++ = '/';
	*to = '\0';
}

bool mount_path_is_below(const char *path, const char *parent)
{
	size_t length = strlen(parent);

	if (length == 1) /* "/" */
		return true;
	return strncmp(path, parent, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

int mount_path_compare(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	if (*a == *b)
		return 0;
	if (*a == '\0' || *b == '\0')
		return *a == '\0' ? -1 : 1;
	if (*a == '/' || *b == '/')
		return *a == '/' ? -1 : 1;
	return (unsigned char)*a - (unsigned char)*b;
}

static int compare_entries(const void *left, const void *right)
{
	const struct mount_entry *a = left, *b = right;
	int order = mount_path_compare(a->target, b->target);

	if (order != 0)
		return order;
	if (has_trait(a, SECOND_PASS) != has_trait(b, SECOND_PASS))
		return has_trait(a, SECOND_PASS) ? 1 : -1;
	return (a->position > b->position) - (a->position < b->position);
}

/* mount_manner.binds_last */
static int compare_binds_last(const void *left, const void *right)
{
	const struct mount_entry *a = left, *b = right;
	int order;

	if ((a->flags ^ b->flags) & MOUNT_INNER)
		return a->flags & MOUNT_INNER ? 1 : -1;
	order = mount_path_compare(a->target, b->target);
	if (order != 0)
		return order;
	if ((a->kind == MOUNT_BIND) != (b->kind == MOUNT_BIND))
		return a->kind == MOUNT_BIND ? 1 : -1;
	return (a->position > b->position) - (a->position < b->position);
}

static void drop(struct mount_entry *entry, const char *why)
{
	entry->flags |= MOUNT_DROPPED;
	entry->why = why;
}

/* Of two entries of one target, of which the later is a symlink or sure to be mounted. */
static bool hides(const struct mount_entry *later, const struct mount_entry *entry)
{
	/* A mask needs what it covers: it is made for its type. */
	if (later->kind == MOUNT_SYMLINK || later->kind == MOUNT_MASK)
		return entry->kind == later->kind;
	/* A mount lands where the link leads. */
	return entry->kind != MOUNT_SYMLINK;
}

/* Among entries of one target, given in order: drop what a later one hides. */
static void drop_hidden(struct mount_entry *entries, size_t count)
{
	const struct mount_entry *later = NULL; /* the nearest one that may hide something */

	for (size_t i = count; i-- > 0;) {
		struct mount_entry *entry = &entries[i];

		if (has_trait(entry, SECOND_PASS))
			continue;
		if (later && hides(later, entry))
			drop(entry, HIDDEN);
		else if (entry->kind == MOUNT_SYMLINK)
			later = entry;
		else if (has_trait(entry, MOUNTS) && !(entry->flags & MOUNT_TRY))
			later = entry;
		else
			later = NULL; /* a symlink further up is used by this one */
	}
}

/* Among entries of one target: drop each "make a directory" where there is one for sure. */
static void drop_present(struct mount_entry *entries, size_t count)
{
	bool directory = false;

	for (size_t i = 0; i < count; i++) {
		struct mount_entry *entry = &entries[i];

		if (entry->flags & MOUNT_DROPPED || has_trait(entry, SECOND_PASS))
			continue;
		if (entry->kind == MOUNT_DIR && directory && entry->mode == MODE_UNSET)
			drop(entry, PRESENT);
		/* A TRY that is skipped leaves what was there; one that is not may be a file. */
		directory = has_trait(entry, DIRECTORY) && !(entry->flags & MOUNT_TRY);
	}
}

/* The next component of a path, "." left out. Returns its length; 0: at the end. */
static size_t next_component(const char **path)
{
	for (;;) {
		*path += strspn(*path, "/");
		size_t length = strcspn(*path, "/");
		if (length != 1 || **path != '.')
			return length;
		(*path)++;
	}
}

/*
 * True if path is parent + "/" + remainder. A ".." makes it false: what it means depends on
 * symlinks, which only the kernel can see.
 */
static bool path_is_joined(const char *path, const char *parent, const char *remainder)
{
	if ((path[0] == '/') != (parent[0] == '/'))
		return false;
	for (;;) {
		size_t length = next_component(&path);
		size_t expected = next_component(&parent);

		if (expected == 0) {
			parent = remainder;
			remainder = "";
			expected = next_component(&parent);
		}
		if (length != expected || memcmp(path, parent, length) != 0)
			return false;
		if (length == 0)
			return true;
		if (length == 2 && path[0] == '.' && path[1] == '.')
			return false;
		path += length;
		parent += length;
	}
}

/* True if the bind `outer`, the nearest entry around `inner`, shows what `inner` would. */
static bool shows(const struct mount_manner *manner, const struct mount_entry *outer,
		  const struct mount_entry *inner)
{
	const unsigned int same = MOUNT_READ_ONLY | MOUNT_DEVICES | MOUNT_NOEXEC | MOUNT_SUID |
				  (manner->binds_last ? MOUNT_TRY : 0);
	const unsigned int neither = MOUNT_NOFOLLOW | MOUNT_NORECURSE | MOUNT_INNER | MOUNT_FOREIGN;

	if (outer->kind != MOUNT_BIND || inner->kind != MOUNT_BIND)
		return false;
	if (((outer->flags ^ inner->flags) & same) || ((outer->flags | inner->flags) & neither))
		return false;
	/* two that may be missing are so together, if they must be of one kind */
	if ((outer->flags & MOUNT_TRY && !manner->binds_last) || !outer->source || !inner->source)
		return false;
	if (outer->source_fd >= 0 || inner->source_fd >= 0)
		return false;
	return path_is_joined(inner->source, outer->source, inner->target + strlen(outer->target));
}

/* Drop the binds that an outer bind shows; `around` has room for every entry. */
static void drop_shown(struct mount_plan *plan, const struct mount_entry **around)
{
	struct mount_entry *dropped = NULL; /* the last one, while its target can come again */
	size_t depth = 0;                   /* around[0..depth] enclose the current entry */

	for (size_t i = 0; i < plan->count; i++) {
		struct mount_entry *entry = &plan->entries[i];

		if (entry->flags & MOUNT_DROPPED || !has_trait(entry, MOUNTS | INTERRUPTS))
			continue;
		while (depth > 0 && !mount_path_is_below(entry->target, around[depth - 1]->target))
			depth--;
		if (depth > 0 && shows(&plan->manner, around[depth - 1], entry)) {
			drop(entry, SHOWN);
			entry->flags |= MOUNT_SHOWN;
			dropped = entry;
			continue;
		}
		/* New flags for the mount at target: so there must be one. */
		if (entry->kind == MOUNT_REMOUNT && dropped &&
		    strcmp(dropped->target, entry->target) == 0) {
			dropped->flags &= ~(MOUNT_DROPPED | MOUNT_SHOWN);
			dropped->why = NULL;
		}
		dropped = NULL;
		around[depth++] = entry;
	}
}

static void mark_late(struct mount_plan *plan)
{
	const struct mount_entry *outer =
		NULL; /* the outermost late entry around the current one */

	for (size_t i = 0; i < plan->count; i++) {
		struct mount_entry *entry = &plan->entries[i];

		if (entry->flags & MOUNT_DROPPED)
			continue;
		if (outer && mount_path_is_below(entry->target, outer->target)) {
			entry->flags |= MOUNT_LATE;
		} else if (has_trait(entry, NEEDS_PID_1)) {
			entry->flags |= MOUNT_LATE;
			outer = entry;
		}
	}
}

int mount_plan_order(struct mount_plan *plan, struct report *report)
{
	if (plan->count == 0 || plan->manner.as_given)
		return 0;

	_cleanup_free_ const struct mount_entry **around =
		reallocarray(NULL, plan->count, sizeof(*around));
	if (!around)
		return report_failure(report, ENOMEM, "ordering the mount plan");

	struct mount_entry *entries = plan->entries;
	for (size_t i = 0; i < plan->count; i++) {
		entries[i].flags &= ~(MOUNT_DROPPED | MOUNT_SHOWN | MOUNT_LATE);
		entries[i].why = NULL;
	}
	qsort(entries, plan->count, sizeof(*entries),
	      plan->manner.binds_last ? compare_binds_last : compare_entries);

	for (size_t start = 0, end; start < plan->count && !plan->manner.binds_last; start = end) {
		end = start + 1;
		while (end < plan->count && strcmp(entries[start].target, entries[end].target) == 0)
			end++;
		drop_hidden(&entries[start], end - start);
		drop_present(&entries[start], end - start);
	}
	drop_shown(plan, around);
	mark_late(plan);
	return 0;
}

const struct mount_entry *mount_plan_find_root(const struct mount_plan *plan)
{
	const struct mount_entry *root = NULL;

	for (size_t i = 0; i < plan->count; i++) {
		const struct mount_entry *entry = &plan->entries[i];

		/* in the order given, it is the first or comes too late */
		if (plan->manner.as_given && i > 0)
			break;
		if (strcmp(entry->target, "/") != 0 || entry->flags & MOUNT_DROPPED)
			continue;
		if (!has_trait(entry, MOUNTS))
			continue;
		if (!root || entry->position > root->position)
			root = entry;
	}
	return root;
}

bool mount_plan_has(const struct mount_plan *plan, enum mount_kind kind)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->entries[i].kind == kind && !(plan->entries[i].flags & MOUNT_DROPPED))
			return true;
	}
	return false;
}

bool mount_entry_mounts(const struct mount_entry *entry)
{
	return has_trait(entry, MOUNTS);
}

mode_t mount_parent_mode(const struct mount_manner *manner, const struct mount_entry *entry)
{
	mode_t mode = 0755;

	if (manner->closed_parents && !has_trait(entry, OWN_MODE))
		return 0700;
	if (!(entry->mode & 0070))
		mode &= ~(mode_t)0050;
	if (!(entry->mode & 0007))
		mode &= ~(mode_t)0005;
	return mode;
}

const char *mount_kind_name(enum mount_kind kind)
{
	return kinds[kind].name;
}

int mount_kind_from_name(const char *name)
{
	for (int kind = 0; kind < MOUNT_KIND_COUNT; kind++)
		if (strcmp(kinds[kind].name, name) == 0)
			return kind;
	return -EINVAL;
}

/* "source ", "5 " for an fd, "0755 " for a mode, or "". */
static void describe_source(const struct mount_entry *entry, int limit, char *buffer, size_t size)
{
	buffer[0] = '\0';
	if (entry->kind == MOUNT_CHMOD)
		snprintf(buffer, size, "%04o ", (unsigned int)entry->mode);
	else if (entry->source_fd >= 0)
		snprintf(buffer, size, "%d ", entry->source_fd);
	else if (entry->source)
		snprintf(buffer, size, "%.*s%s ", limit, entry->source,
			 strlen(entry->source) > (size_t)limit ? "..." : "");
}

const char *mount_entry_describe(const struct mount_entry *entry,
				 char buffer[MOUNT_DESCRIPTION_MAX])
{
	enum { LIMIT = 320 }; /* three of them and the rest fit */
	char source[LIMIT + 8];
	const char *target = entry->written ? entry->written : entry->target;
	bool from_file = strncmp(entry->option, "--", 2) != 0;

	describe_source(entry, LIMIT, source, sizeof(source));
	snprintf(buffer, MOUNT_DESCRIPTION_MAX, "%s%.*s%s%s %s%.*s%s", from_file ? "--plan " : "",
		 LIMIT, entry->option, from_file ? ": " : "",
		 from_file ? kinds[entry->kind].name : "", source, LIMIT, target,
		 strlen(target) > LIMIT ? "..." : "");
	return buffer;
}

void mount_plan_free(struct mount_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		free((char *)plan->entries[i].target);
	free(plan->entries);
	while (plan->memory) {
		struct mount_memory *memory = plan->memory;

		plan->memory = memory->next;
		free(memory);
	}
	*plan = (struct mount_plan){ 0 };
}
