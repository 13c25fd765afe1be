/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/directory.h"

#include "base/cleanup.h"
#include "sandbox/dialect.h"
#include "sandbox/environment.h"

#include <string.h>

int directory_remember(struct launch *launch)
{
	/* PWD if it is true: a path through symlinks, as a shell's user thinks of it */
	launch->cwd =
		launch->sandbox->custom.logical_pwd ? get_current_dir_name() : getcwd(NULL, 0);
	if (!launch->cwd && errno != ENOENT) /* ENOENT: it has been removed */
		return report_failure(launch->report, errno, "getcwd");
	if (launch->cwd && launch->cwd[0] != '/') { /* "(unreachable)": getcwd(3) */
		free(launch->cwd);
		launch->cwd = NULL;
	}
	return 0;
}

static int enter_asked_for(struct launch *launch, const char *path)
{
	if (chdir(path) == 0)
		return 0;
	if (launch->sandbox->dialect->words == WORDS_OF_BWRAP)
		return report_failure(launch->report, errno, "Can't chdir to %s", path);
	return report_failure(launch->report, errno, "--chdir %s: chdir", path);
}

/* Where nothing was asked for. Returns the path. */
static const char *fall_back(struct launch *launch)
{
	const char *home;
	char *slash;

	switch (launch->sandbox->custom.directory) {
	case DIRECTORY_ROOT:
		return "/";
	case DIRECTORY_HOME:
		home = environment_get(launch->environment, "HOME");
		if (launch->cwd && chdir(launch->cwd) == 0)
			return launch->cwd;
		return home && chdir(home) == 0 ? home : "/";
	default:
		break;
	}
	while (launch->cwd && chdir(launch->cwd) < 0) {
		slash = strrchr(launch->cwd, '/');
		if (!slash || slash == launch->cwd)
			return "/"; /* where we are */
		*slash = '\0';
	}
	return launch->cwd;
}

static int set_pwd(struct launch *launch, const char *path)
{
	char *assignment;

	if (launch->sandbox->custom.keep_pwd)
		return 0;
	if (!launch->sandbox->custom.logical_pwd)
		return environment_set_pwd(launch->environment, launch->report);
	if (asprintf(&assignment, "PWD=%s", path) < 0)
		return report_failure(launch->report, ENOMEM, "environment");
	environment_put(launch->environment, assignment);
	return 0;
}

int directory_enter(struct launch *launch)
{
	const struct sandbox *sandbox = launch->sandbox;
	const char *path;
	int r;

	if (!sandbox_unshares(sandbox, NAMESPACE_MOUNT))
		return 0; /* we are there */
	if (sandbox->chdir) {
		path = sandbox->chdir;
		r = enter_asked_for(launch, path);
		if (r < 0)
			return r;
	} else if (sandbox->same_dir && launch->cwd) {
		path = launch->cwd;
		if (chdir(path) < 0)
			return report_failure(launch->report, errno, "--same-dir: chdir %s", path);
	} else {
		path = fall_back(launch);
	}
	return set_pwd(launch, path);
}
