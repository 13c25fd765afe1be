/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The archive on standard output: libarchive(3). */

#include "base/report.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>

struct output {
	struct archive *archive;
	const char *format, *tree; /* borrowed; no tree: what comes from standard input */
	struct report *report;
	int error;                /* errno of a write that failed */
	bool given_up;            /* nothing more is written */
	uint64_t attributes_lost; /* files with attributes that the format can't hold */
};

/*
 * output_open: begin.
 *  format: "pax", "ustar", "newc" or "mtree".
 *  tree: where the files lie, for messages; NULL: on standard input.
 * Returns 0 or a negative errno, reported; so do all of these.
 */
int output_open(struct output *output, const char *format, const char *tree, struct report *report);

/* output_entry: the head of a file. */
int output_entry(struct output *output, struct archive_entry *entry);

/* output_data: the next bytes of its contents. */
int output_data(struct output *output, const char *path, const void *data, size_t size);

/* output_end: the end of the archive; without it, who reads it sees that it is not whole. */
int output_end(struct output *output);

/* output_free: give it up, or clean up after output_end. */
void output_free(struct output *output);

/* output_is_about_names: a warning of libarchive's that only says that a name is no UTF-8: then the
 * archive has its bytes, as any name. */
bool output_is_about_names(struct archive_entry *entry);
