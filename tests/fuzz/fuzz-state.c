/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A state file of fakeroot's. */

#include "remember/state.h"
#include "tests/fuzz/fuzz-table.h"

static int check_file(const struct remembered *file, void *context)
{
	const struct remember_table *table = context;

	need(file->unpinned);
	need(remember_has_number(table, file->key.device, file->key.inode));
	need(!file->type || file->type == (file->mode & S_IFMT));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct form form = { state_parse, state_format, check_file };

	return fuzz_form(&form, data, size);
}
