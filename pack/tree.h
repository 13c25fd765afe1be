/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A tree of files as an archive: libarchive(3). */

#include "pack/options.h"
#include "remember/table.h"

/*
 * pack_tree: write the archive of a tree to standard output, in the order of the names.
 *  table: what is remembered of the files.
 * Returns 0 or a negative errno, reported.
 */
int pack_tree(const struct pack_options *options, const struct remember_table *table,
	      struct report *report);
