/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the command may do, from what was asked: pure, for the launch and for --explain. */

#include "sandbox/identity.h"

/* policy_capabilities: bounding set and ambient set of the command: capabilities(7). Root inside
 * needs no ambient set: exec gives it what the bounding set allows. */
void policy_capabilities(const struct sandbox *sandbox, const struct identity *identity,
			 uint64_t *given, uint64_t *ambient);

/* policy_filters: enum filter_parts. */
unsigned int policy_filters(const struct sandbox *sandbox, const struct identity *identity);
