/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "foreign/mountfsd.h"

#include <errno.h>

int mountfsd_mount_directory(int directory_fd, int userns_fd, bool read_only, const char *what,
			     struct report *report)
{
	(void)directory_fd;
	(void)userns_fd;
	(void)read_only;
	return report_failure(report, ENOSYS, "%s: systemd-mountfsd", what);
}
