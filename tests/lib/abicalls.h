/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Raw system calls in both ABIs of x86-64; what they returned is printed. */

#include "abi.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static bool narrow;
static char *room; /* of addresses that fit into registers of i386 */

static long numbered(int number, long a, long b, long c, long d, long e)
{
	const long arguments[] = { a, b, c, d, e };

	return narrow ? call_32(number, arguments) : call_64(number, arguments);
}

static long text(const char *string)
{
	static size_t used;
	size_t length = strlen(string) + 1;

	if (used + length > 65536)
		used = 0;
	used += length;
	return (long)memcpy(room + used - length, string, length);
}

static void print(const char *what, long result)
{
	if (result < 0)
		printf("%s: %s\n", what, strerrorname_np((int)-result));
	else
		printf("%s: %ld\n", what, result);
}

/* "-32" as the first word: by int 0x80, as an i386 program does. */
static void abi_begin(int argc, char **argv)
{
	room = mmap(NULL, 131072, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT,
		    -1, 0);
	narrow = argc > 1 && strcmp(argv[1], "-32") == 0;
	if (room == MAP_FAILED)
		exit(2);
	setvbuf(stdout, NULL, _IOLBF, 0);
}
