/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Who the caller is, and which id maps follow from what it asked for: user_namespaces(7). */

#include "sandbox/sandbox.h"

struct identity {
	bool real_root;     /* the caller is root of the whole machine, or maps it */
	bool new_userns;    /* the command gets a user namespace of its own */
	bool two_levels;    /* the plan's mounts belong to a user namespace around it */
	bool single;        /* one id of each kind is mapped: each process can write its own map */
	bool allocated;     /* acquire: systemd-nsresourced writes its maps */
	bool foreign_binds; /* acquire: the plan has some */
	unsigned int delegate; /* acquire: ranges of 64K ids wanted */
	bool joined;           /* it is one that the user passed: --userns */
	bool nested;           /* custom.nest: the command's is one more, within the new one */
	bool share_cgroup;     /* real root is to have no cgroup namespace of its own */
	bool deny_groups;      /* acquire: no setgroups(2) even where more groups are mapped */
	bool privileged;       /* the caller may write any map itself, without newuidmap */
	struct idmap uid_map;  /* of the command's user namespace */
	struct idmap gid_map;
	struct idmap outer_uid_map; /* of the one around it: the same outer ids, unchanged, and the
				       caller's own */
	struct idmap outer_gid_map;
	uid_t uid; /* of the command, inside */
	gid_t gid;
	uint64_t inherited; /* effective capabilities of a caller that is uid 0 */
	uint64_t held;      /* capabilities that there are to give: all in a new user namespace */
};

/*
 * identity_resolve: work out the maps and ids.
 *  proc_fd: O_PATH fd of procfs.
 * Returns 0 or a negative errno, reported (no subordinate ids, an id that the map lacks, ...).
 */
int identity_resolve(const struct sandbox *sandbox, int proc_fd, struct identity *identity,
		     struct report *report);

/*
 * identity_follow_map: who the caller is in a user namespace whose map was made by others: one that
 * was entered (--userns, --userns-block-fd).
 * Returns 0 or a negative errno, reported.
 */
int identity_follow_map(const struct sandbox *sandbox, int proc_fd, struct identity *identity,
			struct report *report);

/*
 * identity_acquire: the same for custom.acquire, mkosi-sandbox's rule: a user namespace only where
 * the caller lacks what it needs there, and one id mapped.
 */
int identity_acquire(const struct sandbox *sandbox, int proc_fd, struct identity *identity,
		     struct report *report);

/* identity_maps_one: whether the caller's own user namespace has one id of each kind. */
bool identity_maps_one(int proc_fd);

/* identity_suppresses_chown: whether chown is to succeed without being done. */
bool identity_suppresses_chown(const struct sandbox *sandbox, const struct identity *identity);
