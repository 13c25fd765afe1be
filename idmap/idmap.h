/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An id map as a value: what user_namespaces(7) calls uid_map or gid_map. Pure: nothing here
 * touches the kernel.
 */

#include "base/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define IDMAP_MAX 340	     /* lines; user_namespaces(7), since 4.15 */
#define ID_UNSET ((uid_t)-1) /* (uid_t)-1 is no valid id */

struct id_range {
	uint32_t inner; /* first id inside the namespace */
	uint32_t outer; /* first id as the parent namespace sees it */
	uint32_t count;
};

struct idmap {
	size_t count;
	struct id_range ranges[IDMAP_MAX];
};

/*
 * idmap_add: append a range.
 * Returns 0; -EINVAL for a count of 0, an end past 2^32 - 1, or an overlap with a range that is
 * there, inner or outer; -E2BIG when the map is full.
 */
int idmap_add(struct idmap *map, uint32_t inner, uint32_t outer, uint32_t count);

/*
 * idmap_parse_range: parse "INNER:OUTER:COUNT" (decimal) and append it.
 *  option: as typed ("--map-uid"), for the message.
 * Returns 0 or -EINVAL/-E2BIG, reported.
 */
int idmap_parse_range(struct idmap *map, const char *option, const char *text, struct report *report);

/*
 * idmap_parse_file: parse the text of /proc/PID/uid_map: lines of three numbers.
 * Returns 0 or -EINVAL for any other text.
 */
int idmap_parse_file(struct idmap *map, const char *text);

/* idmap_format: the text to write to /proc/PID/uid_map. Returns its length; size wants to be
 * IDMAP_TEXT_MAX. */
#define IDMAP_TEXT_MAX (IDMAP_MAX * 33 + 1)
size_t idmap_format(const struct idmap *map, char *buffer, size_t size);

/* idmap_to_inner, idmap_to_outer: translate one id; false if the map does not hold it. */
bool idmap_to_inner(const struct idmap *map, uint32_t outer, uint32_t *inner);
bool idmap_to_outer(const struct idmap *map, uint32_t inner, uint32_t *outer);

/* idmap_identity: every outer range of `map`, mapped to itself. */
void idmap_identity(const struct idmap *map, struct idmap *identity);

/* idmap_has_single: true for a map of exactly one id. */
bool idmap_has_single(const struct idmap *map);

/* idmap_equal: the same set of mapped ids, whatever the order and cutting of the ranges. */
bool idmap_equal(const struct idmap *a, const struct idmap *b);
