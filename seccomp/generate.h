/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The parts of generate-filters; it runs at build time and ends at the first failure. */

#include "seccomp/filters.h"

#include <linux/filter.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>

#define ABIS_MAX 3

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A machine: its system call ABIs, the native one first, and two requests of ioctl_tty(2). */
struct machine {
	const char *family;
	const char *endian;
	uint32_t abis[ABIS_MAX]; /* 0: no more */
	uint32_t tiocsti;
	uint32_t tioclinux;
};

/* generate_fail: end, saying what failed. */
void generate_fail(const char *what, int error);

/* generate_resolve: the number of a system call; ends if libseccomp does not know it. */
int generate_resolve(const char *name);

/* notify_add: let these calls of remember/calls.h notify. */
void notify_add(scmp_filter_ctx filter, enum filter_calls calls);

/* notify_prepend: the same for those that libseccomp may not know, before the program made of the
 * filter; its instructions are allocated anew. */
void notify_prepend(struct sock_fprog *program, const struct machine *machine,
		    enum filter_calls calls);

/* notify_print_rows: call_rows, as C. */
void notify_print_rows(const struct machine *machine);
