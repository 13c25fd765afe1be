/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/proc.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "mounts/kernel-filesystems.h"

#include <string.h>

/* "\040" and its like: proc_pid_mountinfo(5) */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && from[1] && from[2] && from[3]) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* The fifth field is the mount point, what follows " - " the type; NULL for any other type. */
static char *find_kernel_mount(char *line)
{
	char *rest = strstr(line, " - "), *type, *point = NULL;

	if (!rest)
		return NULL;
	*rest = '\0';
	rest += 3;
	type = strsep(&rest, " ");
	for (int i = 0; i < 5; i++)
		point = strsep(&line, " ");
	if (!point || !kernel_filesystem_has_switches(type))
		return NULL;
	unescape(point);
	return point;
}

int mount_restrict_kernel_fs(int proc_fd, struct report *report)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY };
	_cleanup_close_ int fd = openat(proc_fd, "self/mountinfo", O_RDONLY | O_CLOEXEC);
	_cleanup_fclose_ FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	if (!file)
		return report_failure(report, errno, "open /proc/self/mountinfo");
	fd = -EBADF; /* the stream's now */
	while (getline(&line, &size, file) >= 0) {
		const char *point = find_kernel_mount(line);

		/* EINVAL, ENOENT, EACCES: covered by another mount, which nobody can take away */
		if (point &&
		    mount_setattr(AT_FDCWD, point, AT_SYMLINK_NOFOLLOW, &attributes,
				  sizeof(attributes)) < 0 &&
		    errno != EINVAL && errno != ENOENT && errno != EACCES)
			return report_failure(report, errno, "mount_setattr %s read-only", point);
	}
	return 0;
}
