/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/fakeroot.h"

/* Every option of fakeroot 1.31: nsroot-fakeroot(1). */
#ifdef OPTIONS_WITHOUT_FUNCTIONS
#define PARSE(function) NULL
#else
#define PARSE(function) function
#endif

#define UNKNOWN_IS_REAL                                                                            \
	"show the real owners of files of which nothing is remembered", PARSE(option_flag),        \
		.argument = OPTION_FIELD(unknown_is_real)

const struct option fakeroot_options[] = {
	{ "-i", "FILE", GROUP_PRIVILEGES, true, "remember what this file tells, from the start",
	  PARSE(fakeroot_load) },
	{ "-s", "FILE", GROUP_PRIVILEGES, true, "write what is remembered to this file, in the end",
	  PARSE(fakeroot_save) },
	{ "-u", NULL, GROUP_PRIVILEGES, true, UNKNOWN_IS_REAL },
	{ "--unknown-is-real", NULL, GROUP_PRIVILEGES, true, UNKNOWN_IS_REAL },
	{ "-l", "LIBRARY", GROUP_GENERAL, true, "of no use here", PARSE(fakeroot_ignore) },
	{ "--lib", "LIBRARY", GROUP_GENERAL, true, "of no use here", PARSE(fakeroot_ignore) },
	{ "-f", "PROGRAM", GROUP_GENERAL, true, "of no use here", PARSE(fakeroot_ignore) },
	{ "--faked", "PROGRAM", GROUP_GENERAL, true, "of no use here", PARSE(fakeroot_ignore) },
	{ "-b", "FD", GROUP_GENERAL, true, "of no use here", PARSE(fakeroot_ignore) },
	{ "--fd-base", "FD", GROUP_GENERAL, true, "of no use here", PARSE(fakeroot_ignore) },
	{ "-h", NULL, GROUP_GENERAL, true, "show this", PARSE(fakeroot_help) },
	{ "--help", NULL, GROUP_GENERAL, true, "show this", PARSE(fakeroot_help) },
	{ "-v", NULL, GROUP_GENERAL, true, "show the version", PARSE(option_version) },
	{ "--version", NULL, GROUP_GENERAL, true, "show the version", PARSE(option_version) },
	{ NULL },
};

const struct option_rule fakeroot_rules[] = { { NULL } };
