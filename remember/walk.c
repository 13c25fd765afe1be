/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/walk.h"

#include "base/cleanup.h"
#include "base/read.h"
#include "remember/rights.h"

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

/* What tells a process, or a thread, from all others, in whatever procfs. */
struct identity {
	ino_t namespace; /* the pid namespace that it is in */
	int number;      /* within that */
};

/* The list of its numbers, from the procfs's pid namespace to its own: proc_pid_status(5). */
static const char *find_numbers(const char *status, bool thread)
{
	const char *line = thread ? "\nNSpid:" : "\nNStgid:";
	const char *at = strstr(status, line);

	return at ? at + strlen(line) : "";
}

static bool take_number(const char **numbers, int *number)
{
	int used;

	if (sscanf(*numbers, "%*[ \t]%d%n", number, &used) != 1)
		return false;
	*numbers += used;
	return true;
}

/*
 * folder: of a procfs, or of a process in it.
 * process: the path of the process's folder from there.
 */
static bool identify(int folder, const char *process, bool thread, struct identity *identity)
{
	char path[48], text[4096];
	const char *numbers;
	struct stat status;

	snprintf(path, sizeof(path), "%s/ns/pid", process);
	if (fstatat(folder, path, &status, 0) < 0)
		return false;
	identity->namespace = status.st_ino;
	snprintf(path, sizeof(path), "%s/status", process);
	if (read_text(folder, path, text, sizeof(text)) < 0)
		return false;
	identity->number = 0;
	for (numbers = find_numbers(text, thread); take_number(&numbers, &identity->number);)
		;
	return identity->number != 0;
}

static bool is_same(const struct identity *a, const struct identity *b)
{
	return a->namespace == b->namespace && a->number == b->number;
}

static bool identify_caller(const struct caller *caller, bool thread, struct identity *identity)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", (int)caller->pid);
	return identify(caller->proc_fd, number, thread, identity);
}

/* The caller's number in a procfs: one of those that it has, by pid namespace. */
static int find_self(const struct walk *walk, bool thread)
{
	struct identity caller, found;
	char path[32], text[4096];
	const char *numbers;
	int number;

	snprintf(path, sizeof(path), "%d/status", (int)walk->caller->pid);
	if (read_text(walk->caller->proc_fd, path, text, sizeof(text)) < 0 ||
	    !identify_caller(walk->caller, thread, &caller))
		return -ENOENT;
	for (numbers = find_numbers(text, thread); take_number(&numbers, &number);) {
		snprintf(path, sizeof(path), "%d", number);
		if (identify(walk->at, path, thread, &found) && is_same(&caller, &found))
			return number;
	}
	return -ENOENT;
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

/* The folder of the process that a folder of procfs is about, right below that of all; or a
 * negative errno: it is part of a procfs that is mounted elsewhere. */
static int find_process(int folder, int *root)
{
	_cleanup_close_ int at = fcntl(folder, F_DUPFD_CLOEXEC, 3), process = -EBADF;
	struct place start, here;

	if (at < 0 || place_of(at, &start) < 0)
		return -errno;
	while (!is_proc_root(at)) {
		close_fd(&process);
		process = steal_fd(&at);
		at = openat(process, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (at < 0 || place_of(at, &here) < 0 || here.mount != start.mount)
			return -EACCES;
	}
	*root = steal_fd(&at);
	return steal_fd(&process);
}

/*
 * Links of a process's folder lead to what they stand for, not to what they say. Those of our own
 * are open to us, and to no caller; where it can't be told whose they are, they may be. Its own are
 * open to the caller, and the others where the kernel says so.
 */
static int follow_magic(struct walk *walk, const char *name)
{
	_cleanup_close_ int root = -EBADF, process = find_process(walk->at, &root);
	struct identity caller, found;
	struct stat us, here;
	int fd;

	if (process < 0 || fstat(process, &here) < 0)
		return -EACCES;
	/* ENOENT: it is the procfs of a namespace in which we have no number */
	if (fstatat(root, "self", &us, 0) < 0 ? errno != ENOENT : us.st_ino == here.st_ino)
		return -EACCES;
	if (identify_caller(walk->caller, false, &caller) &&
	    identify(process, ".", false, &found) && is_same(&caller, &found))
		return move_to(walk, openat(walk->at, name, O_PATH | O_CLOEXEC));
	fd = rights_follow(walk->caller, walk->at, name);
	return fd < 0 ? fd : move_to(walk, fd);
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
		int self = find_self(walk, strcmp(name, "self") != 0);

		if (self < 0)
			return self;
		if (++walk->links > LINKS_MAX)
			return -ELOOP;
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
	if (is_proc(fd) && !is_proc_root(walk->at))
		return follow_magic(walk, name);
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
