/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Dialects: the command lines of other programs, over the same plan and the same launch. A dialect
 * is a table of options, the preset that an empty command line stands for, and what that program
 * says; what it does otherwise than nsroot is data in struct sandbox (struct custom) and in the
 * plan (struct mount_manner). nsroot's own command line is one of them.
 */

#include "sandbox/options-parser.h"

#include <stdio.h>

/* Whose words the parser uses where it refuses something. */
enum dialect_words { WORDS_OF_NSROOT, WORDS_OF_BWRAP };

struct dialect {
	const char *name;    /* of the program: argv[0], --dialect, before messages */
	const char *version; /* what --version prints */
	const struct option *options;
	const struct option_rule *rules;
	enum dialect_words words;
	bool equals;         /* "--option=value" is one word */
	bool next_modifies;  /* a modifier is for the very next option */
	bool drops_words;    /* words behind the options of an --args are dropped, and it can't nest
			      */
	bool answers_aside;  /* --help and --version go to standard error */
	bool clusters;       /* "-us FILE" is "-u -s FILE", as getopt(3) has it */
	int failure_status;  /* of a failure before the command runs; 0: as the failure has it */
	bool exec_status;    /* ... but 126 and 127 stay what they are */
	bool silent_missing; /* nothing is said of a command that is not found */

	/* preset: what an empty command line asks for, into a sandbox fresh from sandbox_init. */
	void (*preset)(struct sandbox *sandbox);

	/* finish: what only the whole command line tells. Returns 0 or a negative errno, reported.
	 */
	int (*finish)(struct parser *parser);

	/* help: print --help; `all` is of "--help all". */
	void (*help)(const struct dialect *dialect, const char *program, bool all, FILE *file);
};

extern const struct dialect dialect_nsroot, dialect_bwrap, dialect_fakeroot, dialect_mkosi_sandbox;

/* dialect_status: the exit status for a failure, from nsroot's own. */
int dialect_status(const struct dialect *dialect, int status);

/* dialect_find: by its name, that of a path's last component; NULL if there is none. */
const struct dialect *dialect_find(const char *path);

/*
 * dialect_choose: the dialect that a command line is in, by "--dialect NAME" as first option or
 * else by argv[0].
 *  argv: *argv moves past what is not for the dialect's own parser.
 * Returns NULL, reported, for a name that is not known.
 */
const struct dialect *dialect_choose(char ***argv, struct report *report);
