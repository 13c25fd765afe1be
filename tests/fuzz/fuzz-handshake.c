/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/handshake.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
	if (!holds)
		abort();
}

/* Any bytes at all as a message: taken with an end to its text, or refused. */
static void receive_bytes(const int *sockets, const uint8_t *data, size_t size)
{
	struct message message;
	int fd = 0, r;

	need(send(sockets[0], data, size, 0) == (ssize_t)size);
	r = handshake_receive(sockets[1], &message, &fd);
	need(fd == -EBADF);
	if (r < 0)
		need(r == -EBADMSG || (r == -ECONNRESET && size == 0));
	else
		need(strnlen(message.text, sizeof(message.text)) < sizeof(message.text));
}

/* What is sent is what is received, fd and all. */
static void send_text(const int *sockets, const uint8_t *data, size_t size)
{
	char text[sizeof(((struct report *)NULL)->text)];
	struct message message;
	int fd = -EBADF;

	if (size >= sizeof(text))
		size = sizeof(text) - 1;
	memcpy(text, data, size);
	text[size] = '\0';
	need(handshake_send(sockets[0], MESSAGE_FAILED, (int)size, sockets[0], text) == 0);
	need(handshake_receive(sockets[1], &message, &fd) == 0);
	need(message.kind == MESSAGE_FAILED && message.value == (int)size);
	need(strcmp(message.text, text) == 0);
	need(fd >= 0 && close(fd) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct report report = { 0 };
	int sockets[2];

	need(handshake_open(sockets, &report) == 0);
	send_text(sockets, data, size);
	receive_bytes(sockets, data, size);
	need(close(sockets[0]) == 0 && close(sockets[1]) == 0);
	return 0;
}
