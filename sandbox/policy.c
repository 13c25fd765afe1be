/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/policy.h"

#include "sandbox/capabilities.h"
#include "seccomp/filters.h"

#include <linux/capability.h>

#define BIT(capability) (UINT64_C(1) << (capability))

/* What installing packages takes, mounting among it. */
static const uint64_t to_mount = BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) |
				 BIT(CAP_FOWNER) | BIT(CAP_FSETID) | BIT(CAP_SETGID) |
				 BIT(CAP_SETUID) | BIT(CAP_SETPCAP) | BIT(CAP_SYS_CHROOT) |
				 BIT(CAP_SYS_PTRACE) | BIT(CAP_SYS_ADMIN) | BIT(CAP_SYS_RESOURCE) |
				 BIT(CAP_SETFCAP);

static const uint64_t to_network = BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_NET_ADMIN);

static struct capability_sets sets_of_root(const struct sandbox *sandbox,
					   const struct identity *identity)
{
	bool root = identity->uid == 0;
	struct capability_sets sets = { 0 };

	sets.given = root ? capability_default() & identity->held : 0;
	sets.given = (sets.given | sandbox->caps_added) & ~sandbox->caps_dropped;
	if (sandbox->ambient_set) {
		sets.ambient = sandbox->ambient;
		sets.given |= sets.ambient;
	} else {
		sets.ambient = root ? 0 : sets.given;
	}
	/* it could raise the limit again */
	if (sandbox->disable_userns && !identity->two_levels) {
		sets.given &= ~BIT(CAP_SYS_RESOURCE);
		sets.ambient &= ~BIT(CAP_SYS_RESOURCE);
	}
	sets.bounding = sets.given;
	return sets;
}

/* The bounding set of the caller's own user namespace is left alone. */
static uint64_t bound(const struct identity *identity, uint64_t given)
{
	return identity->new_userns || identity->joined ? given : UINT64_MAX;
}

static struct capability_sets sets_asked_for(const struct sandbox *sandbox,
					     const struct identity *identity)
{
	uint64_t given = (identity->inherited | sandbox->caps_added) & ~sandbox->caps_dropped;

	/* root of a container has not all that it may ask for */
	given &= identity->held;
	return (struct capability_sets){
		.as_they_are =
			identity->inherited && !sandbox->caps_added && !sandbox->caps_dropped,
		.given = given,
		.ambient = given,
		.bounding = bound(identity, given),
	};
}

static struct capability_sets sets_to_mount(const struct sandbox *sandbox,
					    const struct identity *identity)
{
	uint64_t given = to_mount | (sandbox->try_net ? to_network : 0);

	return (struct capability_sets){
		.as_they_are = !identity->new_userns,
		.given = given,
		.ambient = given,
		.bounding = bound(identity, given),
	};
}

struct capability_sets policy_capabilities(const struct sandbox *sandbox,
					   const struct identity *identity)
{
	switch (sandbox->custom.capabilities) {
	case CAPABILITIES_ASKED:
		return sets_asked_for(sandbox, identity);
	case CAPABILITIES_TO_MOUNT:
		return sets_to_mount(sandbox, identity);
	case CAPABILITIES_KEPT:
		return (struct capability_sets){ .as_they_are = true, .bounding = UINT64_MAX };
	default:
		return sets_of_root(sandbox, identity);
	}
}

bool policy_no_new_privs(const struct sandbox *sandbox, const struct identity *identity)
{
	return !sandbox->custom.keep_privs || sandbox->suppress_sync ||
	       identity_suppresses_chown(sandbox, identity);
}

unsigned int policy_filters(const struct sandbox *sandbox, const struct identity *identity,
			    bool remembers)
{
	unsigned int parts = FILTER_TERMINAL;

	if (!sandbox->allow_io_uring)
		parts |= FILTER_IO_URING;
	if (!sandbox->allow_keyring)
		parts |= FILTER_KEYRING;
	if (identity_suppresses_chown(sandbox, identity)) {
		/* owners are remembered instead */
		parts |= remembers ? 0 : FILTER_CHOWN;
		parts |= sandbox->custom.chown_alone ? 0 : FILTER_IDS;
	}
	if (sandbox->suppress_sync)
		parts |= FILTER_SYNC;
	return parts;
}
