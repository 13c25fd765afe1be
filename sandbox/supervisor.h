/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The state of the launcher's loop, for sandbox/supervise and, below it, messages and forward. */

#include "sandbox/launch.h"

#include <poll.h>

enum source { SOURCE_HANDSHAKE, SOURCE_PID_1, SOURCE_SIGNALS, SOURCE_COUNT };

struct supervisor {
	struct launch *launch;
	struct pollfd sources[SOURCE_COUNT];
	int command; /* pidfd */
	bool stopped;
	bool stop_seen;  /* we have stopped with it */
	bool exited;     /* wait_status is the command's */
	int wait_status; /* as wait(2) */
	bool pid_1_ended;
	bool terminated; /* --timeout has sent its SIGTERM */
	uint64_t
		waiting; /* signals for the command from before it had started: bit 0 is signal 1 */
	uint64_t made;   /* others that the terminal made: the command may have got them itself */
};
