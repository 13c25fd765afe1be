/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One file as it is to be in the archive: what there is, and what is remembered of it. */

#include "pack/options.h"
#include "remember/table.h"

#include <archive_entry.h>

/*
 * entry_adjust: turn what archive_read_disk(3) has said of a file into what was asked for.
 *  fd: O_PATH fd of it.
 * Returns 0 or a negative errno, not reported.
 */
int entry_adjust(struct archive_entry *entry, int fd, const struct pack_options *options,
		 const struct remember_table *table);
