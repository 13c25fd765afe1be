/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/read.h"

#include <errno.h>
#include <unistd.h>

ssize_t read_at(int fd, void *buffer, size_t size, off_t offset)
{
	size_t used = 0;

	while (used < size) {
		ssize_t n = pread(fd, (char *)buffer + used, size - used, offset + (off_t)used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	return (ssize_t)used;
}
