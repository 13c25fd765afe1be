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

#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP /* linux/seccomp.h, 6.6 */
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

static int carry_out(struct answer *answer)
{
	switch (answer->call.kind) {
	case CALL_STAT:
		return answer_stat(answer);
	case CALL_GETXATTR:
		return answer_getxattr(answer);
	case CALL_LISTXATTR:
		return answer_listxattr(answer);
	case CALL_CHOWN:
		return answer_chown(answer);
	case CALL_MKNOD:
		return answer_mknod(answer);
	default:
		return answer_set_xattr(answer);
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

static int hear_one(struct recorder *recorder, struct seccomp_notif *heard, size_t size,
		    const struct caller *self, const struct own_rights *own)
{
	struct answer answer = {
		.recorder = recorder,
		.own = own,
		.caller = *self,
	};

	memset(heard, 0, size); /* the kernel wants it so */
	if (ioctl(recorder->listener, SECCOMP_IOCTL_NOTIF_RECV, heard) < 0) {
		if (errno == EINTR || errno == ENOENT)
			return 0;
		return report_failure(recorder->report, errno, "--remember: seccomp notification");
	}
	answer.id = heard->id;
	answer.caller.pid = (pid_t)heard->pid;
	if (!call_decode(&heard->data, &answer.call))
		return respond(recorder, &answer, ANSWER_GO_ON); /* of an ABI that is not shown */
	return respond(recorder, &answer, carry_out(&answer));
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

int recorder_run(struct recorder *recorder)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ struct seccomp_notif *heard = NULL;
	struct caller self = { .proc_fd = recorder->proc_fd, .root_fd = root, .pid = getpid() };
	struct own_rights own;
	size_t size = 0;
	int r;

	if (root < 0)
		return report_failure(recorder->report, errno, "--remember: open /");
	r = place_of(root, &self.root);
	if (r < 0)
		return report_failure(recorder->report, -r, "--remember: statx /");
	r = rights_get_own(&self, &own);
	if (r < 0)
		return report_failure(recorder->report, -r, "--remember: own rights");
	r = allocate(&heard, &size, recorder->report);
	if (r < 0)
		return r;
	/* our own files by number, wherever "/" is: change_mode */
	if (fchdir(recorder->proc_fd) < 0)
		return report_failure(recorder->report, errno, "--remember: chdir to /proc");
	umask(0);
	/* caller and recorder take turns on one CPU; not before 6.6 */
	(void)ioctl(recorder->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		    SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	for (;;) {
		struct pollfd sources[] = { { recorder->listener, POLLIN, 0 },
					    { recorder->control, POLLIN, 0 } };

		if (poll(sources, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return report_failure(recorder->report, errno, "--remember: poll");
		}
		if (sources[1].revents) {
			recorder->control = -EBADF;
			return 0;
		}
		if (sources[0].revents & POLLIN) {
			r = hear_one(recorder, heard, size, &self, &own);
			if (r < 0)
				return r;
		} else if (sources[0].revents & (POLLHUP | POLLERR)) {
			return 0; /* nobody with the filter is left */
		}
	}
}
