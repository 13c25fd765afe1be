/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
	if (!holds)
		abort();
}

/* Past a JSON string, every escape of which is one that RFC 8259 has. */
static const char *skip_string(const char *text)
{
	need(*text++ == '"');
	while (*text != '"') {
		/* neither the end nor what a terminal would obey */
		need((unsigned char)*text >= 0x20 && *text != 0x7f);
		if (*text++ != '\\')
			continue;
		if (*text == 'u')
			need(strspn(text + 1, "0123456789abcdef") >= 4);
		else
			need(*text == '"' || *text == '\\');
		text++;
	}
	return text + 1;
}

static const char *skip(const char *text, const char *expected)
{
	need(strncmp(text, expected, strlen(expected)) == 0);
	return text + strlen(expected);
}

/* The bytes must come back, whatever they are. */
static void check_hex(const char *hex, const char *text)
{
	for (; *text; text++, hex += 2) {
		char byte[3] = { hex[0], hex[1], '\0' };

		need(strtoul(byte, NULL, 16) == (unsigned char)*text);
	}
	need(*hex == '"');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *written = NULL;
	size_t length;
	struct json json = { .out = open_memstream(&written, &length) };
	const char *rest;

	need(text && json.out);
	json_open(&json, NULL, '{');
	json_string(&json, "key", text);
	json_number(&json, "number", size);
	json_close(&json, '}');
	need(fclose(json.out) == 0 && strlen(written) == length);

	rest = skip(written, "{\"key\": ");
	if (*rest == '"') {
		rest = skip_string(rest);
	} else {
		rest = skip(skip_string(skip(rest, "{\"text\": ")), ", \"hex\": ");
		check_hex(rest + 1, text);
		rest = skip(skip_string(rest), "}");
	}
	rest = skip(rest, ", \"number\": ");
	need(strspn(rest, "0123456789") == strlen(rest) - 1 && rest[strlen(rest) - 1] == '}');
	free(written);
	free(text);
	return 0;
}
