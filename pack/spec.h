/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a tree should be: mtree(5). */

#include "base/report.h"

#include <archive_entry.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct spec_file {
	char *path; /* below the tree, "a/b"; "." is the tree itself */
	struct archive_entry *entry;
	bool has_uid, has_gid, has_mode; /* the spec says it */
	bool seen;
};

struct spec {
	struct spec_file *files; /* in the order of the bytes of their paths */
	size_t count;
};

/* spec_read: Returns 0 or a negative errno, reported. */
int spec_read(struct spec *spec, const char *option, const char *path, struct report *report);

/* spec_parse: the same from a stream. */
int spec_parse(struct spec *spec, FILE *from, const char *option, const char *path,
	       struct report *report);

/* spec_find: NULL if the spec does not name it. Ways to write a path that mean the same are one. */
struct spec_file *spec_find(const struct spec *spec, const char *path);

void spec_free(struct spec *spec);

/* path_of_entry: a name in an archive as a path below the tree: "./a//b/" is "a/b". To be freed;
 * NULL if memory runs out. */
char *path_of_entry(const char *name);
