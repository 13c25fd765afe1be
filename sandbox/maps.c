/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/maps.h"

#include "base/cleanup.h"
#include "base/procfs.h"
#include "base/syscalls.h"
#include "idmap/write.h"
#include "sandbox/descriptors.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static int write_outer(int proc_fd, pid_t pid, const struct identity *identity,
		       struct report *report)
{
	if (identity->privileged)
		return idmap_write_pid(proc_fd, pid, &identity->outer_uid_map,
				       &identity->outer_gid_map, identity->deny_groups, report);
	return idmap_run_helpers(proc_fd, pid, &identity->outer_uid_map, &identity->outer_gid_map,
				 report);
}

_Noreturn static void write_when_woken(int wake, pid_t target, const struct launch *launch,
				       struct report *shared)
{
	char byte;
	ssize_t n;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) {
		report_failure(shared, errno, "prctl PR_SET_PDEATHSIG");
		_exit(EXIT_NSROOT);
	}
	do {
		n = read(wake, &byte, 1);
	} while (n < 0 && errno == EINTR);
	/* the end of file: cancelled, or the launcher has died, whose pid may be another's by now
	 */
	if (n == 0)
		_exit(0);
	if (n < 0) {
		report_failure(shared, errno, "read in the writer of the id maps");
		_exit(EXIT_NSROOT);
	}
	_exit(write_outer(launch->proc_fd, target, &launch->identity, shared) < 0 ? EXIT_NSROOT
										  : 0);
}

int map_writer_start(struct map_writer *writer, struct launch *launch)
{
	pid_t self;
	int ends[2];

	*writer = (struct map_writer){ .wake = -EBADF };
	if (launch->identity.single)
		return 0;
	self = procfs_self(launch->proc_fd, launch->report);
	if (self < 0)
		return self;
	writer->shared = mmap(NULL, sizeof(*writer->shared), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (writer->shared == MAP_FAILED)
		return report_failure(launch->report, errno, "mmap");
	*writer->shared = *launch->report;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return report_failure(launch->report, errno, "pipe2");
	writer->pid = fork();
	if (writer->pid == 0) {
		close(ends[1]);
		write_when_woken(ends[0], self, launch, writer->shared);
	}
	close(ends[0]);
	if (writer->pid < 0) {
		close(ends[1]);
		return report_failure(launch->report, errno, "fork");
	}
	writer->wake = ends[1];
	return 0;
}

static void release(struct map_writer *writer)
{
	close_fd(&writer->wake);
	if (writer->shared)
		munmap(writer->shared, sizeof(*writer->shared));
	writer->shared = NULL;
}

static int wait_for(const struct map_writer *writer, int *status)
{
	while (waitpid(writer->pid, status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

int map_writer_finish(struct map_writer *writer, struct launch *launch)
{
	int status = 0, error, r;
	ssize_t n;

	if (!writer->pid)
		return idmap_write_self(launch->proc_fd, &launch->identity.outer_uid_map,
					&launch->identity.outer_gid_map, true, launch->report);
	do {
		n = write(writer->wake, "", 1);
	} while (n < 0 && errno == EINTR);
	error = errno;
	close_fd(&writer->wake); /* without the byte, it ends */
	r = wait_for(writer, &status);
	if (r < 0)
		r = report_failure(launch->report, -r, "waitpid");
	else if (writer->shared->status) {
		*launch->report = *writer->shared;
		r = -EPERM;
	} else if (status)
		r = report_refusal(launch->report, "the writer of the id maps died");
	else if (n < 0)
		r = report_failure(launch->report, error, "write to the writer of the id maps");
	release(writer);
	return r;
}

void map_writer_cancel(struct map_writer *writer)
{
	int status;

	if (!writer->pid)
		return;
	close_fd(&writer->wake);
	(void)wait_for(writer, &status);
	release(writer);
}

int maps_write(int proc_fd, int pidfd, const struct identity *identity, struct report *report)
{
	pid_t pid = procfs_pid(proc_fd, pidfd, report);

	if (pid < 0)
		return pid;
	/* with two levels, we have every right in the parent of pid 1's namespace */
	if (identity->two_levels || identity->privileged)
		return idmap_write_pid(proc_fd, pid, &identity->uid_map, &identity->gid_map, false,
				       report);
	return idmap_run_helpers(proc_fd, pid, &identity->uid_map, &identity->gid_map, report);
}
