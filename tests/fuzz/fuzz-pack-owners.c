/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lines of --owner-map, and those of a passwd(5): whatever they say, an id becomes an id. */

#include "base/cleanup.h"
#include "pack/owners.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
	if (!holds)
		abort();
}

static void check_id(const struct owners *owners, uint32_t id)
{
	struct archive_entry *entry = archive_entry_new();

	need(entry);
	owners_set(owners, entry, id, id, NULL);
	need(archive_entry_uid(entry) >= 0 && archive_entry_uid(entry) < ID_UNSET);
	need(archive_entry_gid(entry) >= 0 && archive_entry_gid(entry) < ID_UNSET);
	archive_entry_free(entry);
	need(owners_map_id(owners, id, false) < ID_UNSET);
	need(owners_map_id(owners, id, true) < ID_UNSET);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct owners owners = { .root_uid = 1001, .root_gid = 1001 };
	_cleanup_fclose_ FILE *stream = fmemopen((void *)(uintptr_t)data, size, "r");
	struct report report = { 0 };

	if (!size)
		return 0;
	need(stream);
	(void)owners_parse_map(&owners, stream, "map", &report);
	rewind(stream);
	need(owners_parse_names(&owners.users, stream) == 0);
	check_id(&owners, 0);
	check_id(&owners, 1001);
	check_id(&owners, ID_UNSET - 1);
	for (size_t i = 0; i < owners.rule_count; i++) {
		check_id(&owners, owners.rules[i].user.first);
		check_id(&owners, owners.rules[i].user.last);
		check_id(&owners, owners.rules[i].group.first);
		check_id(&owners, owners.rules[i].group.last);
	}
	for (size_t i = 0; i < owners.users.count; i++)
		need(owners.users.names[i].name[0] && owners.users.names[i].id < ID_UNSET);
	owners_free(&owners);
	return 0;
}
