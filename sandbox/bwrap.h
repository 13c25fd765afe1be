/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* bubblewrap's dialect: the functions of its rows that nsroot's own table has no use for. */

#include "sandbox/options-parser.h"

extern const struct option bwrap_options[];
extern const struct option_rule bwrap_rules[];

option_function bwrap_help, bwrap_unshare_all, bwrap_namespace, bwrap_id, bwrap_hostname,
	bwrap_size, bwrap_seccomp, bwrap_capability, bwrap_level_prefix, bwrap_label, bwrap_sync_fd,
	bwrap_userns2;
