/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the fuzzers of the forms that a table of remembered files is stored in have in common. */

#include "base/cleanup.h"
#include "remember/table.h"

#include <string.h>

struct form {
	int (*parse)(struct remember_table *table, char *text, size_t size, unsigned int *line);
	int (*format)(const struct remember_table *table, FILE *stream);
	int (*check)(const struct remembered *file, void *table);
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
	if (!holds)
		abort();
}

static char *format(const struct form *form, const struct remember_table *table, size_t *size)
{
	char *text = NULL;
	FILE *stream = open_memstream(&text, size);

	need(stream && form->format(table, stream) == 0);
	fclose(stream);
	return text;
}

static void check_again(const struct form *form, const struct remember_table *table)
{
	struct remember_table again = { 0 };
	size_t size, second_size;
	_cleanup_free_ char *first = format(form, table, &size), *copy = strdup(first),
			    *second = NULL;
	unsigned int line;

	need(copy && form->parse(&again, copy, size, &line) == 0);
	second = format(form, &again, &second_size);
	need(size == second_size && memcmp(first, second, size) == 0);
	remember_free(&again);
}

/* What is taken is written again in a form that is taken, with the same meaning. */
static int fuzz_form(const struct form *form, const uint8_t *data, size_t size)
{
	struct remember_table table = { 0 };
	char *text = malloc(size + 1);
	unsigned int line;

	need(text);
	memcpy(text, data, size);
	text[size] = '\0';
	if (form->parse(&table, text, size, &line) == 0) {
		need(remember_each(&table, form->check, &table) == 0);
		check_again(form, &table);
	}
	free(text);
	remember_free(&table);
	return 0;
}
