/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Pids as a procfs numbers them. It may be the one of an outer pid namespace (a container's, or
 * of a sandbox around ours that could mount no new one), where ours mean other processes.
 */

#include "base/report.h"

#include <stdbool.h>
#include <sys/types.h>

/* procfs_self: the calling process. Returns its pid or a negative errno, reported. */
pid_t procfs_self(int proc_fd, struct report *report);

/* procfs_pid: the process that a pidfd of ours refers to. Returns its pid or a negative errno,
 * reported. */
pid_t procfs_pid(int proc_fd, int pidfd, struct report *report);

/*
 * procfs_is_stopped: whether the process that a pidfd of ours refers to is stopped by a signal now:
 * proc(5), the state in stat. Where that can't be told: true.
 */
bool procfs_is_stopped(int proc_fd, int pidfd);
