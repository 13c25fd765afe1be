/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/own-tree.h"

#include "base/cleanup.h"
#include "mounts/enter.h"
#include "mounts/tree.h"

static int build(struct launch *launch)
{
	const struct mount_plan *plan = &launch->sandbox->plan;
	int r = mount_cut_off(plan->manner.receive_mounts, launch->report);

	if (r >= 0)
		r = mount_build_open(&launch->build, plan, launch->proc_fd, launch->report);
	if (r >= 0)
		r = mount_tree_build(&launch->build, launch->report);
	if (r >= 0)
		r = mount_tree_late(&launch->build, launch->report);
	if (r >= 0)
		r = mount_tree_finish(&launch->build, launch->report);
	return r;
}

int own_tree_enter(struct launch *launch)
{
	int r = build(launch);

	if (r >= 0)
		r = mount_enter(&launch->build, launch->report);
	if (r == MOUNT_ENTER_CHROOT)
		r = mount_enter_by_chroot(launch->report);
	if (r >= 0 && launch->sandbox->plan.manner.share_mounts)
		r = mount_share(launch->report);
	if (r >= 0 && chdir("/") < 0)
		r = report_failure(launch->report, errno, "chdir /");
	return r;
}
