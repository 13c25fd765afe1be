/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/layers.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "mounts/attach.h"
#include "mounts/clone.h"
#include "mounts/overlay.h"
#include "mounts/source.h"
#include "mounts/split.h"
#include "mounts/tmpfs.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

struct layers {
	int *lowers;
	int upper, work;
};

static int fail(const struct mount_entry *entry, int error, const char *call, struct report *report)
{
	char description[MOUNT_DESCRIPTION_MAX];

	return report_failure(report, error, "%s: %s", mount_entry_describe(entry, description),
			      call);
}

static int open_lowers(const struct mount_build *build, const struct mount_entry *entry,
		       int *lowers, struct report *report)
{
	for (size_t i = 0; i < entry->lower_count; i++) {
		lowers[i] = source_open_layer(build, entry, "lower", entry->lowers[i], report);
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
	_cleanup_close_ int tree =
		mount_tmpfs(0755, entry->size, build->owner.uid, build->owner.gid,
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
	if (mkdirat(copy, "upper", entry->mode == MODE_UNSET ? 0755 : entry->mode) < 0 ||
	    mkdirat(copy, "work", 0755) < 0)
		return fail(entry, errno, "mkdir", report);
	r = target_own(&build->owner, copy);
	if (r >= 0)
		r = target_give(&build->owner, copy, "upper");
	if (r < 0)
		return fail(entry, -r, "chown upper", report);
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
	*upper = source_open_layer(build, entry, "upper", entry->upper, report);
	if (*upper < 0)
		return *upper;
	*work = source_open_layer(build, entry, "work", entry->work, report);
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

static bool is_same(int a, int b)
{
	struct stat left, right;

	return fstat(a, &left) == 0 && fstat(b, &right) == 0 && left.st_dev == right.st_dev &&
	       left.st_ino == right.st_ino;
}

static bool is_within(int inner, int outer)
{
	_cleanup_close_ int at = fcntl(inner, F_DUPFD_CLOEXEC, 3);

	while (at >= 0) {
		int up;

		if (is_same(at, outer))
			return true;
		up = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (up >= 0 && is_same(at, up))
			close_fd(&up);
		close_fd(&at);
		at = up;
	}
	return false;
}

static bool is_one_mount(int a, int b)
{
	struct statx left, right;

	return statx(a, "", AT_EMPTY_PATH, STATX_MNT_ID, &left) == 0 &&
	       statx(b, "", AT_EMPTY_PATH, STATX_MNT_ID, &right) == 0 &&
	       left.stx_mnt_id == right.stx_mnt_id;
}

static bool is_filesystem(int fd, unsigned long magic)
{
	struct statfs status;

	return fstatfs(fd, &status) == 0 && (unsigned long)status.f_type == magic;
}

static bool is_read_only(int fd)
{
	struct statvfs status;

	return fstatvfs(fd, &status) == 0 && (status.f_flag & ST_RDONLY);
}

/* overlayfs says in the kernel's log alone why it refuses: find it out again. */
static bool advise_on_upper(const struct layers *layers, struct report *report)
{
	if (layers->upper < 0)
		return false;
	if (is_read_only(layers->upper))
		report_hint(report, "upper is on a read-only mount");
	else if (!is_one_mount(layers->upper, layers->work))
		report_hint(report, "upper and work must lie on the same mount");
	else if (is_within(layers->work, layers->upper) || is_within(layers->upper, layers->work))
		report_hint(report, "upper and work must not lie in each other");
	else if (is_filesystem(layers->upper, OVERLAYFS_SUPER_MAGIC))
		report_hint(report,
			    "upper is on an overlay itself, which the kernel does not take");
	else if (is_filesystem(layers->upper, NFS_SUPER_MAGIC))
		report_hint(report, "upper is on NFS, which the kernel does not take");
	else
		return false;
	return true;
}

static void advise_on_lowers(const struct mount_entry *entry, const struct layers *layers,
			     struct report *report)
{
	for (size_t i = 0; i < entry->lower_count; i++) {
		if (overlay_has_submounts(layers->lowers[i])) {
			report_hint(report,
				    "%s has submounts, which the kernel does not let an overlay "
				    "uncover",
				    entry->lowers[i]);
			return;
		}
	}
	for (size_t i = 0; i < entry->lower_count; i++) {
		if (is_filesystem(layers->lowers[i], OVERLAYFS_SUPER_MAGIC)) {
			report_hint(report,
				    "%s is on an overlay: the kernel stacks two of them, not more",
				    entry->lowers[i]);
			return;
		}
	}
	report_hint(report, "a layer may be on a file system that can't be one");
}

static int explain_failure(const struct mount_entry *entry, const struct layers *layers, int error,
			   const char *call, struct report *report)
{
	fail(entry, error, call, report);
	if (error == ELOOP)
		report_hint(report, "two layers are the same, or one lies in another");
	else if (error == EBUSY)
		report_hint(report, "another overlay uses upper or work");
	else if (error == EINVAL && !advise_on_upper(layers, report))
		advise_on_lowers(entry, layers, report);
	return -error;
}

/* mounts/split.h makes mount points in the upper layer */
static bool can_be_split(const struct mount_build *build, const struct mount_entry *entry)
{
	bool in_memory = entry->upper && strcmp(entry->upper, MOUNT_OVERLAY_TMPFS) == 0;

	return entry->lower_count == 1 && (build->tidied || in_memory);
}

static int mount_layers(struct mount_build *build, const struct mount_entry *entry,
			struct layers *layers, struct report *report)
{
	_cleanup_close_ int mount = -EBADF;
	const char *call;
	int r;

	if (can_be_split(build, entry) && layers->upper >= 0 &&
	    overlay_has_submounts(layers->lowers[0]) && is_one_mount(layers->upper, layers->work))
		return view_split_overlay(build, entry, layers->lowers[0], layers->upper,
					  layers->work, report);
	mount = overlay_mount(&(struct overlay_layers){ layers->lowers, entry->lower_count,
							layers->upper, layers->work,
							entry->options },
			      mount_attributes(entry), &call);
	if (mount < 0) {
		r = explain_failure(entry, layers, -mount, call, report);
		if (entry->work) { /* overlayfs may have begun in it, perhaps in a lower */
			overlay_unlock_work(layers->work);
			overlay_tidy_work(layers->work);
		}
		return r;
	}
	if (entry->upper && strcmp(entry->upper, MOUNT_OVERLAY_TMPFS) == 0) {
		r = target_own(&build->owner, mount);
		if (r < 0)
			return fail(entry, -r, "statx", report);
	}
	r = keep_work(build, entry, &layers->work, report);
	if (r < 0)
		return r;
	/* overlayfs mounts read-only without a word where it can't write */
	if (layers->upper >= 0 && !(entry->flags & MOUNT_READ_ONLY) && is_read_only(mount)) {
		fail(entry, EROFS, "overlay", report);
		report_hint(report, "the caller can't write to upper or work");
		return -EROFS;
	}
	return mount_attach(build, entry, &mount, S_IFDIR | 0755, report);
}

int layers_apply(struct mount_build *build, const struct mount_entry *entry, struct report *report)
{
	struct layers layers = { .upper = -EBADF, .work = -EBADF };
	int r;

	layers.lowers = malloc((entry->lower_count + 1) * sizeof(*layers.lowers));
	if (!layers.lowers)
		return fail(entry, ENOMEM, "layers", report);
	for (size_t i = 0; i < entry->lower_count; i++)
		layers.lowers[i] = -EBADF;
	r = open_lowers(build, entry, layers.lowers, report);
	if (r >= 0 && entry->upper)
		r = open_upper(build, entry, &layers.upper, &layers.work, report);
	if (r >= 0)
		r = mount_layers(build, entry, &layers, report);
	for (size_t i = 0; i < entry->lower_count; i++)
		close_fd(&layers.lowers[i]);
	close_fd(&layers.upper);
	close_fd(&layers.work);
	free(layers.lowers);
	return r;
}
