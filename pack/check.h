/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Where a tree is not what a spec says. */

#include "pack/entry.h"
#include "pack/files.h"
#include "pack/spec.h"

/*
 * check_tree: list the differences on standard output, one a line.
 *  differs: set to whether there are any.
 * Returns 0 or a negative errno, reported.
 */
int check_tree(const struct file_list *list, const struct entry_rules *rules, struct spec *spec,
	       bool *differs, struct report *report);
