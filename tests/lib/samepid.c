/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Print the owner of the file "f" here, and then in a child that has the same pid, in user and pid
 * namespaces of its own, made without the C library's knowledge. With an argument: the child
 * shares our memory; only pid 1 may do that.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void print_owner(void)
{
	struct stat status;

	if (stat("f", &status) < 0)
		perror("stat f");
	else
		dprintf(STDOUT_FILENO, "pid %d: %u\n", (int)getpid(), status.st_uid);
}

static int be_shared(void *unused)
{
	(void)unused;
	print_owner();
	return 0;
}

/* The first process of the pid namespace: fork until there is the pid. */
static void be_copied(pid_t pid)
{
	while (getpid() != pid) {
		pid_t child = fork();

		if (child) {
			waitpid(child, NULL, 0);
			_exit(child < 0);
		}
	}
	print_owner();
	_exit(0);
}

int main(int argc, char **argv)
{
	const int namespaces = CLONE_NEWUSER | CLONE_NEWPID;
	static _Alignas(16) char stack[65536];
	pid_t pid = getpid(), child;

	(void)argv;
	print_owner();
	if (argc > 1) {
		child = clone(be_shared, stack + sizeof(stack), CLONE_VM | namespaces | SIGCHLD,
			      NULL);
	} else {
		child = (pid_t)syscall(SYS_clone, namespaces | SIGCHLD, 0L, 0L, 0L, 0L);
		if (child == 0)
			be_copied(pid);
	}
	if (child < 0)
		perror("clone");
	return child < 0 || waitpid(child, NULL, 0) != child;
}
