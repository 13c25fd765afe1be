/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What seccomp/generate.c prints at build time, for the rest of this folder. */

#include "seccomp/filters.h"

/* By combination of enum filter_parts; {0, NULL} for none. */
extern const struct sock_fprog filters_builtin[FILTER_PARTS_ALL + 1];

/* For filter_install_listener, by enum filter_calls. */
extern const struct sock_fprog filters_notifying[CALLS_OF_FAKEROOT + 1];

/* The machine's system call ABIs as AUDIT_ARCH_*, the native one first; 0 ends the list. */
extern const uint32_t filters_abis[];
