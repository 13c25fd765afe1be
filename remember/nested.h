/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Callers in a user namespace that was made inside the sandbox: its ids are others. An id that is
 * not mapped there is nobody's, whether the file has it or it is remembered.
 */

#include "remember/answer.h"

/*
 * nested_see: make of what is remembered of a file what the caller sees: both owners set, as its
 * own ids. status: of the file. seen: set to a copy; attributes are borrowed. Returns 0 or a
 * negative errno.
 */
int nested_see(const struct caller *caller, const struct remembered *file,
	       const struct stat *status, struct remembered *seen);

/*
 * nested_allow_chown: whether a CALL_CHOWN is allowed to the caller: chown(2).
 *  call: its ids are set to ours.
 * Returns 0 or the negative errno that the call is to fail with.
 */
int nested_allow_chown(const struct caller *caller, const struct remembered *file,
		       const struct stat *status, struct call *call);
