/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A tree of files as an archive. */

#include "pack/entry.h"
#include "pack/files.h"

/*
 * pack_tree: write the archive of the listed files to standard output.
 * Returns 0 or a negative errno, reported; then the archive lacks its end.
 */
int pack_tree(const struct file_list *list, const struct entry_rules *rules, struct report *report);
