/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is in and around the user namespace of the command: user_namespaces(7), /proc/sys/user. */

#include "sandbox/launch.h"

/*
 * userns_forbid: --no-userns: if it was asked for, limit the user namespaces below the one of the
 * calling process. Set around the command's own, the limit holds
 * against every capability inside; set in it, only as long as CAP_SYS_RESOURCE is not given. count:
 * how many there may be. Returns 0 or a negative errno, reported.
 */
int userns_forbid(const struct launch *launch, int count);

/*
 * userns_enter_inner: custom.nest: the user namespace of the command alone, within the one that
 * owns all else; or that of --userns2. And --assert-userns-disabled. Returns 0 or a negative errno,
 * reported.
 */
int userns_enter_inner(struct launch *launch);

/*
 * userns_forbid_cgroups: no cgroup namespaces below the calling process's user namespace, where
 * real root is not to have one (identity.h). Where /proc/sys can't be written to, there is a
 * warning unless a limit further out forbids them already. Returns 0 or a negative errno, reported.
 */
int userns_forbid_cgroups(const struct launch *launch);
