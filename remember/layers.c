/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/layers.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "remember/generation.h"
#include "remember/key.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

struct visit {
	const struct remember_overlay *overlay;
	struct remember_table *table;
	int target;    /* O_PATH: the overlay */
	bool settle;   /* else adopt */
	bool is_upper; /* the layer that is walked through */
	char path[PATH_MAX];
	size_t length;
	struct remember_overlays *all;
};

static void note_device(struct remember_overlays *all, dev_t device)
{
	for (size_t i = 0; i < all->device_count; i++) {
		if (all->devices[i] == device)
			return;
	}
	if (all->device_count < OVERLAY_DEVICES_MAX)
		all->devices[all->device_count++] = device;
}

static bool same_time(struct statx_timestamp a, struct statx_timestamp b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* What an overlay tells of a file comes from the layer that the file lies in. */
static bool is_same(int a, int b)
{
	const unsigned int mask = STATX_BASIC_STATS | STATX_BTIME;
	struct statx left, right;

	if (statx(a, "", AT_EMPTY_PATH, mask, &left) < 0 ||
	    statx(b, "", AT_EMPTY_PATH, mask, &right) < 0)
		return false;
	return left.stx_mode == right.stx_mode && left.stx_size == right.stx_size &&
	       same_time(left.stx_ctime, right.stx_ctime) &&
	       same_time(left.stx_mtime, right.stx_mtime) &&
	       same_time(left.stx_btime, right.stx_btime);
}

static int open_within(int folder, const char *path)
{
	const struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};

	return sys_openat2(folder, *path ? path : ".", &how);
}

/* A copy of a lower layer's file, made when that was written to: overlayfs.rst of the kernel. */
static bool is_copied_up(int fd)
{
	/* our current directory is a procfs */
	static const char *const names[] = { "user.overlay.origin", "trusted.overlay.origin" };
	char path[48];

	snprintf(path, sizeof(path), "self/fd/%d", fd);
	return lgetxattr(path, names[0], NULL, 0) >= 0 || lgetxattr(path, names[1], NULL, 0) >= 0;
}

/* What is remembered of a file of the overlay that lies in the upper layer. */
static const struct remembered *find_shown(const struct visit *visit, const struct file_key *key,
					   int upper)
{
	const struct remembered *found = remember_find(visit->table, key);
	struct stat status;

	if (found || !is_copied_up(upper))
		return found;
	/* it may have been known by the number of the lower one until the kernel forgot that */
	for (size_t i = 1; i < visit->overlay->count && !found; i++) {
		struct file_key lower = *key;

		if (fstatat(visit->overlay->layers[i], visit->path, &status, AT_SYMLINK_NOFOLLOW) <
		    0)
			continue;
		lower.inode = status.st_ino;
		found = remember_find(visit->table, &lower);
	}
	return found;
}

static int settle_file(struct remember_table *table, const struct remembered *shown,
		       const struct file_key *key)
{
	int r = remember_copy(table, &shown->key, key);

	if (r >= 0)
		remember_find(table, key)->settled = true;
	return r;
}

/* A file of the upper layer may have more names, each with a number of its own in the overlay. */
static int forget_file(struct remember_table *table, const struct file_key *key)
{
	const struct remembered *file = remember_find(table, key);

	if (file && !file->settled)
		remember_forget(table, key);
	return 0;
}

static bool is_overlay(int fd)
{
	struct statfs status;

	return fstatfs(fd, &status) == 0 && status.f_type == OVERLAYFS_SUPER_MAGIC;
}

static int visit_file(struct visit *visit, int real)
{
	_cleanup_close_ int shown = open_within(visit->target, visit->path);
	struct remember_table *table = visit->table;
	struct file_key key, shown_key;
	const struct remembered *found;

	/* of a layer with submounts, parts are binds: mounts/layers.h */
	if (shown < 0 || !is_overlay(shown) || !is_same(real, shown) ||
	    file_key_of(real, &key) < 0 || file_key_of(shown, &shown_key) < 0)
		return 0;
	note_device(visit->all, shown_key.device);
	if (visit->settle) {
		found = find_shown(visit, &shown_key, real);
		return found ? settle_file(table, found, &key) : forget_file(table, &key);
	}
	if (!remember_find(table, &key) || remember_find(table, &shown_key))
		return 0;
	/* written to, it is copied: another file, of the same number */
	if (!visit->is_upper)
		shown_key.generation = GENERATION_ANY;
	return remember_copy(table, &key, &shown_key);
}

/* Each level takes fds, and a part of the path. */
static void note_depth(struct visit *visit, int error)
{
	if (error == ENAMETOOLONG || error == EMFILE || error == ENFILE)
		visit->all->too_deep = true;
}

static int visit_folder(struct visit *visit, int folder);

static int visit_entry(struct visit *visit, int folder, dev_t device, const struct dirent *entry)
{
	size_t length = visit->length, name = strlen(entry->d_name);
	_cleanup_close_ int real = -EBADF;
	bool known = remember_has_number(visit->table, device, entry->d_ino);
	bool is_folder = entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;
	int r = 0;

	if (!visit->settle && !known && !is_folder)
		return 0;
	if (length + name + 2 > sizeof(visit->path)) {
		note_depth(visit, ENAMETOOLONG);
		return 0;
	}
	if (length)
		visit->path[length++] = '/';
	memcpy(visit->path + length, entry->d_name, name + 1);
	real = openat(folder, entry->d_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (real < 0)
		note_depth(visit, errno);
	if (real >= 0 && (visit->settle || known))
		r = visit_file(visit, real);
	if (real >= 0 && r >= 0 && is_folder) {
		size_t before = visit->length;

		visit->length = length + name;
		r = visit_folder(visit, real);
		visit->length = before;
	}
	visit->path[visit->length] = '\0';
	return r;
}

static int visit_folder(struct visit *visit, int folder)
{
	_cleanup_closedir_ DIR *list = NULL;
	const struct dirent *entry;
	struct stat status;
	int fd, r = 0;

	if (fstat(folder, &status) < 0)
		return 0;
	/* another file system's, and none of it is known: a layer may have all of /proc in it */
	if (!visit->settle && !remember_has_device(visit->table, status.st_dev))
		return 0;
	fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		note_depth(visit, errno);
		return 0;
	}
	list = fdopendir(fd);
	if (!list) {
		close(fd);
		return -ENOMEM;
	}
	while (r >= 0 && (entry = readdir(list))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = visit_entry(visit, fd, status.st_dev, entry);
	}
	return r;
}

static int visit_layer(struct visit *visit, size_t layer)
{
	int folder = visit->overlay->layers[layer], r;

	visit->is_upper = layer == 0 && visit->overlay->writable;
	visit->length = 0;
	visit->path[0] = '\0';
	r = visit_file(visit, folder);
	return r < 0 ? r : visit_folder(visit, folder);
}

static bool knows_device_of(const struct remember_table *table, int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && remember_has_device(table, status.st_dev);
}

/* Files have that of the overlay, or of the layer, for the overlay: overlayfs.rst of the kernel. */
static void note_devices_of_new(struct visit *visit)
{
	_cleanup_close_ int file = openat(visit->target, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	struct stat status;

	if (fstat(visit->target, &status) == 0)
		note_device(visit->all, status.st_dev);
	if (file >= 0 && fstat(file, &status) == 0)
		note_device(visit->all, status.st_dev);
}

static int adopt(struct visit *visit)
{
	const struct remember_overlay *overlay = visit->overlay;
	int r = 0;

	if (is_overlay(visit->target))
		note_devices_of_new(visit);
	/* what lies on top goes before: is_same */
	for (size_t i = 0; i < overlay->count && r >= 0; i++) {
		if (knows_device_of(visit->table, overlay->layers[i]))
			r = visit_layer(visit, i);
	}
	return r;
}

static int settle(struct visit *visit)
{
	const struct remember_overlay *overlay = visit->overlay;
	bool concerned;

	if (!overlay->writable)
		return 0;
	/* the devices of many overlays in one are not known before they are visited */
	concerned = knows_device_of(visit->table, overlay->layers[0]) || !is_overlay(visit->target);
	for (size_t i = 0; i < visit->all->device_count && !concerned; i++)
		concerned = remember_has_device(visit->table, visit->all->devices[i]);
	return concerned ? visit_layer(visit, 0) : 0;
}

/* A copy of the mounts, where that is allowed: what the command mounts on top is not in it. */
static void open_target(struct remember_overlay *overlay)
{
	overlay->target_fd = open_tree(AT_FDCWD, overlay->target,
				       OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (overlay->target_fd < 0)
		overlay->target_fd = open(overlay->target, O_PATH | O_CLOEXEC);
}

static int visit_all(struct remember_overlays *all, struct remember_table *table,
		     int (*function)(struct visit *visit), bool is_settling)
{
	int r = 0;

	for (size_t i = 0; i < all->count && r >= 0; i++) {
		_cleanup_free_ struct visit *visit = calloc(1, sizeof(*visit));

		if (!visit)
			return -ENOMEM;
		if (all->overlays[i].target_fd < 0)
			continue;
		visit->all = all;
		visit->overlay = &all->overlays[i];
		visit->table = table;
		visit->target = all->overlays[i].target_fd;
		visit->settle = is_settling;
		r = function(visit);
	}
	return r;
}

int layers_adopt(struct remember_overlays *all, struct remember_table *table)
{
	for (size_t i = 0; i < all->count; i++)
		open_target(&all->overlays[i]);
	return visit_all(all, table, adopt, false);
}

int layers_settle(struct remember_overlays *all, struct remember_table *table)
{
	int r = visit_all(all, table, settle, true);

	for (size_t i = 0; i < all->device_count && r >= 0; i++)
		r = remember_forget_device(table, all->devices[i]);
	return r;
}

/* The path below an overlay's target; NULL: it does not lie there, or by another mount. */
static const char *path_within(const struct remember_overlay *overlay, const char *path)
{
	size_t length = strcmp(overlay->target, "/") == 0 ? 0 : strlen(overlay->target);

	if (strncmp(path, overlay->target, length) != 0 || path[length] != '/')
		return NULL;
	return path + length + 1;
}

static int find_copy(const struct remember_overlays *all, int fd, struct stat *copy)
{
	char link[32], path[PATH_MAX];
	ssize_t length;

	snprintf(link, sizeof(link), "self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		return -errno;
	path[length] = '\0';
	for (size_t i = 0; i < all->count; i++) {
		const struct remember_overlay *overlay = &all->overlays[i];
		const char *within = overlay->writable ? path_within(overlay, path) : NULL;
		_cleanup_close_ int upper =
			within ? open_within(overlay->layers[0], within) : -EBADF;

		if (upper >= 0 && is_same(fd, upper))
			return fstat(upper, copy) < 0 ? -errno : 0;
	}
	return -ENOENT;
}

int layers_follow(const struct remember_overlays *all, struct remember_table *table, int fd,
		  const struct file_key *key)
{
	struct file_key later = *key;
	bool is_ours = false;
	struct stat copy;

	for (size_t i = 0; i < all->device_count && !is_ours; i++)
		is_ours = all->devices[i] == key->device;
	if (!is_ours || find_copy(all, fd, &copy) < 0 || copy.st_ino == key->inode ||
	    S_ISDIR(copy.st_mode))
		return 0;
	later.inode = copy.st_ino;
	if (remember_find(table, key))
		return remember_copy(table, key, &later);
	remember_forget(table, &later);
	return 0;
}

void remember_overlays_free(struct remember_overlays *all)
{
	for (size_t i = 0; i < all->count; i++) {
		for (size_t j = 0; j < all->overlays[i].count; j++)
			close(all->overlays[i].layers[j]);
		close_fd(&all->overlays[i].target_fd);
		free(all->overlays[i].layers);
	}
	free(all->overlays);
	*all = (struct remember_overlays){ 0 };
}
