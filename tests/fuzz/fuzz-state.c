/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A state file of fakeroot's: what is taken is written again in a form that is taken, with the same
 * meaning. */

#include "base/cleanup.h"
#include "remember/state.h"

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

	need(file->unpinned);
	need(remember_has_number(table, file->key.device, file->key.inode));
	need(!file->type || file->type == (file->mode & S_IFMT));
	return 0;
}

static char *format(const struct remember_table *table, size_t *size)
{
	char *text = NULL;
	FILE *stream = open_memstream(&text, size);

	need(stream && state_format(table, stream) == 0);
	fclose(stream);
	return text;
}

static void check_again(const struct remember_table *table)
{
	struct remember_table again = { 0 };
	size_t size, second_size;
	_cleanup_free_ char *first = format(table, &size), *copy = strdup(first), *second = NULL;
	unsigned int line;

	need(copy && state_parse(&again, copy, size, &line) == 0);
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
	if (state_parse(&table, text, size, &line) == 0) {
		need(remember_each(&table, check_file, &table) == 0);
		check_again(&table);
	}
	free(text);
	remember_free(&table);
	return 0;
}
