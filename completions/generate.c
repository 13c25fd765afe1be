/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Runs at build time: writes the completion of a shell from the table of options.
 * `generate bash|zsh|fish|list`; list: a line "NAME<TAB>VALUES" for each row.
 */

#include "completions/shells.h"

#include <stdlib.h>
#include <string.h>

static void print_list(FILE *file)
{
	for (const struct option *option = option_table; option->name; option++)
		fprintf(file, "%s\t%s\n", option->name, option->values ? option->values : "");
}

static const struct {
	const char *name;
	void (*print)(FILE *file);
} forms[] = {
	{ "bash", print_bash },
	{ "zsh", print_zsh },
	{ "fish", print_fish },
	{ "list", print_list },
};

bool option_is_repeated_row(const struct option *option)
{
	for (const struct option *earlier = option_table; earlier < option; earlier++)
		if (strcmp(earlier->name, option->name) == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (strcmp(forms[i].name, argv[1]) != 0)
			continue;
		forms[i].print(stdout);
		return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	fputs("Usage: generate bash|zsh|fish|list\n", stderr);
	return EXIT_FAILURE;
}
