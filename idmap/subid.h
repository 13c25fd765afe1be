/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Subordinate ids of a user: subuid(5) and subgid(5), else what getsubids(1) says (it asks NSS).
 */

#include "idmap/idmap.h"

enum subid_kind { SUBID_UID, SUBID_GID };

struct subid_ranges {
	size_t count;
	struct {
		uint32_t start, count;
	} ranges[IDMAP_MAX];
};

/*
 * subid_parse: append the ranges that belong to a user from the text of /etc/subuid or
 * /etc/subgid. Lines that are malformed are skipped, as shadow does; so are ranges that overlap an
 * earlier one and what comes after IDMAP_MAX ranges.
 *  name: of the user; NULL if it has none. uid: lines may name the user by number too.
 */
void subid_parse(const char *text, size_t length, const char *name, uid_t uid,
		 struct subid_ranges *ranges);

/*
 * subid_parse_getsubids: the same for the output of getsubids(1), which is about one user:
 * "INDEX: NAME START COUNT".
 */
void subid_parse_getsubids(const char *text, size_t length, struct subid_ranges *ranges);

/*
 * subid_load: the subordinate ranges of a user from /etc/subuid or /etc/subgid; if the files have
 * none, from `getsubids` (absolute path, clean environment).
 *  ranges: filled anew.
 * Returns 0 (then at least one range), -ENOENT reported with a hint if the user has none, or
 * another negative errno, reported.
 */
int subid_load(enum subid_kind kind, const char *name, uid_t uid, struct subid_ranges *ranges,
	       struct report *report);
