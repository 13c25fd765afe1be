/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idmap/idmap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool id_parse(const char **text, const char *end, uint32_t *id)
{
	const char *next = *text;
	uint64_t value = 0;

	while (next < end && *next >= '0' && *next <= '9') {
		value = value * 10 + (uint64_t)(*next++ - '0');
		if (value > UINT32_MAX)
			return false;
	}
	if (next == *text)
		return false;
	*text = next;
	*id = (uint32_t)value;
	return true;
}

static bool overlaps(uint32_t a, uint32_t a_count, uint32_t b, uint32_t b_count)
{
	return a < (uint64_t)b + b_count && b < (uint64_t)a + a_count;
}

/* Why a range can't be added, NULL if it can. Full maps are told apart by the caller. */
static const char *range_fault(const struct idmap *map, const struct id_range *range)
{
	if (range->count == 0)
		return "the count is 0";
	/* the last id is 2^32 - 2: the kernel has no (uid_t)-1 */
	if ((uint64_t)range->inner + range->count > UINT32_MAX ||
	    (uint64_t)range->outer + range->count > UINT32_MAX)
		return "the range ends past the last id, 4294967294";
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *other = &map->ranges[i];

		if (overlaps(range->inner, range->count, other->inner, other->count))
			return "an inner id is mapped already";
		if (overlaps(range->outer, range->count, other->outer, other->count))
			return "an outer id is mapped already";
	}
	return NULL;
}

int idmap_add(struct idmap *map, uint32_t inner, uint32_t outer, uint32_t count)
{
	struct id_range range = { inner, outer, count };

	if (range_fault(map, &range))
		return -EINVAL;
	if (map->count == IDMAP_MAX)
		return -E2BIG;
	map->ranges[map->count++] = range;
	return 0;
}

int idmap_parse_range(struct idmap *map, const char *option, const char *text,
		      struct report *report)
{
	const char *next = text, *end = text + strlen(text), *fault;
	struct id_range range;

	if (!id_parse(&next, end, &range.inner) || *next++ != ':' ||
	    !id_parse(&next, end, &range.outer) || *next++ != ':' ||
	    !id_parse(&next, end, &range.count) || next != end)
		return report_refusal(report, "%s %s: not INNER:OUTER:COUNT, three decimal numbers",
				      option, text);

	fault = range_fault(map, &range);
	if (fault)
		return report_refusal(report, "%s %s: %s", option, text, fault);
	if (map->count == IDMAP_MAX) {
		report_refusal(report, "%s %s: a map has at most %d ranges", option, text,
			       IDMAP_MAX);
		return -E2BIG;
	}
	map->ranges[map->count++] = range;
	return 0;
}

static void skip_blanks(const char **text, const char *end)
{
	while (*text < end && (**text == ' ' || **text == '\t'))
		(*text)++;
}

/* A number with blanks before it; between two numbers there is one at least, as the first ends. */
static bool parse_field(const char **text, const char *end, uint32_t *id)
{
	skip_blanks(text, end);
	return id_parse(text, end, id);
}

int idmap_parse_file(struct idmap *map, const char *text)
{
	const char *next = text, *end = text + strlen(text);

	map->count = 0;
	while (next < end) {
		uint32_t inner, outer, count;

		if (!parse_field(&next, end, &inner) || !parse_field(&next, end, &outer) ||
		    !parse_field(&next, end, &count))
			return -EINVAL;
		skip_blanks(&next, end);
		if (next < end && *next++ != '\n')
			return -EINVAL;
		if (idmap_add(map, inner, outer, count) < 0)
			return -EINVAL;
	}
	return 0;
}

size_t idmap_format(const struct idmap *map, char *buffer, size_t size)
{
	size_t used = 0;

	if (size)
		buffer[0] = '\0';
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *range = &map->ranges[i];
		int length = snprintf(buffer + used, size - used, "%u %u %u\n", range->inner,
				      range->outer, range->count);

		if (length < 0 || (size_t)length >= size - used) {
			/* a whole line or nothing of it */
			if (size > used)
				buffer[used] = '\0';
			break;
		}
		used += (size_t)length;
	}
	return used;
}

bool idmap_to_inner(const struct idmap *map, uint32_t outer, uint32_t *inner)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *range = &map->ranges[i];

		if (outer >= range->outer && outer - range->outer < range->count) {
			*inner = range->inner + (outer - range->outer);
			return true;
		}
	}
	return false;
}

bool idmap_to_outer(const struct idmap *map, uint32_t inner, uint32_t *outer)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *range = &map->ranges[i];

		if (inner >= range->inner && inner - range->inner < range->count) {
			*outer = range->outer + (inner - range->inner);
			return true;
		}
	}
	return false;
}

void idmap_identity(const struct idmap *map, struct idmap *identity)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *range = &map->ranges[i];

		identity->ranges[i] = (struct id_range){ range->outer, range->outer, range->count };
	}
	identity->count = map->count;
}

bool idmap_has_single(const struct idmap *map)
{
	/* no range of a map has a count of 0 */
	return map->count == 1 && map->ranges[0].count == 1;
}

/* The one form of a map: sorted by inner id, neighbours joined. qsort(3) may allocate. */
static void canonicalize(const struct idmap *map, struct idmap *result)
{
	struct id_range *ranges = result->ranges;
	size_t kept = 0;

	for (size_t i = 0; i < map->count; i++) {
		size_t place = i;

		for (; place > 0 && ranges[place - 1].inner > map->ranges[i].inner; place--)
			ranges[place] = ranges[place - 1];
		ranges[place] = map->ranges[i];
	}
	for (size_t i = 1; i < map->count; i++) {
		struct id_range *last = &ranges[kept];

		if (last->inner + last->count == ranges[i].inner &&
		    last->outer + last->count == ranges[i].outer)
			last->count += ranges[i].count;
		else
			ranges[++kept] = ranges[i];
	}
	result->count = map->count ? kept + 1 : 0;
}

bool idmap_equal(const struct idmap *a, const struct idmap *b)
{
	struct idmap first, second;

	canonicalize(a, &first);
	canonicalize(b, &second);
	return first.count == second.count &&
	       memcmp(first.ranges, second.ranges, first.count * sizeof(first.ranges[0])) == 0;
}
