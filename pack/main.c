/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "pack/apply.h"
#include "pack/check.h"
#include "pack/filter.h"
#include "pack/options.h"
#include "pack/tree.h"
#include "remember/file.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct program {
	struct pack_options options;
	struct remember_table table;
	struct entry_rules rules;
	struct file_list list;
	struct spec spec;
	bool differs;
	struct report report;
};

/*
 * Root in the sandbox was who ran it: for an ordinary user the one who runs us, too; for real root,
 * who owns the file that it wrote.
 */
static int load_remembered(struct program *program)
{
	struct owners *owners = &program->rules.owners;
	struct stat status;
	int r;

	owners->root_uid = owners->root_gid = ID_UNSET;
	/* an archive that has come from elsewhere says itself who is root */
	if (geteuid() != 0 && program->options.tree) {
		owners->root_uid = geteuid();
		owners->root_gid = getegid();
	}
	if (!program->options.remember)
		return 0;
	r = remember_file_read("--remember", program->options.remember, &program->table, &status,
			       &program->report);
	if (r >= 0 && geteuid() == 0) {
		owners->root_uid = status.st_uid;
		owners->root_gid = status.st_gid;
	}
	return r;
}

static int load(struct program *program)
{
	const struct pack_options *options = &program->options;
	int r = load_remembered(program);

	if (r >= 0 && options->owner_map)
		r = owners_read_map(&program->rules.owners, options->owner_map, &program->report);
	if (r >= 0 && options->spec)
		r = spec_read(&program->spec, options->task == PACK_CHECK ? "--check" : "--spec",
			      options->spec, &program->report);
	if (r >= 0 && options->tree && options->task != PACK_FILTER)
		r = file_list_read(&program->list, options->tree, &program->report);
	if (r >= 0 && options->tree && options->task == PACK_FILTER) {
		program->list.root = open(options->tree, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (program->list.root < 0)
			r = report_failure(&program->report, errno, "%s", options->tree);
	}
	if (r >= 0 && options->tree && !options->numeric_owner)
		r = owners_read_names(&program->rules.owners, program->list.root, options->tree,
				      &program->report);
	return r;
}

static int carry_out(struct program *program)
{
	struct report *report = &program->report;

	switch (program->options.task) {
	case PACK_FILTER:
		return filter_archive(&program->rules,
				      program->options.spec ? &program->spec : NULL,
				      program->list.root, report);
	case PACK_CHECK:
		return check_tree(&program->list, &program->rules, &program->spec,
				  &program->differs, report);
	case PACK_APPLY:
		return apply_tree(&program->list, &program->rules, report);
	default:
		return pack_tree(&program->list, &program->rules, report);
	}
}

static int run(struct program *program)
{
	enum pack_task task = program->options.task;
	int r;

	program->rules.options = &program->options;
	program->rules.table = &program->table;
	if ((task == PACK_TREE || task == PACK_FILTER) && isatty(STDOUT_FILENO))
		return report_refusal(&program->report,
				      "the archive goes to standard output, which is a terminal");
	if (task == PACK_APPLY && geteuid() != 0)
		return report_refusal(&program->report, "--apply: only root can do it");
	r = load(program);
	if (r >= 0)
		r = carry_out(program);
	owners_free(&program->rules.owners);
	file_list_free(&program->list);
	spec_free(&program->spec);
	remember_free(&program->table);
	return r;
}

static int tell(struct program *program)
{
	if (program->options.task == PACK_HELP)
		pack_help(stdout);
	else
		puts("nsroot-pack " NSROOT_VERSION);
	if (fflush(stdout) != 0)
		return report_failure(&program->report, errno, "standard output: write");
	return 0;
}

/* Else the next file that is opened would be taken for it. */
static int check_descriptors(struct report *report)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (fd == STDOUT_FILENO)
			return report_refusal(report, "standard output is closed");
		if (open("/dev/null", O_RDWR) != fd)
			return report_failure(report, errno, "/dev/null");
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct program program = {
		.list.root = -EBADF,
		.report.voice.program = "nsroot-pack",
	};
	int r = check_descriptors(&program.report);

	/* names are UTF-8, or bytes, whatever the user's language is */
	setlocale(LC_CTYPE, "C.UTF-8");
	signal(SIGPIPE, SIG_IGN); /* a failure of write(2), and told as such */
	if (r >= 0)
		r = pack_options_parse(argc, argv, &program.options, &program.report);
	if (r >= 0)
		r = program.options.task < PACK_HELP ? run(&program) : tell(&program);
	if (r < 0) {
		report_print(&program.report);
		return EXIT_FAILURE;
	}
	return program.differs ? EXIT_FAILURE : EXIT_SUCCESS;
}
