/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/view.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "mounts/attach.h"
#include "mounts/children.h"
#include "mounts/overlay.h"
#include "mounts/target.h"
#include "mounts/tmpfs.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

struct folders {
	char **paths;
	size_t count;
};

static int fail(const struct mount_entry *entry, int error, const char *call, const char *path,
		struct report *report)
{
	char description[MOUNT_DESCRIPTION_MAX];

	return report_failure(report, error, "%s: view of %s: %s",
			      mount_entry_describe(entry, description), path, call);
}

/*
 * The length of the part of entry's target that has to become writable, -ENOENT if nothing has to
 * be made, or another negative errno.
 */
static ssize_t find_unwritable(const struct mount_build *build, const struct mount_entry *entry)
{
	ssize_t length;

	switch (entry->kind) {
	case MOUNT_CHMOD:
	case MOUNT_REMOUNT:
	case MOUNT_MASK:
		return -ENOENT;
	default:
		break;
	}
	length = target_find_parent(build->root_fd, entry->target);
	if (length == (ssize_t)strlen(entry->target)) {
		if (entry->kind != MOUNT_FILE)
			return -ENOENT;
		return strrchr(entry->target, '/') - entry->target;
	}
	/* a path that leads nowhere fails, and is reported, at the entry's turn */
	if (length == -ELOOP || length == -ENOTDIR || length == -EACCES || length == -ENAMETOOLONG)
		return -ENOENT;
	if (length < 0)
		return length;
	/* a symlink that dangles is covered itself by a file, and needs no place to be made */
	if (mount_entry_mounts(entry)) {
		_cleanup_close_ int link = target_open(build->root_fd, entry->target, O_NOFOLLOW);

		if (link >= 0)
			return -ENOENT;
	}
	return length;
}

static int compare_paths(const void *a, const void *b)
{
	return mount_path_compare(*(char *const *)a, *(char *const *)b);
}

static int add_folder(struct folders *folders, const char *target, size_t length)
{
	char **grown;
	char *path;

	if (folders->count && strlen(folders->paths[folders->count - 1]) == length &&
	    strncmp(folders->paths[folders->count - 1], target, length) == 0)
		return 0;
	path = length ? strndup(target, length) : strdup("/");
	grown = reallocarray(folders->paths, folders->count + 1, sizeof(*grown));
	if (grown)
		folders->paths = grown;
	if (!path || !grown) {
		free(path);
		return -ENOMEM;
	}
	folders->paths[folders->count++] = path;
	return 0;
}

/* Only what lies directly on the mount of entries[index] counts, not what a further mount covers.
 */
static int collect(const struct mount_build *build, size_t index, struct folders *folders)
{
	const struct mount_plan *plan = build->plan;
	const struct mount_entry *outer = &plan->entries[index];
	const char *covered = NULL;

	for (size_t i = index + 1; i < plan->count; i++) {
		const struct mount_entry *entry = &plan->entries[i];
		ssize_t length;

		if (!mount_path_is_below(entry->target, outer->target))
			break;
		if ((entry->flags & MOUNT_DROPPED) || build->skipped[i])
			continue;
		if (mount_entry_mounts(entry) && strcmp(entry->target, outer->target) == 0)
			return 0; /* that one covers it all */
		if (covered && mount_path_is_below(entry->target, covered))
			continue;
		if (mount_entry_mounts(entry))
			covered = entry->target;
		length = find_unwritable(build, entry);
		if (length == -ENOENT)
			continue;
		if (length < 0)
			return (int)length;
		if (add_folder(folders, entry->target, (size_t)length) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int mirror_child(int lower, const char *name, const struct stat *status, void *context)
{
	int base = *(int *)context;

	if (S_ISLNK(status->st_mode))
		return child_copy_link(lower, name, base);
	return child_bind(lower, name, base, status->st_mode, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
}

/* Attach a tmpfs at the place, keeping a second fd of it. */
static int attach_tmpfs(struct mount_build *build, const struct mount_entry *place, mode_t mode,
			int *fd, struct report *report)
{
	const char *call;
	_cleanup_close_ int tree = mount_tmpfs(mode, 0, ID_UNSET, ID_UNSET,
					       MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, &call);
	int r;

	if (tree < 0)
		return fail(place, -tree, call, place->target, report);
	r = target_own(&build->owner, tree);
	if (r < 0)
		return fail(place, -r, "statx", place->target, report);
	*fd = fcntl(tree, F_DUPFD_CLOEXEC, 3);
	if (*fd < 0)
		return fail(place, errno, "fcntl", place->target, report);
	return mount_attach(build, place, &tree, S_IFDIR | 0755, report);
}

/* What is below it can be written to as well, not only the folder itself. */
#define VIEW_IS_DEEP 1

static int make_mirror(struct mount_build *build, const struct mount_entry *place, int lower,
		       mode_t mode, struct report *report)
{
	_cleanup_close_ int base = -EBADF;
	int r = attach_tmpfs(build, place, mode, &base, report);

	if (r < 0)
		return r;
	r = child_for_each(lower, mirror_child, &base);
	if (r < 0)
		return fail(place, -r, "bind the children", place->target, report);
	return mount_seal_later(build, steal_fd(&base), report);
}

static int make_layer(struct mount_build *build, const struct mount_entry *place, int lower,
		      mode_t mode, struct report *report)
{
	_cleanup_close_ int base = -EBADF, upper = -EBADF, work = -EBADF, mount = -EBADF,
			    copy = -EBADF;
	const char *call;
	int r = attach_tmpfs(build, place, 0755, &base, report);

	if (r < 0)
		return r;
	if (mkdirat(base, "upper", mode) < 0 || mkdirat(base, "work", 0755) < 0)
		return fail(place, errno, "mkdir", place->target, report);
	upper = openat(base, "upper", O_PATH | O_DIRECTORY | O_CLOEXEC);
	work = openat(base, "work", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (upper < 0 || work < 0)
		return fail(place, errno, "open", place->target, report);
	mount = overlay_mount(&(struct overlay_layers){ &lower, 1, upper, work, NULL },
			      MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, &call);
	if (mount < 0)
		return make_mirror(build, place, lower, mode, report);
	r = target_own(&build->owner, mount);
	if (r < 0)
		return fail(place, -r, "statx", place->target, report);
	copy = fcntl(mount, F_DUPFD_CLOEXEC, 3);
	if (copy < 0)
		return fail(place, errno, "fcntl", place->target, report);
	r = mount_attach(build, place, &mount, S_IFDIR | 0755, report);
	if (r >= 0)
		r = mount_seal_later(build, steal_fd(&copy), report);
	return r < 0 ? r : VIEW_IS_DEEP;
}

static int make_view(struct mount_build *build, const struct mount_entry *entry, char *path,
		     bool mirror, struct report *report)
{
	struct mount_entry place = *entry;
	_cleanup_close_ int lower = -EBADF;
	struct stat status;

	place.target = path;
	/* that is about what goes there: the folder itself may be reached by a symlink */
	place.flags &= ~(unsigned int)MOUNT_NOFOLLOW;
	lower = target_open(build->root_fd, path, O_DIRECTORY);
	if (lower < 0)
		return fail(entry, -lower, "open", path, report);
	if (fstat(lower, &status) < 0)
		return fail(entry, errno, "fstat", path, report);
	/* where submounts are not locked, overlayfs hides them without a word */
	if (mirror)
		return make_mirror(build, &place, lower, status.st_mode & 07777, report);
	return make_layer(build, &place, lower, status.st_mode & 07777, report);
}

int view_prepare(struct mount_build *build, size_t index, struct report *report)
{
	const struct mount_entry *entry = &build->plan->entries[index];
	struct folders folders = { 0 };
	const char *deep = NULL;
	int r;

	r = collect(build, index, &folders);
	if (r < 0)
		r = fail(entry, -r, "find what is missing", entry->target, report);
	if (folders.count > 1)
		qsort(folders.paths, folders.count, sizeof(*folders.paths), compare_paths);
	for (size_t i = 0; i < folders.count && r >= 0; i++) {
		if (i > 0 && strcmp(folders.paths[i], folders.paths[i - 1]) == 0)
			continue;
		if (deep && mount_path_is_below(folders.paths[i], deep))
			continue;
		r = make_view(build, entry, folders.paths[i], !build->locked, report);
		if (r == VIEW_IS_DEEP)
			deep = folders.paths[i];
	}
	for (size_t i = 0; i < folders.count; i++)
		free(folders.paths[i]);
	free(folders.paths);
	return r < 0 ? r : 0;
}

/* True if the plan may have mounted something below what an fd refers to. */
static bool has_own_submounts(const struct mount_build *build, int fd)
{
	char link[32], path[PATH_MAX];
	ssize_t length;

	snprintf(link, sizeof(link), "self/fd/%d", fd);
	length = readlinkat(build->proc_fd, link, path, sizeof(path) - 1);
	if (length < 0)
		return true;
	path[length] = '\0';
	for (size_t i = 0; i < build->plan->count; i++) {
		const struct mount_entry *entry = &build->plan->entries[i];

		if (mount_entry_mounts(entry) && strcmp(entry->target, path) != 0 &&
		    mount_path_is_below(entry->target, path))
			return true;
	}
	return false;
}

int view_prepare_one(struct mount_build *build, size_t index, bool again, struct report *report)
{
	const struct mount_entry *entry = &build->plan->entries[index];
	ssize_t length = find_unwritable(build, entry);
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int folder = -EBADF;
	struct statvfs status;
	int r;

	if (length < 0)
		return 0;
	path = length ? strndup(entry->target, (size_t)length) : strdup("/");
	if (!path)
		return report_failure(report, ENOMEM, "mount plan");
	folder = target_open(build->root_fd, path, O_DIRECTORY);
	if (folder < 0 || fstatvfs(folder, &status) < 0 || !(status.f_flag & ST_RDONLY))
		return 0; /* it will be made there, or fail and be reported */
	r = make_view(build, entry, path,
		      !build->locked || again || has_own_submounts(build, folder), report);
	return r < 0 ? r : 0;
}
