/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/walk.h"

#include "base/cleanup.h"
#include "base/read.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define LINKS_MAX 40 /* the kernel's own: path_resolution(7) */

struct walk {
	const struct caller *caller;
	int root;
	struct place root_place;
	int at;              /* where we are; owned */
	char rest[PATH_MAX]; /* what is still to follow */
	unsigned int links;
};

static bool is_proc(int fd)
{
	struct statfs status;

	return fstatfs(fd, &status) == 0 && status.f_type == PROC_SUPER_MAGIC;
}

static bool is_proc_root(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && status.st_ino == 1 && is_proc(fd);
}

/* When a process began, to know it again in another procfs: proc_pid_stat(5), field 22. */
static bool read_start(int folder, int pid, unsigned long long *start)
{
	char path[32], text[1024];
	const char *at;

	snprintf(path, sizeof(path), "%d/stat", pid);
	if (read_text(folder, path, text, sizeof(text)) < 0)
		return false;
	at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at && sscanf(at, " %llu", start) == 1;
}

/* The caller's number in a procfs: one of those that it has, by pid namespace. */
static int find_self(const struct walk *walk, const char *name)
{
	const char *line = strcmp(name, "self") == 0 ? "\nNStgid:" : "\nNSpid:";
	unsigned long long start = 0, found;
	char path[32], text[4096], *at;
	int result = -ENOENT, number, used;

	snprintf(path, sizeof(path), "%d/status", (int)walk->caller->pid);
	if (read_text(walk->caller->proc_fd, path, text, sizeof(text)) < 0)
		return -ENOENT;
	at = strstr(text, line);
	at = at ? at + strlen(line) : text + strlen(text);
	/* the first is that of our own procfs, the innermost the last */
	for (bool first = true; sscanf(at, "%*[ \t]%d%n", &number, &used) == 1; at += used) {
		if (first && !read_start(walk->caller->proc_fd, number, &start))
			return -ENOENT;
		first = false;
		if (read_start(walk->at, number, &found) && found == start)
			result = number;
	}
	return result;
}

static int move_to(struct walk *walk, int fd)
{
	if (fd < 0)
		return -errno;
	close(walk->at);
	walk->at = fd;
	return 0;
}

static int move_up(struct walk *walk)
{
	struct place here;
	int r = place_of(walk->at, &here);

	if (r < 0)
		return r;
	if (here.device == walk->root_place.device && here.inode == walk->root_place.inode &&
	    here.mount == walk->root_place.mount)
		return 0;
	return move_to(walk, openat(walk->at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/* Put what a link says before what is left of the path. */
static int follow(struct walk *walk, int link)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(link, "", target, sizeof(target));
	size_t rest = strlen(walk->rest);

	if (length < 0)
		return -errno;
	if ((size_t)length + 1 + rest >= sizeof(walk->rest))
		return -ENAMETOOLONG;
	memmove(walk->rest + length + 1, walk->rest, rest + 1);
	memcpy(walk->rest, target, (size_t)length);
	walk->rest[length] = '/';
	if (rest == 0)
		walk->rest[length] = '\0';
	if (walk->rest[0] == '/')
		return move_to(walk, fcntl(walk->root, F_DUPFD_CLOEXEC, 3));
	return 0;
}

/*
 * Whether a folder of procfs may be about this process: the links there are open to us, and to no
 * caller. Where that can't be told (a part of a procfs that is mounted elsewhere), it may.
 */
static bool may_be_about_us(int folder)
{
	_cleanup_close_ int at = fcntl(folder, F_DUPFD_CLOEXEC, 3);
	struct place start, here;
	struct stat us;
	ino_t process = 0;

	if (at < 0 || place_of(at, &start) < 0)
		return true;
	here = start;
	while (!is_proc_root(at)) {
		int up = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		process = here.inode;
		close_fd(&at);
		at = up;
		if (at < 0 || place_of(at, &here) < 0 || here.mount != start.mount)
			return true;
	}
	/* none: it is the procfs of a namespace in which we have no number */
	return fstatat(at, "self", &us, 0) < 0 ? errno != ENOENT : us.st_ino == process;
}

static int step(struct walk *walk, const char *name, bool last, int flags)
{
	_cleanup_close_ int fd = -EBADF;
	struct stat status;
	char number[16];

	if (strcmp(name, "..") == 0)
		return move_up(walk);
	if ((strcmp(name, "self") == 0 || strcmp(name, "thread-self") == 0) &&
	    is_proc_root(walk->at) && !(last && flags & O_NOFOLLOW)) {
		int self = find_self(walk, name);

		if (self < 0)
			return self;
		snprintf(number, sizeof(number), "%d", self);
		name = number;
	}
	fd = openat(walk->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) < 0)
		return -errno;
	if (!S_ISLNK(status.st_mode) || (last && flags & O_NOFOLLOW))
		return move_to(walk, steal_fd(&fd));
	if (++walk->links > LINKS_MAX)
		return -ELOOP;
	/* links of a process's folder lead to what they stand for, not to what they say */
	if (is_proc(fd) && !is_proc_root(walk->at))
		return may_be_about_us(walk->at)
			       ? -EACCES
			       : move_to(walk, openat(walk->at, name, O_PATH | O_CLOEXEC));
	return follow(walk, fd);
}

static int walk_rest(struct walk *walk, int flags)
{
	while (walk->rest[0]) {
		char name[NAME_MAX + 1];
		size_t length = strcspn(walk->rest, "/");
		size_t slashes = strspn(walk->rest + length, "/");
		bool last = !walk->rest[length];
		int r = 0;

		if (length > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, walk->rest, length);
		name[length] = '\0';
		memmove(walk->rest, walk->rest + length + slashes,
			strlen(walk->rest + length + slashes) + 1);
		if (slashes && !walk->rest[0])
			flags |= O_DIRECTORY;
		if (length && strcmp(name, ".") != 0)
			r = step(walk, name, last, flags);
		if (r < 0)
			return r;
	}
	if (flags & O_DIRECTORY)
		return move_to(walk, openat(walk->at, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
	return 0;
}

int walk_path(const struct caller *caller, int root, int base, const char *path, int flags)
{
	struct walk walk = { .caller = caller, .root = root };
	int r = place_of(root, &walk.root_place);

	if (r < 0)
		return r;
	if (strlen(path) >= sizeof(walk.rest))
		return -ENAMETOOLONG;
	strcpy(walk.rest, path);
	walk.at = fcntl(path[0] == '/' ? root : base, F_DUPFD_CLOEXEC, 3);
	if (walk.at < 0)
		return -errno;
	r = walk_rest(&walk, flags);
	if (r >= 0)
		return walk.at;
	close(walk.at);
	return r;
}
