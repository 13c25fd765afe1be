/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/caller.h"

#include "base/cleanup.h"
#include "remember/walk.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>

#ifndef AT_HANDLE_FID
#define AT_HANDLE_FID 0x200 /* linux/fcntl.h, 6.5 */
#endif

#define HANDLE_INO64_GEN 0x81 /* linux/exportfs.h: what file systems have that make none */

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

int caller_open_fd(const struct caller *caller, int fd, bool *path_only)
{
	char path[64], text[256];
	_cleanup_close_ int info = -EBADF;
	const char *flags;
	ssize_t n;
	int r;

	snprintf(path, sizeof(path), "%d/fdinfo/%d", (int)caller->pid, fd);
	info = fd < 0 ? -EBADF : openat(caller->proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (info < 0)
		return -EBADF;
	n = read(info, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	flags = strstr(text, "flags:");
	*path_only = flags && strtoul(flags + strlen("flags:"), NULL, 8) & O_PATH;
	snprintf(path, sizeof(path), "fd/%d", fd);
	r = open_link(caller, path);
	return r == -ENOENT ? -EBADF : r;
}

/* "/proc/self" is another for us: the rest of the path goes on from the caller's own folder there.
 */
static const char *skip_self(const char *path)
{
	static const char *const names[] = { "/proc/self/", "/proc/thread-self/" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strncmp(path, names[i], strlen(names[i])) == 0 && !strstr(path, ".."))
			return path + strlen(names[i]);
	}
	return NULL;
}

int place_of(int fd, struct place *place)
{
	struct statx status;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &status) < 0)
		return -errno;
	*place = (struct place){
		.device = makedev(status.stx_dev_major, status.stx_dev_minor),
		.inode = status.stx_ino,
		.mount = status.stx_mnt_id,
	};
	return 0;
}

static bool is_at(int fd, const struct place *place)
{
	struct place found;

	return place_of(fd, &found) == 0 && found.device == place->device &&
	       found.inode == place->inode && found.mount == place->mount;
}

static int enter_root(int root_fd)
{
	return fchdir(root_fd) < 0 || chroot(".") < 0 ? -errno : 0;
}

/* openat(2) below the caller's root: absolute links and paths lead where they lead the caller. */
static int open_below_root(const struct caller *caller, int base, const char *path, int flags)
{
	_cleanup_close_ int root = open_link(caller, "root");
	bool changed;
	int fd, r = 0;

	if (root < 0)
		return root;
	changed = !is_at(root, &caller->root);
	if (changed)
		r = enter_root(root);
	fd = r < 0 ? r : openat(base, path, flags | O_CLOEXEC);
	if (r >= 0 && fd < 0)
		fd = -errno;
	if (changed && (enter_root(caller->root_fd) < 0 || fchdir(caller->proc_fd) < 0))
		abort(); /* in the wrong place, nothing may be looked up any more */
	/* there may be a link to /proc/self on the way */
	return fd == -ENOENT ? walk_path(caller, root, base, path, flags) : fd;
}

static int open_path(const struct caller *caller, int folder, const char *path, int flags)
{
	const char *own = skip_self(path);
	_cleanup_close_ int base = -EBADF;
	bool unused;

	if (own) {
		base = open_link(caller, ".");
		path = *own ? own : ".";
	} else if (path[0] == '/') {
		base = fcntl(caller->root_fd, F_DUPFD_CLOEXEC, 3);
	} else if (folder == AT_FDCWD) {
		base = open_link(caller, "cwd");
	} else {
		base = caller_open_fd(caller, folder, &unused);
	}
	if (base < 0)
		return base == -1 ? -errno : base;
	return open_below_root(caller, base, path, flags);
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
		_cleanup_close_ int there = caller_open(caller, folder, path, 0);

		/* "new/": only a folder can be made by that name */
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
	_cleanup_close_ int fd = -EBADF;
	const char *line;
	ssize_t n;

	snprintf(path, sizeof(path), "%d/status", (int)caller->pid);
	fd = openat(caller->proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	line = strstr(text, "\nUmask:");
	return line ? (int)strtoul(line + strlen("\nUmask:"), NULL, 8) : -ESRCH;
}

static uint64_t mix(uint64_t sum, const unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sum = (sum ^ bytes[i]) * UINT64_C(0x100000001b3);
	return sum;
}

/* The handle holds the inode number and a generation, whatever the file system's form of it. */
static bool read_handle(int fd, uint64_t *generation)
{
	union {
		struct file_handle handle;
		char space[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} room;
	uint32_t last;
	int mount;

	room.handle.handle_bytes = MAX_HANDLE_SZ;
	memset(room.handle.f_handle, 0, MAX_HANDLE_SZ);
	if (name_to_handle_at(fd, "", &room.handle, &mount, AT_EMPTY_PATH | AT_HANDLE_FID) < 0 &&
	    name_to_handle_at(fd, "", &room.handle, &mount, AT_EMPTY_PATH) < 0)
		return false;
	/* an overlay in a user namespace has the inode number alone */
	memcpy(&last, room.handle.f_handle + sizeof(uint64_t), sizeof(last));
	if (room.handle.handle_type == HANDLE_INO64_GEN && last == 0)
		return false;
	*generation = mix(mix(UINT64_C(0xcbf29ce484222325),
			      (const unsigned char *)&room.handle.handle_type,
			      sizeof(room.handle.handle_type)),
			  room.handle.f_handle, room.handle.handle_bytes);
	return true;
}

int file_key_of(int fd, struct file_key *key)
{
	struct statx status;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &status) < 0)
		return -errno;
	key->device = makedev(status.stx_dev_major, status.stx_dev_minor);
	key->inode = status.stx_ino;
	key->generation = 0;
	if (read_handle(fd, &key->generation))
		return 0;
	if (status.stx_mask & STATX_BTIME)
		key->generation =
			(uint64_t)status.stx_btime.tv_sec * 1000000000U + status.stx_btime.tv_nsec;
	return 0;
}
