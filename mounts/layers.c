/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/layers.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "mounts/apply.h"
#include "mounts/overlay.h"
#include "mounts/source.h"
#include "mounts/view.h"

#include <string.h>
#include <sys/stat.h>

static int fail(const struct mount_entry *entry, int error, const char *call, struct report *report)
{
	char description[MOUNT_DESCRIPTION_MAX];

	return report_failure(report, error, "%s: %s", mount_entry_describe(entry, description),
			      call);
}

static int open_lowers(const struct mount_entry *entry, int *lowers, struct report *report)
{
	for (size_t i = 0; i < entry->lower_count; i++) {
		lowers[i] = source_open_layer(entry, entry->lowers[i], report);
		if (lowers[i] < 0)
			return lowers[i];
	}
	return 0;
}

/* upper and work in a tmpfs that the overlay then covers: nothing of it is seen, or kept */
static int make_tmpfs_upper(struct mount_build *build, const struct mount_entry *entry, int *upper,
			    int *work, struct report *report)
{
	const char *call;
	_cleanup_close_ int tree = mount_tmpfs(0755, entry->size, ID_UNSET, ID_UNSET,
					       MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, &call);
	_cleanup_close_ int copy = -EBADF;
	int r;

	if (tree < 0)
		return fail(entry, -tree, call, report);
	copy = fcntl(tree, F_DUPFD_CLOEXEC, 3);
	if (copy < 0)
		return fail(entry, errno, "fcntl", report);
	r = mount_attach(build, entry, &tree, S_IFDIR | 0755, report);
	if (r < 0)
		return r;
	if (mkdirat(copy, "upper", 0755) < 0 || mkdirat(copy, "work", 0755) < 0)
		return fail(entry, errno, "mkdir", report);
	*upper = openat(copy, "upper", O_PATH | O_DIRECTORY | O_CLOEXEC);
	*work = openat(copy, "work", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return *upper < 0 || *work < 0 ? fail(entry, errno, "open", report) : 0;
}

static int open_upper(struct mount_build *build, const struct mount_entry *entry, int *upper,
		      int *work, struct report *report)
{
	if (strcmp(entry->upper, MOUNT_OVERLAY_TMPFS) == 0)
		return make_tmpfs_upper(build, entry, upper, work, report);
	if (!entry->work)
		return fail(entry, EINVAL, "an upper directory wants a work directory", report);
	*upper = source_open_layer(entry, entry->upper, report);
	if (*upper < 0)
		return *upper;
	*work = source_open_layer(entry, entry->work, report);
	return *work < 0 ? *work : 0;
}

static int keep_work(struct mount_build *build, const struct mount_entry *entry, int *work,
		     struct report *report)
{
	if (!entry->work || *work < 0)
		return 0;
	overlay_unlock_work(*work);
	return mount_keep_work(build, steal_fd(work), report);
}

static int explain_failure(const struct mount_entry *entry, int error, const char *call,
			   struct report *report)
{
	fail(entry, error, call, report);
	if (error == EINVAL)
		report_hint(report,
			    "a layer may have submounts, which the kernel does not let an overlay "
			    "uncover, or overlap another, or be on a file system that can't be a "
			    "layer");
	return -error;
}

static int mount_layers(struct mount_build *build, const struct mount_entry *entry, int *lowers,
			struct report *report)
{
	_cleanup_close_ int upper = -EBADF, work = -EBADF, mount = -EBADF;
	const char *call;
	int r = 0;

	if (entry->upper)
		r = open_upper(build, entry, &upper, &work, report);
	if (r < 0)
		return r;
	mount = overlay_mount(
		&(struct overlay_layers){ lowers, entry->lower_count, upper, work, entry->options },
		mount_attributes(entry), &call);
	if (mount == -EINVAL && upper >= 0 && entry->lower_count == 1)
		return view_split_overlay(build, entry, lowers[0], upper, work, report);
	if (mount < 0)
		return explain_failure(entry, -mount, call, report);
	r = keep_work(build, entry, &work, report);
	return r < 0 ? r : mount_attach(build, entry, &mount, S_IFDIR | 0755, report);
}

int layers_apply(struct mount_build *build, const struct mount_entry *entry, struct report *report)
{
	int *lowers = malloc((entry->lower_count + 1) * sizeof(*lowers));
	int r;

	if (!lowers)
		return fail(entry, ENOMEM, "layers", report);
	for (size_t i = 0; i < entry->lower_count; i++)
		lowers[i] = -EBADF;
	r = open_lowers(entry, lowers, report);
	if (r >= 0)
		r = mount_layers(build, entry, lowers, report);
	for (size_t i = 0; i < entry->lower_count; i++)
		close_fd(&lowers[i]);
	free(lowers);
	return r;
}
