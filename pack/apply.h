/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* As real root: a tree gets what is remembered of it. */

#include "pack/entry.h"
#include "pack/files.h"

/*
 * apply_tree: owners, attributes and devices. What is done already is done once more without harm.
 * Returns 0 or a negative errno, reported.
 */
int apply_tree(const struct file_list *list, const struct entry_rules *rules,
	       struct report *report);
