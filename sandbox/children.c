/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/children.h"

#include "base/cleanup.h"
#include "base/procfs.h"
#include "base/syscalls.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static int append(struct children *children, pid_t pid)
{
	pid_t *grown = reallocarray(children->pids, children->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	children->pids = grown;
	grown[children->count++] = pid;
	return 0;
}

void children_free(struct children *children)
{
	free(children->pids);
	*children = (struct children){ 0 };
}

static int read_list(int fd, struct children *children)
{
	_cleanup_fclose_ FILE *file = fdopen(fd, "re");
	int pid, r = 0;

	if (!file) {
		r = -errno;
		close(fd);
		return r;
	}
	while (r >= 0 && fscanf(file, "%d", &pid) == 1)
		r = append(children, pid);
	return r < 0 || !ferror(file) ? r : -errno;
}

/* The field after the name, which may hold anything, and the state: proc(5); 0: it is gone. */
static pid_t find_parent(int proc_fd, const char *name)
{
	char path[32], text[512];
	_cleanup_close_ int fd = -EBADF;
	const char *field;
	ssize_t n;

	if (snprintf(path, sizeof(path), "%s/stat", name) >= (int)sizeof(path))
		return 0;
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	field = strrchr(text, ')');
	return field && strlen(field) > 4 ? (pid_t)strtol(field + 4, NULL, 10) : 0;
}

static int search_all(int proc_fd, struct children *children)
{
	struct report unused = { 0 };
	pid_t self = procfs_self(proc_fd, &unused);
	int fd = openat(proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int r = 0;

	if (!dir || self < 0) {
		r = -errno;
		if (!dir)
			cleanup_close(&fd);
		return r;
	}
	while (r >= 0) {
		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return -errno; /* 0: the end */
		if (entry->d_name[0] > '0' && entry->d_name[0] <= '9' &&
		    find_parent(proc_fd, entry->d_name) == self)
			r = append(children, (pid_t)strtol(entry->d_name, NULL, 10));
	}
	return r;
}

int children_list(int proc_fd, struct children *children, struct report *report)
{
	int fd = openat(proc_fd, "thread-self/children", O_RDONLY | O_CLOEXEC), r;

	*children = (struct children){ 0 };
	if (fd >= 0)
		r = read_list(fd, children);
	else if (errno == ENOENT) /* a kernel without CONFIG_PROC_CHILDREN */
		r = search_all(proc_fd, children);
	else
		r = -errno;
	return r < 0 ? report_failure(report, -r, "--share-pid: list of children") : 0;
}

static bool contains(const struct children *children, pid_t pid)
{
	for (size_t i = 0; i < children->count; i++) {
		if (children->pids[i] == pid)
			return true;
	}
	return false;
}

/* By a pidfd, as the procfs may be numbered otherwise than our pid namespace. */
static void kill_by_number(int proc_fd, pid_t pid)
{
	_cleanup_close_ int pidfd = -EBADF;
	char name[16];

	snprintf(name, sizeof(name), "%d", (int)pid);
	pidfd = openat(proc_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (pidfd >= 0)
		(void)sys_pidfd_send_signal(pidfd, SIGKILL);
}

int children_kill(int proc_fd, const struct children *spared, struct report *report)
{
	for (;;) {
		struct children children;
		bool any = false;
		int r = children_list(proc_fd, &children, report);

		for (size_t i = 0; r >= 0 && i < children.count; i++) {
			if (spared && contains(spared, children.pids[i]))
				continue;
			kill_by_number(proc_fd, children.pids[i]);
			any = true;
		}
		children_free(&children);
		/* a spared one that has ended may be reaped here: nobody else will do it */
		if (r < 0 || !any || (waitpid(-1, NULL, 0) < 0 && errno == ECHILD))
			return r;
	}
}
