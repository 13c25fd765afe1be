/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/descriptors.h"

#include "base/cleanup.h"
#include "base/syscalls.h"

#include <limits.h>
#include <linux/close_range.h>
#include <string.h>

int descriptors_fill_standard(struct report *report)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		/* open(2) takes the lowest number that is free: this one */
		if (open("/dev/null", O_RDWR) < 0)
			return report_failure(report, errno, "open /dev/null for the closed fd %d",
					      fd);
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	int left = *(const int *)a, right = *(const int *)b;

	return (left > right) - (left < right);
}

void descriptors_sort(int *fds, size_t count)
{
	if (count > 1)
		qsort(fds, count, sizeof(*fds), compare);
}

void descriptors_close_except(int *keep, size_t count)
{
	unsigned int from = 0;

	descriptors_sort(keep, count);
	for (size_t i = 0; i < count; i++) {
		if (keep[i] < (int)from)
			continue;
		if (keep[i] > (int)from)
			(void)close_range(from, (unsigned int)keep[i] - 1, 0);
		from = (unsigned int)keep[i] + 1;
	}
	(void)close_range(from, UINT_MAX, 0);
}

int descriptors_seal(const int *keep, size_t count, bool others, struct report *report)
{
	if (!others && close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC) < 0)
		return report_failure(report, errno, "close_range");
	for (size_t i = 0; i < count; i++) {
		if (fcntl(keep[i], F_SETFD, 0) < 0)
			return report_failure(report, errno, "--keep-fd %d: fcntl", keep[i]);
	}
	return 0;
}

int descriptors_list(int proc_fd, int **fds, size_t *count, struct report *report)
{
	int fd = openat(proc_fd, "self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	_cleanup_free_ int *found = NULL;
	struct dirent *entry;
	size_t n = 0;

	if (!dir) {
		cleanup_close(&fd);
		return report_failure(report, errno, "open /proc/self/fd");
	}
	while (errno = 0, (entry = readdir(dir))) {
		int number = (int)strtol(entry->d_name, NULL, 10);
		int *grown;
		int flags;

		if (entry->d_name[0] == '.' || number < 3)
			continue;
		flags = fcntl(number, F_GETFD);
		if (flags < 0)
			return report_failure(report, errno, "fcntl of the fd %d", number);
		if (flags & FD_CLOEXEC)
			continue;
		grown = reallocarray(found, n + 1, sizeof(*found));
		if (!grown)
			return report_failure(report, ENOMEM, "list of fds");
		found = grown;
		found[n++] = number;
	}
	if (errno)
		return report_failure(report, errno, "read /proc/self/fd");
	descriptors_sort(found, n);
	*fds = steal_ptr(found);
	*count = n;
	return 0;
}

int descriptors_pack(int *fds, size_t count, struct report *report)
{
	/* ascending, so a target number is free or has been moved already */
	for (size_t i = 0; i < count; i++) {
		int target = 3 + (int)i;

		if (fds[i] == target)
			continue;
		if (dup2(fds[i], target) < 0)
			return report_failure(report, errno, "--pack-fds: dup2 %d %d", fds[i],
					      target);
		if (fcntl(fds[i], F_SETFD, FD_CLOEXEC) < 0)
			return report_failure(report, errno, "--pack-fds: fcntl %d", fds[i]);
		fds[i] = target;
	}
	return 0;
}
