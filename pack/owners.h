/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Whose the files of an archive are: ids, and the names that belong to them. */

#include "base/report.h"
#include "remember/table.h"

#include <archive_entry.h>
#include <stdbool.h>
#include <stdio.h>

/* A line of --owner-map: ids from first to last become those from `to` on. */
struct owner_range {
	bool any; /* each id stays what it is */
	uint32_t first, last, to;
};

struct owner_rule {
	struct owner_range user, group;
};

struct owner_name {
	uint32_t id;
	size_t place; /* in the file */
	char *name;
};

struct owner_names {
	struct owner_name *names; /* by id; of equals the first in the file is the first here */
	size_t count;
};

struct owners {
	uid_t root_uid; /* root in the sandbox is this one outside */
	gid_t root_gid;
	struct owner_rule *rules;
	size_t rule_count;
	struct owner_names users, groups;
};

/* owners_read_map: the lines of --owner-map. Returns 0 or a negative errno, reported. */
int owners_read_map(struct owners *owners, const char *path, struct report *report);

/* owners_parse_map: the same from a stream. */
int owners_parse_map(struct owners *owners, FILE *stream, const char *path, struct report *report);

/*
 * owners_read_names: the names in the etc/passwd and etc/group of a tree, if it has them.
 *  root: fd of the tree.
 * Returns 0 or a negative errno, reported.
 */
int owners_read_names(struct owners *owners, int root, const char *tree, struct report *report);

/* owners_parse_names: those of a passwd(5) or a group(5). Returns 0 or a negative errno, not
 * reported. */
int owners_parse_names(struct owner_names *names, FILE *stream);

/*
 * owners_set: the owner and group of an entry, from those that the file really has.
 *  file: what is remembered of it, which comes first; NULL: nothing.
 */
void owners_set(const struct owners *owners, struct archive_entry *entry, uint32_t uid,
		uint32_t gid, const struct remembered *file);

/* owners_map_id: an id that an ACL names. */
uint32_t owners_map_id(const struct owners *owners, uint32_t id, bool group);

void owners_free(struct owners *owners);
