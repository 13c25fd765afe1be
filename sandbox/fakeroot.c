/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/fakeroot.h"

#include "sandbox/dialect.h"
#include "sandbox/help.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define FAKEROOT_VERSION "1.31" /* that the dialect follows */

int fakeroot_help(struct parser *parser, const struct option *option, const char *const *values)
{
	(void)option, (void)values;
	/* on standard error, and a failure */
	parser->sandbox->request = REQUEST_USAGE;
	return 0;
}

int fakeroot_ignore(struct parser *parser, const struct option *option, const char *const *values)
{
	(void)parser, (void)option, (void)values;
	return 0;
}

int fakeroot_load(struct parser *parser, const struct option *option, const char *const *values)
{
	(void)option;
	parser->sandbox->state_in = values[0];
	return 0;
}

int fakeroot_save(struct parser *parser, const struct option *option, const char *const *values)
{
	(void)option;
	parser->sandbox->state_out = values[0];
	return 0;
}

static void preset(struct sandbox *sandbox)
{
	sandbox_share_all(sandbox);
	sandbox->custom = (struct custom){
		.processes = PROCESSES_MONITORED,
		.capabilities = CAPABILITIES_KEPT,
		.open = true,
		.keep_privs = true,
		.keep_pwd = true,
		.fake = true,
	};
	sandbox->namespaces[NAMESPACE_MOUNT].wish = NAMESPACE_SHARE;
	/* root can be root as it is */
	if (geteuid() != 0)
		sandbox->namespaces[NAMESPACE_USER].wish = NAMESPACE_UNSHARE;
	sandbox->map = MAP_ROOT;
	sandbox->allow_io_uring = false; /* no way around what is answered */
	sandbox->suppress_chown = YES;
	sandbox->show_owners = SHOW_TRAP;
	sandbox->remember_or_fail = true;
}

/* What tells programs that they run in a fakeroot: debhelper looks for FAKEROOTKEY. */
static int mark_environment(struct parser *parser)
{
	const struct option option = { .name = "environment" };
	bool real = parser->sandbox->unknown_is_real;
	const char *mode[] = { "FAKED_MODE", real ? "unknown-is-real" : "unknown-is-root" };
	const char *key[] = { "FAKEROOTKEY", NULL };
	char *number;
	int r;

	/* the original's names a message queue: a number, too */
	if (asprintf(&number, "%d", (int)getpid()) < 0)
		return report_failure(parser->report, ENOMEM, "environment");
	r = parser_hold(parser, number);
	if (r < 0)
		return r;
	key[1] = number;
	r = option_setenv(parser, &option, mode);
	return r < 0 ? r : option_setenv(parser, &option, key);
}

static int finish(struct parser *parser)
{
	const char *key = getenv("FAKEROOTKEY");

	if (key && *key) {
		report_refusal(parser->report, "FAKEROOTKEY set to %.100s", key);
		report_hint(parser->report, "nested operation not yet supported");
		return -EINVAL;
	}
	return mark_environment(parser);
}

static void help(const struct dialect *dialect, const char *program, bool all, FILE *file)
{
	(void)program, (void)all;
	fprintf(file,
		"usage: fakeroot [OPTIONS] [--] [COMMAND [ARGS]]\n"
		"\n"
		"Run a command as if it were root's with regard to files. This is nsroot %s in "
		"fakeroot's\n"
		"dialect.\n"
		"\n",
		NSROOT_VERSION);
	help_print_table(dialect, file);
	fputs("\nManual: nsroot-fakeroot(1)\n", file);
}

const struct dialect dialect_fakeroot = {
	.name = "fakeroot",
	.version = "fakeroot version " FAKEROOT_VERSION,
	.options = fakeroot_options,
	.rules = fakeroot_rules,
	.equals = true,
	.clusters = true,
	.failure_status = 1,
	.exec_status = true,
	.preset = preset,
	.finish = finish,
	.help = help,
};
