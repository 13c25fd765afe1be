/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One system call, again and again, on 100 files: bench/README.md.
 *
 *   storm chown|stat|shown COUNT UID GID
 *
 * The files are made in the current directory, and removed again. chown gives each to UID and GID
 * COUNT times in all; stat looks at files that nobody has touched; shown, at files that have been
 * given to UID and GID, and fails if that is not what it sees. Prints the microseconds that a call
 * took.
 */

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FILES = 100 };

static char names[FILES][32];

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void need(bool holds, const char *what)
{
	if (holds)
		return;
	perror(what);
	exit(1);
}

static void make_files(void)
{
	for (size_t i = 0; i < FILES; i++) {
		int fd;

		snprintf(names[i], sizeof(names[i]), "storm.%zu", i);
		fd = open(names[i], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		need(fd >= 0, names[i]);
		close(fd);
	}
}

static void chown_files(size_t count, uid_t uid, gid_t gid)
{
	for (size_t i = 0; i < count; i++)
		need(lchown(names[i % FILES], uid, gid) == 0, "chown");
}

static void stat_files(size_t count)
{
	struct stat status;

	for (size_t i = 0; i < count; i++)
		need(stat(names[i % FILES], &status) == 0, "stat");
}

static bool are_shown(uid_t uid, gid_t gid)
{
	struct stat status;

	for (size_t i = 0; i < FILES; i++) {
		if (stat(names[i], &status) < 0 || status.st_uid != uid || status.st_gid != gid)
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	const char *what = argc == 5 ? argv[1] : "";
	bool chown_calls = strcmp(what, "chown") == 0, shown = strcmp(what, "shown") == 0;
	size_t count = argc == 5 ? strtoul(argv[2], NULL, 10) : 0;
	double begin, took;
	uid_t uid;
	gid_t gid;

	if (!count || (!chown_calls && !shown && strcmp(what, "stat") != 0)) {
		fprintf(stderr, "usage: storm chown|stat|shown COUNT UID GID\n");
		return 2;
	}
	uid = (uid_t)strtoul(argv[3], NULL, 10);
	gid = (gid_t)strtoul(argv[4], NULL, 10);
	make_files();
	if (shown)
		chown_files(FILES, uid, gid);
	begin = now();
	if (chown_calls)
		chown_files(count, uid, gid);
	else
		stat_files(count);
	took = now() - begin;
	if (shown && !are_shown(uid, gid)) {
		fprintf(stderr, "storm: the owners are not shown\n");
		return 1;
	}
	for (size_t i = 0; i < FILES; i++)
		unlink(names[i]);
	printf("%.4f\n", took / (double)count);
	return 0;
}
