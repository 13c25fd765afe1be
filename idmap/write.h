/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Giving a user namespace its maps: user_namespaces(7), newuidmap(1). */

#include "idmap/idmap.h"

/*
 * idmap_write_self: write the maps of the calling process, which has just made its user namespace
 * and maps one id of each kind: gid_map, uid_map. Allocates nothing, as idmap_write_pid: fit for
 * the child of a vfork. proc_fd: O_PATH fd of the procfs in use. deny_setgroups: write "deny" to
 * setgroups first, as the kernel wants it, unless the namespace inherits that from its parent.
 * Returns 0 or a negative errno, reported with a hint.
 */
int idmap_write_self(int proc_fd, const struct idmap *uid_map, const struct idmap *gid_map,
		     bool deny_setgroups, struct report *report);

/*
 * idmap_write_pid: write the maps of another process, as a process with CAP_SETUID and CAP_SETGID
 * in the parent namespace may.
 *  pid: as proc_fd has it.
 *  deny_setgroups: write "deny" to setgroups first. Right unless gids beyond the caller's are
 *    mapped: who can drop groups passes modes that keep a group out (CVE-2014-8989).
 * Returns 0 or a negative errno, reported.
 */
int idmap_write_pid(int proc_fd, pid_t pid, const struct idmap *uid_map,
		    const struct idmap *gid_map, bool deny_setgroups, struct report *report);

/*
 * idmap_run_helpers: run newuidmap and newgidmap (absolute paths, empty environment) for a process,
 * then read its maps back and compare them with what was asked. To be called in the parent user
 * namespace of that process, which must be dumpable; the ids of the maps are that namespace's.
 * newgidmap denies setgroups itself unless subordinate gids are mapped.
 * Returns 0 or a negative errno, reported, with a hint where they are missing or refuse.
 */
int idmap_run_helpers(int proc_fd, pid_t pid, const struct idmap *uid_map,
		      const struct idmap *gid_map, struct report *report);
