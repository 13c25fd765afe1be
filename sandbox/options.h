/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The command line: `nsroot [OPTIONS] [--] COMMAND [ARGS]`. There is one table of options; the
 * parser, --help, the completions and the check of the manual page all read it, and nothing else
 * knows the name of an option. A new option is one row (options-table.c) and one function. Each
 * dialect has a table of its own, for the same parser.
 */

#include "base/report.h"
#include "sandbox/sandbox.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * options_parse: fill a sandbox from the command line and what --args, --args-file and --plan lead
 * to. All of it is read and checked; nothing is changed but that fds which were read to their end
 * are closed (0 to 2: replaced by /dev/null).
 *  sandbox: fresh from sandbox_init(), or with another dialect and its preset. It borrows the
 *           strings of argv.
 *  argv: argv[0] is skipped; ends with NULL.
 * After --help or --version, sandbox->request says so and what follows is not looked at,
 * but for the word after --help.
 * Returns 0 or a negative errno, reported.
 */
int options_parse(struct sandbox *sandbox, char **argv, struct report *report);

enum option_group {
	GROUP_FILESYSTEM,
	GROUP_NAMESPACES,
	GROUP_IDENTITY,
	GROUP_COMMAND,
	GROUP_PROCESSES,
	GROUP_DESCRIPTORS,
	GROUP_PRIVILEGES,
	GROUP_GENERAL,
	GROUP_COUNT,
};

/* How a shell completes a value. */
enum option_completion {
	COMPLETE_NOTHING,
	COMPLETE_PATH,
	COMPLETE_DIRECTORY,
	COMPLETE_DESCRIPTOR,
	COMPLETE_VARIABLE, /* name of an environment variable */
	COMPLETE_CHOICES,  /* the row's `choices` */
};

#define OPTION_VALUES_MAX 3

/* What is said of an option that is given twice. */
enum option_repeat { REPEAT_FREELY, REPEAT_WARNS, REPEAT_IS_REFUSED };

struct parser;
struct option;

/*
 * What carries out an option.
 *  values: as many as the row says; values[0] is NULL where an optional value was left out.
 * Returns 0 or a negative errno, reported.
 */
typedef int option_function(struct parser *parser, const struct option *option,
			    const char *const *values);

struct option {
	const char *name; /* "--bind" */
	const char
		*values; /* a word for each: "SRC DEST"; NULL: none; "[=WORD]": may be left out */
	enum option_group group;
	bool common; /* shown by --help; --help all shows every row */
	const char *help;
	option_function *parse;
	intptr_t argument; /* lets rows share a function */
	enum option_completion completions[OPTION_VALUES_MAX];
	const char *choices; /* space separated; with another kind of completion: words besides */
	/* two rows may share a name: the first that applies, or that has no condition, is taken */
	bool (*applies)(const struct parser *parser);
	enum option_repeat repeat;
	bool modifies; /* it says something about a later one, where a dialect wants the next */
};

/* nsroot's own. Like every table of options it ends with a row whose name is NULL. */
extern const struct option option_table[];

/* Pairs of options that exclude or need each other; ends with a rule whose option is NULL. */
struct option_rule {
	const char *option;
	enum { RULE_EXCLUDES, RULE_NEEDS } kind;
	const char *other;
	const char *why;
};

extern const struct option_rule option_rules[];

/* option_value_count: the number of values that a row has; an optional one counts. */
size_t option_value_count(const struct option *option);

/* option_value_is_optional: true for "[=WORD]". */
bool option_value_is_optional(const struct option *option);

/* option_group_title: "Filesystem", ... */
const char *option_group_title(enum option_group group);
