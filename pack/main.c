/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/options.h"
#include "pack/tree.h"
#include "remember/file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int run(const struct pack_options *options, struct report *report)
{
	struct remember_file file = { 0 };
	struct remember_table table = { 0 };
	int r = 0;

	if (isatty(STDOUT_FILENO))
		return report_refusal(report,
				      "the archive goes to standard output, which is a terminal");
	if (options->remember)
		r = remember_file_open(&file, "--remember", options->remember, &table, report);
	if (r >= 0)
		r = pack_tree(options, &table, report);
	if (options->remember)
		remember_file_close(&file);
	remember_free(&table);
	return r;
}

int main(int argc, char **argv)
{
	struct report report = { .voice = { .program = "nsroot-pack" } };
	struct pack_options options;
	int r = pack_options_parse(argc, argv, &options, &report);

	if (r >= 0 && options.help)
		pack_help(stdout);
	else if (r >= 0 && options.version)
		puts("nsroot-pack " NSROOT_VERSION);
	else if (r >= 0)
		r = run(&options, &report);
	if (r >= 0)
		return EXIT_SUCCESS;
	report_print(&report);
	return EXIT_FAILURE;
}
