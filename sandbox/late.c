/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/late.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "mounts/proc.h"
#include "mounts/tree.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static bool has_kind(const struct launch *launch, enum mount_kind kind)
{
	return mount_plan_has(&launch->sandbox->plan, kind);
}

bool late_needs_ready(const struct launch *launch)
{
	return launch->identity.two_levels && ((sandbox_unshares(launch->sandbox, NAMESPACE_IPC) &&
						has_kind(launch, MOUNT_MQUEUE)) ||
					       (sandbox_unshares(launch->sandbox, NAMESPACE_NET) &&
						has_kind(launch, MOUNT_SYSFS)));
}

/* pidfd_open(2) has no ioctl for it before 6.11; nor has procfs an option before 6.17 */
static void open_pidns(struct launch *launch)
{
	int fd = ioctl(launch->pid_1, PIDFD_GET_PID_NAMESPACE, 0);

	launch->build.pidns_fd = fd < 0 ? -EBADF : fd;
}

static int wait_for(pid_t pid)
{
	int status, error;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno == EINTR)
			continue;
		error = errno;
		/* pid 1 can't end before everyone in its namespace has been waited for */
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		return -error;
	}
	return status ? -ECHILD : 0;
}

_Noreturn static void run(struct launch *launch, struct report *shared)
{
	int flags = 0;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) {
		report_failure(shared, errno, "prctl PR_SET_PDEATHSIG");
		_exit(EXIT_NSROOT);
	}
	if (sandbox_unshares(launch->sandbox, NAMESPACE_IPC))
		flags |= CLONE_NEWIPC;
	if (sandbox_unshares(launch->sandbox, NAMESPACE_NET))
		flags |= CLONE_NEWNET;
	if (flags && late_needs_ready(launch) && setns(launch->pid_1, flags) < 0) {
		report_failure(shared, errno, "setns to the namespaces of pid 1");
		_exit(EXIT_NSROOT);
	}
	close_fd(&launch->build.pidns_fd); /* this process is in it */
	_exit(mount_tree_late(&launch->build, shared) < 0 ? EXIT_NSROOT : 0);
}

static int mount_from_within(struct launch *launch)
{
	struct report *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t helper;
	int r;

	if (shared == MAP_FAILED)
		return report_failure(launch->report, errno, "mmap");
	*shared = *launch->report;
	/* counts for children only: setns(2) */
	if (sandbox_unshares(launch->sandbox, NAMESPACE_PID) &&
	    setns(launch->pid_1, CLONE_NEWPID) < 0) {
		r = report_failure(launch->report, errno, "setns to the pid namespace");
		munmap(shared, sizeof(*shared));
		return r;
	}
	helper = fork();
	if (helper == 0)
		run(launch, shared);
	r = helper < 0 ? -errno : wait_for(helper);
	if (shared->status) {
		*launch->report = *shared;
		r = -ECHILD;
	} else if (r < 0) {
		report_failure(launch->report, -r, "mounting of kernel file systems");
	}
	munmap(shared, sizeof(*shared));
	return r;
}

int late_mount(struct launch *launch)
{
	bool new_proc = has_kind(launch, MOUNT_PROC) && !launch->build.bind_proc;

	if (new_proc)
		open_pidns(launch);
	if (late_needs_ready(launch) ||
	    (new_proc && !mount_proc_takes_pidns(launch->build.pidns_fd)))
		return mount_from_within(launch);
	return mount_tree_late(&launch->build, launch->report);
}
