/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idmap/write.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME_MAX 32 /* "4294967295/setgroups" */

/* One write(2): the kernel takes a map only once. */
static int write_file(int proc_fd, const char *file, const char *text, size_t length)
{
	_cleanup_close_ int fd = openat(proc_fd, file, O_WRONLY | O_CLOEXEC);
	ssize_t written;

	if (fd < 0)
		return -errno;
	do
		written = write(fd, text, length);
	while (written < 0 && errno == EINTR);
	if (written < 0)
		return -errno;
	return (size_t)written == length ? 0 : -EIO;
}

/* Ubuntu 23.10 and later: a new user namespace is there, but has no capabilities. */
static bool apparmor_restricts(int proc_fd)
{
	_cleanup_close_ int fd = openat(proc_fd, "sys/kernel/apparmor_restrict_unprivileged_userns",
					O_RDONLY | O_CLOEXEC);
	char value = '0';

	return fd >= 0 && read(fd, &value, 1) == 1 && value != '0';
}

static void hint_denied(int proc_fd, const struct idmap *map, struct report *report)
{
	uint32_t inner;

	if (apparmor_restricts(proc_fd))
		report_hint(report,
			    "AppArmor restricts user namespaces here: give nsroot a profile "
			    "with \"userns,\" or, as root, sysctl "
			    "kernel.apparmor_restrict_unprivileged_userns=0");
	else if (map && !idmap_has_single(map))
		report_hint(report, "more ids than one's own want CAP_SETUID and CAP_SETGID in the "
				    "parent namespace, or newuidmap");
	else if (map && idmap_to_inner(map, 0, &inner))
		/* since 5.12, user_namespaces(7) */
		report_hint(report, "to map root the caller needs CAP_SETFCAP");
	else
		report_hint(report, "a security module or the container around may forbid it");
}

static int fail(int proc_fd, const char *file, const struct idmap *map, size_t length, int error,
		struct report *report)
{
	report_failure(report, error, "/proc/%s", file);
	switch (error) {
	case EPERM:
	case EACCES:
		hint_denied(proc_fd, map, report);
		break;
	case ENOENT:
		report_hint(report, "/proc is not mounted, or is of another PID namespace");
		break;
	case EROFS:
		report_hint(report, "/proc is read-only, as containers have it: run where it is "
				    "writable");
		break;
	case EINVAL:
		if (length >= (size_t)sysconf(_SC_PAGESIZE))
			report_hint(report,
				    "the text of a map, %zu bytes here, must be shorter "
				    "than a page: map fewer ranges",
				    length);
		break;
	default:
		break;
	}
	return -error;
}

static int write_map(int proc_fd, const char *process, const char *name, const struct idmap *map,
		     struct report *report)
{
	char text[IDMAP_TEXT_MAX], file[FILE_NAME_MAX];
	size_t length = idmap_format(map, text, sizeof(text));
	int r;

	snprintf(file, sizeof(file), "%s/%s", process, name);
	r = write_file(proc_fd, file, text, length);
	return r < 0 ? fail(proc_fd, file, map, length, -r, report) : 0;
}

static int deny_groups(int proc_fd, const char *process, struct report *report)
{
	char file[FILE_NAME_MAX];
	int r;

	snprintf(file, sizeof(file), "%s/setgroups", process);
	/* a second "deny" is no error; kernels without the file (before 3.19) need none */
	r = write_file(proc_fd, file, "deny", strlen("deny"));
	return r < 0 && r != -ENOENT ? fail(proc_fd, file, NULL, 0, -r, report) : 0;
}

static int write_maps(int proc_fd, const char *process, const struct idmap *uid_map,
		      const struct idmap *gid_map, bool deny_setgroups, struct report *report)
{
	int r = 0;

	/* once gid_map is written, setgroups can't be denied any more */
	if (deny_setgroups)
		r = deny_groups(proc_fd, process, report);
	if (r == 0)
		r = write_map(proc_fd, process, "gid_map", gid_map, report);
	if (r == 0)
		r = write_map(proc_fd, process, "uid_map", uid_map, report);
	return r;
}

int idmap_write_self(int proc_fd, const struct idmap *uid_map, const struct idmap *gid_map,
		     bool deny_setgroups, struct report *report)
{
	return write_maps(proc_fd, "self", uid_map, gid_map, deny_setgroups, report);
}

int idmap_write_pid(int proc_fd, pid_t pid, const struct idmap *uid_map,
		    const struct idmap *gid_map, bool deny_setgroups, struct report *report)
{
	char process[16];

	snprintf(process, sizeof(process), "%d", pid);
	return write_maps(proc_fd, process, uid_map, gid_map, deny_setgroups, report);
}
