/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Runs at build time: writes the completion of a shell from the table of options.
 * `generate bash|zsh|fish`, and `generate list [DIALECT]`: a line "NAME<TAB>VALUES" for each row
 * of nsroot's table, or of that dialect's.
 */

#include "completions/shells.h"
#include "sandbox/bwrap.h"
#include "sandbox/fakeroot.h"
#include "sandbox/mkosi.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *dialect;
	const struct option *options;
} tables[] = {
	{ "nsroot", option_table },
	{ "bwrap", bwrap_options },
	{ "fakeroot", fakeroot_options },
	{ "mkosi-sandbox", mkosi_options },
};

static bool print_list(FILE *file, const char *dialect)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (strcmp(tables[i].dialect, dialect) != 0)
			continue;
		for (const struct option *option = tables[i].options; option->name; option++)
			fprintf(file, "%s\t%s\n", option->name,
				option->values ? option->values : "");
		return true;
	}
	return false;
}

static const struct {
	const char *name;
	void (*print)(FILE *file);
} forms[] = {
	{ "bash", print_bash },
	{ "zsh", print_zsh },
	{ "fish", print_fish },
};

bool option_is_repeated_row(const struct option *option)
{
	for (const struct option *earlier = option_table; earlier < option; earlier++)
		if (strcmp(earlier->name, option->name) == 0)
			return true;
	return false;
}

static bool print_form(FILE *file, int argc, char **argv)
{
	if (argc >= 2 && argc <= 3 && strcmp(argv[1], "list") == 0)
		return print_list(file, argc == 3 ? argv[2] : "nsroot");
	for (size_t i = 0; argc == 2 && i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (strcmp(forms[i].name, argv[1]) != 0)
			continue;
		forms[i].print(file);
		return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	if (!print_form(stdout, argc, argv)) {
		fputs("Usage: generate bash|zsh|fish\n"
		      "       generate list [nsroot|bwrap|fakeroot|mkosi-sandbox]\n",
		      stderr);
		return EXIT_FAILURE;
	}
	return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
