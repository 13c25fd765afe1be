/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idmap/subid.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever the file says: a map can be made of the ranges, unless there are too many. */
static void check_ranges(const struct subid_ranges *ranges)
{
	struct idmap map = { 0 };
	uint32_t inner = 0;

	if (ranges->count > IDMAP_MAX)
		abort();
	for (size_t i = 0; i < ranges->count; i++) {
		if (idmap_add(&map, inner, ranges->ranges[i].start, ranges->ranges[i].count) < 0)
			abort();
		inner += ranges->ranges[i].count;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct subid_ranges ranges = { 0 };
	/* without a NUL behind it, so that a read past the end is seen */
	char *text = malloc(size ? size : 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	subid_parse(text, size, "ann", 1000, &ranges);
	check_ranges(&ranges);
	subid_parse(text, size, NULL, 0, &ranges);
	check_ranges(&ranges);

	ranges.count = 0;
	subid_parse_getsubids(text, size, &ranges);
	check_ranges(&ranges);
	free(text);
	return 0;
}
