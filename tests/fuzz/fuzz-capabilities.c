/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/capabilities.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), buffer[CAPABILITY_TEXT_MAX];
	struct report report = { 0 };
	uint64_t mask, again;

	if (!text)
		abort();
	if (capability_parse_list(text, "--cap-add", &mask, &report) < 0) {
		if (!report.status)
			abort();
	} else if ((mask & ~capability_all()) ||
		   capability_text(mask, buffer, sizeof(buffer)) < 0 ||
		   capability_parse_list(buffer, "--cap-add", &again, &report) < 0 ||
		   mask != again) {
		abort();
	}
	free(text);
	return 0;
}
