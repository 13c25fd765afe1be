/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/enter.h"

#include "base/syscalls.h"

#include <errno.h>

int mount_cut_off(bool receive, struct report *report)
{
	struct mount_attr attributes = { .propagation = receive ? MS_SLAVE : MS_PRIVATE };

	if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attributes, sizeof(attributes)) < 0) {
		int error = errno;

		report_failure(report, error, "mount_setattr / %s", receive ? "slave" : "private");
		if (error == ENOSYS)
			report_hint(report, "nsroot needs Linux 5.12 or later");
		else if (error == EINVAL)
			report_hint(report, "in a chroot, \"/\" has to be a mount point");
		return -error;
	}
	return 0;
}

int mount_share(struct report *report)
{
	struct mount_attr attributes = { .propagation = MS_SHARED };

	if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attributes, sizeof(attributes)) < 0)
		return report_failure(report, errno, "mount_setattr / shared");
	return 0;
}

/*
 * The root file system of an initramfs can't be pivoted away from: pivot_root(2). A chroot into
 * what lies over it is as good where that is locked, as with two levels.
 */
int mount_enter_by_chroot(struct report *report)
{
	/* "/" itself is never followed to what is mounted over it, but ".." is: path_resolution(7)
	 */
	if (chdir("/..") < 0)
		return report_failure(report, errno, "chdir to the new root");
	if (chroot(".") < 0)
		return report_failure(report, errno, "chroot to the new root");
	return 0;
}

int mount_enter(const struct mount_build *build, struct report *report)
{
	if (fchdir(build->root_fd) < 0)
		return report_failure(report, errno, "fchdir to the new root");
	if (sys_pivot_root(".", ".") < 0) {
		if (errno == EINVAL)
			return MOUNT_ENTER_CHROOT;
		return report_failure(report, errno, "pivot_root");
	}
	/* the old root lies over the new one now, and over it what lay between them */
	for (size_t i = 0; i < build->root_count; i++) {
		if (umount2(".", MNT_DETACH) < 0)
			return report_failure(report, errno, "umount of the old root");
	}
	return 0;
}
