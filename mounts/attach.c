/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/attach.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "mounts/target.h"

#include <sys/stat.h>

int mount_attach_root(struct mount_build *build, int tree_fd)
{
	if (move_mount(tree_fd, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return -errno;
	build->root_count++;
	return 0;
}

int mount_attach_at(int tree_fd, int point_fd)
{
	if (move_mount(tree_fd, "", point_fd, "",
		       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return -errno;
	return 0;
}

/* The mode of a mount point that is missing: a folder for a folder, a file for all else. */
static int find_point_mode(const struct mount_manner *manner, int tree_fd, mode_t *mode)
{
	struct stat status;

	if (fstat(tree_fd, &status) < 0)
		return -errno;
	if (S_ISDIR(status.st_mode))
		*mode = S_IFDIR | 0755;
	else
		*mode = S_IFREG | (manner->point_mode ? manner->point_mode : 0444);
	return 0;
}

/*
 * A folder goes where a symlink leads; anything else covers the symlink itself: "/etc/resolv.conf"
 * is then the file that was asked for, wherever the link leads and whatever is mounted there later.
 */
static int open_point(struct mount_build *build, const struct mount_entry *entry, mode_t mode)
{
	int nofollow = S_ISDIR(mode) || build->plan->manner.follow_links ? 0 : O_NOFOLLOW;

	return target_place(&build->owner, &build->parent, build->root_fd, entry->target, nofollow,
			    mode, mount_parent_mode(&build->plan->manner, entry));
}

static int explain_failure(const struct mount_build *build, const struct mount_entry *entry,
			   int error, int tree_fd, int point_fd, struct report *report)
{
	char description[MOUNT_DESCRIPTION_MAX];
	struct stat tree, point;
	bool differ;

	mount_entry_describe(entry, description);
	differ = fstat(tree_fd, &tree) == 0 && fstat(point_fd, &point) == 0 &&
		 S_ISDIR(tree.st_mode) != S_ISDIR(point.st_mode);
	if (differ && build->plan->manner.bwrap_words)
		return report_refusal(report, "Destination is not a %s %s",
				      S_ISDIR(tree.st_mode) ? "directory" : "file", entry->written);
	if (differ)
		return report_failure(
			report, error, "%s: %s is %s directory, but what it should show is%s",
			description, entry->target, S_ISDIR(point.st_mode) ? "a" : "no",
			S_ISDIR(tree.st_mode) ? "" : " not");
	report_failure(report, error, "%s: move_mount to %s", description, entry->target);
	if (error == ENOSPC)
		report_hint(report, "a mount namespace holds no more: /proc/sys/fs/mount-max");
	return -error;
}

int mount_attach(struct mount_build *build, const struct mount_entry *entry, int *tree_fd,
		 mode_t mode, struct report *report)
{
	_cleanup_close_ int point = -EBADF;
	int r;

	if (entry->target[1] == '\0') {
		r = mount_attach_root(build, *tree_fd);
		if (r < 0)
			return explain_failure(build, entry, -r, *tree_fd, build->root_fd, report);
		close_fd(&build->root_fd);
		target_forget(&build->parent);
		build->root_fd = steal_fd(tree_fd);
		return 0;
	}
	r = mode ? 0 : find_point_mode(&build->plan->manner, *tree_fd, &mode);
	point = r < 0 ? r : open_point(build, entry, mode);
	if (point < 0) {
		char description[MOUNT_DESCRIPTION_MAX];

		report_failure(report, -point, "%s: mount point %s",
			       mount_entry_describe(entry, description), entry->target);
		if (point == -EROFS)
			report_hint(report, "it is missing, and what it lies in is read-only");
		else if (point == -EACCES || point == -EPERM)
			report_hint(report, "it is missing, and can't be made there");
		return point;
	}
	r = mount_attach_at(*tree_fd, point);
	return r < 0 ? explain_failure(build, entry, -r, *tree_fd, point, report) : 0;
}
