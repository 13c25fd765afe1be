/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Numbers that a format has no room for. libarchive refuses some of them, without the number;
 * others, as the times of newc, it would replace by the nearest that fits.
 */

#include <archive_entry.h>
#include <stdbool.h>
#include <stdint.h>

struct limit {
	const char *what; /* "uid" */
	int64_t value, most;
};

/*
 * limits_find: the first number of an entry that does not fit.
 *  format: "pax", "ustar", "newc" or "mtree".
 * Returns whether there is one, and sets *limit.
 */
bool limits_find(const char *format, struct archive_entry *entry, struct limit *limit);
