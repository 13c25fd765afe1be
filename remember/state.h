/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The state file of fakeroot(1), -i and -s: a line for each file, by device and inode number alone.
 * What it has no word for, attributes and generations, is not kept.
 */

#include "remember/file.h"

/*
 * state_read: read a file that exists into an empty table.
 * Returns 0 or a negative errno: -ENOENT, not reported, where there is no such regular file; else
 * reported.
 */
int state_read(const char *path, struct remember_table *table, struct report *report);

/*
 * state_open: where a table is to be saved, by remember_file_save. What is there is replaced, but
 * written to if it is no regular file: a FIFO, say.
 *  umask: the caller's, for a file that does not exist yet.
 * Returns 0 or a negative errno, reported.
 */
int state_open(struct remember_file *file, const char *path, mode_t umask, struct report *report);

/*
 * state_parse: the contents of a file into an empty table; of lines for one file the last counts.
 *  text: with a NUL after its end; it is cut up.
 *  line: of the error, counted from 1.
 * Returns 0, -EINVAL or -ENOMEM; not reported.
 */
int state_parse(struct remember_table *table, char *text, size_t size, unsigned int *line);

/* state_format: the reverse, to a stream. Returns 0 or a negative errno, not reported. */
int state_format(const struct remember_table *table, FILE *stream);
