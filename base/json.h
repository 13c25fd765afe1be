/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Writing JSON (RFC 8259). Names on a Unix system are bytes, JSON is Unicode: a string that is
 * valid UTF-8 becomes a JSON string; any other becomes
 *	{"text": "a\ufffdb", "hex": "61ff62"}
 * with U+FFFD for each byte that is none, and all bytes in hexadecimal, so that nothing is lost.
 * Characters that a terminal would obey are written as \uNNNN.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out;
	bool comma; /* something stands before the next value */
};

/* In each, key is that of the value in an object, a plain ASCII word, or NULL in an array. */

/* json_key: the key alone, for a value that somebody else writes. */
void json_key(struct json *json, const char *key);

/* json_open, json_close: an object or an array; bracket is one of "{" "[" and "}" "]". */
void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);

/* json_string: bytes, see above; NULL becomes null. */
void json_string(struct json *json, const char *key, const char *text);
void json_number(struct json *json, const char *key, uint64_t number);
void json_bool(struct json *json, const char *key, bool truth);
