/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/procfs.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <string.h>

pid_t procfs_self(int proc_fd, struct report *report)
{
	char text[32];
	ssize_t length = readlinkat(proc_fd, "self", text, sizeof(text) - 1);

	if (length < 0)
		return report_failure(report, errno, "readlink /proc/self");
	text[length] = '\0';
	return (pid_t)strtol(text, NULL, 10);
}

/* pidfd_open(2): its fdinfo has a line "Pid:", counted as the procfs counts */
pid_t procfs_pid(int proc_fd, int pidfd, struct report *report)
{
	char path[48], text[1024];
	_cleanup_close_ int fd = -EBADF;
	const char *line;
	ssize_t n;

	snprintf(path, sizeof(path), "self/fdinfo/%d", pidfd);
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	do {
		n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	} while (fd >= 0 && n < 0 && errno == EINTR);
	if (n < 0)
		return report_failure(report, errno, "read /proc/%s", path);
	text[n] = '\0';
	line = strstr(text, "\nPid:");
	if (!line)
		return report_refusal(report, "/proc/%s: no line with the pid", path);
	return (pid_t)strtol(line + strlen("\nPid:"), NULL, 10);
}

bool procfs_is_stopped(int proc_fd, int pidfd)
{
	struct report unused = { 0 };
	pid_t pid = procfs_pid(proc_fd, pidfd, &unused);
	char path[32], text[256];
	_cleanup_close_ int fd = -EBADF;
	const char *state;
	ssize_t n;

	if (pid <= 0)
		return true;
	snprintf(path, sizeof(path), "%d/stat", (int)pid);
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return true;
	text[n] = '\0';
	/* the name before the state may hold anything, ")" too */
	state = strrchr(text, ')');
	return !state || state[1] != ' ' || state[2] == 'T' || state[2] == 't';
}
