/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "foreign/mountfsd.h"
#include "sandbox/identity.h"

#include <linux/capability.h>
#include <unistd.h>

static bool has(const struct identity *identity, int capability)
{
	return identity->held & (UINT64_C(1) << capability);
}

static bool binds_foreign(const struct sandbox *sandbox)
{
	for (size_t i = 0; i < sandbox->plan.count; i++) {
		if (sandbox->plan.entries[i].flags & MOUNT_FOREIGN)
			return true;
	}
	return false;
}

/*
 * --unshare-net for one whose user namespace holds its id alone, as mkosi runs its sandboxes, but
 * not the rights to the network: a further user namespace for the same id brings these. It
 * takes the rights over mounts and processes of the sandbox around it.
 */
static bool nests_for_net(const struct sandbox *sandbox, const struct identity *identity,
			  int proc_fd)
{
	return sandbox->try_net && !has(identity, CAP_NET_ADMIN) && identity_maps_one(proc_fd);
}

int identity_acquire(const struct sandbox *sandbox, int proc_fd, struct identity *identity,
		     struct report *report)
{
	bool foreign = sandbox->map_foreign && !has(identity, CAP_CHOWN);
	bool root;

	(void)report;
	identity->foreign_binds = binds_foreign(sandbox);
	/* with foreign binds, who becomes root is in a further user namespace */
	root = sandbox->become_root && !identity->foreign_binds;
	identity->delegate = sandbox->map_delegate + identity->foreign_binds;
	identity->allocated = foreign || identity->delegate;
	identity->new_userns = !has(identity, CAP_SYS_ADMIN) || identity->allocated ||
			       (root && (getuid() != 0 || getgid() != 0)) ||
			       nests_for_net(sandbox, identity, proc_fd);
	if (identity->new_userns)
		identity->single = !sandbox->map_foreign && !identity->allocated;
	else if (sandbox->suppress_chown == YES)
		identity->single = identity_maps_one(proc_fd);
	identity->uid = root ? 0 : getuid();
	identity->gid = root ? 0 : getgid();
	idmap_add(&identity->uid_map, identity->uid, getuid(), 1);
	idmap_add(&identity->gid_map, identity->gid, getgid(), 1);
	if (sandbox->map_foreign) {
		idmap_add(&identity->uid_map, FOREIGN_ID_FIRST, FOREIGN_ID_FIRST, FOREIGN_ID_COUNT);
		idmap_add(&identity->gid_map, FOREIGN_ID_FIRST, FOREIGN_ID_FIRST, FOREIGN_ID_COUNT);
	}
	/* who maps more than itself has the rights for it: --map-foreign with CAP_CHOWN */
	identity->privileged = true;
	identity->deny_groups = true;
	identity->outer_uid_map = identity->uid_map;
	identity->outer_gid_map = identity->gid_map;
	return 0;
}
