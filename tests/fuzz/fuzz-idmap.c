/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idmap/idmap.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
	if (!holds)
		abort();
}

/* What the kernel would refuse or mean otherwise must not be in any map. */
static void check_map(const struct idmap *map)
{
	need(map->count <= IDMAP_MAX);
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *range = &map->ranges[i];
		uint32_t id;

		need(range->count > 0);
		need((uint64_t)range->inner + range->count <= UINT32_MAX);
		need((uint64_t)range->outer + range->count <= UINT32_MAX);
		/* with an overlap, an earlier range would answer */
		need(idmap_to_inner(map, range->outer, &id) && id == range->inner);
		need(idmap_to_outer(map, range->inner + range->count - 1, &id) &&
		     id == range->outer + range->count - 1);
	}
}

static void check_round_trip(const struct idmap *map)
{
	char text[IDMAP_TEXT_MAX];
	struct idmap again, identity;

	need(idmap_format(map, text, sizeof(text)) == strlen(text));
	need(idmap_parse_file(&again, text) == 0);
	need(again.count == map->count && idmap_equal(map, &again));
	idmap_identity(map, &identity);
	check_map(&identity);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *next = text, *range;
	struct report report = { 0 };
	struct idmap map;

	need(text != NULL);
	if (idmap_parse_file(&map, text) == 0) {
		check_map(&map);
		check_round_trip(&map);
	}

	map.count = 0;
	while ((range = strsep(&next, "\n"))) {
		size_t before = map.count;
		int r = idmap_parse_range(&map, "--map-uid", range, &report);

		need((r == 0) == (map.count == before + 1));
	}
	check_map(&map);
	check_round_trip(&map);
	free(text);
	return 0;
}
