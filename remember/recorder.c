/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/recorder.h"

#include "base/cleanup.h"
#include "remember/answer.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP /* linux/seccomp.h, 6.6 */
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

/* What is known of callers may be over with a call that the kernel is let to do now. */
static int forget(struct known_callers *all, const struct answer *answer)
{
	if (answer->call.kind == CALL_ROOT && caller_has_our_root(&answer->caller))
		known_doubt_roots(all);
	known_doubt_cwds(all);
	known_forget(answer->caller.known);
	return ANSWER_GO_ON;
}

static int change(struct answer *answer)
{
	switch (answer->call.kind) {
	case CALL_CHOWN:
		return answer_chown(answer);
	case CALL_MKNOD:
		return answer_mknod(answer);
	case CALL_CHMOD:
		return answer_chmod(answer);
	case CALL_MKDIR:
		return answer_mkdir(answer);
	case CALL_UNLINK:
	case CALL_RMDIR:
		return answer_unlink(answer);
	case CALL_RENAME:
		return answer_rename(answer);
	default:
		return answer_set_xattr(answer);
	}
}

/* What is shown changes before the caller hears that it has. */
static int change_and_share(struct answer *answer)
{
	const struct recorder *recorder = answer->recorder;
	struct remember_table *table = recorder->table;
	int r;

	table->changed = false;
	shared_begin(recorder->shared);
	r = change(answer);
	if (table->changed)
		shared_note(recorder->shared, table, &table->changed_key);
	shared_end(recorder->shared);
	return r;
}

static int carry_out(struct known_callers *all, struct answer *answer)
{
	caller_begin(&answer->caller, all);
	switch (answer->call.kind) {
	case CALL_NAMESPACE:
		shared_mind_moves(answer->recorder->shared);
		return forget(all, answer);
	case CALL_ROOT:
		return forget(all, answer);
	case CALL_CHDIR:
		known_moves(all, answer->caller.pid);
		return ANSWER_GO_ON;
	case CALL_UMOUNT:
		known_forget_cwds(all);
		return ANSWER_GO_ON;
	case CALL_FILTER:
		shared_mind_filters(answer->recorder->shared);
		return ANSWER_GO_ON;
	case CALL_STAT:
		return answer_stat(answer);
	case CALL_GETXATTR:
		return answer_getxattr(answer);
	case CALL_LISTXATTR:
		return answer_listxattr(answer);
	default:
		return change_and_share(answer);
	}
}

static int respond(const struct recorder *recorder, const struct answer *answer, int result)
{
	struct seccomp_notif_resp response = { .id = answer->id };

	if (result == ANSWER_GO_ON)
		response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else if (result < 0)
		response.error = result;
	else
		response.val = answer->value;
	/* ENOENT: the caller was killed meanwhile */
	if (ioctl(recorder->listener, SECCOMP_IOCTL_NOTIF_SEND, &response) < 0 && errno != ENOENT)
		return report_failure(recorder->report, errno, "--remember: seccomp notification");
	return 0;
}

/* What it takes to hear. */
struct ear {
	struct recorder *recorder;
	struct own_rights own;
	struct caller self;
	struct known_callers known;
	struct seccomp_notif *heard;
	size_t size;
	bool must_poll;
};

/* Until there is a call; false: there won't be any, or somebody wants something else. */
static bool wait_for_call(struct recorder *recorder)
{
	struct pollfd sources[] = { { recorder->listener, POLLIN, 0 },
				    { recorder->control, POLLIN, 0 } };

	if (poll(sources, 2, -1) <= 0)
		return true;
	/* who asks when all is over is to learn that: recorder_run */
	if (sources[0].revents && !(sources[0].revents & POLLIN))
		return false;
	if (!sources[1].revents)
		return true;
	recorder->control = -EBADF;
	return false;
}

/* The same, for a while at the most: whether there won't be any. */
static bool is_over(int listener, int timeout)
{
	struct pollfd source = { listener, POLLIN, 0 };

	return poll(&source, 1, timeout) > 0 && !(source.revents & POLLIN);
}

#define OVER 1 /* nobody with the filter is left */

static int hear_one(struct ear *ear)
{
	struct recorder *recorder = ear->recorder;
	struct seccomp_notif *heard = ear->heard;
	struct answer answer = {
		.recorder = recorder,
		.own = &ear->own,
		.caller = ear->self,
	};

	if (ear->must_poll && !wait_for_call(recorder))
		return OVER;
	memset(heard, 0, ear->size); /* the kernel wants it so */
	if (ioctl(recorder->listener, SECCOMP_IOCTL_NOTIF_RECV, heard) < 0) {
		if (errno == ENOENT) /* the caller was killed, or it was the last one */
			return is_over(recorder->listener, 0) ? OVER : 0;
		if (errno == EINTR)
			return 0;
		return report_failure(recorder->report, errno, "--remember: seccomp notification");
	}
	answer.id = heard->id;
	answer.caller.pid = (pid_t)heard->pid;
	if (!call_decode(&heard->data, &answer.call))
		return respond(recorder, &answer, ANSWER_GO_ON); /* of an ABI that is not shown */
	return respond(recorder, &answer, carry_out(&ear->known, &answer));
}

/* The kernel says how large its structure is; ours may be older. */
static int allocate(struct seccomp_notif **heard, size_t *size, struct report *report)
{
	struct seccomp_notif_sizes sizes;

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		return report_failure(report, errno, "--remember: seccomp");
	*size = sizes.seccomp_notif > sizeof(**heard) ? sizes.seccomp_notif : sizeof(**heard);
	*heard = malloc(*size);
	return *heard ? 0 : report_failure(report, ENOMEM, "--remember");
}

/* Whether to wait for a call is to wait for the end, too: from 6.11 on. */
static bool receive_ends(void)
{
	unsigned int major = 0, minor = 0;
	struct utsname name;

	return uname(&name) == 0 && sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
	       (major > 6 || (major == 6 && minor >= 11));
}

static int start_sharing(const struct recorder *recorder)
{
	_cleanup_close_ int userns = -EBADF;

	if (!recorder->shared->base)
		return 0;
	userns = openat(recorder->proc_fd, "self/ns/user", O_RDONLY | O_CLOEXEC);
	if (userns < 0)
		return -errno;
	shared_start(recorder->shared, recorder->table, userns);
	return 0;
}

static int prepare(struct ear *ear)
{
	struct recorder *recorder = ear->recorder;
	int r = place_of(ear->self.root_fd, &ear->self.root);

	if (r < 0)
		return report_failure(recorder->report, -r, "--remember: statx /");
	r = recorder->overlays ? layers_adopt(recorder->overlays, recorder->table) : 0;
	if (r < 0)
		return report_failure(recorder->report, -r, "--remember: overlays");
	r = start_sharing(recorder);
	if (r < 0)
		return report_failure(recorder->report, -r, "--remember: own user namespace");
	r = rights_get_own(&ear->own);
	if (r < 0)
		return report_failure(recorder->report, -r, "--remember: own rights");
	/* our own files by number, wherever "/" is */
	if (fchdir(recorder->proc_fd) < 0)
		return report_failure(recorder->report, errno, "--remember: chdir to /proc");
	umask(0);
	/* caller and recorder take turns on one CPU; not before 6.6 */
	(void)ioctl(recorder->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		    SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	ear->must_poll = recorder->control >= 0 || !receive_ends();
	return allocate(&ear->heard, &ear->size, recorder->report);
}

int recorder_run(struct recorder *recorder)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct ear ear = {
		.recorder = recorder,
		.self = { .proc_fd = recorder->proc_fd, .root_fd = root },
	};
	int r;

	known_init(&ear.known);
	/* its mounts are those of others, too: of who unmounts there nothing is heard */
	if (recorder->fake)
		known_doubt_cwds(&ear.known);
	if (root < 0)
		return report_failure(recorder->report, errno, "--remember: open /");
	r = prepare(&ear);
	while (r == 0)
		r = hear_one(&ear);
	known_free(&ear.known);
	free(ear.heard);
	if (recorder->overlays && layers_settle(recorder->overlays, recorder->table) < 0)
		return report_failure(recorder->report, ENOMEM, "--remember: overlays");
	if (recorder->overlays && recorder->overlays->too_deep)
		report_warning(recorder->report,
			       "--remember: folders of an overlay lie too deep: what is to be "
			       "remembered there is lost");
	return r < 0 ? r : 0;
}
