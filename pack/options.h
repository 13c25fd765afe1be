/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* nsroot-pack's command line: nsroot-pack(1). */

#include "base/report.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum pack_task {
	PACK_TREE,
	PACK_FILTER,
	PACK_CHECK,
	PACK_APPLY,
	PACK_HELP,
	PACK_VERSION,
};

struct pack_options {
	enum pack_task task;
	const char *tree;      /* NULL: none is given, which only a filter can do without */
	const char *remember;  /* NULL: nothing is remembered */
	const char *spec;      /* of --spec or --check */
	const char *owner_map; /* a file */
	const char *format;    /* NULL in a filter: that of the input; mtree for --check */
	bool numeric_owner;    /* no names of users and groups */
	bool mtime_set;        /* each time of change is `mtime` */
	bool mtime_latest;     /* ... is `mtime` at the latest: SOURCE_DATE_EPOCH */
	int64_t mtime;         /* seconds since 1970 */
};

/*
 * pack_options_parse: Returns 0 or a negative errno, reported.
 */
int pack_options_parse(int argc, char **argv, struct pack_options *options, struct report *report);

void pack_help(FILE *file);
