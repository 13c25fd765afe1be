/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/devices.h"

#include "base/cleanup.h"
#include "base/syscalls.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

struct device {
	const char *name;
	const char *host;
	unsigned int major, minor; /* checked: a host's /dev may hold something else by that name */
};

static const struct device devices[] = {
	{ "null", "/dev/null", 1, 3 }, { "zero", "/dev/zero", 1, 5 },
	{ "full", "/dev/full", 1, 7 }, { "random", "/dev/random", 1, 8 },
	{ "tty", "/dev/tty", 5, 0 },   { "urandom", "/dev/urandom", 1, 9 },
};

static const struct device fuse = { "fuse", "/dev/fuse", 10, 229 };

static const struct {
	const char *name, *text;
} links[] = {
	{ "stdin", "/proc/self/fd/0" },  { "stdout", "/proc/self/fd/1" },
	{ "stderr", "/proc/self/fd/2" }, { "fd", "/proc/self/fd" },
	{ "core", "/proc/kcore" },       { "ptmx", "pts/ptmx" },
};

/* By name, as the tmpfs is ours alone; move_mount(2) follows no symlink unless told to. */
static int bind_node(int dev_fd, const char *name, int tree)
{
	if (mknodat(dev_fd, name, S_IFREG | 0444, 0) < 0 ||
	    move_mount(tree, "", dev_fd, name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return -errno;
	return 0;
}

static int bind_device(int dev_fd, const struct device *device, const char *what,
		       struct report *report)
{
	_cleanup_close_ int tree =
		open_tree(AT_FDCWD, device->host, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	struct stat status;
	int r;

	if (tree < 0) {
		if (errno != ENOENT)
			return report_failure(report, errno, "%s: open_tree %s", what,
					      device->host);
		report_note(report, "%s: the host has no %s", what, device->host);
		return 0;
	}
	if (fstat(tree, &status) < 0)
		return report_failure(report, errno, "%s: fstat %s", what, device->host);
	if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(device->major, device->minor))
		return report_refusal(report, "%s: %s is not the device it should be", what,
				      device->host);
	r = bind_node(dev_fd, device->name, tree);
	if (r < 0)
		return report_failure(report, -r, "%s: bind %s", what, device->host);
	return 0;
}

static int mount_devpts(int dev_fd, unsigned int attributes, const char *what,
			struct report *report)
{
	_cleanup_close_ int context = -EBADF, mount = -EBADF;

	context = fsopen("devpts", FSOPEN_CLOEXEC);
	if (context < 0 || fsconfig(context, FSCONFIG_SET_STRING, "source", "devpts", 0) < 0 ||
	    fsconfig(context, FSCONFIG_SET_STRING, "ptmxmode", "0666", 0) < 0 ||
	    fsconfig(context, FSCONFIG_SET_STRING, "mode", "620", 0) < 0 ||
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return report_failure(report, errno, "%s: fsconfig devpts", what);
	mount = fsmount(context, FSMOUNT_CLOEXEC, attributes);
	if (mount < 0)
		return report_failure(report, errno, "%s: fsmount devpts", what);
	if (mkdirat(dev_fd, "pts", 0755) < 0)
		return report_failure(report, errno, "%s: mkdir pts", what);
	if (move_mount(mount, "", dev_fd, "pts", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return report_failure(report, errno, "%s: move_mount devpts", what);
	return 0;
}

/*
 * The terminal as /dev/console, so that ttyname(3) finds a name inside. Its node may lie in another
 * mount namespace or be gone: then there is no console, as on a machine without one.
 */
static int bind_console(const struct mount_manner *manner, int dev_fd, int proc_fd,
			const char *what, struct report *report)
{
	for (int fd = manner->console_fd; fd <= 2; fd++) {
		_cleanup_close_ int tree = -EBADF;
		struct stat terminal, found;
		char link[32], path[PATH_MAX];
		ssize_t length;
		int r;

		if (!isatty(fd)) {
			if (manner->console_fd)
				return 0;
			continue;
		}
		snprintf(link, sizeof(link), "self/fd/%d", fd);
		length = readlinkat(proc_fd, link, path, sizeof(path) - 1);
		if (length < 0)
			return report_failure(report, errno, "%s: readlink %s", what, link);
		path[length] = '\0';
		if (fstat(fd, &terminal) < 0)
			return report_failure(report, errno, "%s: fstat %s", what, link);
		tree = open_tree(AT_FDCWD, path,
				 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
		if (tree < 0 || fstat(tree, &found) < 0 || found.st_rdev != terminal.st_rdev ||
		    found.st_ino != terminal.st_ino || found.st_dev != terminal.st_dev) {
			report_note(report, "%s: the terminal %s can't be found: no console", what,
				    path);
			return 0;
		}
		r = bind_node(dev_fd, "console", tree);
		if (r < 0)
			return report_failure(report, -r, "%s: bind %s on console", what, path);
		return 0;
	}
	return 0;
}

static int fill_plainly(const struct mount_manner *manner, int dev_fd, int proc_fd,
			const char *what, struct report *report)
{
	unsigned int attributes = manner->plain_devices ? 0 : MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
	int r;

	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++) {
		r = bind_device(dev_fd, &devices[i], what, report);
		if (r < 0)
			return r;
	}
	if (manner->fuse && (access(fuse.host, F_OK) == 0 || errno != ENOENT)) {
		r = bind_device(dev_fd, &fuse, what, report);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		if (symlinkat(links[i].text, dev_fd, links[i].name) < 0)
			return report_failure(report, errno, "%s: symlink %s", what, links[i].name);
	}
	if (mkdirat(dev_fd, "shm", manner->shm_mode ? manner->shm_mode : 01777) < 0)
		return report_failure(report, errno, "%s: mkdir shm", what);
	r = mount_devpts(dev_fd, attributes, what, report);
	return r < 0 ? r : bind_console(manner, dev_fd, proc_fd, what, report);
}

int devices_fill(const struct mount_manner *manner, int dev_fd, int proc_fd, const char *what,
		 struct report *report)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_NOSUID };
	int r = fill_plainly(manner, dev_fd, proc_fd, what, report);

	if (r < 0 || manner->plain_devices)
		return r;
	if (mount_setattr(dev_fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
			  sizeof(attributes)) < 0)
		return report_failure(report, errno, "%s: mount_setattr", what);
	return 0;
}
