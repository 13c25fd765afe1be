/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* fakeroot's dialect: the functions of its rows that nsroot's own table has no use for. */

#include "sandbox/options-parser.h"

extern const struct option fakeroot_options[];
extern const struct option_rule fakeroot_rules[];

option_function fakeroot_help, fakeroot_ignore, fakeroot_load, fakeroot_save;
