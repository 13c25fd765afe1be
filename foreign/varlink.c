/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "foreign/varlink.h"

#include "base/cleanup.h"
#include "foreign/reply.h"

#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>

/* What has come back so far. */
struct answer {
	char *text;
	size_t size;
	int fds[VARLINK_FDS_MAX];
	size_t fd_count;
};

/* Room for the fds of one message, aligned as cmsg(3) wants it. */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int) * VARLINK_FDS_MAX)];
};

static void cleanup_answer(struct answer *answer)
{
	for (size_t i = 0; i < answer->fd_count; i++)
		close_fd(&answer->fds[i]);
	free(answer->text);
}

#define _cleanup_answer_ __attribute__((cleanup(cleanup_answer)))

int varlink_connect(const char *what, const char *service, const char *path, int timeout,
		    struct report *report)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval limit = { timeout / 1000, timeout % 1000 * 1000L };
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error, r;

	if (fd < 0)
		return report_failure(report, errno, "%s: %s: socket", what, service);
	if (strlen(path) >= sizeof(address.sun_path))
		return report_failure(report, ENAMETOOLONG, "%s: %s: connect to %s", what, service,
				      path);
	strcpy(address.sun_path, path);
	/* unix(7): connect(2) waits, too, if the queue of who listens is full */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	do {
		r = connect(fd, (struct sockaddr *)&address, sizeof(address));
	} while (r < 0 && errno == EINTR);
	if (r == 0)
		return steal_fd(&fd);

	error = errno == EAGAIN ? ETIMEDOUT : errno;
	report_failure(report, error, "%s: %s: connect to %s", what, service, path);
	if (error == ENOENT || error == ENOTDIR || error == ECONNREFUSED)
		report_hint(report, "it wants systemd 260 or later, and %s.socket started there",
			    service);
	return -error;
}

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Wait until the socket is ready. Returns 0 or a negative errno, not reported. */
static int wait_for(int fd, short events, int64_t deadline)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };
	int64_t left;
	int n;

	do {
		left = deadline - now();
		n = poll(&poll_fd, 1, left > 0 ? (int)left : 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n > 0 ? 0 : -ETIMEDOUT;
}

/* The fds go with the first byte. */
static ssize_t send_part(int socket_fd, const struct varlink_call *call, size_t at)
{
	union control control = { 0 };
	struct iovec text = { (char *)(uintptr_t)call->request + at,
			      strlen(call->request) + 1 - at };
	struct msghdr message = { .msg_iov = &text, .msg_iovlen = 1 };

	if (at == 0 && call->fd_count) {
		size_t size = call->fd_count * sizeof(int);

		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(size);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(size);
		memcpy(CMSG_DATA(&control.header), call->fds, size);
	}
	return sendmsg(socket_fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int send_request(int socket_fd, const struct varlink_call *call, int64_t deadline)
{
	size_t size = strlen(call->request) + 1, sent = 0;
	ssize_t n;
	int r;

	while (sent < size) {
		r = wait_for(socket_fd, POLLOUT, deadline);
		if (r < 0)
			return r;
		n = send_part(socket_fd, call, sent);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (n > 0)
			sent += (size_t)n;
	}
	return 0;
}

/* Take the fds of one message. Returns false if there are more than there is room for. */
static bool take_fds(struct answer *answer, struct msghdr *message)
{
	bool fits = !(message->msg_flags & MSG_CTRUNC);
	struct cmsghdr *header;

	for (header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
		size_t count;

		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
			if (answer->fd_count < VARLINK_FDS_MAX) {
				answer->fds[answer->fd_count++] = fd;
			} else {
				close(fd);
				fits = false;
			}
		}
	}
	return fits;
}

/*
 * Receive what is there. Returns how many bytes, 0 at the end; or a negative errno, not reported:
 * -EMFILE if there are too many fds.
 */
static ssize_t receive_part(int socket_fd, struct answer *answer)
{
	union control control;
	struct iovec text = { answer->text + answer->size, VARLINK_REPLY_MAX - answer->size };
	struct msghdr message = { .msg_iov = &text,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	return take_fds(answer, &message) ? n : -EMFILE;
}

/* Receive until the NUL that ends the reply; nothing may follow it. The size is then without it. */
static int receive_reply(int socket_fd, struct answer *answer, int64_t deadline, const char *where,
			 struct report *report)
{
	const char *end = NULL;

	while (!end) {
		ssize_t n = wait_for(socket_fd, POLLIN, deadline);

		if (n == 0) {
			n = receive_part(socket_fd, answer);
			if (n == 0)
				return report_refusal(report,
						      "%s: the connection was closed before a "
						      "whole reply had come",
						      where);
		}
		if (n == -EINTR || n == -EAGAIN)
			continue;
		if (n == -EMFILE)
			return report_refusal(report, "%s: bad reply: too many file descriptors",
					      where);
		if (n < 0)
			return report_failure(report, (int)-n, "%s: wait for the reply", where);
		end = memchr(answer->text + answer->size, '\0', (size_t)n);
		answer->size += (size_t)n;
		if (!end && answer->size == VARLINK_REPLY_MAX)
			return report_refusal(report, "%s: bad reply: longer than %d bytes", where,
					      VARLINK_REPLY_MAX);
	}
	if ((size_t)(end - answer->text) + 1 != answer->size)
		return report_refusal(report, "%s: bad reply: more than one", where);
	answer->size--;
	return 0;
}

/* What to say to an error, if the reason can be guessed. */
static void advise(const struct reply *reply, struct report *report)
{
	static const struct {
		const char *error;
		const char *hint;
	} hints[] = {
		{ "org.varlink.service.InterfaceNotFound", "it wants systemd 260 or later" },
		{ "org.varlink.service.MethodNotFound", "it wants systemd 260 or later" },
		{ "org.varlink.service.MethodNotImplemented", "it wants systemd 260 or later" },
		{ "org.varlink.service.InvalidParameter", "it wants systemd 260 or later" },
		{ "io.systemd.NamespaceResource.UserNamespaceInterfaceNotSupported",
		  "it wants a kernel with bpf in /sys/kernel/security/lsm" },
		{ "io.systemd.NamespaceResource.TooManyDelegations", "16 at most" },
	};

	/* an fd that it does not like is no matter of its version */
	if (strstr(reply->detail, "FileDescriptor"))
		return;
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		if (strcmp(reply->error, hints[i].error) == 0)
			report_hint(report, "%s", hints[i].hint);
	}
}

static int refuse(const struct reply *reply, const char *where, struct report *report)
{
	const char *colon = *reply->detail ? ": " : "";
	int r;

	if (reply->number)
		return report_failure(report, reply->number, "%s: %s%s%s", where, reply->error,
				      colon, reply->detail);
	r = report_refusal(report, "%s: %s%s%s", where, reply->error, colon, reply->detail);
	advise(reply, report);
	return r;
}

int varlink_call(int socket_fd, const struct varlink_call *call, struct report *report)
{
	_cleanup_answer_ struct answer answer = { .text = malloc(VARLINK_REPLY_MAX) };
	int64_t deadline = now() + call->timeout;
	_cleanup_free_ char *where = NULL;
	struct reply reply;
	int r;

	if (!answer.text || asprintf(&where, "%s: %s", call->what, call->service) < 0)
		return report_failure(report, ENOMEM, "%s", call->what);
	r = reply_prepare(call->what, report);
	if (r < 0)
		return r;
	r = send_request(socket_fd, call, deadline);
	if (r < 0)
		return report_failure(report, -r, "%s: send the request", where);
	r = receive_reply(socket_fd, &answer, deadline, where, report);
	if (r < 0)
		return r;
	r = reply_parse(answer.text, answer.size, call->fd_key, answer.fd_count, where, &reply,
			report);
	if (r < 0)
		return r;
	if (*reply.error)
		return refuse(&reply, where, report);
	return call->fd_key ? steal_fd(&answer.fds[reply.fd_index]) : 0;
}
