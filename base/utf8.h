/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Characters of text that may be no text: RFC 3629. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * utf8_decode: the first character of a text, which ends with a NUL.
 *  code: set to its code point.
 * Returns its length in bytes, or 0 if the bytes are no UTF-8: overlong forms and surrogates are
 * none. The final NUL ends a cut character: it is no continuation byte.
 */
size_t utf8_decode(const char *text, uint32_t *code);

/*
 * utf8_is_obeyed: controls, C1 controls (U+009B starts an escape sequence, as ESC [ does), and
 * bidirectional overrides and isolates, with which what is shown is not what is there.
 */
bool utf8_is_obeyed(uint32_t code);
