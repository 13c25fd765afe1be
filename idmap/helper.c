/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idmap/helper.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

bool helper_find(const char *name, char *path)
{
	static const char *const folders[] = {
		"/usr/bin", "/bin", "/usr/local/bin",
		"/run/wrappers/bin", /* NixOS has its setuid programs here */
	};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		int length = snprintf(path, HELPER_PATH_MAX, "%s/%s", folders[i], name);

		if (length < HELPER_PATH_MAX && access(path, X_OK) == 0)
			return true;
	}
	return false;
}

/* Returns 0 or an errno value, as posix_spawn(3) does. */
static int spawn(const char *path, char *const *argv, int stream, int write_fd, pid_t *pid)
{
	int other = stream == STDOUT_FILENO ? STDERR_FILENO : STDOUT_FILENO;
	char *environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int error;

	error = posix_spawn_file_actions_init(&actions);
	if (error)
		return error;
	error = posix_spawnattr_init(&attributes);
	if (error) {
		posix_spawn_file_actions_destroy(&actions);
		return error;
	}

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

	/* dup2 first: write_fd may be one of the numbers that are opened after it */
	error = posix_spawn_file_actions_adddup2(&actions, write_fd, stream);
	if (!error)
		error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
							 O_RDONLY, 0);
	if (!error)
		error = posix_spawn_file_actions_addopen(&actions, other, "/dev/null", O_WRONLY, 0);
	if (!error)
		error = posix_spawn(pid, path, &actions, &attributes, argv, environment);

	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* Read to the end, so that the program is never stopped by a full pipe. */
static int collect(int fd, char *output, size_t size)
{
	size_t used = 0;

	for (;;) {
		char rest[512];
		bool room = used < size - 1;
		ssize_t got = room ? read(fd, output + used, size - 1 - used)
				   : read(fd, rest, sizeof(rest));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		if (room)
			used += (size_t)got;
	}
	output[used] = '\0';
	return 0;
}

int helper_start(struct helper *helper, const char *path, char *const *argv, int stream,
		 struct report *report)
{
	_cleanup_close_ int read_fd = -EBADF, write_fd = -EBADF;
	int fds[2], error;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return report_failure(report, errno, "pipe2");
	read_fd = fds[0];
	write_fd = fds[1];

	error = spawn(path, argv, stream, write_fd, &helper->pid);
	if (error)
		return report_failure(report, error, "%s", path);
	helper->path = path;
	helper->output_fd = steal_fd(&read_fd);
	return 0;
}

int helper_finish(struct helper *helper, char *output, size_t size, int *status,
		  struct report *report)
{
	int r = collect(helper->output_fd, output, size);

	if (r < 0)
		report_failure(report, -r, "%s: read", helper->path);
	/* if reading failed, the program ends by itself, at the latest at its next word */
	close_fd(&helper->output_fd);
	while (waitpid(helper->pid, status, 0) < 0)
		if (errno != EINTR)
			return report_failure(report, errno, "%s: waitpid", helper->path);
	return r;
}
