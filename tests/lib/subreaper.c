/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * subreaper COMMAND [ARGS]: run a command and tell whether anything of it is left when it is gone.
 *
 * Whatever loses its parent below a child subreaper becomes a child of it (prctl(2)), across user
 * and pid namespaces, whatever its environment, session or ids. So there are descendants left
 * exactly as long as wait(2) has something to wait for.
 *
 * Exit status: the command's, 128+n if signal n killed it; 99 if something was left behind, which
 * is then named on standard error and killed.
 */

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { GRACE_MS = 2000, STEP_MS = 5, LEFT_BEHIND = 99 };

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int wait_for(pid_t command)
{
	int status;
	pid_t pid;

	while ((pid = wait(&status)) != command)
		if (pid < 0 && errno != EINTR)
			return -1;
	return exit_status(status);
}

static bool all_gone(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		;
	return pid < 0 && errno == ECHILD;
}

/* A process whose parent is dead is reaped by us within moments, not at once. */
static bool all_gone_soon(void)
{
	for (int waited = 0; waited < GRACE_MS; waited += STEP_MS) {
		if (all_gone())
			return true;
		nanosleep(&(struct timespec){ .tv_nsec = STEP_MS * 1000000L }, NULL);
	}
	return all_gone();
}

/* proc(5): "PID (NAME) STATE PPID ...", where NAME may hold anything. */
static bool is_child(const char *pid, char *name, size_t size)
{
	char path[64], text[512];
	FILE *file;
	size_t length;
	int parent = -1;
	char *open, *close;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	open = strchr(text, '(');
	close = strrchr(text, ')');
	if (!open || !close || sscanf(close, ") %*c %d", &parent) != 1 || parent != getpid())
		return false;
	snprintf(name, size, "%.*s", (int)(close - open - 1), open + 1);
	return true;
}

/* Killing the children hands us theirs, until there are none. */
static void name_and_kill_children(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	char name[64];

	while (proc && (entry = readdir(proc))) {
		if (!is_child(entry->d_name, name, sizeof(name)))
			continue;
		fprintf(stderr, "left behind: process %s (%s)\n", entry->d_name, name);
		kill((pid_t)atoi(entry->d_name), SIGKILL);
	}
	if (proc)
		closedir(proc);
}

int main(int argc, char **argv)
{
	pid_t command;
	int status;

	if (argc < 2) {
		fprintf(stderr, "usage: subreaper COMMAND [ARGS]\n");
		return 125;
	}
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) {
		perror("subreaper: prctl");
		return 125;
	}
	command = fork();
	if (command == 0) {
		execvp(argv[1], argv + 1);
		fprintf(stderr, "subreaper: %s: %s\n", argv[1], strerror(errno));
		_exit(127);
	}
	/* What the terminal sends is for the command; we stay to see what it leaves. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	status = command < 0 ? 125 : wait_for(command);
	if (all_gone_soon())
		return status;
	for (int tries = 0; tries < 100 && !all_gone(); tries++) {
		name_and_kill_children();
		nanosleep(&(struct timespec){ .tv_nsec = STEP_MS * 1000000L }, NULL);
	}
	return LEFT_BEHIND;
}
