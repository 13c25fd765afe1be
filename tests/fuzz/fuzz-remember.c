/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A file of --remember: what is taken is written again in a form that is taken, with the same
 * meaning. */

#include "base/cleanup.h"
#include "remember/file.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
	if (!holds)
		abort();
}

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

static char *format(const struct remember_table *table, size_t *size)
{
	char *text = NULL;
	FILE *stream = open_memstream(&text, size);

	need(stream && remember_format(table, stream) == 0);
	fclose(stream);
	return text;
}

static void check_again(const struct remember_table *table)
{
	struct remember_table again = { 0 };
	size_t size, second_size;
	_cleanup_free_ char *first = format(table, &size), *copy = strdup(first), *second = NULL;
	unsigned int line;

	need(copy && remember_parse(&again, copy, size, &line) == 0);
	second = format(&again, &second_size);
	need(size == second_size && memcmp(first, second, size) == 0);
	remember_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct remember_table table = { 0 };
	char *text = malloc(size + 1);
	unsigned int line;

	need(text);
	memcpy(text, data, size);
	text[size] = '\0';
	if (remember_parse(&table, text, size, &line) == 0) {
		need(remember_each(&table, check_file, &table) == 0);
		check_again(&table);
	}
	free(text);
	remember_free(&table);
	return 0;
}
