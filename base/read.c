/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/read.h"

#include "base/cleanup.h"

#include <fcntl.h>

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

int read_text(int folder, const char *path, char *text, size_t size)
{
	_cleanup_close_ int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	return 0;
}
