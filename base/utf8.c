/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/utf8.h"

static size_t sequence_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if ((first & 0xe0) == 0xc0)
		return 2;
	if ((first & 0xf0) == 0xe0)
		return 3;
	return (first & 0xf8) == 0xf0 ? 4 : 0;
}

size_t utf8_decode(const char *text, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *bytes = (const unsigned char *)text;
	size_t length = sequence_length(bytes[0]);

	*code = length > 1 ? bytes[0] & (0x7fU >> length) : bytes[0];
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (bytes[i] & 0x3f);
	}
	if (length > 1 &&
	    (*code < least[length] || (*code >= 0xd800 && *code <= 0xdfff) || *code > 0x10ffff))
		return 0;
	return length;
}

bool utf8_is_obeyed(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069);
}
