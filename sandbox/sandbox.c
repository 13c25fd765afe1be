/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/sandbox.h"

#include "sandbox/dialect.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void sandbox_init(struct sandbox *sandbox)
{
	/* of a map what counts is its count: the pages of the ranges are not touched */
	memset(sandbox, 0, offsetof(struct sandbox, uid_map));
	sandbox->uid_map.count = sandbox->gid_map.count = 0;
	sandbox->dialect = &dialect_nsroot;
	sandbox->default_mounts = true;
	sandbox->lock = true;
	for (size_t i = 0; i < NAMESPACE_COUNT; i++) {
		sandbox->namespaces[i].wish = namespace_kinds[i].preset;
		sandbox->namespaces[i].fd = -EBADF;
	}
	sandbox->uid = ID_UNSET;
	sandbox->gid = ID_UNSET;
	sandbox->block_fd = -EBADF;
	sandbox->userns_block_fd = -EBADF;
	sandbox->info_fd = -EBADF;
	sandbox->userns2_fd = -EBADF;
	sandbox->json_status_fd = -EBADF;
	sandbox->suppress_chown = UNSET;
}

void sandbox_share_all(struct sandbox *sandbox)
{
	for (enum namespace kind = 0; kind < NAMESPACE_COUNT; kind++)
		sandbox->namespaces[kind].wish = NAMESPACE_SHARE;
	sandbox->namespaces[NAMESPACE_MOUNT].wish = NAMESPACE_UNSHARE;
	sandbox->default_mounts = false;
	sandbox->lock = false;
	sandbox->keep_all_fds = true;
	sandbox->suppress_chown = NO;
	sandbox->allow_io_uring = true;
	sandbox->allow_keyring = true;
}

bool sandbox_unshares(const struct sandbox *sandbox, enum namespace ns)
{
	return sandbox->namespaces[ns].wish == NAMESPACE_UNSHARE;
}

bool sandbox_tries(const struct sandbox *sandbox, enum namespace ns)
{
	return sandbox_unshares(sandbox, ns) || sandbox->namespaces[ns].wish == NAMESPACE_TRY;
}

bool sandbox_remembers(const struct sandbox *sandbox)
{
	return sandbox->remember || sandbox->custom.fake;
}

void sandbox_free(struct sandbox *sandbox)
{
	mount_plan_free(&sandbox->plan);
	free(sandbox->loopback_addresses.strings);
	free(sandbox->environment);
	free(sandbox->keep_fds.fds);
	free(sandbox->sync_fds.fds);
	free(sandbox->lock_files.strings);
	for (size_t i = 0; i < sandbox->filter_count; i++)
		free(sandbox->filters[i].filter);
	free(sandbox->filters);
	for (size_t i = 0; i < sandbox->held_count; i++)
		free(sandbox->held[i]);
	free(sandbox->held);
	sandbox_init(sandbox);
}
