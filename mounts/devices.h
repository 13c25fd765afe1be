/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The private /dev: a tmpfs with the nodes that every program expects, and nothing else. */

#include "mounts/plan.h"

/*
 * devices_fill: fill a writable tmpfs that is mounted already: null, zero, full, random, urandom
 * and tty of the host, the usual links, shm, a new devpts, and the terminal of the caller as
 * console. Ends with the tree nosuid; not noexec, since programs run code from /dev/shm.
 *  manner: what a dialect wants otherwise.
 *  dev_fd: fd of the tmpfs.
 *  proc_fd: O_PATH fd of procfs.
 *  what: the option, for messages.
 * Returns 0 or a negative errno, reported.
 */
int devices_fill(const struct mount_manner *manner, int dev_fd, int proc_fd, const char *what,
		 struct report *report);
