/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "foreign/varlink.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
	if (!holds)
		abort();
}

static void service_send(int fd, const uint8_t *data, size_t size, size_t fd_count)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int) * (VARLINK_FDS_MAX + 1))];
	} control = { 0 };
	struct iovec part = { (void *)(uintptr_t)data, size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (size == 0)
		return;
	if (fd_count) {
		int fds[VARLINK_FDS_MAX + 1];

		for (size_t i = 0; i < fd_count; i++)
			fds[i] = fd;
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * fd_count);
	}
	need(sendmsg(fd, &message, 0) == (ssize_t)size);
}

/* The lowest fd that is free: the same again if nothing was left open. */
static int lowest_fd(void)
{
	int fd = dup(0);

	need(fd >= 0 && close(fd) == 0);
	return fd;
}

/*
 * The first byte says how many fds go with the first half of the reply and with the second; the
 * other bytes are the reply, NULs and all. Whatever they are, there is an answer at once, and
 * nothing but the fd that is wanted stays open.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct varlink_call call = {
		.what = "what",
		.service = "service",
		.request = "{}",
		.timeout = 60000,
	};
	struct report report = { 0 };
	size_t half;
	int ends[2], lowest, r;

	if (size < 2 || size > 2 * VARLINK_REPLY_MAX)
		return 0;
	half = (size - 1) / 2;
	call.fd_key = data[0] & 0x80 ? "fd" : NULL;
	need(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	lowest = lowest_fd();
	service_send(ends[1], data + 1, half, data[0] & 7);
	service_send(ends[1], data + 1 + half, size - 1 - half,
		     (data[0] >> 3 & 15) % (VARLINK_FDS_MAX + 2));
	need(shutdown(ends[1], SHUT_WR) == 0);

	r = varlink_call(ends[0], &call, &report);
	need(r != -ETIMEDOUT);
	need((r < 0) == (report.status != 0));
	need(r <= 0 || call.fd_key);
	if (r > 0)
		need((fcntl(r, F_GETFD) & FD_CLOEXEC) && close(r) == 0);
	need(lowest_fd() == lowest);
	need(close(ends[0]) == 0 && close(ends[1]) == 0);
	return 0;
}
