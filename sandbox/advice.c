/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/advice.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* The number in a file below /proc/sys, or -1. */
static long read_number(int proc_fd, const char *path)
{
	char text[32];
	_cleanup_close_ int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return -1;
	text[n] = '\0';
	return strtol(text, NULL, 10);
}

static bool has_seccomp_filter(int proc_fd)
{
	char text[4096];
	_cleanup_close_ int fd = openat(proc_fd, "self/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return false;
	text[n] = '\0';
	return strstr(text, "\nSeccomp:\t2") != NULL;
}

/* Whether some mount is the root directory: a chroot mostly leads into the midst of one. */
static bool has_root_mount(int proc_fd)
{
	_cleanup_close_ int fd = openat(proc_fd, "self/mountinfo", O_RDONLY | O_CLOEXEC);
	_cleanup_fclose_ FILE *file = fd < 0 ? NULL : fdopen(dup(fd), "r");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	if (!file)
		return true; /* not known */
	while (getline(&line, &size, file) >= 0) {
		char target[2 + 1];

		if (sscanf(line, "%*s %*s %*s %*s %2s", target) == 1 && strcmp(target, "/") == 0)
			return true;
	}
	return false;
}

static bool is_chrooted(int proc_fd)
{
	struct stat root, init;

	if (!has_root_mount(proc_fd))
		return true;
	return stat("/", &root) == 0 && fstatat(proc_fd, "1/root/", &init, 0) == 0 &&
	       (root.st_dev != init.st_dev || root.st_ino != init.st_ino);
}

void advise_on_userns(struct report *report, int proc_fd, int error)
{
	if (error == ENOSPC || error == EUSERS) {
		if (read_number(proc_fd, "sys/user/max_user_namespaces") == 0)
			report_hint(
				report,
				"user namespaces are forbidden here: the administrator can allow "
				"them: sysctl user.max_user_namespaces=15000");
		else
			report_hint(
				report,
				"a limit on namespaces is reached, or they are nested too deep: "
				"see sysctl -a --pattern user.max_");
		return;
	}
	if (error == EINVAL || error == ENOSYS) {
		report_hint(report, "this kernel lacks a namespace that was asked for");
		return;
	}
	if (error != EPERM && error != EACCES)
		return;
	if (read_number(proc_fd, "sys/kernel/unprivileged_userns_clone") == 0)
		report_hint(
			report,
			"ordinary users may not make user namespaces here: the administrator can "
			"allow them: sysctl kernel.unprivileged_userns_clone=1");
	else if (read_number(proc_fd, "sys/kernel/apparmor_restrict_unprivileged_userns") == 1)
		report_hint(report,
			    "AppArmor restricts user namespaces here: the administrator can add a "
			    "profile with \"userns,\" for this program, or allow them: "
			    "sysctl kernel.apparmor_restrict_unprivileged_userns=0");
	else if (has_seccomp_filter(proc_fd))
		report_hint(report,
			    "a seccomp filter is in force, as in a container: start the container "
			    "with one that allows unshare and clone with new user namespaces");
	else if (is_chrooted(proc_fd))
		report_hint(report,
			    "in a chroot the kernel allows no user namespaces: run nsroot outside, "
			    "or as root with --share-user");
	else
		report_hint(
			report,
			"user namespaces are forbidden here, or the caller's ids are not mapped");
}
