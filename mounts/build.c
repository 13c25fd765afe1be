/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/build.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "mounts/overlay.h"
#include "mounts/placeholders.h"
#include "mounts/proc.h"
#include "mounts/source.h"

#include <string.h>
#include <sys/stat.h>

#define FDS_SPARE 64 /* for everything that is no source */

void mount_build_init(struct mount_build *build)
{
	*build = (struct mount_build){
		.root_fd = -EBADF,
		.parent = { .fd = -EBADF },
		.storage_fd = -EBADF,
		.library_fd = -EBADF,
		.table_fd = -EBADF,
		.proc_fd = -EBADF,
		.foreign_fd = -EBADF,
		.pidns_fd = -EBADF,
		.locked = true,
		.owner = { .uid = ID_UNSET, .gid = ID_UNSET },
	};
}

static void close_list(int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		close_fd(&fds[i]);
	free(fds);
}

void mount_build_release(struct mount_build *build)
{
	if (build->sources)
		close_list(build->sources, build->plan->count);
	build->sources = NULL;
	close_list(build->sealed, build->sealed_count);
	build->sealed = NULL;
	build->sealed_count = 0;
	close_fd(&build->root_fd);
	target_forget(&build->parent);
	close_fd(&build->storage_fd);
	close_fd(&build->library_fd);
	close_fd(&build->table_fd);
	close_fd(&build->pidns_fd);
}

void mount_build_close(struct mount_build *build)
{
	mount_build_release(build);
	close_list(build->works, build->work_count);
	mount_placeholders_free(build);
	free(build->owner.mounts);
	free(build->skipped);
	if (build->nofile_raised)
		(void)setrlimit(RLIMIT_NOFILE, &build->nofile);
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

static int check_layer(const struct mount_build *build, const struct mount_entry *entry,
		       const char *role, const char *path, struct report *report)
{
	int fd = source_open_layer(build, entry, role, path, report);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int check_layers(const struct mount_build *build, const struct mount_entry *entry,
			struct report *report)
{
	int r = 0;

	for (size_t i = 0; i < entry->lower_count && r >= 0; i++)
		r = check_layer(build, entry, "lower", entry->lowers[i], report);
	if (r >= 0 && entry->upper && strcmp(entry->upper, MOUNT_OVERLAY_TMPFS) != 0)
		r = check_layer(build, entry, "upper", entry->upper, report);
	if (r >= 0 && entry->work)
		r = check_layer(build, entry, "work", entry->work, report);
	return r;
}

static int open_source(struct mount_build *build, size_t index, bool now, struct report *report)
{
	const struct mount_entry *entry = &build->plan->entries[index];
	int r;

	if (entry->kind == MOUNT_OVERLAY) {
		r = check_layers(build, entry, report);
	} else if (entry->kind != MOUNT_BIND || (entry->flags & MOUNT_INNER)) {
		return 0;
	} else if (entry->flags & MOUNT_FOREIGN) {
		r = source_open_foreign(entry, build->foreign_fd, report);
		if (r >= 0)
			build->sources[index] = r;
	} else if (now && !(entry->flags & MOUNT_LATE)) {
		r = source_open(build, entry, report);
		if (r >= 0)
			build->sources[index] = r;
	} else {
		r = source_check(build, entry, report);
	}
	if (r == -ENOENT && (entry->flags & MOUNT_TRY)) {
		build->skipped[index] = true;
		return 0;
	}
	return r < 0 ? r : 0;
}

/* Opened before anything is mounted over "/", which would come along. */
static bool is_root(const struct mount_entry *entry)
{
	return entry->source && strcmp(entry->source, "/") == 0;
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
	if (build->mask_proc && build->locked) {
		int r = mount_restrict_kernel_fs(proc_fd, report);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < plan->count; i++) {
		int r;

		if (plan->entries[i].flags & MOUNT_DROPPED)
			continue;
		r = open_source(build, i, i < budget || is_root(&plan->entries[i]), report);
		if (r < 0)
			return r;
	}
	return 0;
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
