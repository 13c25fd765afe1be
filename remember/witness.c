/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/witness.h"

#include "base/cleanup.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

struct testimony {
	int error; /* errno, or 0 */
	uid_t uid;
	gid_t gid;
};

/* One fd beside one byte: unix(7). */
union control {
	struct cmsghdr head; /* for its alignment */
	char bytes[CMSG_SPACE(sizeof(int))];
};

static ssize_t send_fd(int socket, int fd)
{
	char byte = 0;
	struct iovec part = { &byte, 1 };
	union control control = { .bytes = { 0 } };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	return sendmsg(socket, &message, MSG_NOSIGNAL);
}

/* Returns the fd, or -1 when nothing more comes. */
static int receive_fd(int socket)
{
	char byte;
	struct iovec part = { &byte, 1 };
	union control control;
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *head;
	int fd;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) <= 0)
		return -1;
	head = CMSG_FIRSTHDR(&message);
	if (!head || head->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	return fd;
}

void witness_serve(int socket)
{
	int fd;

	while ((fd = receive_fd(socket)) >= 0) {
		struct testimony testimony = { 0 };
		struct stat status;

		if (fstat(fd, &status) == 0) {
			testimony.uid = status.st_uid;
			testimony.gid = status.st_gid;
		} else {
			testimony.error = errno;
		}
		close(fd);
		if (send(socket, &testimony, sizeof(testimony), MSG_NOSIGNAL) < 0)
			return;
	}
}

int witness_ask(int socket, int fd, uid_t *uid, gid_t *gid)
{
	struct testimony testimony;

	if (send_fd(socket, fd) < 0)
		return -errno;
	if (recv(socket, &testimony, sizeof(testimony), 0) != (ssize_t)sizeof(testimony))
		return -EPIPE;
	if (testimony.error)
		return -testimony.error;
	*uid = testimony.uid;
	*gid = testimony.gid;
	return 0;
}
