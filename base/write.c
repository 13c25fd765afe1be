/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/write.h"

#include <errno.h>
#include <unistd.h>

int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t written = write(fd, data, size);

		if (written < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		data += written;
		size -= (size_t)written;
	}
	return 0;
}
