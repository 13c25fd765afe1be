/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

/*
 * read_at: pread(2) until `size` bytes are read, or the file ends.
 * Returns how many these are, or a negative errno, not reported.
 */
ssize_t read_at(int fd, void *buffer, size_t size, off_t offset);
