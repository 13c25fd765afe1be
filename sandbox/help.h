/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdio.h>

/* help_print: the text of --help; all: of `--help all`, with every option. */
void help_print(FILE *file, bool all);
