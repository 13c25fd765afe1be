/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* mkosi-sandbox's dialect: the functions of its rows that nsroot's own table has no use for. */

#include "sandbox/options-parser.h"

extern const struct option mkosi_options[];
extern const struct option_rule mkosi_rules[];

option_function mkosi_bind, mkosi_proc, mkosi_mount, mkosi_symlink, mkosi_write,
	mkosi_overlay_lowerdir, mkosi_overlay_upperdir, mkosi_overlay_workdir, mkosi_overlay,
	mkosi_unsetenv, mkosi_chdir, mkosi_delegate, mkosi_namespace, mkosi_debug;
