/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "foreign/nsresource.h"

#include <errno.h>

int nsresource_allocate(const struct nsresource_request *request, int proc_fd,
			struct report *report)
{
	(void)proc_fd;
	return report_failure(report, ENOSYS, "%s: systemd-nsresourced", request->what);
}
