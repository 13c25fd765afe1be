/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Make one system call by its number, as no C library would.
 * Usage: rawcall [-32] NUMBER [ARG]...
 *   -32    by int 0x80, as an i386 program does
 *   ARG    a number, in C's notation, or @TEXT for the address of a text
 * Prints what the kernel returned: -38 for ENOSYS.
 */
#include "abi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int main(int argc, char **argv)
{
	/* addresses that fit into the registers of i386 */
	char *texts = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int narrow = argc > 1 && strcmp(argv[1], "-32") == 0;
	long arguments[5] = { 0 };

	argc -= narrow;
	argv += narrow;
	if (texts == MAP_FAILED || argc < 2 || argc > 7) {
		fprintf(stderr, "usage: rawcall [-32] NUMBER [ARG]...\n");
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		if (argv[i][0] == '@') {
			arguments[i - 2] = (long)strcpy(texts, argv[i] + 1);
			texts += strlen(texts) + 1;
		} else {
			arguments[i - 2] = strtol(argv[i], NULL, 0);
		}
	}
	printf("%ld\n", (narrow ? call_32 : call_64)(strtol(argv[1], NULL, 0), arguments));
	return 0;
}
