/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "sandbox/defaults.h"
#include "sandbox/descriptors.h"
#include "sandbox/explain.h"
#include "sandbox/help.h"
#include "sandbox/launch.h"
#include "sandbox/options.h"
#include "sandbox/policy.h"
#include "seccomp/filters.h"

#include <fcntl.h>
#include <string.h>

static int explain(const struct sandbox *sandbox, struct report *report)
{
	struct identity identity;
	uint64_t given, ambient;
	_cleanup_close_ int proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (proc_fd < 0)
		return report_failure(report, errno, "open /proc");
	r = identity_resolve(sandbox, proc_fd, &identity, report);
	if (r < 0)
		return r;
	policy_capabilities(sandbox, &identity, &given, &ambient);
	sandbox_explain(sandbox, &identity, given, ambient, policy_filters(sandbox, &identity),
			stdout);
	return 0;
}

static int flush_output(struct report *report)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return report_failure(report, errno, "write to standard output");
	return 0;
}

static int run(struct sandbox *sandbox, char **argv, int *status, int *death, struct report *report)
{
	int r;

	switch (sandbox->request) {
	case REQUEST_HELP:
	case REQUEST_HELP_ALL:
		help_print(stdout, sandbox->request == REQUEST_HELP_ALL);
		return flush_output(report);
	case REQUEST_VERSION:
		puts("nsroot " NSROOT_VERSION);
		return flush_output(report);
	default:
		break;
	}
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
static void die_like_command(int death, bool any)
{
	if (death == SIGINT || death == SIGQUIT || (death && any))
		signals_die_of(death);
}

int main(int argc, char **argv)
{
	struct report report = { 0 };
	struct sandbox sandbox;
	int status = 0, death = 0;
	int r = descriptors_fill_standard(&report);

	sandbox_init(&sandbox);
	if (r >= 0)
		r = options_parse(&sandbox, argc, argv, &report);
	if (r >= 0) {
		report.verbose = sandbox.verbose;
		r = run(&sandbox, argv, &status, &death, &report);
	}
	if (r < 0) {
		report_print(&report);
		status = report.status ? report.status : EXIT_NSROOT;
	}
	die_like_command(r < 0 ? 0 : death, sandbox.raise_signal);
	sandbox_free(&sandbox);
	return status;
}
