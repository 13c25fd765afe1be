/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/early.h"

#include "base/cleanup.h"
#include "sandbox/messages.h"

#include <poll.h>
#include <signal.h>

/* Until fd can be read or has ended. */
static int await(struct launch *launch, int fd)
{
	_cleanup_close_ int signals = signals_open_early(&launch->signals, launch->report);
	struct pollfd sources[] = { { fd, POLLIN, 0 }, { signals, POLLIN, 0 } };
	struct signalfd_siginfo info;

	if (signals < 0)
		return signals;
	for (;;) {
		if (poll(sources, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return report_failure(launch->report, errno, "poll");
		}
		if (sources[1].revents && read(signals, &info, sizeof(info)) == sizeof(info)) {
			if (info.ssi_signo != SIGCONT)
				launch->early_signal = (int)info.ssi_signo;
			else if (timeout_is_over(&launch->timeout))
				launch->early_signal = SIGKILL;
			else
				continue;
			return -EINTR;
		}
		if (sources[0].revents)
			return 0;
	}
}

int early_expect(struct launch *launch, enum message_kind kind, struct message *message)
{
	int r = await(launch, launch->socket);

	if (r < 0)
		return r;
	r = handshake_receive(launch->socket, message, NULL);
	if (r >= 0 && message->kind == kind)
		return 0;
	if (r >= 0 && message->kind == MESSAGE_FAILED)
		return messages_adopt_failure(launch, message);
	if (r == -ECONNRESET)
		return report_refusal(launch->report,
				      "pid 1 of the sandbox died while it was set up");
	return report_failure(launch->report, r < 0 ? -r : EBADMSG, "handshake");
}

int early_let_go_on(struct launch *launch, int value)
{
	int r = handshake_send(launch->socket, MESSAGE_GO, value, -EBADF, "");
	struct message message;

	/* it may have failed meanwhile: then its message tells more than ours */
	if (r == -EPIPE)
		return early_expect(launch, MESSAGE_GO, &message);
	return r < 0 ? report_failure(launch->report, -r, "handshake") : 0;
}

int early_wait_for_byte(struct launch *launch, int fd, const char *option)
{
	char byte;
	int r = await(launch, fd);

	if (r >= 0 && read(fd, &byte, 1) < 0)
		r = report_failure(launch->report, errno, "%s %d: read", option, fd);
	return r;
}

void early_ask_pid_1(struct launch *launch)
{
	struct pollfd source = { launch->socket, POLLIN, 0 };
	struct message message;

	while (source.fd >= 0 && poll(&source, 1, 0) > 0 &&
	       handshake_receive(source.fd, &message, NULL) >= 0) {
		if (message.kind != MESSAGE_FAILED)
			continue;
		launch->report->status = 0;
		(void)messages_adopt_failure(launch, &message);
	}
}
