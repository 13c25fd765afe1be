/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * User namespaces whose ids systemd-nsresourced gives, for callers that have none to give: by
 * varlink, the method io.systemd.NamespaceResource.AllocateUserRange of systemd 260.
 */

#include "base/report.h"

#include <stdbool.h>

#define NSRESOURCE_SOCKET "/run/systemd/io.systemd.NamespaceResource"

/* What is to be mapped. */
struct nsresource_request {
	const char *what; /* who wants it, for messages: "--map-delegate 2"; NULL: nobody said */
	bool self;        /* the caller's own ids alone; else 64K transient ones, from id 0 on */
	bool become_root; /* with self: inside they are root's */
	bool map_foreign; /* the foreign range too, each id as itself */
	unsigned int delegate; /* so many more transient ranges of 64K, each id as itself */
};

/*
 * nsresource_allocate: make a user namespace that is a child of the caller's, and have its id maps
 * written by systemd-nsresourced. The caller itself stays where it is. No process and no signal is
 * left over.
 *  proc_fd: the root of a procfs.
 * To be called as long as "/" is the host's: the socket and libjson-c are opened by their paths.
 * Waits no longer than a minute for the service.
 * Returns the O_CLOEXEC fd of the user namespace, or a negative errno, reported.
 */
int nsresource_allocate(const struct nsresource_request *request, int proc_fd,
			struct report *report);

/*
 * nsresource_fill: the call of the service alone, over a socket that is connected to it.
 *  userns_fd: a user namespace that the caller owns, without maps.
 * Returns 0 or a negative errno, reported.
 */
int nsresource_fill(int socket_fd, const struct nsresource_request *request, int userns_fd,
		    struct report *report);
