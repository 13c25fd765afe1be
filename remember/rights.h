/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the caller itself is allowed. The recorder has the rights that the command started with; a
 * process inside may have fewer by now: it changed its user, or entered a user namespace.
 */

#include "remember/caller.h"

#define RIGHTS_GROUPS_MAX 64

/* The recorder's own. */
struct own_rights {
	uint64_t capabilities; /* as bits */
	gid_t groups[RIGHTS_GROUPS_MAX];
	int group_count; /* -1: more than that; then nobody else's can be taken */
};

/* rights_get_own: returns 0 or a negative errno. */
int rights_get_own(struct own_rights *own);

/*
 * rights_suffice: whether it is in the recorder's user namespace, and has these capabilities, and
 * passes over the permissions of files where the recorder does.
 */
bool rights_suffice(const struct caller *caller, const struct own_rights *own,
		    uint64_t capabilities);

/* rights_has_there: whether it has a capability in its own user namespace. */
bool rights_has_there(const struct caller *caller, int capability);

/* rights_has_our_ids: whether its user and group for files are the recorder's. */
bool rights_has_our_ids(const struct caller *caller);

/* rights_is_user, rights_is_in_group: for files; ids as they are for us. */
bool rights_is_user(const struct caller *caller, uid_t uid);
bool rights_is_in_group(const struct caller *caller, gid_t gid);

/*
 * rights_take: until rights_give_back, look up files with the caller's user, groups and
 * capabilities; without these, if it is in another user namespace: it may have more then than we.
 * Returns 0 or a negative errno; then nothing has changed.
 */
int rights_take(const struct caller *caller, const struct own_rights *own);
void rights_give_back(const struct own_rights *own);

/*
 * rights_follow: an O_PATH fd of what a link of procfs leads to, which stands for what another
 * process has, if the kernel lets the caller follow it: ptrace(2), PTRACE_MODE_READ_FSCREDS.
 *  folder: that the link lies in.
 * Returns the fd or a negative errno, -EACCES where it may not.
 */
int rights_follow(const struct caller *caller, int folder, const char *name);
