/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the parts of the preload library have in common: see preload.c. */

#include <stdint.h>

/* Of a program without a C library nothing calls us; but it is to start: ld.so(8) finds all of
 * these or refuses. The last ones a compiler may call of its own accord. */
#pragma weak syscall
#pragma weak environ
#pragma weak __errno_location
#pragma weak strcspn
#pragma weak strlen
#pragma weak strncmp
__asm__(".weak memcpy\n.weak memmove\n.weak memset\n.weak memcmp");

/* Functions of the C library, under names of ours: its headers may have them otherwise. */
#define EXPORT(result, name, symbol, ...)                                                          \
	result name(__VA_ARGS__) __asm__(symbol) __attribute__((visibility("default")));           \
	result name(__VA_ARGS__)

/* preload_table: its header, which says whether there is more to be had; NULL: there is none. */
const void *preload_table(void);

/*
 * preload_begin: to be called before the kernel is asked.
 *  changes: set to those of the table; what it and the kernel say holds if they are the same later.
 * Returns the table's header, or NULL: the recorder is to be asked.
 */
const void *preload_begin(uint32_t *changes);
