/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/source.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "mounts/clone.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static int fail(const struct mount_entry *entry, int error, const char *call, const char *path,
		struct report *report)
{
	char description[MOUNT_DESCRIPTION_MAX];

	if (error == ENOENT && (entry->flags & MOUNT_TRY))
		return -ENOENT;
	report_failure(report, error, "%s: %s %s", mount_entry_describe(entry, description), call,
		       path);
	if (error == EINVAL && (entry->flags & MOUNT_NORECURSE))
		report_hint(report,
			    "in a user namespace the kernel refuses to leave out submounts: "
			    "what they cover would come to light");
	return -error;
}

static unsigned int clone_flags(const struct mount_entry *entry)
{
	unsigned int flags = 0;

	if (!(entry->flags & MOUNT_NORECURSE))
		flags |= AT_RECURSIVE;
	if (entry->flags & MOUNT_NOFOLLOW)
		flags |= AT_SYMLINK_NOFOLLOW;
	return flags;
}

/*
 * The fd belongs to the caller's mount namespace, from which nothing can be cloned. So the file is
 * looked up again by the path that procfs knows, and must be the same one.
 */
static int open_fd_source(const struct mount_entry *entry, int proc_fd, struct report *report)
{
	char link[32], path[PATH_MAX];
	struct stat wanted, found;
	_cleanup_close_ int tree = -EBADF;
	const char *call;
	ssize_t length;

	snprintf(link, sizeof(link), "self/fd/%d", entry->source_fd);
	length = readlinkat(proc_fd, link, path, sizeof(path) - 1);
	if (length < 0)
		return fail(entry, errno == ENOENT ? EBADF : errno, "readlink", link, report);
	path[length] = '\0';
	if (fstat(entry->source_fd, &wanted) < 0)
		return fail(entry, errno, "fstat", link, report);
	tree = mount_clone(AT_FDCWD, path, clone_flags(entry) | AT_SYMLINK_NOFOLLOW,
			   mount_attributes(entry), &call);
	if (tree < 0)
		return fail(entry, -tree, call, path, report);
	if (fstat(tree, &found) < 0)
		return fail(entry, errno, "fstat", path, report);
	if (found.st_dev != wanted.st_dev || found.st_ino != wanted.st_ino) {
		char description[MOUNT_DESCRIPTION_MAX];

		return report_refusal(report,
				      "%s: race condition binding dirfd: %s is another file now",
				      mount_entry_describe(entry, description), path);
	}
	return steal_fd(&tree);
}

static const char *where(const struct mount_entry *entry)
{
	return entry->flags & MOUNT_CURRENT ? "." : entry->source;
}

int source_open(const struct mount_entry *entry, int proc_fd, struct report *report)
{
	const char *call;
	int tree;

	if (entry->source_fd >= 0)
		return open_fd_source(entry, proc_fd, report);
	tree = mount_clone(AT_FDCWD, where(entry), clone_flags(entry), mount_attributes(entry),
			   &call);
	if (tree < 0)
		return fail(entry, -tree, call, entry->source, report);
	return tree;
}

int source_open_layer(const struct mount_entry *entry, const char *role, const char *path,
		      struct report *report)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail(entry, errno, role, path, report);
	return fd;
}

int source_check(const struct mount_entry *entry, struct report *report)
{
	struct stat status;
	int flags = entry->flags & MOUNT_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0;

	if (entry->source_fd >= 0)
		return 0;
	if (fstatat(AT_FDCWD, where(entry), &status, flags) < 0)
		return fail(entry, errno, "stat", entry->source, report);
	return 0;
}
