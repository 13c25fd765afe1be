/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/known.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <poll.h>
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
		all->slots[i].pidfd = -EBADF;
}

static bool is_alive(int pidfd)
{
	struct pollfd source = { pidfd, POLLIN, 0 };

	return poll(&source, 1, 0) == 0;
}

struct known *known_find(struct known_callers *all, pid_t pid)
{
	struct known *known = &all->slots[(size_t)pid % all->count];

	if (known->pid != pid || known->pidfd < 0 || !is_alive(known->pidfd)) {
		close_fd(&known->pidfd);
		*known = (struct known){ .pid = pid };
		known->pidfd = (int)syscall(SYS_pidfd_open, pid, PIDFD_THREAD);
		if (known->pidfd < 0)
			known->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
		if (known->pidfd < 0)
			known->pidfd = -EBADF;
	}
	if (all->roots_change)
		known->our_root = KNOWN_NOT;
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

void known_free(struct known_callers *all)
{
	for (size_t i = 0; i < KNOWN_MAX; i++)
		close_fd(&all->slots[i].pidfd);
}
