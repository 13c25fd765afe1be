/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Showing a plan that mount_plan_order has put in order: --explain. */

#include "mounts/plan.h"

#include <stdio.h>

/*
 * mount_plan_explain: print the plan as a tree for people, one line an entry, indented by what it
 * lies below: target, kind and source, flags; for what was dropped the reason; for an overlay its
 * layers, the topmost first. Bytes are escaped as report_escape does.
 */
void mount_plan_explain(const struct mount_plan *plan, FILE *out);

/*
 * mount_plan_explain_json: print the plan as one JSON array, no newline behind it, of objects in
 * the order of the plan. Each has "kind", "target", "option" (where it was asked for), "default"
 * (by nsroot, not by the user), "dropped" (null, or the reason) and "late" (mounted by pid 1); the
 * others only where they mean something: "source", "source_fd", "read_only", "try", "nofollow",
 * "devices", "noexec", "recursive", "mode" (octal, a string), "size" (bytes), "uid", "gid",
 * "lowers" (the topmost last), "upper", "work", "options", "data_size". Strings as in base/json.h.
 */
void mount_plan_explain_json(const struct mount_plan *plan, FILE *out);
