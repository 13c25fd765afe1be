/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Hiding a file or directory: an empty, read-only one in its place. */

#include "mounts/build.h"

/*
 * mask_point: hide what an O_PATH fd refers to.
 *  what: for messages. path: inside, for messages.
 * The cover for files is the host's /dev/null, never one of the new root, and checked to be it.
 * Returns 0 or a negative errno, reported.
 */
int mask_point(int point_fd, const char *what, const char *path, struct report *report);

/*
 * mask_folder: hide a folder behind one that is writable for now, so that mount points can be made
 * in it. Returns an fd of the cover, which is to become read-only (mount_seal_later), or a negative
 * errno, reported.
 */
int mask_folder(int point_fd, const char *what, const char *path, struct report *report);
