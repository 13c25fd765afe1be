/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/known.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <linux/kcmp.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define PIDFD_THREAD O_EXCL /* linux/pidfd.h, 6.9 */

void known_init(struct known_callers *all)
{
	struct rlimit limit;

	*all = (struct known_callers){ .count = KNOWN_MAX };
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur / 4 < KNOWN_MAX)
		all->count = limit.rlim_cur < 4 ? 1 : limit.rlim_cur / 4;
	for (size_t i = 0; i < KNOWN_MAX; i++)
		all->slots[i].pidfd = all->slots[i].cwd_fd = -EBADF;
}

static bool is_alive(int pidfd)
{
	struct pollfd source = { pidfd, POLLIN, 0 };

	return poll(&source, 1, 0) == 0;
}

/* It calls again: it has done what it was about to do. */
static void forget_mover(struct known_callers *all, pid_t pid)
{
	for (size_t i = 0; i < all->mover_count; i++) {
		if (all->movers[i] == pid) {
			all->movers[i] = all->movers[--all->mover_count];
			return;
		}
	}
}

struct known *known_find(struct known_callers *all, pid_t pid)
{
	struct known *known = &all->slots[(size_t)pid % all->count];

	if (known->pid != pid || known->pidfd < 0 || !is_alive(known->pidfd)) {
		close_fd(&known->pidfd);
		close_fd(&known->cwd_fd);
		*known = (struct known){ .pid = pid, .cwd_fd = -EBADF };
		known->pidfd = (int)syscall(SYS_pidfd_open, pid, PIDFD_THREAD);
		if (known->pidfd < 0)
			known->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
		if (known->pidfd < 0)
			known->pidfd = -EBADF;
	}
	if (all->roots_change)
		known->our_root = KNOWN_NOT;
	forget_mover(all, pid);
	return known;
}

void known_forget(struct known *known)
{
	known->beside_us = KNOWN_NOT;
	known->our_root = KNOWN_NOT;
}

void known_doubt_roots(struct known_callers *all)
{
	all->roots_change = true;
}

void known_forget_cwds(struct known_callers *all)
{
	for (size_t i = 0; i < KNOWN_MAX; i++)
		close_fd(&all->slots[i].cwd_fd);
}

void known_doubt_cwds(struct known_callers *all)
{
	known_forget_cwds(all);
	all->cwds_change = true;
}

static void forget_dead_movers(struct known_callers *all)
{
	size_t count = 0;

	for (size_t i = 0; i < all->mover_count; i++) {
		if (kill(all->movers[i], 0) == 0 || errno != ESRCH)
			all->movers[count++] = all->movers[i];
	}
	all->mover_count = count;
}

void known_moves(struct known_callers *all, pid_t pid)
{
	known_forget_cwds(all);
	if (all->mover_count == KNOWN_MAX)
		forget_dead_movers(all);
	if (all->mover_count == KNOWN_MAX)
		all->cwds_change = true;
	else
		all->movers[all->mover_count++] = pid;
}

bool known_may_keep_cwd(struct known_callers *all, struct known *known)
{
	if (all->cwds_change || known->shares_cwd)
		return false;
	forget_dead_movers(all);
	/* above 0: two that differ; kernels without it may not tell */
	for (size_t i = 0; i < all->mover_count && !known->shares_cwd; i++)
		known->shares_cwd =
			syscall(SYS_kcmp, all->movers[i], known->pid, KCMP_FS, 0, 0) <= 0;
	return !known->shares_cwd;
}

void known_free(struct known_callers *all)
{
	known_forget_cwds(all);
	for (size_t i = 0; i < KNOWN_MAX; i++)
		close_fd(&all->slots[i].pidfd);
}
