/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/report.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nothing that a terminal obeys: neither single bytes nor U+0080 to U+009F. */
static void check_shown(const char *text)
{
	for (const unsigned char *next = (const unsigned char *)text; *next; next++) {
		if (*next < 0x20 || *next == 0x7f)
			abort();
		if (next[0] == 0xc2 && next[1] < 0xa0)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* the first byte says how much room there is */
	size_t room = size ? data[0] : 0, length;
	char *text = strndup((const char *)data + (size ? 1 : 0), size ? size - 1 : 0);
	char *buffer = malloc(room ? room : 1), *again = malloc(4 * 4096);
	struct report report = { 0 };

	if (!text || !buffer || !again)
		abort();
	length = report_escape(buffer, room, text);
	if (room) {
		if (length >= room || strlen(buffer) != length)
			abort();
		check_shown(buffer);
		/* what is escaped stays as it is */
		if (report_escape(again, 4 * 4096, buffer) != length || strcmp(again, buffer) != 0)
			abort();
	}

	report_failure(&report, EACCES, "--bind %s", text);
	if (!strstr(report.text, ": Permission denied"))
		abort();
	report_hint(&report, "%s", text);
	if (report.text[strlen(report.text) - 1] != ')')
		abort();
	check_shown(report.text);
	free(text);
	free(buffer);
	free(again);
	return 0;
}
