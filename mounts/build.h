/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What carrying out a plan makes: the tree that grows over "/" of the mount namespace, and fds. The
 * process's own root stays below it, so sources are still looked up on the host while the new root
 * is reached through root_fd alone.
 */

#include "idmap/idmap.h"
#include "mounts/plan.h"
#include "mounts/target.h"

#include <sys/resource.h>

struct mount_build {
	const struct mount_plan *plan;
	int *sources;      /* one an entry: tree or layer fds, -EBADF: none or not open yet */
	bool *skipped;     /* MOUNT_TRY entries whose source is missing */
	int root_fd;       /* of the new root */
	size_t root_count; /* mounts that lie over "/" */
	int foreign_fd;    /* user namespace that maps the foreign range of ids; -EBADF: none */
	int pidns_fd; /* of the command's pid namespace, for its procfs; -EBADF: the process's own
		       */
	struct target_parent parent; /* where the last entry went */
	int storage_fd; /* a hidden tmpfs for the contents of MOUNT_DATA; -EBADF: none */
	int library_fd; /* of the preload library, to be put into /dev with a table: owners.h;
			   -EBADF: none is */
	int table_fd;   /* of the table then */
	int proc_fd;    /* O_PATH: the procfs of the caller */
	bool mask_proc; /* the caller is real root: see mounts/proc.h */
	bool bind_proc; /* the pid namespace is shared: the caller's procfs is the right one */
	bool locked;    /* the host's mounts are locked to each other: mount_namespaces(7) */
	const struct idmap *uid_map; /* what ids of the plan mean to the process that mounts; NULL:
					they are meant as they are */
	const struct idmap *gid_map;
	bool tidied; /* somebody is left in the end for mount_build_tidy, so what is to be gone then
			can be made */
	struct target_owner owner; /* of what is made in memory, to the process that mounts;
				      ID_UNSET: itself */
	struct rlimit nofile;      /* as it was before it was raised */
	bool nofile_raised;
	int *sealed; /* mounts that become read-only once the tree is complete */
	size_t sealed_count;
	int *works; /* work directories of overlays, for mount_build_tidy */
	size_t work_count;
	struct mount_placeholder *placeholders; /* for mount_build_tidy, parents first */
	size_t placeholder_count;
};

/*
 * mount_build_open: check and open the sources of a plan, before anything is changed. RLIMIT_NOFILE
 * is raised to its hard limit; sources beyond it are checked now and opened at their turn. Returns
 * 0 or a negative errno, reported.
 */
int mount_build_open(struct mount_build *build, const struct mount_plan *plan, int proc_fd,
		     struct report *report);

/*
 * mount_build_tidy: when the sandbox has ended, and the caller is in the tree alone: remove what
 * overlayfs left in work directories, and the placeholders that are still as they were made. The
 * tree can't be used any more then.
 */
void mount_build_tidy(struct mount_build *build);

/* mount_build_held: the fds that mount_build_tidy wants, into `fds` unless that is NULL. Returns
 * how many they are. */
size_t mount_build_held(const struct mount_build *build, int *fds);

void mount_build_init(struct mount_build *build);

/* mount_build_release: close all fds but what mount_build_tidy needs, once the tree is complete. */
void mount_build_release(struct mount_build *build);

/* mount_build_close: close all fds, free all memory, and restore RLIMIT_NOFILE. */
void mount_build_close(struct mount_build *build);

/* mount_seal_later: let a mount become read-only in mount_tree_finish. Takes over the fd. */
int mount_seal_later(struct mount_build *build, int mount_fd, struct report *report);

/* mount_keep_work: remember a work directory for mount_build_tidy. Takes over the fd. */
int mount_keep_work(struct mount_build *build, int work_fd, struct report *report);
