/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* mkosi-sandbox's --debug: entries as they are carried out. */

#include "mounts/plan.h"

/* trace_entry: write one line about an entry, "+ bind /a -> /b [readonly]", to standard error. */
void trace_entry(const struct mount_entry *entry);
