/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The list of --seccomp-deny: no list does harm, and what is accepted is a program. */

#include "seccomp/filters.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sock_fprog program = { 0 };
	struct report report = { 0 };
	char *names = malloc(size + 1);
	int r;

	if (!names)
		return 0;
	memcpy(names, data, size);
	names[size] = '\0';

	r = filter_compile_deny(names, &program, &report);
	if (r > 0 || (r == 0) != (program.filter && program.len) || (r < 0) != (report.status != 0))
		abort();
	free(program.filter);
	free(names);
	return 0;
}
