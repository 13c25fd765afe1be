/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/policy.h"

#include "sandbox/capabilities.h"
#include "seccomp/filters.h"

#include <linux/capability.h>

void policy_capabilities(const struct sandbox *sandbox, const struct identity *identity,
			 uint64_t *given, uint64_t *ambient)
{
	bool root = identity->uid == 0;

	*given = root ? capability_default() & identity->held : 0;
	*given = (*given | sandbox->caps_added) & ~sandbox->caps_dropped;
	if (sandbox->ambient_set) {
		*ambient = sandbox->ambient;
		*given |= *ambient;
	} else {
		*ambient = root ? 0 : *given;
	}
	/* it could raise the limit again */
	if (sandbox->disable_userns && !identity->two_levels) {
		*given &= ~(1ULL << CAP_SYS_RESOURCE);
		*ambient &= ~(1ULL << CAP_SYS_RESOURCE);
	}
}

unsigned int policy_filters(const struct sandbox *sandbox, const struct identity *identity)
{
	unsigned int parts = FILTER_TERMINAL;

	if (!sandbox->allow_io_uring)
		parts |= FILTER_IO_URING;
	if (!sandbox->allow_keyring)
		parts |= FILTER_KEYRING;
	if (identity_suppresses_chown(sandbox, identity))
		parts |= FILTER_CHOWN | FILTER_IDS;
	if (sandbox->suppress_sync)
		parts |= FILTER_SYNC;
	return parts;
}
