/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/help.h"

#include "sandbox/dialect.h"

#include <string.h>

#define HELP_COLUMN 32 /* where the sentences start */

static const char introduction[] =
	"Usage: nsroot [OPTIONS] [--] COMMAND [ARGS]\n"
	"\n"
	"Run a command in new namespaces with a root of its own. Without options the system is\n"
	"read-only and the current directory writable; without a command the shell starts.\n"
	"\n"
	"  nsroot -- make                       build here, harm nothing else\n"
	"  nsroot --unshare-net -- ./configure  the same, without a network\n"
	"  nsroot --explain --ro-bind / / --overlay-src src --tmp-overlay /src\n"
	"                                       show what this would do\n";

static void print_option(FILE *file, const struct option *option)
{
	/* an optional value carries its own "[=" */
	bool space = option->values && !option_value_is_optional(option);
	const char *values = option->values ? option->values : "";
	int width = fprintf(file, "  %s%s%s", option->name, space ? " " : "", values);

	if (width + 2 > HELP_COLUMN) {
		fputc('\n', file);
		width = 0;
	}
	fprintf(file, "%*s%s\n", HELP_COLUMN - (width > 0 ? width : 0), "", option->help);
}

void help_print_table(const struct dialect *dialect, FILE *file)
{
	for (const struct option *option = dialect->options; option->name; option++)
		print_option(file, option);
}

void help_print(const struct dialect *dialect, const char *program, bool all, FILE *file)
{
	(void)dialect, (void)program;
	fputs(introduction, file);
	for (enum option_group group = 0; group < GROUP_COUNT; group++) {
		fprintf(file, "\n%s\n", option_group_title(group));
		for (const struct option *option = option_table; option->name; option++)
			if (option->group == group && (all || option->common))
				print_option(file, option);
	}
	if (!all)
		fputs("\nThere are more: nsroot --help all\n", file);
	fputs("\nManual: nsroot(1), nsroot-plan(5), nsroot-bwrap(1), nsroot-mkosi-sandbox(1),\n"
	      "nsroot-fakeroot(1)\n",
	      file);
}
