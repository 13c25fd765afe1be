/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

/*
 * read_at: pread(2) until `size` bytes are read, or the file ends.
 * Returns how many these are, or a negative errno, not reported.
 */
ssize_t read_at(int fd, void *buffer, size_t size, off_t offset);

/*
 * read_text: a file of procfs that a single read(2) gives whole: proc_pid_status(5) and its like.
 *  folder: an fd that a relative path starts from.
 *  text: gets as much of it as fits, and a NUL.
 * Returns 0 or a negative errno, not reported.
 */
int read_text(int folder, const char *path, char *text, size_t size);
