/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/target.h"

#include "base/cleanup.h"
#include "base/syscalls.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define LINKS_MAX 40 /* as path_resolution(7) */

static int resolve_how(int root_fd, const char *path, int flags, mode_t mode, uint64_t more)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned int)flags | O_CLOEXEC,
		.mode = mode,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | more,
	};
	int fd;

	/* EAGAIN: a rename elsewhere raced with a ".." in a link; openat2(2) says to try again */
	for (int tries = 0; tries < 64; tries++) {
		fd = sys_openat2(root_fd, path, &how);
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd < 0 ? -errno : fd;
}

static int resolve(int root_fd, const char *path, int flags, mode_t mode)
{
	return resolve_how(root_fd, path, flags, mode, 0);
}

bool target_has_link(int root_fd, const char *path)
{
	size_t length = (size_t)(strrchr(path, '/') - path);
	char parent[PATH_MAX];
	int fd;

	if (!length || length >= sizeof(parent))
		return false;
	memcpy(parent, path, length);
	parent[length] = '\0';
	fd = resolve_how(root_fd, parent, O_PATH, 0, RESOLVE_NO_SYMLINKS);
	if (fd >= 0)
		close(fd);
	return fd == -ELOOP;
}

int target_open(int root_fd, const char *path, int flags)
{
	return resolve(root_fd, path, O_PATH | flags, 0);
}

static bool is_owned(const struct target_owner *owner, int fd)
{
	struct statx status;

	if (!owner->count || statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) < 0)
		return false;
	for (size_t i = 0; i < owner->count; i++) {
		if (owner->mounts[i] == status.stx_mnt_id)
			return true;
	}
	return false;
}

int target_own(struct target_owner *owner, int mount_fd)
{
	struct statx status;
	uint64_t *grown;

	if (owner->uid == ID_UNSET && owner->gid == ID_UNSET)
		return 0;
	if (statx(mount_fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) < 0)
		return -errno;
	grown = reallocarray(owner->mounts, owner->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	owner->mounts = grown;
	grown[owner->count++] = status.stx_mnt_id;
	return 0;
}

int target_give(const struct target_owner *owner, int folder_fd, const char *name)
{
	/* (uid_t)-1, as ID_UNSET is, leaves it: chown(2) */
	if (is_owned(owner, folder_fd) &&
	    fchownat(folder_fd, name, owner->uid, owner->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return 0;
}

int target_open_file(const struct target_owner *owner, int root_fd, const char *path, mode_t mode)
{
	_cleanup_close_ int before = owner->count ? target_open(root_fd, path, 0) : -EBADF;
	struct stat status;
	/* O_NONBLOCK: a FIFO in an image must not hang us */
	_cleanup_close_ int fd = resolve(
		root_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOCTTY, mode & 07777);

	if (fd < 0)
		return fd;
	if (fstat(fd, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EINVAL;
	if (before == -ENOENT && is_owned(owner, fd) && fchown(fd, owner->uid, owner->gid) < 0)
		return -errno;
	return steal_fd(&fd);
}

ssize_t target_find_parent(int root_fd, const char *path)
{
	char prefix[PATH_MAX];
	size_t length = strlen(path);
	int flags = 0;

	if (length >= sizeof(prefix))
		return -ENAMETOOLONG;
	memcpy(prefix, path, length + 1);
	for (;;) {
		_cleanup_close_ int fd = target_open(root_fd, length ? prefix : "/", flags);

		if (fd >= 0)
			return (ssize_t)length;
		if (fd != -ENOENT)
			return fd;
		if (!length)
			return -ENOENT;
		while (length && prefix[--length] != '/')
			;
		prefix[length] = '\0';
		flags = O_DIRECTORY;
	}
}

static int make_one(const struct target_owner *owner, int parent_fd, const char *name, mode_t mode)
{
	int r = S_ISDIR(mode) ? mkdirat(parent_fd, name, mode & 07777)
			      : mknodat(parent_fd, name, S_IFREG | (mode & 07777), 0);

	return r < 0 ? -errno : target_give(owner, parent_fd, name);
}

/*
 * path[length] begins with the component that exists as a dangling symlink: put what it says in its
 * place. The result is looked up from the root again.
 */
static int splice_link(int parent_fd, char path[PATH_MAX], size_t parent_length, size_t end)
{
	char link[PATH_MAX], spliced[PATH_MAX], name[NAME_MAX + 1];
	size_t name_length = end - parent_length - 1;
	ssize_t length;
	int n;

	if (name_length > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, path + parent_length + 1, name_length);
	name[name_length] = '\0';
	length = readlinkat(parent_fd, name, link, sizeof(link) - 1);
	if (length < 0)
		return errno == EINVAL ? -EEXIST
				       : -errno; /* no symlink: made by someone else just now */
	link[length] = '\0';
	if (link[0] == '/')
		n = snprintf(spliced, sizeof(spliced), "%s%s", link, path + end);
	else
		n = snprintf(spliced, sizeof(spliced), "%.*s/%s%s", (int)parent_length, path, link,
			     path + end);
	if (n < 0 || (size_t)n >= sizeof(spliced))
		return -ENAMETOOLONG;
	memcpy(path, spliced, (size_t)n + 1);
	return 0;
}

/*
 * Make the first missing component of path and go on to the next, until all is there. Returns 0,
 * 1 when a symlink was spliced into path, or a negative errno.
 */
static int make_missing(const struct target_owner *owner, int root_fd, char path[PATH_MAX],
			size_t existing, mode_t mode, mode_t parent_mode)
{
	size_t length = strlen(path);
	char parent[PATH_MAX];

	while (existing < length) {
		size_t start = existing + 1; /* path[existing] is the slash */
		size_t end = start + strcspn(path + start, "/");
		_cleanup_close_ int fd = -EBADF;
		char name[NAME_MAX + 1];
		int r;

		if (end == start) { /* "//", from a spliced link */
			existing = end;
			continue;
		}
		if (end - start > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(parent, path, existing);
		parent[existing] = '\0';
		memcpy(name, path + start, end - start);
		name[end - start] = '\0';
		fd = target_open(root_fd, existing ? parent : "/", O_DIRECTORY);
		if (fd < 0)
			return fd;
		r = make_one(owner, fd, name,
			     end == length ? mode : S_IFDIR | (parent_mode & 07777));
		if (r == -EEXIST) {
			_cleanup_close_ int there = -EBADF;

			memcpy(parent, path, end);
			parent[end] = '\0';
			there = target_open(root_fd, parent, 0);
			if (there < 0) {
				r = splice_link(fd, path, existing, end);
				return r < 0 ? r : 1;
			}
		} else if (r < 0) {
			return r;
		}
		existing = end;
	}
	return 0;
}

int target_make(const struct target_owner *owner, int root_fd, const char *path, int flags,
		mode_t mode, mode_t parent_mode)
{
	char wanted[PATH_MAX];

	if (strlen(path) >= sizeof(wanted))
		return -ENAMETOOLONG;
	strcpy(wanted, path);
	for (int links = 0; links < LINKS_MAX; links++) {
		int fd = target_open(root_fd, wanted, flags);
		ssize_t existing;
		int r;

		if (fd != -ENOENT)
			return fd;
		existing = target_find_parent(root_fd, wanted);
		if (existing < 0)
			return (int)existing;
		r = make_missing(owner, root_fd, wanted, (size_t)existing, mode, parent_mode);
		if (r < 0)
			return r;
	}
	return -ELOOP;
}

void target_forget(struct target_parent *parent)
{
	close_fd(&parent->fd);
}

/* An O_PATH fd of the folder with the first `length` bytes of path as its name, kept in `parent`.
 */
static int remember_parent(struct target_parent *parent, int root_fd, const char *path,
			   size_t length)
{
	char name[sizeof(parent->path)];
	int fd;

	if (parent->fd >= 0 && parent->length == length && memcmp(parent->path, path, length) == 0)
		return parent->fd;
	target_forget(parent);
	if (length >= sizeof(name))
		return -ENAMETOOLONG;
	memcpy(name, path, length);
	name[length] = '\0';
	fd = target_open(root_fd, length ? name : "/", O_DIRECTORY);
	if (fd < 0)
		return fd;
	memcpy(parent->path, path, length);
	parent->length = length;
	parent->fd = fd;
	parent->lacks_children = false;
	return fd;
}

static bool is_link(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISLNK(status.st_mode);
}

/* The child itself, not what a symlink of its name leads to; made if there is none. */
static int open_child(const struct target_owner *owner, struct target_parent *parent,
		      const char *name, int nofollow, mode_t mode)
{
	int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC | (S_ISDIR(mode) ? O_DIRECTORY : 0);
	int fd;

	/* one missing child is mostly followed by others: spare the look-up that fails */
	if (parent->lacks_children)
		parent->lacks_children = make_one(owner, parent->fd, name, mode) == 0;
	fd = openat(parent->fd, name, flags);
	if (fd < 0 && errno == ENOENT && make_one(owner, parent->fd, name, mode) == 0) {
		parent->lacks_children = true;
		fd = openat(parent->fd, name, flags);
	}
	if (fd >= 0 && !nofollow && !S_ISDIR(mode) && is_link(fd)) {
		close(fd);
		return -ELOOP;
	}
	return fd < 0 ? -errno : fd;
}

int target_place(const struct target_owner *owner, struct target_parent *parent, int root_fd,
		 const char *path, int flags, mode_t mode, mode_t parent_mode)
{
	size_t length = (size_t)(strrchr(path, '/') - path);
	int fd = remember_parent(parent, root_fd, path, length);

	if (fd >= 0)
		fd = open_child(owner, parent, path + length + 1, flags & O_NOFOLLOW, mode);
	if (fd >= 0)
		return fd;
	/* what is followed or made now may cover the folder that is remembered */
	target_forget(parent);
	return target_make(owner, root_fd, path, flags, mode, parent_mode);
}

int target_make_parent(const struct target_owner *owner, int root_fd, const char *path,
		       mode_t parent_mode, const char **name)
{
	char parent[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t length = (size_t)(slash - path);

	if (length >= sizeof(parent))
		return -ENAMETOOLONG;
	memcpy(parent, path, length);
	parent[length] = '\0';
	*name = slash + 1;
	return target_make(owner, root_fd, length ? parent : "/", O_DIRECTORY,
			   S_IFDIR | parent_mode, parent_mode);
}
