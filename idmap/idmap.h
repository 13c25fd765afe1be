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

#define IDMAP_MAX 340        /* lines; user_namespaces(7), since 4.15 */
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
 * id_parse: read a decimal number, digits alone, from *text, which moves past them.
 *  end: of the text, which need not be closed by a NUL.
 * Returns false, with nothing changed, if there is no digit or the number is past 2^32 - 1.
 */
bool id_parse(const char **text, const char *end, uint32_t *id);

/*
 * idmap_add: append a range.
 * Returns 0; -EINVAL for a count of 0, a last id past 2^32 - 2 (there is no id (uid_t)-1), or an
 * overlap with a range that is there, inner or outer; -E2BIG when the map is full.
 */
int idmap_add(struct idmap *map, uint32_t inner, uint32_t outer, uint32_t count);

/*
 * idmap_parse_range: parse "INNER:OUTER:COUNT" (decimal) and append it.
 *  option: as typed ("--map-uid"), for the message.
 * Returns 0 or -EINVAL/-E2BIG, reported.
 */
int idmap_parse_range(struct idmap *map, const char *option, const char *text,
		      struct report *report);

/*
 * idmap_parse_file: parse the text of /proc/PID/uid_map: lines of three numbers. What was in `map`
 * is lost. No text at all is an empty map: the namespace has not been given one yet.
 * Returns 0 or -EINVAL for any other text.
 */
int idmap_parse_file(struct idmap *map, const char *text);

/*
 * idmap_format: the text to write to /proc/PID/uid_map, NUL-terminated. Lines that do not fit are
 * left out; none are with a size of IDMAP_TEXT_MAX.
 * Returns its length.
 */
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
