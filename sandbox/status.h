/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What --info-fd and --json-status-fd write: bubblewrap's JSON. */

#include "sandbox/launch.h"

/* status_describe_namespaces: in pid 1: its new namespaces as JSON members, `, "net-namespace":
 * 4026532000`. Returns 0 or a negative errno, reported. */
#define STATUS_NAMESPACES_MAX 512
int status_describe_namespaces(const struct launch *launch, char text[STATUS_NAMESPACES_MAX]);

/* status_write_info: pid 1 and its namespaces, to both fds; --info-fd is closed then.
 *  namespaces: as status_describe_namespaces made it.
 * Returns 0 or a negative errno, reported. */
int status_write_info(const struct launch *launch, const char *namespaces);

/* status_write_exit: the exit code of a command that had started, to --json-status-fd. A reader
 * that is gone does not change the command's status. */
void status_write_exit(const struct launch *launch, int status);
