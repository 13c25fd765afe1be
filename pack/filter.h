/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* An archive on standard input, changed on its way to standard output. */

#include "pack/entry.h"
#include "pack/spec.h"

/*
 * filter_archive: the entries get the owner, group and mode that the spec says; or what is
 * remembered of the file of their name in a tree.
 *  spec: NULL: none.
 *  root: fd of the tree, or -EBADF.
 * Returns 0 or a negative errno, reported; then the output lacks its end.
 */
int filter_archive(const struct entry_rules *rules, const struct spec *spec, int root,
		   struct report *report);
