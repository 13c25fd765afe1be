/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdio.h>

struct dialect;

/* help_print: nsroot's own struct dialect.help: the text of --help, or of `--help all`. */
void help_print(const struct dialect *dialect, const char *program, bool all, FILE *file);

/* help_print_table: a dialect's options, one a line, after an introduction of its own. */
void help_print_table(const struct dialect *dialect, FILE *file);
