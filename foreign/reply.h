/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a varlink service answers: https://varlink.org/Method-Call. Read with json-c. */

#include "base/report.h"

#include <stddef.h>

struct reply {
	char error[128]; /* its name; "": the call succeeded */
	char detail[64]; /* with org.varlink.service.InvalidParameter: which one; "": none */
	int number;      /* errno value that goes with the error; 0: none */
	size_t fd_index; /* what the fd key says */
};

/*
 * reply_prepare: open the library. Done before a service is called, so that nothing is asked for
 * whose answer could not be read.
 *  what: for messages: who wants it.
 * Returns 0 or a negative errno, reported.
 */
int reply_prepare(const char *what, struct report *report);

/*
 * reply_parse: read a reply. Members that are null count as missing; texts are cut to what fits.
 *  text: `size` bytes, without the NUL that ends it.
 *  fd_key: the parameter of a success that counts among the fds, NULL for none.
 *  fd_count: how many fds came along.
 *  where: prefix for messages.
 * Returns 0, also for an error that the service tells; -EINVAL, reported, for anything that is no
 * reply.
 */
int reply_parse(const char *text, size_t size, const char *fd_key, size_t fd_count,
		const char *where, struct reply *reply, struct report *report);
