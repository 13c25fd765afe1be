/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "sandbox/defaults.h"
#include "sandbox/descriptors.h"
#include "sandbox/dialect.h"
#include "sandbox/explain.h"
#include "sandbox/launch.h"
#include "sandbox/policy.h"
#include "seccomp/filters.h"

#include <fcntl.h>
#include <string.h>

static int explain(const struct sandbox *sandbox, struct report *report)
{
	struct identity identity;
	struct capability_sets capabilities;
	_cleanup_close_ int proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (proc_fd < 0)
		return report_failure(report, errno, "open /proc");
	r = identity_resolve(sandbox, proc_fd, &identity, report);
	if (r < 0)
		return r;
	capabilities = policy_capabilities(sandbox, &identity);
	sandbox_explain(sandbox, &identity, capabilities.given, capabilities.ambient,
			policy_filters(sandbox, &identity, sandbox_remembers(sandbox)), stdout);
	return 0;
}

static int flush_output(struct report *report)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return report_failure(report, errno, "write to standard output");
	return 0;
}

/* What is no launch. */
static int answer(const struct sandbox *sandbox, const char *argv0, int *status,
		  struct report *report)
{
	const struct dialect *dialect = sandbox->dialect;
	const char *program = dialect_find(argv0) == dialect ? argv0 : dialect->name;
	bool aside = dialect->answers_aside || sandbox->request == REQUEST_USAGE;
	FILE *file = aside ? stderr : stdout;

	if (sandbox->request == REQUEST_VERSION)
		fprintf(file, "%s\n", dialect->version);
	else
		dialect->help(dialect, program, sandbox->request == REQUEST_HELP_ALL, file);
	if (sandbox->request == REQUEST_USAGE)
		*status = dialect->failure_status;
	return aside ? 0 : flush_output(report);
}

/* What came before the command, in the dialect's numbers. */
static int fail(const struct dialect *dialect, const struct report *report)
{
	int status = report->status ? report->status : EXIT_NSROOT;

	if (status != EXIT_NOT_FOUND || !dialect->silent_missing)
		report_print(report);
	return dialect_status(dialect, status);
}

static int run(struct sandbox *sandbox, char **argv, int *status, int *death, struct report *report)
{
	int r;

	if (sandbox->request != REQUEST_RUN)
		return answer(sandbox, argv[0], status, report);
	r = defaults_apply(sandbox, report);
	if (r >= 0)
		r = mount_plan_order(&sandbox->plan, report);
	if (r < 0)
		return r;
	if (sandbox->explain != EXPLAIN_NOT) {
		r = explain(sandbox, report);
		return r < 0 ? r : flush_output(report);
	}
	return launch_run(sandbox, argv, status, death, report);
}

/* Shells end a loop on Ctrl-C only if what they ran died of it; for other signals 128+n says it
 * all, unless --raise-signal asks for more. */
static void die_like_command(const struct sandbox *sandbox, int death)
{
	bool any = sandbox->raise_signal;

	if (sandbox->custom.processes != PROCESSES_SUPERVISED)
		return;
	if (death == SIGINT || death == SIGQUIT || (death && any))
		signals_die_of(death);
}

int main(int argc, char **argv)
{
	struct report report = { 0 };
	const struct dialect *dialect = dialect_choose(&argv, &report);
	struct sandbox sandbox;
	int status = 0, death = 0, r = dialect ? 0 : -EINVAL;

	(void)argc;
	sandbox_init(&sandbox);
	if (dialect && dialect != &dialect_nsroot) {
		report.voice.program = dialect->name;
		report.voice.plain_warnings = dialect->words == WORDS_OF_BWRAP;
		sandbox.dialect = dialect;
		dialect->preset(&sandbox);
	}
	if (r >= 0)
		r = descriptors_fill_standard(&report);
	if (r >= 0)
		r = options_parse(&sandbox, argv, &report);
	if (r >= 0) {
		report.verbose = sandbox.verbose;
		r = run(&sandbox, argv, &status, &death, &report);
	}
	if (r < 0)
		status = fail(sandbox.dialect, &report);
	die_like_command(&sandbox, r < 0 ? 0 : death);
	sandbox_free(&sandbox);
	return status;
}
