/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Make devices and give them owners in the current folder, from many threads, while a timer
 * interrupts them all the time; then look at each.
 * Usage: ownerstorm THREADS FILES
 * Each thread makes a folder of its own with FILES devices. Prints "calls failed: N, wrong: N", and
 * "no storm" if no signal came in the middle. A system call that the kernel started anew after it
 * had been done shows as EEXIST; one that was given up as EINTR: both count as failed.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <unistd.h>

static atomic_int failed, wrong, hits;
static int files;

static void hit(int signal)
{
	(void)signal;
	hits++;
}

static void must(int result, const char *what, const char *name)
{
	if (result == 0)
		return;
	if (failed++ < 5)
		fprintf(stderr, "%s %s: %s\n", what, name, strerrorname_np(errno));
}

static void *work(void *argument)
{
	int number = (int)(intptr_t)argument;
	struct stat status;
	char name[64];

	snprintf(name, sizeof(name), "%d", number);
	must(mkdir(name, 0755), "mkdir", name);
	for (int i = 0; i < files; i++) {
		snprintf(name, sizeof(name), "%d/%d", number, i);
		must(mknod(name, S_IFCHR | 0600, makedev(number + 1, i)), "mknod", name);
		must(chown(name, (uid_t)(i + 1), (gid_t)(number + 1)), "chown", name);
	}
	for (int i = 0; i < files; i++) {
		snprintf(name, sizeof(name), "%d/%d", number, i);
		must(lstat(name, &status), "lstat", name);
		if (status.st_uid != (uid_t)(i + 1) || status.st_gid != (gid_t)(number + 1) ||
		    status.st_rdev != makedev(number + 1, i) || status.st_mode != (S_IFCHR | 0600))
			wrong++;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const struct itimerval often = { { 0, 100 }, { 0, 100 } }, never = { { 0, 0 }, { 0, 0 } };
	const struct sigaction action = { .sa_handler = hit, .sa_flags = SA_RESTART };
	pthread_t threads[64];
	int count = argc > 2 ? atoi(argv[1]) : 0;

	files = argc > 2 ? atoi(argv[2]) : 0;
	if (count < 1 || count > 64 || files < 1 || sigaction(SIGALRM, &action, NULL) < 0 ||
	    setitimer(ITIMER_REAL, &often, NULL) < 0)
		return 2;
	for (int i = 0; i < count; i++) {
		if (pthread_create(&threads[i], NULL, work, (void *)(intptr_t)i) != 0)
			return 2;
	}
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	setitimer(ITIMER_REAL, &never, NULL);
	printf("calls failed: %d, wrong: %d\n", failed, wrong);
	if (hits < 50)
		printf("no storm\n");
	return 0;
}
