/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/apply.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "base/write.h"
#include "mounts/attach.h"
#include "mounts/clone.h"
#include "mounts/devices.h"
#include "mounts/layers.h"
#include "mounts/mask.h"
#include "mounts/owners.h"
#include "mounts/proc.h"
#include "mounts/source.h"
#include "mounts/target.h"
#include "mounts/tmpfs.h"
#include "mounts/trace.h"
#include "mounts/view.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

typedef int (*mount_applier)(struct mount_build *build, size_t index, struct report *report);

static int fail(const struct mount_entry *entry, int error, const char *call, const char *path,
		struct report *report)
{
	char description[MOUNT_DESCRIPTION_MAX];

	return report_failure(report, error, "%s: %s %s", mount_entry_describe(entry, description),
			      call, path);
}

static int apply_bind(struct mount_build *build, size_t index, struct report *report)
{
	const struct mount_entry *entry = &build->plan->entries[index];
	_cleanup_close_ int tree = steal_fd(&build->sources[index]);
	int r;

	if (tree < 0) {
		tree = source_open(build, entry, report);
		if (tree == -ENOENT && (entry->flags & MOUNT_TRY))
			return 0;
		if (tree < 0)
			return tree;
	}
	r = mount_attach(build, entry, &tree, 0, report);
	if (r >= 0 && (entry->flags & MOUNT_READ_ONLY) && !build->plan->manner.as_given)
		r = view_prepare(build, index, report);
	return r;
}

static int translate_owner(const struct mount_entry *entry, const struct idmap *map, uint32_t inner,
			   uint32_t *outer, struct report *report)
{
	char description[MOUNT_DESCRIPTION_MAX];

	*outer = inner;
	if (inner == ID_UNSET || !map || idmap_to_outer(map, inner, outer))
		return 0;
	return report_refusal(report, "%s: the id %u is not mapped",
			      mount_entry_describe(entry, description), inner);
}

static int apply_tmpfs(struct mount_build *build, size_t index, struct report *report)
{
	const struct mount_entry *entry = &build->plan->entries[index];
	mode_t mode = entry->mode == MODE_UNSET ? 0755 : entry->mode;
	_cleanup_close_ int tree = -EBADF;
	uint32_t uid, gid;
	const char *call;
	int r;

	r = translate_owner(entry, build->uid_map, entry->uid, &uid, report);
	if (r >= 0)
		r = translate_owner(entry, build->gid_map, entry->gid, &gid, report);
	if (r < 0)
		return r;
	/* read-only only at the end: mount points below are to be made */
	tree = mount_tmpfs(mode, entry->size, uid == ID_UNSET ? build->owner.uid : uid,
			   gid == ID_UNSET ? build->owner.gid : gid,
			   mount_attributes(entry) & ~MOUNT_ATTR_RDONLY, &call);
	if (tree < 0)
		return fail(entry, -tree, call, "", report);
	r = target_own(&build->owner, tree);
	if (r < 0)
		return fail(entry, -r, "statx", "", report);
	if (entry->flags & MOUNT_READ_ONLY) {
		int copy = fcntl(tree, F_DUPFD_CLOEXEC, 3);

		if (copy < 0)
			return fail(entry, errno, "fcntl", "", report);
		r = mount_seal_later(build, copy, report);
		if (r < 0)
			return r;
	}
	return mount_attach(build, entry, &tree, S_IFDIR | 0755, report);
}

static int apply_dev(struct mount_build *build, size_t index, struct report *report)
{
	const struct mount_entry *entry = &build->plan->entries[index];
	char description[MOUNT_DESCRIPTION_MAX];
	_cleanup_close_ int tree = -EBADF, copy = -EBADF;
	const char *call;
	int r;

	tree = mount_tmpfs(0755, 0, build->owner.uid, build->owner.gid, mount_attributes(entry),
			   &call);
	if (tree < 0)
		return fail(entry, -tree, call, "", report);
	r = target_own(&build->owner, tree);
	if (r < 0)
		return fail(entry, -r, "statx", "", report);
	copy = fcntl(tree, F_DUPFD_CLOEXEC, 3);
	if (copy < 0)
		return fail(entry, errno, "fcntl", "", report);
	r = mount_attach(build, entry, &tree, S_IFDIR | 0755, report);
	if (r < 0)
		return r;
	mount_entry_describe(entry, description);
	r = devices_fill(&build->plan->manner, copy, build->proc_fd, description, report);
	if (r >= 0 && build->library_fd >= 0 && strcmp(entry->target, "/dev") == 0)
		r = owners_mount(build, copy, description, report);
	return r;
}

static int apply_dir(struct mount_build *build, size_t index, struct report *report)
{
	const struct mount_entry *entry = &build->plan->entries[index];
	mode_t mode = entry->mode == MODE_UNSET ? 0755 : entry->mode;
	int kind = build->plan->manner.makes_way ? 0 : O_DIRECTORY;
	_cleanup_close_ int fd =
		target_make(&build->owner, build->root_fd, entry->target, kind, S_IFDIR | mode,
			    mount_parent_mode(&build->plan->manner, entry));

	return fd < 0 ? fail(entry, -fd, "mkdir", entry->target, report) : 0;
}

static int apply_file(struct mount_build *build, size_t index, struct report *report)
{
	const struct mount_entry *entry = &build->plan->entries[index];
	mode_t mode = entry->mode == MODE_UNSET ? 0666 : entry->mode;
	_cleanup_close_ int made = -EBADF, fd = -EBADF;
	const char *name;
	int r;

	if (build->plan->manner.makes_way)
		made = target_make(&build->owner, build->root_fd, entry->target, 0, S_IFREG | mode,
				   0755);
	else
		made = target_make_parent(&build->owner, build->root_fd, entry->target,
					  mount_parent_mode(&build->plan->manner, entry), &name);
	if (made < 0)
		return fail(entry, -made, "mkdir", entry->target, report);
	fd = target_open_file(&build->owner, build->root_fd, entry->target, mode);
	if (fd < 0)
		return fail(entry, -fd, "open", entry->target, report);
	r = write_all(fd, entry->data, entry->data_size);
	return r < 0 ? fail(entry, -r, "write", entry->target, report) : 0;
}

/* A file in the hidden tmpfs, bound. It keeps its name there: the kernel binds no unlinked file,
 * and somebody inside may want to bind it again. */
static int apply_data(struct mount_build *build, size_t index, struct report *report)
{
	const struct mount_entry *entry = &build->plan->entries[index];
	mode_t mode = entry->mode == MODE_UNSET ? 0600 : entry->mode;
	_cleanup_close_ int fd = -EBADF, tree = -EBADF;
	const char *call;
	char name[32];
	int r;

	snprintf(name, sizeof(name), "%zu", index);
	fd = openat(build->storage_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return fail(entry, errno, "open", "contents", report);
	if ((build->owner.uid != ID_UNSET || build->owner.gid != ID_UNSET) &&
	    fchown(fd, build->owner.uid, build->owner.gid) < 0)
		return fail(entry, errno, "chown", "contents", report);
	r = write_all(fd, entry->data, entry->data_size);
	if (r < 0)
		return fail(entry, -r, "write", "contents", report);
	tree = mount_clone(build->storage_fd, name, 0, mount_attributes(entry), &call);
	if (tree < 0)
		return fail(entry, -tree, call, "contents", report);
	return mount_attach(build, entry, &tree, S_IFREG | 0444, report);
}

/* What is there is no folder, and stays: a symlink is bound on it. */
static int cover_by_symlink(struct mount_build *build, size_t index, int parent, const char *name,
			    struct report *report)
{
	const struct mount_entry *entry = &build->plan->entries[index];
	_cleanup_close_ int tree = -EBADF, point = -EBADF;
	char link[32];
	const char *call;
	struct stat status;
	int r;

	point = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (point < 0 || fstat(point, &status) < 0)
		return fail(entry, errno, "open", entry->target, report);
	if (S_ISDIR(status.st_mode))
		return fail(entry, EEXIST, "symlink", entry->target, report);
	snprintf(link, sizeof(link), "%zu", index);
	if (symlinkat(entry->source, build->storage_fd, link) < 0)
		return fail(entry, errno, "symlink", "in memory", report);
	tree = mount_clone(build->storage_fd, link, AT_SYMLINK_NOFOLLOW, mount_attributes(entry),
			   &call);
	if (tree < 0)
		return fail(entry, -tree, call, "the symlink", report);
	r = mount_attach_at(tree, point);
	return r < 0 ? fail(entry, -r, "move_mount to", entry->target, report) : 0;
}

static int apply_symlink(struct mount_build *build, size_t index, struct report *report)
{
	const struct mount_entry *entry = &build->plan->entries[index];
	char description[MOUNT_DESCRIPTION_MAX], link[PATH_MAX];
	_cleanup_close_ int parent = -EBADF;
	const char *name;
	ssize_t length;

	parent = target_make_parent(&build->owner, build->root_fd, entry->target,
				    mount_parent_mode(&build->plan->manner, entry), &name);
	if (parent < 0)
		return fail(entry, -parent, "mkdir", entry->target, report);
	if (symlinkat(entry->source, parent, name) == 0) {
		int r = target_give(&build->owner, parent, name);

		return r < 0 ? fail(entry, -r, "chown", entry->target, report) : 0;
	}
	if (errno != EEXIST)
		return fail(entry, errno, "symlink", entry->target, report);
	length = readlinkat(parent, name, link, sizeof(link) - 1);
	if (length < 0 && errno != EINVAL) /* EINVAL: it is no symlink */
		return fail(entry, errno, "readlink", entry->target, report);
	link[length < 0 ? 0 : length] = '\0';
	if (length >= 0 && strcmp(link, entry->source) == 0)
		return 0;
	if (entry->flags & MOUNT_COVERS)
		return cover_by_symlink(build, index, parent, name, report);
	if (build->plan->manner.bwrap_words)
		return report_refusal(report, "Can't make symlink at %s: %s%s", entry->written,
				      length < 0 ? "destination exists and is not a symlink"
						 : "existing destination is ",
				      link);
	if (length < 0)
		return fail(entry, EEXIST, "symlink", entry->target, report);
	return report_refusal(report, "%s: existing destination is %s",
			      mount_entry_describe(entry, description), link);
}

static int apply_mask(struct mount_build *build, size_t index, struct report *report)
{
	const struct mount_entry *entry = &build->plan->entries[index];
	char description[MOUNT_DESCRIPTION_MAX];
	_cleanup_close_ int point = target_open(build->root_fd, entry->target, 0);
	struct stat status;
	int cover;

	if (point == -ENOENT && (entry->flags & MOUNT_TRY))
		return 0;
	if (point < 0)
		return fail(entry, -point, "open", entry->target, report);
	mount_entry_describe(entry, description);
	if (fstat(point, &status) < 0 || !S_ISDIR(status.st_mode))
		return mask_point(point, description, entry->target, report);
	cover = mask_folder(point, description, entry->target, report);
	return cover < 0 ? cover : mount_seal_later(build, cover, report);
}

static int apply_chmod(struct mount_build *build, size_t index, struct report *report)
{
	const struct mount_entry *entry = &build->plan->entries[index];
	_cleanup_close_ int fd = target_open(build->root_fd, entry->target, 0);
	char path[32];

	if (fd < 0)
		return fail(entry, -fd, "open", entry->target, report);
	/* fchmod(2) takes no O_PATH fd, and fchmodat2 came with 6.6 */
	snprintf(path, sizeof(path), "self/fd/%d", fd);
	if (fchmodat(build->proc_fd, path, entry->mode, 0) < 0)
		return fail(entry, errno, "chmod", entry->target, report);
	return 0;
}

static int apply_remount(struct mount_build *build, size_t index, struct report *report)
{
	const struct mount_entry *entry = &build->plan->entries[index];
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY };
	_cleanup_close_ int fd = -EBADF;

	if (build->plan->manner.as_given) /* as a bind has them */
		attributes.attr_set |= mount_attributes(entry);
	if (entry->target[1] == '\0')
		fd = fcntl(build->root_fd, F_DUPFD_CLOEXEC, 3);
	else
		fd = target_open(build->root_fd, entry->target, 0);
	if (fd < 0)
		return fail(entry, fd == -1 ? errno : -fd, "open", entry->target, report);
	if (mount_setattr(fd, "", AT_EMPTY_PATH, &attributes, sizeof(attributes)) < 0) {
		fail(entry, errno, "mount_setattr", entry->target, report);
		if (errno == EINVAL)
			report_hint(report, "it is no mount point");
		return -errno;
	}
	return 0;
}

static int apply_overlay(struct mount_build *build, size_t index, struct report *report)
{
	const struct mount_entry *entry = &build->plan->entries[index];
	int r = layers_apply(build, entry, report);

	if (r < 0 || entry->upper || build->plan->manner.as_given)
		return r;
	return view_prepare(build, index, report);
}

static int apply_kernel_fs(struct mount_build *build, size_t index, struct report *report)
{
	return mount_kernel_fs(build, &build->plan->entries[index], report);
}

static const mount_applier appliers[MOUNT_KIND_COUNT] = {
	[MOUNT_BIND] = apply_bind,       [MOUNT_OVERLAY] = apply_overlay,
	[MOUNT_TMPFS] = apply_tmpfs,     [MOUNT_PROC] = apply_kernel_fs,
	[MOUNT_SYSFS] = apply_kernel_fs, [MOUNT_MQUEUE] = apply_kernel_fs,
	[MOUNT_DEV] = apply_dev,         [MOUNT_DIR] = apply_dir,
	[MOUNT_FILE] = apply_file,       [MOUNT_DATA] = apply_data,
	[MOUNT_SYMLINK] = apply_symlink, [MOUNT_MASK] = apply_mask,
	[MOUNT_CHMOD] = apply_chmod,     [MOUNT_REMOUNT] = apply_remount,
};

int mount_apply(struct mount_build *build, size_t index, struct report *report)
{
	if (build->plan->manner.trace)
		trace_entry(&build->plan->entries[index]);
	if (build->skipped[index])
		return 0;
	return appliers[build->plan->entries[index].kind](build, index, report);
}
