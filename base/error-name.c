/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error-name.h"

#include <errno.h>
#include <string.h>

#define ERROR_MAX 4095 /* the last that a system call can return */

int error_from_name(const char *name)
{
	/* strerrorname_np(3) knows one name a number */
	if (strcmp(name, "EWOULDBLOCK") == 0)
		return EWOULDBLOCK;
	if (strcmp(name, "ENOTSUP") == 0)
		return ENOTSUP;
#ifdef __GLIBC__ /* 2.32 */
	for (int error = 1; error <= ERROR_MAX; error++) {
		const char *known = strerrorname_np(error);

		if (known && strcmp(known, name) == 0)
			return error;
	}
#endif
	return -1;
}
