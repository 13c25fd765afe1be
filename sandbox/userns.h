/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* --no-userns: no further user namespaces inside. */

#include "sandbox/launch.h"

/*
 * userns_forbid: if it was asked for, limit the user namespaces below the one of the calling
 * process: user_namespaces(7), /proc/sys/user. Set around the command's own, the limit holds
 * against every capability inside; set in it, only as long as CAP_SYS_RESOURCE is not given. count:
 * how many there may be. Returns 0 or a negative errno, reported.
 */
int userns_forbid(const struct launch *launch, int count);
