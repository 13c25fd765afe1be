/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/overlay.h"

#include "base/cleanup.h"
#include "base/syscalls.h"

#include <string.h>
#include <sys/stat.h>

/* "/proc/self/fd/N" resolves to what the fd refers to, and holds none of : , \ */
static int set_path(int context, const char *key, int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return fsconfig(context, FSCONFIG_SET_STRING, key, path, 0);
}

static int set_layer(int context, const char *key, int fd)
{
	if (fsconfig(context, FSCONFIG_SET_FD, key, NULL, fd) == 0)
		return 0;
	return set_path(context, key, fd); /* before 6.13 */
}

/* Before 6.5 any option is taken at first, and refused only when the overlay is to be made. */
static bool takes_lowers_by_one(void)
{
	_cleanup_close_ int context = fsopen("overlay", FSOPEN_CLOEXEC);

	return fsconfig(context, FSCONFIG_SET_STRING, "no such option", "", 0) < 0 &&
	       fsconfig(context, FSCONFIG_SET_STRING, "lowerdir+", "/", 0) == 0; /* 6.7 */
}

/* Returns 0, -1 with errno set, or -EOPNOTSUPP: they have to be given as one string. */
static int set_lowers(int context, const struct overlay_layers *layers)
{
	for (size_t i = layers->lower_count; i-- > 0;) {
		int fd = layers->lowers[i];

		if (fsconfig(context, FSCONFIG_SET_FD, "lowerdir+", NULL, fd) == 0)
			continue;
		if (i + 1 == layers->lower_count && !takes_lowers_by_one())
			return -EOPNOTSUPP;
		if (set_path(context, "lowerdir+", fd) < 0)
			return -1;
	}
	return 0;
}

static int set_options(int context, const char *options)
{
	_cleanup_free_ char *copy = strdup(options);
	char *rest = copy, *option;

	if (!copy)
		return -1;
	while ((option = strsep(&rest, ","))) {
		char *value = strchr(option, '=');
		int r;

		if (!*option)
			continue;
		if (value)
			*value++ = '\0';
		r = value ? fsconfig(context, FSCONFIG_SET_STRING, option, value, 0)
			  : fsconfig(context, FSCONFIG_SET_FLAG, option, NULL, 0);
		if (r < 0)
			return -1;
	}
	return 0;
}

int overlay_mount(const struct overlay_layers *layers, unsigned int attributes, const char **call)
{
	_cleanup_close_ int context = fsopen("overlay", FSOPEN_CLOEXEC);
	int mount, r;

	*call = "fsopen overlay";
	if (context < 0)
		return -errno;
	*call = "fsconfig overlay";
	/* userxattr: trusted.* attributes can't be set in a user namespace */
	if (fsconfig(context, FSCONFIG_SET_STRING, "source", "overlay", 0) < 0 ||
	    fsconfig(context, FSCONFIG_SET_FLAG, "userxattr", NULL, 0) < 0)
		return -errno;
	r = set_lowers(context, layers);
	if (r == -EOPNOTSUPP)
		return overlay_mount_by_string(layers, attributes, call);
	if (r < 0)
		return -errno;
	if (layers->upper >= 0 && (set_layer(context, "upperdir", layers->upper) < 0 ||
				   set_layer(context, "workdir", layers->work) < 0))
		return -errno;
	if (layers->options && set_options(context, layers->options) < 0)
		return -errno;
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	*call = "fsmount overlay";
	mount = fsmount(context, FSMOUNT_CLOEXEC, attributes);
	return mount < 0 ? -errno : mount;
}

bool overlay_has_submounts(int layer_fd)
{
	/* what overlayfs does with a layer: a copy without the submounts */
	_cleanup_close_ int tree =
		open_tree(layer_fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	return tree < 0 && errno == EINVAL;
}

void overlay_unlock_work(int work_fd)
{
	/* fchmodat(2) goes by path, but below an fd of ours and without following a link */
	static const char *const names[] = { "work", "index", "work/incompat",
					     "work/incompat/volatile" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct stat status;

		if (fstatat(work_fd, names[i], &status, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISDIR(status.st_mode))
			(void)fchmodat(work_fd, names[i], 0700, 0);
	}
}

/* The whiteout that overlayfs links wherever something is deleted, and files that it did not get to
 * move to upper: all of them in the folder itself. */
static void empty_folder(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_closedir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *child;

	if (!dir) {
		cleanup_close(&fd);
		return;
	}
	while ((child = readdir(dir))) {
		if (child->d_name[0] == '#')
			(void)unlinkat(fd, child->d_name, 0);
	}
}

void overlay_tidy_work(int work_fd)
{
	/* "volatile" forbids the next mount, as after a crash; there was none */
	(void)unlinkat(work_fd, "work/incompat/volatile/dirty", 0);
	(void)unlinkat(work_fd, "work/incompat/volatile", AT_REMOVEDIR);
	(void)unlinkat(work_fd, "work/incompat", AT_REMOVEDIR);
	empty_folder(work_fd, "work");
	(void)unlinkat(work_fd, "work", AT_REMOVEDIR);
	(void)unlinkat(work_fd, "index", AT_REMOVEDIR);
}
