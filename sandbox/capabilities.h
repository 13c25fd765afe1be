/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Capabilities as masks, bit n for capability number n: capabilities(7). */

#include "base/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * capability_parse_list: what --cap-add, --cap-drop and --ambient take. A list of names with
 * commas between them, in upper or lower case, with or without "CAP_"; "ALL"; "none" alone; or
 * libcap's text (cap_from_text(3)), known by its "=" or "+": then the permitted set counts. Names
 * are libcap's, which is loaded for them.
 *  option: as typed, for the message.
 * Returns 0 with *mask set, or a negative errno, reported.
 */
int capability_parse_list(const char *text, const char *option, uint64_t *mask,
			  struct report *report);

/* capability_all: the capabilities that the kernel has. */
uint64_t capability_all(void);

/*
 * capability_default: what the command is given unless the user says otherwise: all but those that
 * reach beyond a namespace, which matters where the caller is real root.
 */
uint64_t capability_default(void);

/*
 * capability_raise: make the permitted capabilities effective again, after a change of ids. Returns
 * 0 or a negative errno, reported.
 */
int capability_raise(struct report *report);

/* capability_read_effective: the effective set of the calling process. Returns 0 or a negative
 * errno, reported. */
int capability_read_effective(uint64_t *effective, struct report *report);

/* What a process is to have. */
struct capability_sets {
	bool as_they_are; /* all but the bounding set: given and ambient don't matter */
	uint64_t given;   /* permitted and effective */
	uint64_t ambient; /* and inheritable; a subset of given */
	uint64_t bounding;
};

/*
 * capability_seal: give up all but some capabilities, for this process and what it executes, for a
 * process with all of them in its user namespace. What the kernel lacks is left out. Fit for the
 * child of a vfork: allocates nothing.
 * Returns 0 or a negative errno, reported.
 */
int capability_seal(const struct capability_sets *sets, struct report *report);

/*
 * capability_text: the names in a mask with commas between them, for --explain; "none" for 0, and
 * the number for one without a name.
 *  size: of the buffer; CAPABILITY_TEXT_MAX is enough for any mask.
 * Returns the length, or -ENOSPC.
 */
#define CAPABILITY_TEXT_MAX (64 * 24)
int capability_text(uint64_t mask, char *buffer, size_t size);
