/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the command may do, from what was asked: pure, for the launch and for --explain. */

#include "sandbox/capabilities.h"
#include "sandbox/identity.h"

/* policy_capabilities: what the command gets: capabilities(7). Root inside needs no ambient set:
 * exec gives it what the bounding set allows. */
struct capability_sets policy_capabilities(const struct sandbox *sandbox,
					   const struct identity *identity);

/* policy_no_new_privs: prctl(2), PR_SET_NO_NEW_PRIVS. */
bool policy_no_new_privs(const struct sandbox *sandbox, const struct identity *identity);

/*
 * policy_filters: enum filter_parts.
 *  remembers: --remember, and there is nobody further out who does already.
 */
unsigned int policy_filters(const struct sandbox *sandbox, const struct identity *identity,
			    bool remembers);
