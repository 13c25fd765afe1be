/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/build.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "mounts/apply.h"
#include "mounts/overlay.h"
#include "mounts/source.h"
#include "mounts/target.h"

#include <string.h>
#include <sys/stat.h>

#define FDS_SPARE 64 /* for everything that is no source */

void mount_build_init(struct mount_build *build)
{
	*build = (struct mount_build){
		.root_fd = -EBADF,
		.parent = { .fd = -EBADF },
		.storage_fd = -EBADF,
		.proc_fd = -EBADF,
		.pidns_fd = -EBADF,
		.locked = true,
	};
}

static void close_list(int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		close_fd(&fds[i]);
	free(fds);
}

void mount_build_close(struct mount_build *build)
{
	if (build->sources)
		close_list(build->sources, build->plan->count);
	close_list(build->sealed, build->sealed_count);
	close_list(build->works, build->work_count);
	mount_placeholders_free(build);
	free(build->skipped);
	if (build->nofile_raised)
		(void)setrlimit(RLIMIT_NOFILE, &build->nofile);
	close_fd(&build->root_fd);
	target_forget(&build->parent);
	close_fd(&build->storage_fd);
	close_fd(&build->pidns_fd);
	mount_build_init(build);
}

/* How many sources may be held open at once. */
static size_t fd_budget(struct mount_build *build, size_t wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	if (limit.rlim_cur < wanted + FDS_SPARE && limit.rlim_cur < limit.rlim_max) {
		build->nofile = limit;
		build->nofile_raised = true;
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
			return 0;
	}
	return limit.rlim_cur > FDS_SPARE ? limit.rlim_cur - FDS_SPARE : 0;
}

static int check_layer(const struct mount_entry *entry, const char *path, struct report *report)
{
	int fd = source_open_layer(entry, path, report);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int check_layers(const struct mount_entry *entry, struct report *report)
{
	int r = 0;

	for (size_t i = 0; i < entry->lower_count && r >= 0; i++)
		r = check_layer(entry, entry->lowers[i], report);
	if (r >= 0 && entry->upper && strcmp(entry->upper, MOUNT_OVERLAY_TMPFS) != 0)
		r = check_layer(entry, entry->upper, report);
	if (r >= 0 && entry->work)
		r = check_layer(entry, entry->work, report);
	return r;
}

static int open_source(struct mount_build *build, size_t index, bool now, struct report *report)
{
	const struct mount_entry *entry = &build->plan->entries[index];
	int r;

	if (entry->kind == MOUNT_OVERLAY) {
		r = check_layers(entry, report);
	} else if (entry->kind != MOUNT_BIND) {
		return 0;
	} else if (now && !(entry->flags & MOUNT_LATE)) {
		r = source_open(entry, build->proc_fd, report);
		if (r >= 0)
			build->sources[index] = r;
	} else {
		r = source_check(entry, report);
	}
	if (r == -ENOENT && (entry->flags & MOUNT_TRY)) {
		build->skipped[index] = true;
		return 0;
	}
	return r < 0 ? r : 0;
}

int mount_build_open(struct mount_build *build, const struct mount_plan *plan, int proc_fd,
		     struct report *report)
{
	size_t budget = fd_budget(build, plan->count);

	build->plan = plan;
	build->proc_fd = proc_fd;
	build->sources = malloc((plan->count + 1) * sizeof(*build->sources));
	build->skipped = calloc(plan->count + 1, sizeof(*build->skipped));
	if (!build->sources || !build->skipped)
		return report_failure(report, ENOMEM, "mount plan");
	for (size_t i = 0; i < plan->count; i++)
		build->sources[i] = -EBADF;
	for (size_t i = 0; i < plan->count; i++) {
		int r;

		if (plan->entries[i].flags & MOUNT_DROPPED)
			continue;
		r = open_source(build, i, i < budget, report);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool needs_storage(const struct mount_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->entries[i].kind == MOUNT_DATA &&
		    !(plan->entries[i].flags & MOUNT_DROPPED))
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
	_cleanup_close_ int root = mount_tmpfs(0755, 0, ID_UNSET, ID_UNSET,
					       MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, &call);
	int r;

	if (root < 0)
		return report_failure(report, -root, "new root: %s", call);
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

	return point >= 0 && fstatat(AT_FDCWD, entry->source, &source, 0) == 0 &&
	       fstat(point, &target) == 0 && source.st_dev == target.st_dev &&
	       source.st_ino == target.st_ino;
}

static bool is_dropped(const struct mount_build *build, size_t index)
{
	const struct mount_entry *entry = &build->plan->entries[index];

	if (entry->flags & MOUNT_SHOWN)
		return is_shown(build, entry);
	return (entry->flags & MOUNT_DROPPED) || build->skipped[index];
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
		point = target_make(build->root_fd, entry->target, O_DIRECTORY, S_IFDIR | 0755,
				    0755);
		if (point < 0) {
			char description[MOUNT_DESCRIPTION_MAX];

			return report_failure(report, -point, "%s: mount point %s",
					      mount_entry_describe(entry, description),
					      entry->target);
		}
	}
	return 0;
}

int mount_build_tree(struct mount_build *build, struct report *report)
{
	const struct mount_entry *root = mount_plan_find_root(build->plan);
	int r = 0;

	if (needs_storage(build->plan))
		r = make_storage(build, report);
	if (r >= 0 && (!root || (root->flags & MOUNT_TRY)))
		r = make_root(build, report);
	if (r >= 0)
		r = apply_pass(build, false, false, report);
	if (r >= 0)
		r = make_late_points(build, report);
	return r;
}

int mount_build_late(struct mount_build *build, struct report *report)
{
	int r = apply_pass(build, true, false, report);

	return r < 0 ? r : apply_pass(build, true, true, report);
}

int mount_build_finish(struct mount_build *build, struct report *report)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY };

	for (size_t i = 0; i < build->sealed_count; i++) {
		if (mount_setattr(build->sealed[i], "", AT_EMPTY_PATH, &attributes,
				  sizeof(attributes)) < 0)
			return report_failure(report, errno,
					      "view of a read-only folder: mount_setattr");
	}
	return apply_pass(build, false, true, report);
}

void mount_build_tidy(struct mount_build *build)
{
	for (size_t i = 0; i < build->work_count; i++)
		overlay_tidy_work(build->works[i]);
	mount_placeholders_remove(build);
}

static int append_fd(int **fds, size_t *count, int fd, struct report *report)
{
	_cleanup_close_ int held = fd;
	int *grown = reallocarray(*fds, *count + 1, sizeof(**fds));

	if (!grown)
		return report_failure(report, ENOMEM, "mount plan");
	*fds = grown;
	grown[(*count)++] = steal_fd(&held);
	return 0;
}

int mount_seal_later(struct mount_build *build, int mount_fd, struct report *report)
{
	return append_fd(&build->sealed, &build->sealed_count, mount_fd, report);
}

int mount_keep_work(struct mount_build *build, int work_fd, struct report *report)
{
	return append_fd(&build->works, &build->work_count, work_fd, report);
}
