/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/owners.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "mounts/clone.h"
#include "remember/shared.h"

#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#define FOLDER "owners" /* in the storage */

static int copy_library(int from, int folder)
{
	_cleanup_close_ int to =
		openat(folder, SHARED_LIBRARY, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	struct stat status;
	off_t done = 0;

	if (to < 0 || fstat(from, &status) < 0)
		return -errno;
	while (done < status.st_size) {
		ssize_t n = sendfile(to, from, &done, (size_t)(status.st_size - done));

		if (n <= 0)
			return n < 0 ? -errno : -EIO; /* it is being written to */
	}
	return 0;
}

static int fill(struct mount_build *build, const char **call)
{
	_cleanup_close_ int folder = -EBADF, table = -EBADF;
	int r;

	*call = "mkdir";
	if (mkdirat(build->storage_fd, FOLDER, 0755) < 0)
		return -errno;
	folder = openat(build->storage_fd, FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*call = "open";
	if (folder < 0)
		return -errno;
	table = openat(folder, SHARED_TABLE, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (table < 0)
		return -errno;
	*call = "write";
	r = shared_make(table);
	if (r >= 0)
		r = copy_library(build->library_fd, folder);
	if (r >= 0)
		build->table_fd = steal_fd(&table);
	return r;
}

static int attach(const struct mount_build *build, int dev_fd, const char **call)
{
	const char *name = strrchr(SHARED_FOLDER, '/') + 1;
	_cleanup_close_ int tree =
		mount_clone(build->storage_fd, FOLDER, 0,
			    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, call);

	if (tree < 0)
		return tree;
	*call = "mkdir";
	if (mkdirat(dev_fd, name, 0755) < 0)
		return -errno;
	*call = "move_mount";
	return move_mount(tree, "", dev_fd, name, MOVE_MOUNT_F_EMPTY_PATH) < 0 ? -errno : 0;
}

int owners_mount(struct mount_build *build, int dev_fd, const char *what, struct report *report)
{
	const char *call;
	int r = fill(build, &call);

	if (r >= 0)
		r = attach(build, dev_fd, &call);
	return r < 0 ? report_failure(report, -r, "%s: " SHARED_FOLDER ": %s", what, call) : 0;
}
