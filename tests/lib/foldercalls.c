/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Changes of owner by names in a current folder that changes: by the thread itself, by others that
 * share it, while it is used. In the current folder, which is empty; prints what the files look
 * like after each step. Real root and a user under --remember --show-owners=trap must see the same.
 *
 *   foldercalls [ROUNDS]
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const folders[] = { "a", "b", "c" };

static int top;

static void need(bool holds, const char *what)
{
	if (holds)
		return;
	perror(what);
	exit(1);
}

static uid_t owner(const char *folder)
{
	struct stat status;
	char path[16];

	snprintf(path, sizeof(path), "%s/f", folder);
	need(fstatat(top, path, &status, 0) == 0, path);
	return status.st_uid;
}

static void show(const char *what)
{
	printf("%s:", what);
	for (size_t i = 0; i < 3; i++)
		printf(" %s %u", folders[i], owner(folders[i]));
	printf("\n");
}

static void give(uid_t uid)
{
	need(lchown("f", uid, uid) == 0, "lchown");
}

static void go(const char *folder)
{
	need(fchdir(top) == 0 && chdir(folder) == 0, folder);
}

static void try_alone(void)
{
	int fd = openat(top, "c", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	go("a");
	give(10);
	give(11);
	show("one");
	need(chdir("../b") == 0, "../b");
	give(12);
	show("the next");
	need(fchdir(fd) == 0, "fchdir");
	give(13);
	show("by fd");
	need(chdir("missing") < 0, "missing");
	give(14);
	need(chown("../a/f", 15, 15) == 0, "../a/f");
	show("a path, after a failure");
	need(rename("../c", "../d") == 0, "rename");
	give(16);
	need(rename("../d", "../c") == 0, "rename");
	show("renamed");
	close(fd);
}

/* One does as it is told, the other waits for it. */
struct worker {
	sem_t told, done;
	void (*task)(void);
};

static void *work(void *context)
{
	struct worker *worker = context;

	for (;;) {
		while (sem_wait(&worker->told) < 0)
			;
		if (!worker->task)
			return NULL;
		worker->task();
		sem_post(&worker->done);
	}
}

static void tell(struct worker *worker, void (*task)(void))
{
	worker->task = task;
	sem_post(&worker->told);
	while (task && sem_wait(&worker->done) < 0)
		;
}

static void give_20(void)
{
	give(20);
}

static void give_21(void)
{
	give(21);
}

static void give_22(void)
{
	give(22);
}

static void go_a(void)
{
	go("a");
}

static void go_alone(void)
{
	need(unshare(CLONE_FS) == 0, "unshare");
	go("c");
}

static void try_threads(void)
{
	struct worker worker;
	pthread_t thread;

	sem_init(&worker.told, 0, 0);
	sem_init(&worker.done, 0, 0);
	need(pthread_create(&thread, NULL, work, &worker) == 0, "pthread_create");
	go("a");
	tell(&worker, give_20);
	go("b");
	tell(&worker, give_21);
	show("of a thread, changed by another");
	tell(&worker, go_a);
	give(23);
	show("changed by the thread");
	tell(&worker, go_alone);
	tell(&worker, give_22);
	give(24);
	show("its own");
	go("b");
	tell(&worker, give_20);
	give(25);
	show("its own, after the other's");
	tell(&worker, NULL);
	pthread_join(thread, NULL);
}

static void in_child(long flags, const char *folder, uid_t uid)
{
	pid_t pid;

	fflush(stdout);
	pid = (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
	need(pid >= 0, "clone");
	if (pid == 0) {
		go(folder);
		if (uid)
			give(uid);
		_exit(0);
	}
	need(waitpid(pid, NULL, 0) == pid, "waitpid");
}

static void try_processes(void)
{
	go("a");
	give(30);
	in_child(0, "b", 31);
	give(32);
	show("of a child");
	in_child(CLONE_FS, "b", 0);
	give(33);
	show("shared with a child");
	in_child(CLONE_FS, "c", 34);
	give(35);
	show("shared with a child that uses it");
}

/* A thread uses the folder all the time; what it does after a change must be done there. */
static atomic_uint wanted, reached;

static void *use(void *unused)
{
	unsigned int now;

	while ((now = atomic_load(&wanted)) != 1) {
		give(now);
		atomic_store(&reached, now);
	}
	return unused;
}

static void try_haste(unsigned int rounds)
{
	unsigned int lost = 0;
	pthread_t thread;
	char path[4000], *last = path + sizeof(path) - 2;

	/* a long way, so that there is time to look around */
	for (size_t i = 0; i < sizeof(path); i += 5)
		memcpy(path + i, "../a/", 5);
	go("a");
	atomic_store(&wanted, 1000);
	need(pthread_create(&thread, NULL, use, NULL) == 0, "pthread_create");
	for (unsigned int i = 0; i < rounds; i++) {
		memcpy(last, folders[i % 3], 2);
		need(chdir(path) == 0, "chdir");
		atomic_store(&wanted, 1001 + i);
		while (atomic_load(&reached) != 1001 + i)
			sched_yield();
		lost += owner(folders[i % 3]) != 1001 + i;
	}
	atomic_store(&wanted, 1);
	pthread_join(thread, NULL);
	printf("in haste: %u lost\n", lost);
}

int main(int argc, char **argv)
{
	top = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	need(top >= 0, ".");
	for (size_t i = 0; i < 3; i++) {
		char path[16];

		snprintf(path, sizeof(path), "%s/f", folders[i]);
		need(mkdir(folders[i], 0755) == 0 &&
			     close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644)) == 0,
		     path);
	}
	try_alone();
	try_processes();
	try_haste(argc > 1 ? (unsigned int)atoi(argv[1]) : 300);
	try_threads();
	return 0;
}
