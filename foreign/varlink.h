/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One call of a varlink service, with file descriptors: https://varlink.org/Method-Call. Over a
 * stream socket goes a JSON text that a NUL ends, with the fds as SCM_RIGHTS of unix(7); the reply
 * comes back the same way.
 */

#include "base/report.h"

#include <stddef.h>

#define VARLINK_TIMEOUT 60000   /* milliseconds; what the callers here give a service */
#define VARLINK_REPLY_MAX 65536 /* bytes; those that are wanted here have less than a hundred */
#define VARLINK_FDS_MAX 8

struct varlink_call {
	const char *what;    /* for messages: who wants it: "--bind-foreign a /b" */
	const char *service; /* for messages: "systemd-mountfsd" */
	const char *request; /* the JSON text */
	const int *fds;      /* sent along; they stay the caller's; at most VARLINK_FDS_MAX */
	size_t fd_count;
	const char
		*fd_key; /* parameter of the reply that counts among its fds; NULL: none wanted */
	int timeout;     /* milliseconds for all of the call */
};

/*
 * varlink_connect: connect to a service.
 *  what, service: as in struct varlink_call.
 *  path: of its socket.
 *  timeout: milliseconds.
 * Returns the O_CLOEXEC fd of the socket; or a negative errno, reported, if the service is not
 * there with a hint on where to get it.
 */
int varlink_connect(const char *what, const char *service, const char *path, int timeout,
		    struct report *report);

/*
 * varlink_call: send one request over a socket and wait for its reply.
 * Returns 0, or the O_CLOEXEC fd that fd_key names; or a negative errno, reported: the one that the
 * service tells; -EINVAL for an error of the service without one, and for what is no reply;
 * -ETIMEDOUT. All other fds that came along are closed.
 */
int varlink_call(int socket_fd, const struct varlink_call *call, struct report *report);
