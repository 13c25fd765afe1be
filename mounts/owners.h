/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The folder of --show-owners=auto in /dev: remember/shared.h. */

#include "mounts/build.h"

/*
 * owners_mount: make the folder in the storage of the build, with a copy of the library and a table
 * that is not to be read yet, and show it read-only in a new /dev. The fd of the table, to be
 * written to, is build->table_fd then.
 *  dev_fd: of the tmpfs.
 *  what: the entry of the plan, for messages.
 * Returns 0 or a negative errno, reported.
 */
int owners_mount(struct mount_build *build, int dev_fd, const char *what, struct report *report);
