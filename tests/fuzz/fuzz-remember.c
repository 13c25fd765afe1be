/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A file of --remember. */

#include "remember/file.h"
#include "tests/fuzz/fuzz-table.h"

static int check_file(const struct remembered *file, void *context)
{
	const struct remember_table *table = context;

	need(remember_find(table, &file->key) == file);
	need(remember_has_number(table, file->key.device, file->key.inode));
	for (size_t i = 0; i < file->attribute_count; i++) {
		need(file->attributes[i].name[0]);
		need(!file->attributes[i].removed == (file->attributes[i].value != NULL));
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct form form = { remember_parse, remember_format, check_file };

	return fuzz_form(&form, data, size);
}
