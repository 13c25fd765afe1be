/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

/* write_all: write(2) until all of it is written. Returns 0 or a negative errno, not reported. */
int write_all(int fd, const char *data, size_t size);
