/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The file that a table is kept in: nsroot-remember(5). */

#include "base/report.h"
#include "remember/table.h"

#include <stdio.h>
#include <sys/stat.h>

/* The file while somebody uses it. */
struct remember_file {
	const char *option; /* for messages: "--remember" */
	const char *path;   /* as the user wrote it; borrowed; NULL: there is no file */
	int (*format)(const struct remember_table *table, FILE *stream);
	mode_t mode;   /* of the file that replaces it */
	bool in_place; /* it is not replaced but written to */
	int directory; /* O_PATH fd of the folder it lies in */
	char *name;    /* within it */
	int lock;      /* fd of the file, locked; -EBADF: none */
};

/*
 * remember_file_open: open a file and read it into an empty table; a file that does not exist, or
 * is empty, is an empty table. Nobody else can open it until remember_file_close.
 *  option: for messages: "--remember".
 * Returns 0 or a negative errno, reported (-EBUSY: another sandbox uses it); a file that is not
 * understood, or not whole, is left as it is.
 */
int remember_file_open(struct remember_file *file, const char *option, const char *path,
		       struct remember_table *table, struct report *report);

/*
 * remember_file_read: read a file that exists into an empty table; nothing is made or changed.
 *  status: set to that of the file: its owner is root in the sandbox.
 * Returns 0 or a negative errno, reported (-EBUSY: a sandbox uses it: what it holds is not yet what
 * it will be).
 */
int remember_file_read(const char *option, const char *path, struct remember_table *table,
		       struct stat *status, struct report *report);

/*
 * remember_file_save: replace the file by what the table holds, all or nothing: rename(2).
 * Returns 0 or a negative errno, reported; then the file is as it was.
 */
int remember_file_save(const struct remember_file *file, const struct remember_table *table,
		       struct report *report);

/*
 * remember_file_place: find the folder of file->path; a symlink is followed.
 * Returns 0 or a negative errno, reported.
 */
int remember_file_place(struct remember_file *file, struct report *report);

/* remember_read_all: the contents of a regular file, with a NUL after them, to be freed. Returns 0
 * or a negative errno, not reported. */
int remember_read_all(int fd, char **text, size_t *size);

/* remember_file_close: let others use it. */
void remember_file_close(struct remember_file *file);

/*
 * remember_parse: the contents of a file into an empty table.
 *  text: with a NUL after its end; it is cut up.
 *  line: of the error, counted from 1; 0: the end is missing.
 * Returns 0, -EINVAL or -ENOMEM; not reported.
 */
int remember_parse(struct remember_table *table, char *text, size_t size, unsigned int *line);

/* remember_format: the reverse, to a stream. Returns 0 or a negative errno, not reported. */
int remember_format(const struct remember_table *table, FILE *stream);
