/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/tree.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "mounts/apply.h"
#include "mounts/attach.h"
#include "mounts/target.h"
#include "mounts/tmpfs.h"
#include "mounts/view.h"

#include <string.h>
#include <sys/stat.h>

static bool needs_storage(const struct mount_build *build)
{
	const struct mount_plan *plan = build->plan;

	if (build->library_fd >= 0)
		return true;
	for (size_t i = 0; i < plan->count; i++) {
		const struct mount_entry *entry = &plan->entries[i];

		if ((entry->kind == MOUNT_DATA || (entry->flags & MOUNT_COVERS)) &&
		    !(entry->flags & MOUNT_DROPPED))
			return true;
	}
	return false;
}

/* Over "/", but below the new root: nobody sees it, and its files can be bound. */
static int make_storage(struct mount_build *build, struct report *report)
{
	const char *call = "move_mount";
	_cleanup_close_ int storage = mount_tmpfs(0700, 0, ID_UNSET, ID_UNSET,
						  MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, &call);
	int r;

	if (storage < 0)
		return report_failure(report, -storage, "storage of file contents: %s", call);
	r = mount_attach_root(build, storage);
	if (r < 0)
		return report_failure(report, -r, "storage of file contents: move_mount");
	build->storage_fd = steal_fd(&storage);
	return 0;
}

/* A plan that names no root gets an empty tmpfs for one. */
static int make_root(struct mount_build *build, struct report *report)
{
	const char *call;
	uint64_t flags = build->plan->manner.plain_root ? 0 : MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
	_cleanup_close_ int root =
		mount_tmpfs(0755, 0, build->owner.uid, build->owner.gid, flags, &call);
	int r;

	if (root < 0)
		return report_failure(report, -root, "new root: %s", call);
	r = target_own(&build->owner, root);
	if (r < 0)
		return report_failure(report, -r, "new root: statx");
	r = mount_attach_root(build, root);
	if (r < 0)
		return report_failure(report, -r, "new root: move_mount");
	build->root_fd = steal_fd(&root);
	return 0;
}

static bool second_pass(const struct mount_entry *entry)
{
	return entry->kind == MOUNT_CHMOD || entry->kind == MOUNT_REMOUNT;
}

/*
 * The plan found, by the text of the paths, that an outer bind shows this one already. Symlinks can
 * make that untrue.
 */
static bool is_shown(const struct mount_build *build, const struct mount_entry *entry)
{
	_cleanup_close_ int point = target_open(build->root_fd, entry->target, 0);
	struct stat source, target;

	if (fstatat(AT_FDCWD, entry->source, &source, 0) < 0)
		return build->plan->manner.binds_last; /* it is not missed where another shows it */
	return point >= 0 && fstat(point, &target) == 0 && source.st_dev == target.st_dev &&
	       source.st_ino == target.st_ino;
}

static bool is_dropped(const struct mount_build *build, size_t index)
{
	const struct mount_entry *entry = &build->plan->entries[index];

	if (entry->flags & MOUNT_SHOWN)
		return is_shown(build, entry);
	return entry->flags & MOUNT_DROPPED;
}

static int apply_pass(struct mount_build *build, bool late, bool second, struct report *report)
{
	const struct mount_plan *plan = build->plan;

	for (size_t i = 0; i < plan->count; i++) {
		const struct mount_entry *entry = &plan->entries[i];
		int r;

		if (second_pass(entry) != second || !!(entry->flags & MOUNT_LATE) != late ||
		    is_dropped(build, i))
			continue;
		r = mount_apply(build, i, report);
		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * What lies behind a symlink of the tree comes last: a link's text says nothing about the order, as
 * in "/bin/tool" where /bin leads to a /usr that is mounted later.
 */
static int apply_behind_links(struct mount_build *build, const bool *behind, struct report *report)
{
	bool again = false;

	for (size_t i = 0; i < build->plan->count; i++) {
		int r;

		if (!behind[i] || is_dropped(build, i))
			continue;
		r = build->skipped[i] ? 0 : view_prepare_one(build, i, again, report);
		if (r >= 0)
			r = mount_apply(build, i, report);
		if (r < 0)
			return r;
		again = true;
	}
	return 0;
}

static int apply_first(struct mount_build *build, struct report *report)
{
	_cleanup_free_ bool *behind = calloc(build->plan->count + 1, sizeof(*behind));
	const char *parent = "";
	size_t length = 0;
	bool linked = false;

	if (!behind)
		return report_failure(report, ENOMEM, "mount plan");
	for (size_t i = 0; i < build->plan->count; i++) {
		const struct mount_entry *entry = &build->plan->entries[i];
		size_t end = (size_t)(strrchr(entry->target, '/') - entry->target);
		int r;

		if (second_pass(entry) || (entry->flags & MOUNT_LATE))
			continue;
		if (build->root_fd >= 0 &&
		    (end != length || memcmp(parent, entry->target, end) != 0)) {
			linked = target_has_link(build->root_fd, entry->target);
			parent = entry->target;
			length = end;
		}
		behind[i] = linked;
		if (linked || is_dropped(build, i))
			continue;
		r = mount_apply(build, i, report);
		if (r < 0)
			return r;
	}
	return apply_behind_links(build, behind, report);
}

/* The mount points of kernel file systems are made while read-only trees can be dealt with. */
static int make_late_points(struct mount_build *build, struct report *report)
{
	const char *outer = NULL;

	for (size_t i = 0; i < build->plan->count; i++) {
		const struct mount_entry *entry = &build->plan->entries[i];
		_cleanup_close_ int point = -EBADF;

		if (!(entry->flags & MOUNT_LATE) || (entry->flags & MOUNT_DROPPED))
			continue;
		if (outer && mount_path_is_below(entry->target, outer))
			continue;
		outer = entry->target;
		point = target_make(&build->owner, build->root_fd, entry->target, O_DIRECTORY,
				    S_IFDIR | 0755, 0755);
		if (point < 0) {
			char description[MOUNT_DESCRIPTION_MAX];

			return report_failure(report, -point, "%s: mount point %s",
					      mount_entry_describe(entry, description),
					      entry->target);
		}
	}
	return 0;
}

/* Each on top of what those before it made. */
static int apply_as_given(struct mount_build *build, struct report *report)
{
	int r = 0;

	for (size_t i = 0; i < build->plan->count && r >= 0; i++) {
		if (!build->skipped[i])
			r = mount_apply(build, i, report);
	}
	return r;
}

int mount_tree_build(struct mount_build *build, struct report *report)
{
	const struct mount_entry *root = mount_plan_find_root(build->plan);
	int r = 0;

	if (needs_storage(build))
		r = make_storage(build, report);
	if (r >= 0 && (!root || (root->flags & MOUNT_TRY)))
		r = make_root(build, report);
	if (r >= 0 && build->plan->manner.as_given)
		return apply_as_given(build, report);
	if (r >= 0)
		r = apply_first(build, report);
	if (r >= 0)
		r = make_late_points(build, report);
	return r;
}

int mount_tree_late(struct mount_build *build, struct report *report)
{
	int r;

	if (build->plan->manner.as_given)
		return 0;
	r = apply_pass(build, true, false, report);
	return r < 0 ? r : apply_pass(build, true, true, report);
}

int mount_tree_finish(struct mount_build *build, struct report *report)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY };

	for (size_t i = 0; i < build->sealed_count; i++) {
		if (mount_setattr(build->sealed[i], "", AT_EMPTY_PATH, &attributes,
				  sizeof(attributes)) < 0)
			return report_failure(report, errno,
					      "view of a read-only folder: mount_setattr");
	}
	return build->plan->manner.as_given ? 0 : apply_pass(build, false, true, report);
}
