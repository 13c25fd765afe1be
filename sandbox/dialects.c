/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/dialect.h"

#include "sandbox/help.h"

#include <string.h>

static void keep_preset(struct sandbox *sandbox)
{
	(void)sandbox;
}

const struct dialect dialect_nsroot = {
	.name = "nsroot",
	.version = "nsroot " NSROOT_VERSION,
	.options = option_table,
	.rules = option_rules,
	.equals = true,
	.preset = keep_preset,
	.finish = options_finish,
	.help = help_print,
};

static const struct dialect *const dialects[] = { &dialect_nsroot, &dialect_bwrap,
						  &dialect_fakeroot, &dialect_mkosi_sandbox };

const struct dialect *dialect_find(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	for (size_t i = 0; i < sizeof(dialects) / sizeof(*dialects); i++) {
		if (strcmp(dialects[i]->name, name) == 0)
			return dialects[i];
	}
	return NULL;
}

int dialect_status(const struct dialect *dialect, int status)
{
	bool exec = status == EXIT_NOT_FOUND || status == EXIT_NOT_EXECUTABLE;

	return dialect->failure_status && !(exec && dialect->exec_status) ? dialect->failure_status
									  : status;
}

const struct dialect *dialect_choose(char ***argv, struct report *report)
{
	static const char option[] = "--dialect";
	char **words = *argv;
	const struct dialect *dialect = words[0] ? dialect_find(words[0]) : NULL;
	const char *name;

	if (!dialect)
		dialect = &dialect_nsroot;
	/* the other dialects have no such option */
	if (dialect != &dialect_nsroot || !words[0] || !words[1] ||
	    strncmp(words[1], option, strlen(option)) != 0)
		return dialect;
	name = words[1] + strlen(option);
	if (*name == '=')
		name++;
	else if (*name || !words[2])
		return dialect; /* for the parser to refuse */
	else
		name = words[2], words++;
	dialect = dialect_find(name);
	if (!dialect) {
		report_refusal(report, "%s %.100s: no such dialect", option, name);
		report_hint(report, "there are nsroot, bwrap, fakeroot and mkosi-sandbox");
		return NULL;
	}
	*argv = words + 1;
	return dialect;
}
