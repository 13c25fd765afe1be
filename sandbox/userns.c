/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/userns.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <string.h>

#define LIMIT "sys/user/max_user_namespaces"

int userns_forbid(const struct launch *launch, int count)
{
	_cleanup_close_ int fd = -EBADF;
	char text[16];

	if (!launch->sandbox->disable_userns)
		return 0;
	snprintf(text, sizeof(text), "%d", count);
	fd = openat(launch->proc_fd, LIMIT, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return report_failure(launch->report, errno, "--no-userns: open /proc/%s", LIMIT);
	if (write(fd, text, strlen(text)) < 0)
		return report_failure(launch->report, errno, "--no-userns: write /proc/%s", LIMIT);
	return 0;
}
