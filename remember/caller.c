/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/caller.h"

#include "base/cleanup.h"
#include "base/read.h"
#include "base/syscalls.h"
#include "remember/walk.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/vfs.h>

#define FIRST_CHUNK 256
#define PAGE 4096 /* the smallest there is: reads that end with one never fail for the next */

int caller_read(const struct caller *caller, uint64_t address, void *buffer, size_t size)
{
	struct iovec local = { buffer, size };
	struct iovec remote = { (void *)(uintptr_t)address, size };
	ssize_t n;

	if (size == 0)
		return 0;
	n = process_vm_readv(caller->pid, &local, 1, &remote, 1, 0);
	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EFAULT;
}

int caller_write(const struct caller *caller, uint64_t address, const void *buffer, size_t size)
{
	struct iovec local = { (void *)(uintptr_t)buffer, size };
	struct iovec remote = { (void *)(uintptr_t)address, size };
	ssize_t n;

	if (size == 0)
		return 0;
	n = process_vm_writev(caller->pid, &local, 1, &remote, 1, 0);
	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EFAULT;
}

int caller_read_string(const struct caller *caller, uint64_t address, char *buffer, size_t size)
{
	size_t used = 0;

	while (used < size) {
		size_t chunk = PAGE - (address + used) % PAGE;
		int r;

		/* few are longer */
		if (chunk > FIRST_CHUNK && used == 0)
			chunk = FIRST_CHUNK;
		if (chunk > size - used)
			chunk = size - used;
		r = caller_read(caller, address + used, buffer + used, chunk);
		if (r < 0)
			return r;
		if (memchr(buffer + used, '\0', chunk))
			return 0;
		used += chunk;
	}
	return -ENAMETOOLONG;
}

static int open_link(const struct caller *caller, const char *name)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "%d/%s", (int)caller->pid, name);
	fd = openat(caller->proc_fd, path, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void caller_begin(struct caller *caller, struct known_callers *all)
{
	caller->all = all;
	caller->known = known_find(all, caller->pid);
}

static ino_t user_namespace(const struct caller *caller, const char *process)
{
	char path[48];
	struct stat status;

	snprintf(path, sizeof(path), "%s/ns/user", process);
	return fstatat(caller->proc_fd, path, &status, 0) < 0 ? 0 : status.st_ino;
}

bool caller_is_beside_us(const struct caller *caller)
{
	struct known *known = caller->known;
	char process[16];

	if (known->beside_us == KNOWN_NOT) {
		ino_t theirs;

		snprintf(process, sizeof(process), "%d", (int)caller->pid);
		theirs = user_namespace(caller, process);
		known->beside_us =
			theirs && theirs == user_namespace(caller, "self") ? KNOWN_YES : KNOWN_NO;
	}
	return known->beside_us == KNOWN_YES;
}

/* By procfs, for kernels that have no pidfd of a thread. */
static int open_listed_fd(const struct caller *caller, int fd, bool *path_only)
{
	char path[64], text[256];
	const char *flags;
	int r;

	snprintf(path, sizeof(path), "%d/fdinfo/%d", (int)caller->pid, fd);
	if (read_text(caller->proc_fd, path, text, sizeof(text)) < 0)
		return -EBADF;
	flags = strstr(text, "flags:");
	*path_only = flags && strtoul(flags + strlen("flags:"), NULL, 8) & O_PATH;
	snprintf(path, sizeof(path), "fd/%d", fd);
	r = open_link(caller, path);
	return r == -ENOENT ? -EBADF : r;
}

int caller_open_fd(const struct caller *caller, int fd, bool *path_only)
{
	int copy, flags;

	if (fd < 0)
		return -EBADF;
	/* pidfd_getfd(2), 5.6: close-on-exec */
	copy = (int)syscall(SYS_pidfd_getfd, caller->known->pidfd, fd, 0);
	if (copy < 0)
		return errno == EBADF && caller->known->pidfd >= 0
			       ? -EBADF
			       : open_listed_fd(caller, fd, path_only);
	flags = fcntl(copy, F_GETFL);
	*path_only = flags >= 0 && flags & O_PATH;
	return copy;
}

static int place_at(int folder, const char *path, int flags, struct place *place)
{
	struct statx status;

	if (statx(folder, path, flags, STATX_INO | STATX_MNT_ID, &status) < 0)
		return -errno;
	*place = (struct place){
		.device = makedev(status.stx_dev_major, status.stx_dev_minor),
		.inode = status.stx_ino,
		.mount = status.stx_mnt_id,
	};
	return 0;
}

int place_of(int fd, struct place *place)
{
	return place_at(fd, "", AT_EMPTY_PATH, place);
}

static bool place_is(const struct place *a, const struct place *b)
{
	return a->device == b->device && a->inode == b->inode && a->mount == b->mount;
}

bool caller_has_our_root(const struct caller *caller)
{
	struct known *known = caller->known;

	if (known->our_root == KNOWN_NOT) {
		struct place place = { 0 };
		char path[32];

		snprintf(path, sizeof(path), "%d/root", (int)caller->pid);
		known->our_root = place_at(caller->proc_fd, path, 0, &place) == 0 &&
						  place_is(&place, &caller->root)
					  ? KNOWN_YES
					  : KNOWN_NO;
	}
	return known->our_root == KNOWN_YES;
}

static int enter_root(int root_fd)
{
	return fchdir(root_fd) < 0 || chroot(".") < 0 ? -errno : 0;
}

/* Links of procfs that stand for a file lead, on the way to "self", to what is ours. */
static int open_below(int base, const char *path, int flags)
{
	const struct open_how how = {
		.flags = (unsigned int)flags | O_CLOEXEC,
		.resolve = RESOLVE_NO_MAGICLINKS,
	};
	int fd = sys_openat2(base, path, &how);

	return fd < 0 ? -errno : fd;
}

/* The name alone is missing, in a folder that has nothing to do with processes. */
static bool is_plainly_missing(int base, const char *path)
{
	const char *slash = strrchr(path, '/');
	_cleanup_close_ int opened = -EBADF, there = -EBADF;
	char folder[PATH_MAX];
	struct statfs status;
	int parent = base;

	if (slash) {
		if (slash == path || !slash[1])
			return false;
		memcpy(folder, path, (size_t)(slash - path));
		folder[slash - path] = '\0';
		parent = opened = open_below(base, folder, O_PATH | O_DIRECTORY);
	}
	if (parent < 0 || fstatfs(parent, &status) < 0 || status.f_type == PROC_SUPER_MAGIC)
		return false;
	there = open_below(parent, slash ? slash + 1 : path, O_PATH | O_NOFOLLOW);
	return there == -ENOENT;
}

/* openat(2) below the caller's root: absolute links and paths lead where they lead the caller. */
static int open_below_root(const struct caller *caller, int base, const char *path, int flags)
{
	bool changed = !caller_has_our_root(caller);
	_cleanup_close_ int root = changed ? open_link(caller, "root") : -EBADF;
	int fd, r;

	if (changed && root < 0)
		return root;
	r = changed ? enter_root(root) : 0;
	fd = r < 0 ? r : open_below(base, path, flags);
	if (fd == -ENOENT && is_plainly_missing(base, path))
		r = -ENOENT;
	if (changed && (enter_root(caller->root_fd) < 0 || fchdir(caller->proc_fd) < 0))
		abort(); /* in the wrong place, nothing may be looked up any more */
	if (r < 0 || (fd != -ENOENT && fd != -ELOOP))
		return fd;
	/* there may be a link to /proc/self on the way */
	return walk_path(caller, changed ? root : caller->root_fd, base, path, flags);
}

/*
 * Where relative paths start from.
 *  *opened: set to the fd if it is to be closed.
 */
static int current_folder(const struct caller *caller, int *opened)
{
	bool keep;
	int fd;

	if (caller->known->cwd_fd >= 0)
		return caller->known->cwd_fd;
	/* a folder is held only in our own mounts: they hear of who unmounts it */
	keep = caller_has_our_root(caller) && known_may_keep_cwd(caller->all, caller->known);
	fd = open_link(caller, "cwd");
	if (fd >= 0 && keep)
		return caller->known->cwd_fd = fd;
	return *opened = fd;
}

static int open_path(const struct caller *caller, int folder, const char *path, int flags)
{
	_cleanup_close_ int opened = -EBADF;
	bool unused;
	int base;

	if (path[0] == '/')
		base = caller->root_fd;
	else if (folder == AT_FDCWD)
		base = current_folder(caller, &opened);
	else
		base = opened = caller_open_fd(caller, folder, &unused);
	return base < 0 ? base : open_below_root(caller, base, path, flags);
}

int caller_open(const struct caller *caller, int folder, const char *path, int flags)
{
	bool unused;

	if (!path[0]) {
		if (!(flags & AT_EMPTY_PATH))
			return -ENOENT;
		return folder == AT_FDCWD ? open_link(caller, "cwd")
					  : caller_open_fd(caller, folder, &unused);
	}
	return open_path(caller, folder, path,
			 O_PATH | (flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0));
}

int caller_open_parent(const struct caller *caller, int folder, char *path, const char **name)
{
	char *slash = strrchr(path, '/');
	char *last = slash ? slash + 1 : path;

	if (!path[0])
		return -ENOENT;
	if (!*last || strcmp(last, ".") == 0 || strcmp(last, "..") == 0) {
		_cleanup_close_ int there = -EBADF;

		/* "new/": only a folder can be made by that name, but a file can have it */
		for (char *end = last; !*last && end > path + 1 && end[-1] == '/'; end--)
			end[-1] = '\0';
		there = caller_open(caller, folder, path, AT_SYMLINK_NOFOLLOW);
		return there >= 0 ? -EEXIST : there;
	}
	*name = last;
	if (!slash)
		return open_path(caller, folder, ".", O_PATH | O_DIRECTORY);
	if (slash == path)
		return open_path(caller, folder, "/", O_PATH | O_DIRECTORY);
	*slash = '\0';
	return open_path(caller, folder, path, O_PATH | O_DIRECTORY);
}

int caller_umask(const struct caller *caller)
{
	char path[32], text[1024];
	const char *line;
	int r;

	snprintf(path, sizeof(path), "%d/status", (int)caller->pid);
	r = read_text(caller->proc_fd, path, text, sizeof(text));
	if (r < 0)
		return r;
	line = strstr(text, "\nUmask:");
	return line ? (int)strtoul(line + strlen("\nUmask:"), NULL, 8) : -ESRCH;
}
