/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/mask.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "mounts/attach.h"
#include "mounts/clone.h"
#include "mounts/tmpfs.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

static int open_null(const char *what, struct report *report)
{
	const char *call;
	_cleanup_close_ int tree =
		mount_clone(AT_FDCWD, "/dev/null", 0,
			    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, &call);
	struct stat status;

	if (tree < 0)
		return report_failure(report, -tree, "%s: %s /dev/null", what, call);
	if (fstat(tree, &status) < 0)
		return report_failure(report, errno, "%s: fstat /dev/null", what);
	if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(1, 3))
		return report_refusal(report, "%s: /dev/null is not the device it should be", what);
	return steal_fd(&tree);
}

static int make_empty(const char *what, unsigned int attributes, struct report *report)
{
	const char *call;
	int mount = mount_tmpfs(
		0555, 0, ID_UNSET, ID_UNSET,
		MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | attributes, &call);

	return mount < 0 ? report_failure(report, -mount, "%s: %s", what, call) : mount;
}

static int cover(int cover_fd, int point_fd, const char *what, const char *path,
		 struct report *report)
{
	int r = mount_attach_at(cover_fd, point_fd);

	return r < 0 ? report_failure(report, -r, "%s: move_mount to %s", what, path) : 0;
}

int mask_point(int point_fd, const char *what, const char *path, struct report *report)
{
	_cleanup_close_ int cover_fd = -EBADF;
	struct stat status;

	if (fstat(point_fd, &status) < 0)
		return report_failure(report, errno, "%s: fstat %s", what, path);
	cover_fd = S_ISDIR(status.st_mode) ? make_empty(what, MOUNT_ATTR_RDONLY, report)
					   : open_null(what, report);
	return cover_fd < 0 ? cover_fd : cover(cover_fd, point_fd, what, path, report);
}

int mask_folder(int point_fd, const char *what, const char *path, struct report *report)
{
	_cleanup_close_ int cover_fd = make_empty(what, 0, report);
	int r;

	if (cover_fd < 0)
		return cover_fd;
	r = cover(cover_fd, point_fd, what, path, report);
	return r < 0 ? r : steal_fd(&cover_fd);
}
