/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/recording.h"

#include "base/cleanup.h"
#include "remember/recorder.h"
#include "sandbox/capabilities.h"
#include "sandbox/descriptors.h"
#include "sandbox/handshake.h"
#include "sandbox/policy.h"
#include "seccomp/filters.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

int recording_open(struct launch *launch)
{
	struct recording *recording = &launch->recording;

	if (!launch->sandbox->remember)
		return 0;
	recording->shared = mmap(NULL, sizeof(*recording->shared), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (recording->shared == MAP_FAILED) {
		recording->shared = NULL;
		return report_failure(launch->report, errno, "mmap");
	}
	*recording->shared = *launch->report;
	return remember_file_open(&recording->file, "--remember", launch->sandbox->remember,
				  &recording->table, launch->report);
}

static int show(const struct launch *launch, enum namespace kind)
{
	_cleanup_close_ int fd = -EBADF;
	char path[32];
	int r;

	snprintf(path, sizeof(path), "self/ns/%s", namespace_kinds[kind].proc_name);
	fd = openat(launch->proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return report_failure(launch->report, errno, "open /proc/%s", path);
	r = handshake_send(launch->socket, MESSAGE_NAMESPACE, (int)kind, fd, "");
	return r < 0 ? report_failure(launch->report, -r, "handshake") : 0;
}

int recording_show_namespaces(const struct launch *launch)
{
	int r;

	if (!launch->sandbox->remember)
		return 0;
	r = show(launch, NAMESPACE_USER);
	return r < 0 ? r : show(launch, NAMESPACE_MOUNT);
}

int recording_install(const struct launch *launch, struct report *report)
{
	int listener, r;

	if (!launch->sandbox->remember)
		return 0;
	listener = filter_install_listener(launch->recording.show, report);
	if (listener == -EBUSY && launch->sandbox->remember_or_fail) {
		report_failure(report, EBUSY, "--remember-or-fail");
		report_hint(report, "this runs inside a sandbox that remembers already");
		return -EBUSY;
	}
	if (listener < 0 && listener != -EBUSY)
		return listener;
	r = handshake_send(launch->socket, MESSAGE_LISTENER, 0, listener, "");
	if (r < 0)
		report_failure(report, -r, "handshake");
	if (listener < 0)
		return r < 0 ? r : RECORDING_TAKEN;
	close(listener);
	return r;
}

/* What the command may do, and to look at it and into its roots. */
static int give_up_rights(const struct launch *launch, struct report *report)
{
	struct capability_sets sets = policy_capabilities(launch->sandbox, &launch->identity);

	sets.as_they_are = false;
	sets.given |= UINT64_C(1) << CAP_SYS_PTRACE | UINT64_C(1) << CAP_SYS_CHROOT;
	sets.ambient = 0;
	sets.bounding = sets.given;
	return capability_seal(&sets, report);
}

static int enter(const struct launch *launch, struct report *report)
{
	const struct recording *recording = &launch->recording;

	/* our memory stays that of the caller's user namespace: nobody inside can attach */
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return report_failure(report, errno, "prctl PR_SET_DUMPABLE");
	if (setns(recording->user_fd, CLONE_NEWUSER) < 0 ||
	    setns(recording->mount_fd, CLONE_NEWNS) < 0)
		return report_failure(report, errno, "--remember: setns");
	return give_up_rights(launch, report);
}

_Noreturn static void record(struct launch *launch, int listener)
{
	struct recording *recording = &launch->recording;
	struct recorder recorder = {
		.listener = listener,
		.proc_fd = launch->proc_fd,
		.table = &recording->table,
		.shared = &recording->owners,
		.uid_map = &launch->identity.uid_map,
		.gid_map = &launch->identity.gid_map,
		.report = recording->shared,
	};
	int keep[] = {
		listener,      launch->proc_fd,    recording->file.directory, recording->file.lock,
		STDERR_FILENO, recording->user_fd, recording->mount_fd
	};
	int r;

	descriptors_close_except(keep, sizeof(keep) / sizeof(*keep));
	r = enter(launch, recording->shared);
	shared_start(&recording->owners, &recording->table, recording->user_fd);
	if (r >= 0)
		r = recorder_run(&recorder);
	/* what was recorded until then is kept in any case */
	if (remember_file_save(&recording->file, &recording->table, recording->shared) < 0)
		r = -EIO;
	_exit(r < 0 ? EXIT_NSROOT : 0);
}

static int start(struct launch *launch, int listener)
{
	struct recording *recording = &launch->recording;

	recording->recorder = fork();
	if (recording->recorder == 0)
		record(launch, listener);
	close_fd(&recording->user_fd);
	close_fd(&recording->mount_fd);
	if (recording->recorder < 0) {
		recording->recorder = 0;
		return report_failure(launch->report, errno, "--remember: fork");
	}
	return 0;
}

int recording_hear(struct launch *launch, const struct message *message, int fd)
{
	_cleanup_close_ int held = fd;

	if (message->kind == MESSAGE_LISTENER && fd < 0) {
		report_warning(launch->report,
			       "--remember %s: nothing is remembered: this runs inside "
			       "a sandbox that remembers already",
			       launch->sandbox->remember);
		return 0;
	}
	if (message->kind == MESSAGE_LISTENER)
		return start(launch, fd);
	if (message->value == NAMESPACE_USER)
		launch->recording.user_fd = steal_fd(&held);
	else
		launch->recording.mount_fd = steal_fd(&held);
	return 0;
}

int recording_end(struct launch *launch)
{
	struct recording *recording = &launch->recording;
	int status = 0, r = 0;

	if (!recording->shared)
		return 0;
	while (recording->recorder && waitpid(recording->recorder, &status, 0) < 0) {
		if (errno != EINTR)
			break;
	}
	if (recording->shared->status && !launch->report->status) {
		*launch->report = *recording->shared;
		r = -EIO;
	} else if (status) {
		r = report_refusal(launch->report, "--remember: the recorder died");
	}
	close_fd(&recording->user_fd);
	close_fd(&recording->mount_fd);
	remember_file_close(&recording->file);
	remember_free(&recording->table);
	munmap(recording->shared, sizeof(*recording->shared));
	recording->shared = NULL;
	return r;
}
