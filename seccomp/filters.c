/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "seccomp/filters.h"

#include "remember/shared.h"
#include "seccomp/builtin.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV /* linux/seccomp.h, 5.19 */
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

#if defined(__x86_64__) && defined(__ILP32__)
#error "the filters refuse x32's system calls: nsroot can't be built for that ABI"
#endif

struct sock_fprog filter_builtin(unsigned int parts)
{
	return filters_builtin[parts & FILTER_PARTS_ALL];
}

int filter_install(const struct sock_fprog *program, struct report *report)
{
	if (program->len == 0)
		return 0;
	/* the C library has no wrapper; prctl(2) could do it too but takes no flags. The cookie: it
	   is no program's own, should the recorder hear of it */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, program, 0, 0, SHARED_COOKIE) == 0)
		return 0;
	/* a filter that is there already may know the older way alone */
	if (errno == ENOSYS && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program) == 0)
		return 0;
	return report_failure(report, errno, "seccomp");
}

int filter_install_listener(enum filter_calls calls, struct report *report)
{
	const struct sock_fprog *program = &filters_notifying[calls];
	/* a signal must not interrupt a call that is carried out already; 5.19 */
	const unsigned long killable = SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			  SECCOMP_FILTER_FLAG_NEW_LISTENER | killable, program);

	if (fd < 0 && errno == EINVAL)
		fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			     program);
	if (fd >= 0)
		return (int)fd;
	return errno == EBUSY ? -EBUSY : report_failure(report, errno, "--remember: seccomp");
}
