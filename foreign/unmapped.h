/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A user namespace in which no id is mapped yet. */

#include "base/report.h"

/*
 * unmapped_userns_open: make one, a child of the caller's user namespace, whose owner is the
 * caller. The caller stays where it is; no process and no signal is left over.
 *  what: for messages: who wants it.
 *  proc_fd: the root of a procfs.
 * Returns its O_CLOEXEC fd, or a negative errno, reported.
 */
int unmapped_userns_open(const char *what, int proc_fd, struct report *report);
