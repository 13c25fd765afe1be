/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"
#include "remember/known.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_kept(void)
{
	struct known_callers all;
	pid_t pid = start();
	struct known *known;

	known_init(&all);
	known = known_find(&all, pid);
	CHECK(known->pid == pid && known->pidfd >= 0);
	CHECK(known->beside_us == KNOWN_NOT && known->our_root == KNOWN_NOT);
	known->beside_us = KNOWN_YES;
	known->our_root = KNOWN_NO;
	known = known_find(&all, pid);
	CHECK(known->beside_us == KNOWN_YES && known->our_root == KNOWN_NO);
	known_forget(known);
	CHECK(known->beside_us == KNOWN_NOT && known->our_root == KNOWN_NOT);
	end(pid);
	known_free(&all);
}

/* Its number may be another's by now. */
static void test_ended(void)
{
	struct known_callers all;
	pid_t pid = start();
	struct known *known;

	known_init(&all);
	known = known_find(&all, pid);
	known->beside_us = KNOWN_YES;
	end(pid);
	known = known_find(&all, pid);
	CHECK(known->pid == pid && known->beside_us == KNOWN_NOT && known->pidfd < 0);
	/* without a pidfd nothing lasts */
	known->beside_us = KNOWN_YES;
	CHECK(known_find(&all, pid)->beside_us == KNOWN_NOT);
	known_free(&all);
}

static void test_roots(void)
{
	struct known_callers all;
	struct known *known;

	known_init(&all);
	known = known_find(&all, getpid());
	known->beside_us = KNOWN_YES;
	known->our_root = KNOWN_YES;
	known_doubt_roots(&all);
	for (int i = 0; i < 2; i++) {
		known = known_find(&all, getpid());
		CHECK(known->beside_us == KNOWN_YES && known->our_root == KNOWN_NOT);
		known->our_root = KNOWN_YES;
	}
	known_free(&all);
}

/* More than there is room for. */
static void test_many(void)
{
	struct known_callers all;
	pid_t pids[3 * KNOWN_MAX];

	known_init(&all);
	for (size_t i = 0; i < 3 * KNOWN_MAX; i++) {
		struct known *known;

		pids[i] = start();
		known = known_find(&all, pids[i]);
		CHECK(known->pid == pids[i] && known->beside_us == KNOWN_NOT);
		known->beside_us = KNOWN_YES;
	}
	for (size_t i = 0; i < 3 * KNOWN_MAX; i++) {
		CHECK(known_find(&all, pids[i])->pid == pids[i]);
		end(pids[i]);
	}
	known_free(&all);
}

static bool keep(struct known_callers *all, pid_t pid)
{
	int fd = open("/", O_PATH | O_CLOEXEC);
	bool kept = known_may_keep_cwd(all, known_find(all, pid));

	if (kept)
		known_find(all, pid)->cwd_fd = fd;
	CHECK(known_find(all, pid)->cwd_fd == (kept ? fd : -EBADF));
	if (!kept)
		close(fd);
	return kept;
}

static void test_folders(void)
{
	struct known_callers all;
	pid_t pid = start(), shares = (pid_t)syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, 0, 0, 0);

	if (shares == 0) {
		pause();
		_exit(0);
	}
	known_init(&all);
	CHECK(keep(&all, getpid()));
	/* somebody else's changes: all are forgotten, and can be had again */
	known_moves(&all, pid);
	CHECK(known_find(&all, getpid())->cwd_fd < 0);
	CHECK(keep(&all, getpid()));
	/* who shares it is on its way, until it calls again or ends: it may go on to do so */
	known_moves(&all, shares);
	CHECK(!keep(&all, getpid()));
	CHECK(keep(&all, pid));
	CHECK(keep(&all, shares));
	CHECK(!keep(&all, getpid()));
	known_forget_cwds(&all);
	CHECK(known_find(&all, pid)->cwd_fd < 0);
	CHECK(keep(&all, pid));
	end(pid);
	CHECK(known_find(&all, pid)->cwd_fd < 0);
	known_doubt_cwds(&all);
	CHECK(!keep(&all, shares));
	end(shares);
	known_free(&all);
}

/* Of those that have ended none is remembered; of too many that live, that there were. */
static void test_movers(void)
{
	struct known_callers all;
	pid_t pids[KNOWN_MAX + 1];

	known_init(&all);
	for (size_t i = 0; i < 3 * KNOWN_MAX; i++) {
		pid_t pid = start();

		known_moves(&all, pid);
		end(pid);
	}
	CHECK(keep(&all, getpid()));
	for (size_t i = 0; i <= KNOWN_MAX; i++) {
		CHECK(!all.cwds_change);
		pids[i] = start();
		known_moves(&all, pids[i]);
	}
	CHECK(all.cwds_change && !keep(&all, getpid()));
	for (size_t i = 0; i <= KNOWN_MAX; i++)
		end(pids[i]);
	known_free(&all);
}

int main(void)
{
	test_kept();
	test_ended();
	test_roots();
	test_many();
	test_folders();
	test_movers();
	return check_result();
}
