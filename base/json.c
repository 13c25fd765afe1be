/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json.h"

#include "base/utf8.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

static bool is_utf8(const unsigned char *text)
{
	uint32_t code;

	for (size_t length; *text; text += length) {
		length = utf8_decode((const char *)text, &code);
		if (length == 0)
			return false;
	}
	return true;
}

static void write_string(FILE *out, const unsigned char *text)
{
	uint32_t code;

	putc('"', out);
	for (size_t length; *text; text += length ? length : 1) {
		length = utf8_decode((const char *)text, &code);
		if (length == 0)
			fputs("\\ufffd", out);
		else if (utf8_is_obeyed(code))
			fprintf(out, "\\u%04" PRIx32, code);
		else if (code == '"' || code == '\\')
			fprintf(out, "\\%c", (char)code);
		else
			fwrite(text, 1, length, out);
	}
	putc('"', out);
}

void json_key(struct json *json, const char *key)
{
	if (json->comma)
		fputs(", ", json->out);
	if (key)
		fprintf(json->out, "\"%s\": ", key);
	json->comma = true;
}

void json_open(struct json *json, const char *key, char bracket)
{
	json_key(json, key);
	putc(bracket, json->out);
	json->comma = false;
}

void json_close(struct json *json, char bracket)
{
	putc(bracket, json->out);
	json->comma = true;
}

void json_string(struct json *json, const char *key, const char *text)
{
	const unsigned char *bytes = (const unsigned char *)text;

	json_key(json, key);
	if (!text) {
		fputs("null", json->out);
	} else if (is_utf8(bytes)) {
		write_string(json->out, bytes);
	} else {
		fputs("{\"text\": ", json->out);
		write_string(json->out, bytes);
		fputs(", \"hex\": \"", json->out);
		for (; *bytes; bytes++)
			fprintf(json->out, "%02x", *bytes);
		fputs("\"}", json->out);
	}
}

void json_number(struct json *json, const char *key, uint64_t number)
{
	json_key(json, key);
	fprintf(json->out, "%" PRIu64, number);
}

void json_bool(struct json *json, const char *key, bool truth)
{
	json_key(json, key);
	fputs(truth ? "true" : "false", json->out);
}
