/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sandbox/options.h"

#include <stdio.h>

/* Each writes the whole completion of its shell. */
void print_bash(FILE *file);
void print_zsh(FILE *file);
void print_fish(FILE *file);

/* option_is_repeated_row: an earlier row has the same name; the shells know that one alone. */
bool option_is_repeated_row(const struct option *option);
