/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/source.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "foreign/mountfsd.h"
#include "mounts/clone.h"
#include "mounts/target.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static bool is_missing(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EACCES || error == ELOOP ||
	       error == ENAMETOOLONG;
}

static int fail(const struct mount_build *build, const struct mount_entry *entry, int error,
		const char *call, const char *path, struct report *report)
{
	char description[MOUNT_DESCRIPTION_MAX];

	if ((entry->flags & MOUNT_TRY) &&
	    (error == ENOENT || (build->plan->manner.lenient_try && is_missing(error))))
		return -ENOENT;
	if (build->plan->manner.bwrap_words && is_missing(error))
		return report_failure(report, error, "Can't find source path %s", path);
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
static int open_fd_source(const struct mount_build *build, const struct mount_entry *entry, int fd,
			  struct report *report)
{
	bool by_link = entry->source_fd < 0;
	char link[32], path[PATH_MAX];
	struct stat wanted, found;
	_cleanup_close_ int tree = -EBADF;
	const char *call;
	ssize_t length;

	snprintf(link, sizeof(link), "self/fd/%d", fd);
	length = readlinkat(build->proc_fd, link, path, sizeof(path) - 1);
	if (length < 0)
		return fail(build, entry, errno == ENOENT ? EBADF : errno, "readlink", link,
			    report);
	path[length] = '\0';
	if (fstat(fd, &wanted) < 0)
		return fail(build, entry, errno, "fstat", link, report);
	tree = mount_clone(AT_FDCWD, path, clone_flags(entry) | AT_SYMLINK_NOFOLLOW,
			   mount_attributes(entry), &call);
	if (tree < 0) {
		/* what was given says more than "pipe:[4711]" */
		int r = fail(build, entry, -tree, call, by_link ? entry->source : path, report);

		if (*path != '/')
			report_hint(report, "it is a pipe or the like, which no folder holds");
		return r;
	}
	if (fstat(tree, &found) < 0)
		return fail(build, entry, errno, "fstat", path, report);
	if (found.st_dev != wanted.st_dev || found.st_ino != wanted.st_ino) {
		char description[MOUNT_DESCRIPTION_MAX];

		if (build->plan->manner.bwrap_words)
			return report_refusal(report, "Race condition binding dirfd");
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

/* Its submounts come along as they are in the new root, so it is cloned by an fd of it. */
static int open_inner(const struct mount_build *build, const struct mount_entry *entry,
		      struct report *report)
{
	int nofollow = entry->flags & MOUNT_NOFOLLOW ? O_NOFOLLOW : 0;
	_cleanup_close_ int source = target_open(build->root_fd, entry->source, nofollow);
	const char *call;
	int tree;

	if (source < 0)
		return fail(build, entry, -source, "open", entry->source, report);
	tree = mount_clone(source, "", clone_flags(entry) | AT_EMPTY_PATH, mount_attributes(entry),
			   &call);
	return tree < 0 ? fail(build, entry, -tree, call, entry->source, report) : tree;
}

int source_open_foreign(const struct mount_entry *entry, int userns_fd, struct report *report)
{
	_cleanup_close_ int folder = open(entry->source, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char description[MOUNT_DESCRIPTION_MAX];

	mount_entry_describe(entry, description);
	if (folder < 0)
		return report_failure(report, errno, "%s: open %s", description, entry->source);
	return mountfsd_mount_directory(folder, userns_fd, entry->flags & MOUNT_READ_ONLY,
					description, report);
}

/* "/proc/self/fd/7" and the like, which callers from before --bind-fd say. */
static int open_by_link(const struct mount_build *build, const struct mount_entry *entry,
			struct report *report)
{
	_cleanup_close_ int fd = open(entry->source, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return fail(build, entry, errno, "open", entry->source, report);
	return open_fd_source(build, entry, fd, report);
}

int source_open(const struct mount_build *build, const struct mount_entry *entry,
		struct report *report)
{
	struct stat status;
	const char *call;
	int tree;

	if (entry->source_fd >= 0)
		return open_fd_source(build, entry, entry->source_fd, report);
	if (entry->flags & MOUNT_INNER)
		return open_inner(build, entry, report);
	tree = mount_clone(AT_FDCWD, where(entry), clone_flags(entry), mount_attributes(entry),
			   &call);
	/* it leads to another mount namespace: open_tree(2) */
	if (tree == -EINVAL && !(entry->flags & (MOUNT_NOFOLLOW | MOUNT_NORECURSE | MOUNT_CURRENT)))
		return open_by_link(build, entry, report);
	if (tree < 0)
		return fail(build, entry, -tree, call, entry->source, report);
	/* a folder that was removed can still be opened as ".", but not be mounted */
	if (entry->source[0] != '/' && fstat(tree, &status) == 0 && !status.st_nlink) {
		close(tree);
		return fail(build, entry, ENOENT, call, entry->source, report);
	}
	return tree;
}

int source_open_layer(const struct mount_build *build, const struct mount_entry *entry,
		      const char *role, const char *path, struct report *report)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail(build, entry, errno, role, path, report);
	return fd;
}

int source_check(const struct mount_build *build, const struct mount_entry *entry,
		 struct report *report)
{
	struct stat status;
	int flags = entry->flags & MOUNT_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0;

	if (entry->source_fd >= 0)
		return 0;
	if (fstatat(AT_FDCWD, where(entry), &status, flags) < 0)
		return fail(build, entry, errno, "stat", entry->source, report);
	return 0;
}
