/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/limits.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

static const struct {
	const char *name;
	int resource;
} limits[] = {
	{ "as", RLIMIT_AS },
	{ "core", RLIMIT_CORE },
	{ "cpu", RLIMIT_CPU },
	{ "data", RLIMIT_DATA },
	{ "fsize", RLIMIT_FSIZE },
	{ "locks", RLIMIT_LOCKS },
	{ "memlock", RLIMIT_MEMLOCK },
	{ "msgqueue", RLIMIT_MSGQUEUE },
	{ "nice", RLIMIT_NICE },
	{ "nofile", RLIMIT_NOFILE },
	{ "nproc", RLIMIT_NPROC },
	{ "rss", RLIMIT_RSS },
	{ "rtprio", RLIMIT_RTPRIO },
	{ "rttime", RLIMIT_RTTIME },
	{ "sigpending", RLIMIT_SIGPENDING },
	{ "stack", RLIMIT_STACK },
};

#define LIMIT_COUNT (sizeof(limits) / sizeof(limits[0]))

int limits_find(const char *name, size_t length)
{
	for (size_t i = 0; i < LIMIT_COUNT; i++)
		if (strlen(limits[i].name) == length && strncmp(limits[i].name, name, length) == 0)
			return limits[i].resource;
	return -EINVAL;
}

static int raise_limit(const char *name, int resource, const struct rlimit *wanted,
		       struct report *report)
{
	struct rlimit limit;
	int error;

	if (getrlimit((__rlimit_resource_t)resource, &limit) < 0)
		return report_failure(report, errno, "--rlimit %s: getrlimit", name);
	if (wanted->rlim_max <= limit.rlim_max)
		return 0;
	limit.rlim_max = wanted->rlim_max;
	if (setrlimit((__rlimit_resource_t)resource, &limit) == 0)
		return 0;
	error = errno;
	report_failure(report, error, "--rlimit %s: setrlimit", name);
	if (error == EPERM)
		report_hint(report,
			    "the hard limit is lower, and only the machine's root raises it");
	return -error;
}

static int raise_priority(int nice, struct report *report)
{
	int current, error;

	errno = 0;
	current = getpriority(PRIO_PROCESS, 0);
	if (current == -1 && errno)
		return report_failure(report, errno, "--nice %d: getpriority", nice);
	if (nice >= current || setpriority(PRIO_PROCESS, 0, nice) == 0)
		return 0;
	error = errno;
	report_failure(report, error, "--nice %d: setpriority", nice);
	if (error == EACCES || error == EPERM)
		report_hint(report, "only the machine's root may raise its priority");
	return -error;
}

int limits_raise(const struct sandbox *sandbox, struct report *report)
{
	int r = 0;

	for (size_t i = 0; i < LIMIT_COUNT && r >= 0; i++) {
		if (sandbox->rlimit_set[limits[i].resource])
			r = raise_limit(limits[i].name, limits[i].resource,
					&sandbox->rlimits[limits[i].resource], report);
	}
	if (r >= 0 && sandbox->nice_set)
		r = raise_priority(sandbox->nice, report);
	return r;
}

int limits_set(const struct sandbox *sandbox, struct report *report)
{
	for (size_t i = 0; i < LIMIT_COUNT; i++) {
		int resource = limits[i].resource;

		if (sandbox->rlimit_set[resource] &&
		    setrlimit((__rlimit_resource_t)resource, &sandbox->rlimits[resource]) < 0)
			return report_failure(report, errno, "--rlimit %s: setrlimit",
					      limits[i].name);
	}
	if (sandbox->nice_set && setpriority(PRIO_PROCESS, 0, sandbox->nice) < 0)
		return report_failure(report, errno, "--nice %d: setpriority", sandbox->nice);
	return 0;
}
