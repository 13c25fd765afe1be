/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One file as it is to be in the archive: what there is, and what is remembered of it. */

#include "pack/options.h"
#include "pack/owners.h"
#include "remember/table.h"

#include <archive_entry.h>
#include <sys/stat.h>

/* What all entries are made by. */
struct entry_rules {
	const struct pack_options *options;
	const struct remember_table *table;
	struct owners owners;
};

/*
 * entry_read: a file of a tree. Without a path, links and contents.
 *  fd: O_PATH fd of it.
 *  status: of it.
 * Returns 0 or a negative errno, not reported; then there is no entry.
 */
int entry_read(struct archive_entry **entry, int fd, const struct stat *status,
	       const struct entry_rules *rules);

/*
 * entry_remember: put what is remembered of a file into an entry that came from elsewhere.
 *  fd: of the file; O_PATH will do.
 */
int entry_remember(struct archive_entry *entry, int fd, const struct entry_rules *rules);

/*
 * entry_value: what a remembered attribute of a file is by now: chmod(2) has changed an ACL.
 *  mode: that the file has.
 * Returns attribute->size bytes, to be freed; NULL if memory runs out.
 */
char *entry_value(const struct remembered_attribute *attribute, mode_t mode);

/* entry_set_times: no times but that of the change of contents, and that as was asked for. */
void entry_set_times(struct archive_entry *entry, const struct pack_options *options);
