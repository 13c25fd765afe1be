/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* --explain: what a launch would do, without doing it. */

#include "sandbox/identity.h"

#include <stdint.h>
#include <stdio.h>

/*
 * sandbox_explain: print everything that a launch is made of, in the form that sandbox->explain
 * asks for. EXPLAIN_JSON gives one object on one line with the keys "plan" (mounts/explain.h),
 * "namespaces" (name to "share", "unshare", "try" or "join"), "locked", "uid_map" and "gid_map"
 * (arrays of "inner", "outer", "count"), "uid" and "gid" (the command's),
 * "capabilities" ("given" and "ambient", arrays of names), "filters" (names of the built-in parts),
 * "user_filters" (how many), "environment" (array of "action", "name", "value"), "chdir" and
 * "command" (null: the user's shell). Strings as in base/json.h.
 *  sandbox: its plan is in order already.
 *  caps, ambient: masks as in sandbox/capabilities.h.
 *  filter_parts: as in seccomp/filters.h.
 */
void sandbox_explain(const struct sandbox *sandbox, const struct identity *identity, uint64_t caps,
		     uint64_t ambient, unsigned int filter_parts, FILE *out);
