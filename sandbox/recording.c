/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/recording.h"

#include "base/cleanup.h"
#include "remember/recorder.h"
#include "remember/state.h"
#include "remember/witness.h"
#include "sandbox/capabilities.h"
#include "sandbox/descriptors.h"
#include "sandbox/handshake.h"
#include "sandbox/policy.h"
#include "seccomp/filters.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* fakeroot(1) goes on where there is no such file, which it says. */
static int open_state(struct launch *launch)
{
	const struct sandbox *sandbox = launch->sandbox;
	struct recording *recording = &launch->recording;
	int r = 0;

	if (sandbox->state_in)
		r = state_read(sandbox->state_in, &recording->table, launch->report);
	if (r == -ENOENT) {
		report_warning(launch->report, "database file `%s' does not exist.",
			       sandbox->state_in);
		r = 0;
	}
	if (r >= 0 && sandbox->state_out)
		r = state_open(&recording->file, sandbox->state_out, launch->umask, launch->report);
	return r;
}

/* The layers of an overlay, where they can be had: those that can't are told of when it is mounted.
 */
static int open_layers(const struct mount_entry *entry, struct remember_overlay *overlay)
{
	overlay->target = entry->target;
	overlay->target_fd = -EBADF;
	overlay->layers = malloc((entry->lower_count + 1) * sizeof(*overlay->layers));
	if (!overlay->layers)
		return -ENOMEM;
	overlay->writable = entry->upper && strcmp(entry->upper, MOUNT_OVERLAY_TMPFS) != 0;
	for (size_t i = entry->lower_count + overlay->writable; i-- > 0;) {
		const char *path = i == entry->lower_count ? entry->upper : entry->lowers[i];
		int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (fd >= 0)
			overlay->layers[overlay->count++] = fd;
		else if (i == entry->lower_count)
			overlay->writable = false;
	}
	return 0;
}

static int open_overlays(const struct mount_plan *plan, struct remember_overlays *overlays)
{
	overlays->overlays = calloc(plan->count + 1, sizeof(*overlays->overlays));
	if (!overlays->overlays)
		return -ENOMEM;
	for (size_t i = 0; i < plan->count; i++) {
		const struct mount_entry *entry = &plan->entries[i];
		int r = 0;

		if (entry->kind == MOUNT_OVERLAY && !(entry->flags & MOUNT_DROPPED))
			r = open_layers(entry, &overlays->overlays[overlays->count++]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* A filter that fakes success is before ours, which hears nothing then: seccomp(2). The empty path
 * is none that chown(2) takes. */
static int check_suppression(const struct launch *launch)
{
	const struct sandbox *sandbox = launch->sandbox;

	if (lchown("", (uid_t)-1, (gid_t)-1) < 0)
		return 0;
	if (!sandbox->remember_or_fail) {
		report_warning(launch->report,
			       "--remember %s: no owners are remembered: this runs inside a "
			       "sandbox that suppresses chown",
			       sandbox->remember);
		return 0;
	}
	report_refusal(launch->report, "%sthis runs inside a sandbox that suppresses chown",
		       sandbox->custom.fake ? "" : "--remember-or-fail: ");
	report_hint(launch->report, "start that one with --no-suppress-chown");
	return -EINVAL;
}

int recording_open(struct launch *launch)
{
	struct recording *recording = &launch->recording;
	int r;

	if (!sandbox_remembers(launch->sandbox))
		return 0;
	r = check_suppression(launch);
	if (r < 0)
		return r;
	recording->shared = mmap(NULL, sizeof(*recording->shared), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (recording->shared == MAP_FAILED) {
		recording->shared = NULL;
		return report_failure(launch->report, errno, "mmap");
	}
	*recording->shared = *launch->report;
	if (launch->sandbox->custom.fake)
		return open_state(launch);
	if (open_overlays(&launch->sandbox->plan, &recording->overlays) < 0)
		return report_failure(launch->report, ENOMEM, "--remember");
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
	const struct identity *identity = &launch->identity;
	int r = 0;

	if (!sandbox_remembers(launch->sandbox))
		return 0;
	/* nobody can enter the one that he is in: setns(2) */
	if (identity->new_userns || identity->joined)
		r = show(launch, NAMESPACE_USER);
	if (r >= 0 && sandbox_unshares(launch->sandbox, NAMESPACE_MOUNT))
		r = show(launch, NAMESPACE_MOUNT);
	return r;
}

static enum filter_calls which_calls(const struct launch *launch)
{
	static const enum filter_calls calls[] = {
		[SHOW_NO] = CALLS_THAT_CHANGE,
		[SHOW_TRAP] = CALLS_THAT_ASK,
		[SHOW_AUTO] = CALLS_UNMARKED,
	};

	return launch->sandbox->custom.fake ? CALLS_OF_FAKEROOT : calls[launch->recording.show];
}

int recording_install(const struct launch *launch, struct report *report)
{
	int listener, r;

	if (!sandbox_remembers(launch->sandbox))
		return 0;
	listener = filter_install_listener(which_calls(launch), report);
	if (listener == -EBUSY && launch->sandbox->remember_or_fail) {
		report_failure(report, EBUSY, "%s",
			       launch->sandbox->custom.fake ? "seccomp" : "--remember-or-fail");
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

	if (sets.as_they_are && launch->sandbox->custom.fake)
		return 0;
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
	if ((recording->user_fd >= 0 && setns(recording->user_fd, CLONE_NEWUSER) < 0) ||
	    (recording->mount_fd >= 0 && setns(recording->mount_fd, CLONE_NEWNS) < 0))
		return report_failure(report, errno, "--remember: setns");
	return give_up_rights(launch, report);
}

static int close_others(const struct recording *recording, int listener, int proc_fd, int control)
{
	const int single[] = {
		listener, proc_fd,       recording->file.directory, recording->file.lock,
		control,  STDERR_FILENO, recording->user_fd,        recording->mount_fd
	};
	size_t count = sizeof(single) / sizeof(*single), room = count;
	int *keep;

	for (size_t i = 0; i < recording->overlays.count; i++)
		room += recording->overlays.overlays[i].count;
	keep = malloc(room * sizeof(*keep));
	if (!keep)
		return report_failure(recording->shared, ENOMEM, "--remember");
	memcpy(keep, single, sizeof(single));
	for (size_t i = 0; i < recording->overlays.count; i++) {
		const struct remember_overlay *overlay = &recording->overlays.overlays[i];

		memcpy(keep + count, overlay->layers, overlay->count * sizeof(*keep));
		count += overlay->count;
	}
	descriptors_close_except(keep, count);
	free(keep);
	return 0;
}

static int save(struct recording *recording)
{
	if (!recording->file.path)
		return 0;
	return remember_file_save(&recording->file, &recording->table, recording->shared);
}

/* Tell the launcher that all is saved, and whether this process is about to end. */
static void tell(const struct recorder *recorder, int control)
{
	const char ends = recorder->control >= 0;

	(void)send(control, &ends, 1, MSG_NOSIGNAL);
}

/*
 * fakeroot's way: the caller goes on once the command has ended, and all is saved then; what the
 * command left behind may still ask. A FIFO is nothing that the caller could wait for.
 */
static int record_fake(struct recording *recording, struct recorder *recorder, int control)
{
	int null, saved = 0, r = recorder_run(recorder);

	if (!recording->file.in_place)
		saved = save(recording);
	if (saved >= 0)
		tell(recorder, control);
	close(control);
	recorder->control = -EBADF;
	/* who reads what the command wrote is not to wait for us */
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || dup2(null, STDERR_FILENO) < 0)
		close(STDERR_FILENO);
	if (r >= 0)
		r = recorder_run(recorder);
	if (recording->file.in_place)
		saved = save(recording);
	return saved < 0 ? saved : r;
}

/* -u: who stays outside the user namespace, and sees whose files really are. */
static int start_witness(struct recorder *recorder)
{
	int sockets[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return report_failure(recorder->report, errno, "socketpair");
	pid = fork();
	if (pid == 0) {
		descriptors_close_except(&sockets[1], 1);
		witness_serve(sockets[1]);
		_exit(0);
	}
	close(sockets[1]);
	recorder->witness = sockets[0];
	return pid < 0 ? report_failure(recorder->report, errno, "fork") : 0;
}

/* Some for each caller, and for each level of an overlay's folders. */
static void raise_fd_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

_Noreturn static void record(struct launch *launch, int listener, int control)
{
	struct recording *recording = &launch->recording;
	struct recorder recorder = {
		.listener = listener,
		.proc_fd = launch->proc_fd,
		.table = &recording->table,
		.overlays = launch->sandbox->custom.fake ? NULL : &recording->overlays,
		.shared = &recording->owners,
		.uid_map = &launch->identity.uid_map,
		.gid_map = &launch->identity.gid_map,
		.fake = launch->sandbox->custom.fake,
		.unknown_is_real = launch->sandbox->unknown_is_real,
		.witness = -EBADF,
		.control = control,
		.report = recording->shared,
	};
	int r = close_others(recording, listener, launch->proc_fd, control);
	sigset_t all;

	/* those of the terminal are for the command alone */
	sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	raise_fd_limit();
	if (r >= 0 && recorder.unknown_is_real && launch->identity.new_userns)
		r = start_witness(&recorder);
	if (r >= 0)
		r = enter(launch, recording->shared);
	if (r >= 0 && recorder.fake) {
		r = record_fake(recording, &recorder, control);
	} else {
		if (r >= 0)
			r = recorder_run(&recorder);
		/* what was recorded until then is kept in any case */
		if (save(recording) < 0)
			r = -EIO;
	}
	_exit(r < 0 ? EXIT_NSROOT : 0);
}

static int start(struct launch *launch, int listener)
{
	struct recording *recording = &launch->recording;
	int control[2] = { -EBADF, -EBADF };

	if (launch->sandbox->custom.fake &&
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) < 0)
		return report_failure(launch->report, errno, "socketpair");
	recording->recorder = fork();
	if (recording->recorder == 0)
		record(launch, listener, control[1]);
	close_fd(&control[1]);
	recording->control = control[0];
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

/* The command has ended: returns once all is saved. Returns 0, or -1 if the recorder died. */
static int ask_to_save(struct recording *recording)
{
	char ends;
	ssize_t n;

	(void)shutdown(recording->control, SHUT_WR);
	while ((n = read(recording->control, &ends, 1)) < 0 && errno == EINTR)
		;
	close_fd(&recording->control);
	/* unless something that the command left behind goes on, and the recorder with it */
	if (n != 1 || ends)
		while (waitpid(recording->recorder, NULL, 0) < 0 && errno == EINTR)
			;
	return n == 1 ? 0 : -1;
}

int recording_end(struct launch *launch)
{
	struct recording *recording = &launch->recording;
	bool fake = launch->sandbox->custom.fake;
	int status = 0, r = 0;

	if (!recording->shared)
		return 0;
	if (fake && recording->recorder)
		status = ask_to_save(recording);
	while (!fake && recording->recorder && waitpid(recording->recorder, &status, 0) < 0) {
		if (errno != EINTR)
			break;
	}
	if (recording->shared->status && !launch->report->status) {
		*launch->report = *recording->shared;
		r = -EIO;
	} else if (status) {
		r = report_refusal(launch->report, "%sthe recorder died",
				   fake ? "" : "--remember: ");
	}
	close_fd(&recording->user_fd);
	close_fd(&recording->mount_fd);
	remember_file_close(&recording->file);
	remember_free(&recording->table);
	remember_overlays_free(&recording->overlays);
	munmap(recording->shared, sizeof(*recording->shared));
	recording->shared = NULL;
	return r;
}
