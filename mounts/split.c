/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/split.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "mounts/attach.h"
#include "mounts/children.h"
#include "mounts/clone.h"
#include "mounts/kernel-filesystems.h"
#include "mounts/overlay.h"
#include "mounts/placeholders.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define SPLIT_DEPTH_MAX 16 /* folders between "/" and a mount point, at the most */

struct split {
	struct mount_build *build;
	struct mount_entry place; /* the entry, with the path of the folder being split as target */
	int upper, work;          /* for the layers: on one mount, as overlayfs wants */
	int base;                 /* the same folder as upper, where it is attached */
	int depth;
	struct report *report;
};

static int split_folder(struct split *split, int lower);

static int fail(const struct split *split, int error, const char *call, const char *name)
{
	char description[MOUNT_DESCRIPTION_MAX];

	return report_failure(split->report, error, "%s: %s %s/%s",
			      mount_entry_describe(&split->place, description), call,
			      split->place.target[1] ? split->place.target : "", name);
}

static int open_or_make(int parent, const char *name, mode_t mode)
{
	int fd;

	if (mkdirat(parent, name, mode) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* True if the plan mounts something on the child, whatever it is: a mount point is enough then. */
static bool is_covered(const struct split *split, const char *path)
{
	const struct mount_plan *plan = split->build->plan;

	for (size_t i = 0; i < plan->count; i++) {
		const struct mount_entry *entry = &plan->entries[i];

		if (mount_entry_mounts(entry) && entry->kind != MOUNT_MASK &&
		    !(entry->flags & MOUNT_DROPPED) && !split->build->skipped[i] &&
		    strcmp(entry->target, path) == 0)
			return true;
	}
	return false;
}

/* As open_or_make, and what was made goes away at the end if nothing was put into it. */
static int open_or_make_for_now(struct split *split, int parent, int shown, const char *name,
				mode_t mode)
{
	struct stat status;
	bool there = fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
	int fd = open_or_make(parent, name, mode);

	if (fd >= 0 && !there && split->place.work)
		mount_keep_placeholder(split->build, shown, name);
	return fd;
}

/* One overlay for a child folder; where it has submounts itself, it is split in turn. */
static int overlay_child(struct split *split, int child, const char *name, char *path, mode_t mode)
{
	_cleanup_close_ int upper =
		open_or_make_for_now(split, split->upper, split->base, name, mode & 07777);
	_cleanup_close_ int work =
		open_or_make_for_now(split, split->work, split->work, name, 0700);
	_cleanup_close_ int mount = -EBADF;
	struct split inner = *split;
	const char *call;
	int r;

	if (upper < 0 || work < 0)
		return fail(split, upper < 0 ? -upper : -work, "mkdir upper or work of", name);
	inner.place.target = path;
	inner.upper = upper;
	inner.work = work;
	inner.depth++;
	if (overlay_has_submounts(child) && inner.depth < SPLIT_DEPTH_MAX)
		return split_folder(&inner, child);
	mount = overlay_mount(
		&(struct overlay_layers){ &child, 1, upper, work, split->place.options },
		mount_attributes(&split->place), &call);
	if (mount < 0)
		return fail(split, -mount, call, name);
	r = split->place.work ? 0 : target_own(&split->build->owner, mount);
	if (r < 0)
		return fail(split, -r, "statx", name);
	if (split->place.work) {
		overlay_unlock_work(work);
		r = mount_keep_work(split->build, steal_fd(&work), split->report);
		if (r < 0)
			return r;
	}
	return mount_attach(split->build, &inner.place, &mount, S_IFDIR | 0755, split->report);
}

/* A file or folder that is only to be mounted on. */
static int make_point(struct split *split, const char *name, mode_t mode)
{
	int r = S_ISDIR(mode) ? mkdirat(split->base, name, 0755)
			      : mknodat(split->base, name, S_IFREG | 0444, 0);

	if (r < 0)
		return errno == EEXIST ? 0 : -errno;
	if (split->place.work)
		mount_keep_placeholder(split->build, split->base, name);
	return 0;
}

static int split_child(int lower, const char *name, const struct stat *status, void *context)
{
	struct split *split = context;
	_cleanup_close_ int child = -EBADF;
	_cleanup_free_ char *path = NULL;
	int r;

	if (S_ISLNK(status->st_mode)) {
		r = child_copy_link(lower, name, split->base);
		if (r < 0)
			return fail(split, -r, "symlink", name);
		if (r > 0 && split->place.work)
			mount_keep_placeholder(split->build, split->base, name);
		return 0;
	}
	if (asprintf(&path, "%s/%s", split->place.target[1] ? split->place.target : "", name) < 0)
		return fail(split, ENOMEM, "overlay", name);
	child = openat(lower, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (child < 0)
		return fail(split, errno, "open", name);
	if (is_covered(split, path)) {
		r = make_point(split, name, status->st_mode);
		return r < 0 ? fail(split, -r, "make", name) : 0;
	}
	if (S_ISDIR(status->st_mode) && !kernel_filesystem_is_at(child))
		return overlay_child(split, child, name, path, status->st_mode);
	r = make_point(split, name, status->st_mode);
	if (r >= 0)
		r = child_bind(lower, name, split->base, status->st_mode,
			       MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	return r < 0 ? fail(split, -r, "bind", name) : 0;
}

static int split_folder(struct split *split, int lower)
{
	struct mount_attr attributes = { .attr_set = mount_attributes(&split->place) };
	_cleanup_close_ int base =
		open_tree(split->upper, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	_cleanup_close_ int attached = -EBADF;
	int r;

	if (base < 0)
		return fail(split, errno, "open_tree upper of", "");
	if (mount_setattr(base, "", AT_EMPTY_PATH, &attributes, sizeof(attributes)) < 0)
		return fail(split, errno, "mount_setattr upper of", "");
	r = split->place.work ? 0 : target_own(&split->build->owner, base);
	if (r < 0)
		return fail(split, -r, "statx", "");
	attached = fcntl(base, F_DUPFD_CLOEXEC, 3);
	if (attached < 0)
		return fail(split, errno, "fcntl", "");
	r = mount_attach(split->build, &split->place, &base, S_IFDIR | 0755, split->report);
	if (r < 0)
		return r;
	split->base = attached;
	r = child_for_each(lower, split_child, split);
	if (r < 0)
		fail(split, -r, "split", ""); /* kept only if nothing said more before */
	return r;
}

int view_split_overlay(struct mount_build *build, const struct mount_entry *entry, int lower,
		       int upper, int work, struct report *report)
{
	struct split split = {
		.build = build,
		.place = *entry,
		.upper = upper,
		.work = work,
		.report = report,
	};

	return split_folder(&split, lower);
}
