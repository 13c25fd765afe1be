/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a file is known by, whatever its name: nsroot-remember(5). */

#include "remember/table.h"

#include <sys/stat.h>

/*
 * file_key_of: the identity of what an fd refers to.
 *  fd: may be O_PATH.
 * Returns 0 or a negative errno.
 */
int file_key_of(int fd, struct file_key *key);

/* file_key_from: the same, where its status is at hand. */
int file_key_from(int fd, const struct stat *status, struct file_key *key);

enum file_life {
	FILE_STAYS,
	FILE_PASSES,   /* of a process: not there for who comes later */
	FILE_NAMELESS, /* nor is a pipe, or a socket */
	FILE_RETURNS,  /* a terminal: the next one has the same key */
};

/*
 * file_life_of: how long a file has its key.
 *  generation: that of the key, which most files have that stay; 0: look.
 */
enum file_life file_life_of(int fd, uint64_t generation);
