/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/handshake.h"

#include "base/cleanup.h"

#include <assert.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

int handshake_open(int sockets[2], struct report *report)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return report_failure(report, errno, "socketpair");
	return 0;
}

int handshake_send(int socket, enum message_kind kind, int value, int fd, const char *text)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct {
		enum message_kind kind;
		int value;
	} fixed = { kind, value };
	struct iovec vectors[] = {
		{ &fixed, sizeof(fixed) },
		{ (void *)(uintptr_t)text, strlen(text) },
	};
	struct msghdr header = { .msg_iov = vectors, .msg_iovlen = 2 };

	static_assert(sizeof(fixed) == offsetof(struct message, text), "the receiver's layout");
	if (fd >= 0) {
		header.msg_control = control.space;
		header.msg_controllen = sizeof(control.space);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	while (sendmsg(socket, &header, MSG_NOSIGNAL) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

int handshake_write(int socket, enum message_kind kind, int value, const char *text)
{
	struct message message = { .kind = kind, .value = value };
	size_t length = strnlen(text, sizeof(message.text) - 1);

	memcpy(message.text, text, length);
	while (write(socket, &message, offsetof(struct message, text) + length) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

bool handshake_is_over(int socket)
{
	struct pollfd source = { socket, 0, 0 };

	return poll(&source, 1, 0) > 0 && source.revents & (POLLHUP | POLLERR);
}

int handshake_receive(int socket, struct message *message, int *fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec vector = { message, sizeof(*message) };
	struct msghdr header = { .msg_iov = &vector,
				 .msg_iovlen = 1,
				 .msg_control = control.space,
				 .msg_controllen = sizeof(control.space) };
	const size_t fixed = offsetof(struct message, text);
	struct cmsghdr *passed;
	ssize_t n;

	if (fd)
		*fd = -EBADF;
	do {
		n = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
		/* ECONNRESET, once: the other side ended with a message unread. What it said before
		   comes next, and the end of file after that */
	} while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n < 0)
		return -errno;
	if (n == 0)
		return -ECONNRESET;
	if ((size_t)n < fixed || (size_t)n >= sizeof(*message))
		return -EBADMSG;
	message->text[(size_t)n - fixed] = '\0';
	passed = CMSG_FIRSTHDR(&header);
	if (passed && passed->cmsg_type == SCM_RIGHTS) {
		int received;

		memcpy(&received, CMSG_DATA(passed), sizeof(received));
		if (fd)
			*fd = received;
		else
			close(received);
	}
	return 0;
}
