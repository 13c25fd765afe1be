/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is known of threads that have called before. A thread's user namespace and root change by
 * chroot, pivot_root, unshare and setns alone. The recorder hears of these before they are done,
 * and the thread that called them calls nothing else meanwhile: so what was seen once holds until
 * then. A thread is the same for as long as its pidfd says that it lives: two that live have two
 * numbers.
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
};

#define KNOWN_MAX 64

struct known_callers {
	struct known slots[KNOWN_MAX];
	size_t count;      /* of slots in use: each holds an fd */
	bool roots_change; /* some thread has changed the root, maybe of others: look each time */
};

/* known_init: no more than a quarter of the fds that the process may open will be held. */
void known_init(struct known_callers *all);

/* known_find: of a thread that calls; nothing may be known of it yet. Valid until the next one. */
struct known *known_find(struct known_callers *all, pid_t pid);

/* known_forget: it is about to change its namespaces. */
void known_forget(struct known *known);

/* known_doubt_roots: a root that is ours is about to change for who shares it. */
void known_doubt_roots(struct known_callers *all);

void known_free(struct known_callers *all);
