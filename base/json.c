/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

/*
 * The character that text starts with. Returns its length in bytes, 0 if it is not UTF-8 as RFC
 * 3629 has it. The final NUL ends a cut character: it is no continuation byte.
 */
static size_t decode(const unsigned char *text, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length;

	*code = text[0];
	if (text[0] < 0x80)
		return 1;
	if ((text[0] & 0xe0) == 0xc0)
		length = 2;
	else if ((text[0] & 0xf0) == 0xe0)
		length = 3;
	else if ((text[0] & 0xf8) == 0xf0)
		length = 4;
	else
		return 0;

	*code &= 0x7f >> length;
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (text[i] & 0x3f);
	}
	if (*code < least[length] || (*code >= 0xd800 && *code <= 0xdfff) || *code > 0x10ffff)
		return 0;
	return length;
}

static bool is_utf8(const unsigned char *text)
{
	uint32_t code;

	for (size_t length; *text; text += length) {
		length = decode(text, &code);
		if (length == 0)
			return false;
	}
	return true;
}

/* Controls, C1 controls too, and what turns the direction of the text around. */
static bool is_obeyed(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069);
}

static void write_string(FILE *out, const unsigned char *text)
{
	uint32_t code;

	putc('"', out);
	for (size_t length; *text; text += length ? length : 1) {
		length = decode(text, &code);
		if (length == 0)
			fputs("\\ufffd", out);
		else if (is_obeyed(code))
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
