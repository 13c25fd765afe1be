/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is known of threads that have called before. A thread's user namespace and root change by
 * chroot, pivot_root, unshare and setns alone, its current folder by chdir and fchdir as well. The
 * recorder hears of these before they are done, and the thread that called them calls nothing else
 * meanwhile: so what was seen once holds until then. A thread is the same for as long as its pidfd
 * says that it lives: two that live have two numbers.
 *
 * Threads may share a current folder (CLONE_FS of clone(2)). Of the others, a thread that is on its
 * way to a new one is told by kcmp(2).
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum knowledge {
	KNOWN_NOT,
	KNOWN_NO,
	KNOWN_YES,
};

struct known {
	pid_t pid; /* 0: free */
	int pidfd; /* of the thread; -EBADF: not to be had before Linux 6.9, but for the first one
		    */
	enum knowledge beside_us; /* in the recorder's user namespace */
	enum knowledge our_root;
	int cwd_fd;      /* its current folder; -EBADF: look */
	bool shares_cwd; /* with a thread that has changed it: look each time */
};

#define KNOWN_MAX 64

struct known_callers {
	struct known slots[KNOWN_MAX];
	size_t count;      /* of slots in use: each holds two fds */
	bool roots_change; /* some thread has changed the root, maybe of others: look each time */
	bool cwds_change;  /* the same of current folders */
	pid_t movers[KNOWN_MAX]; /* are about to change theirs: have not called since */
	size_t mover_count;
};

/* known_init: no more than half of the fds that the process may open will be held. */
void known_init(struct known_callers *all);

/* known_find: of a thread that calls; nothing may be known of it yet. Valid until the next one. */
struct known *known_find(struct known_callers *all, pid_t pid);

/* known_forget: it is about to change its namespaces. */
void known_forget(struct known *known);

/* known_doubt_roots: a root that is ours is about to change for who shares it. */
void known_doubt_roots(struct known_callers *all);

/* known_doubt_cwds: current folders are about to change in ways of which nothing is known here. */
void known_doubt_cwds(struct known_callers *all);

/* known_moves: a thread is about to change its current folder, and that of who shares it. */
void known_moves(struct known_callers *all, pid_t pid);

/* known_forget_cwds: hold no folder any more; none can be unmounted meanwhile. */
void known_forget_cwds(struct known_callers *all);

/*
 * known_may_keep_cwd: whether a thread's current folder, if it is looked at from now on, may be
 * held as known->cwd_fd until the next change. To be asked before the look: who was about to change
 * it may do so, and end, at any time.
 */
bool known_may_keep_cwd(struct known_callers *all, struct known *known);

void known_free(struct known_callers *all);
