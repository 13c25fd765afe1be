/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/in-place.h"

#include "base/cleanup.h"
#include "foreign/nsresource.h"
#include "sandbox/advice.h"
#include "sandbox/command.h"
#include "sandbox/directory.h"
#include "sandbox/maps.h"
#include "sandbox/own-tree.h"
#include "sandbox/policy.h"

#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>

/* Entered, not unshared: systemd-nsresourced writes the maps of a namespace nobody is in. */
static int enter_allocated(struct launch *launch, const struct nsresource_request *request)
{
	_cleanup_close_ int fd = nsresource_allocate(request, launch->proc_fd, launch->report);

	if (fd < 0)
		return fd;
	if (setns(fd, CLONE_NEWUSER) < 0)
		return report_failure(launch->report, errno, "%s: setns", request->what);
	return 0;
}

static int become_root(struct launch *launch)
{
	if (setresgid(0, 0, 0) < 0)
		return report_failure(launch->report, errno, "--become-root: setresgid 0");
	/* capabilities are set later, which wants those there are */
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return report_failure(launch->report, errno, "prctl PR_SET_KEEPCAPS");
	if (setresuid(0, 0, 0) < 0)
		return report_failure(launch->report, errno, "--become-root: setresuid 0");
	return capability_raise(launch->report);
}

static int unshare_user(struct launch *launch)
{
	struct map_writer writer;
	int r = map_writer_start(&writer, launch);

	if (r < 0)
		return r;
	if (unshare(CLONE_NEWUSER) < 0) {
		int error = errno;

		map_writer_cancel(&writer);
		report_failure(launch->report, error, "unshare user namespace");
		advise_on_userns(launch->report, launch->proc_fd, error);
		return -error;
	}
	return map_writer_finish(&writer, launch);
}

static int acquire_rights(struct launch *launch)
{
	const struct identity *identity = &launch->identity;
	const struct sandbox *sandbox = launch->sandbox;
	bool root = sandbox->become_root && !identity->foreign_binds;
	struct nsresource_request request = {
		.what = sandbox->map_delegate  ? "--map-delegate"
			: sandbox->map_foreign ? "--map-foreign"
					       : "--bind-foreign",
		.self = true,
		.become_root = root,
		.map_foreign = sandbox->map_foreign,
		.delegate = identity->delegate,
	};
	int r;

	if (!identity->new_userns)
		return 0;
	if (!identity->allocated)
		return unshare_user(launch);
	r = enter_allocated(launch, &request);
	return r >= 0 && root ? become_root(launch) : r;
}

/* The transient user namespace whose ids the foreign range is mapped to; the command's in the end.
 */
static int allocate_transient(struct launch *launch)
{
	struct nsresource_request request = { .what = "--bind-foreign" };

	if (!launch->identity.foreign_binds)
		return 0;
	launch->build.foreign_fd = nsresource_allocate(&request, launch->proc_fd, launch->report);
	return launch->build.foreign_fd < 0 ? launch->build.foreign_fd : 0;
}

static int enter_transient(struct launch *launch)
{
	struct identity *identity = &launch->identity;

	if (!identity->foreign_binds)
		return 0;
	if (setns(launch->build.foreign_fd, CLONE_NEWUSER) < 0)
		return report_failure(launch->report, errno, "--bind-foreign: setns");
	identity->uid = geteuid();
	identity->gid = getegid();
	if (!launch->sandbox->become_root)
		return 0;
	identity->uid = identity->gid = 0;
	return become_root(launch);
}

static bool may_unshare_net(void)
{
	struct report ignored = { 0 };
	uint64_t effective = 0;

	return capability_read_effective(&effective, &ignored) >= 0 &&
	       (effective >> CAP_NET_ADMIN & 1);
}

static int unshare_rest(struct launch *launch)
{
	const struct sandbox *sandbox = launch->sandbox;
	int flags = CLONE_NEWNS, error;

	if (sandbox_unshares(sandbox, NAMESPACE_IPC))
		flags |= CLONE_NEWIPC;
	if (sandbox->try_net && may_unshare_net())
		flags |= CLONE_NEWNET;
	else if (sandbox->try_net)
		report_warning(launch->report, "--unshare-net: the network is shared: a new "
					       "namespace wants CAP_NET_ADMIN");
	if (unshare(flags) == 0)
		return 0;
	error = errno;
	report_failure(launch->report, error, "unshare namespaces");
	advise_on_userns(launch->report, launch->proc_fd, error);
	return -error;
}

static int set_up(struct launch *launch, struct command *command, char **argv)
{
	const struct sandbox *sandbox = launch->sandbox;
	int r = launch_prepare(launch, argv);

	if (r >= 0)
		r = acquire_rights(launch);
	if (r >= 0)
		r = allocate_transient(launch);
	if (r >= 0)
		r = unshare_rest(launch);
	if (r >= 0)
		r = command_prepare(launch, command, launch->report);
	if (r >= 0)
		r = own_tree_enter(launch);
	if (r >= 0)
		r = directory_enter(launch);
	if (r >= 0)
		r = enter_transient(launch);
	if (r >= 0 && policy_no_new_privs(sandbox, &launch->identity) &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = report_failure(launch->report, errno, "prctl PR_SET_NO_NEW_PRIVS");
	return r;
}

int launch_in_place(struct launch *launch, char **argv)
{
	struct command command = { 0 };
	int r;

	mount_build_init(&launch->build);
	r = signals_leave(&launch->signals, launch->report);
	launch->umask = umask(0);
	if (r >= 0)
		r = set_up(launch, &command, argv);
	if (r >= 0) {
		mount_build_close(&launch->build);
		r = command_become(launch, &command, launch->report);
	}
	mount_build_close(&launch->build);
	return r < 0 ? r : -EINVAL;
}
