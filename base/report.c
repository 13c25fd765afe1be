/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/report.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * Everything here may run in the child of a vfork(2): buffers are on the stack, nothing is
 * allocated, and no locale is asked.
 */

#define PREFIX_MAX 64

enum level { LEVEL_ERROR = 3, LEVEL_WARNING = 4, LEVEL_NOTE = 5 }; /* syslog(3) */

/* What a long path may not take away: the reason and the hint behind it. */
#define TAIL_ROOM 768

/* Length in bytes of the character that text starts with, 0 if its first byte must be escaped. */
static size_t printable_length(const char *text)
{
	uint32_t code;
	size_t length = utf8_decode(text, &code);

	return length && !utf8_is_obeyed(code) ? length : 0;
}

size_t report_escape(char *buffer, size_t size, const char *text)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *next = (const unsigned char *)text;
	size_t used = 0;

	if (size == 0)
		return 0;
	while (*next) {
		size_t length = printable_length((const char *)next);

		if (used + (length ? length : 4) >= size)
			break;
		if (length) {
			memcpy(buffer + used, next, length);
			used += length;
			next += length;
		} else {
			memcpy(buffer + used, "\\x", 2);
			buffer[used + 2] = digits[*next >> 4];
			buffer[used + 3] = digits[*next & 0xf];
			used += 4;
			next++;
		}
	}
	buffer[used] = '\0';
	return used;
}

/* Format and escape; returns the length. */
__attribute__((format(printf, 3, 0))) static size_t format_escaped(char *buffer, size_t size,
								   const char *format, va_list args)
{
	char raw[sizeof(((struct report *)NULL)->text)];

	if (vsnprintf(raw, sizeof(raw), format, args) < 0)
		raw[0] = '\0';
	return report_escape(buffer, size, raw);
}

/* Untranslated, from a static table: strerror(3) may allocate and ask the locale. */
static void append_error(char *buffer, size_t size, int error)
{
#ifdef __GLIBC__
	const char *description = strerrordesc_np(error); /* glibc 2.32 */
#else
	const char *description = strerror(error);
#endif

	if (description)
		snprintf(buffer, size, ": %s", description);
	else
		snprintf(buffer, size, ": error %d", error);
}

/* Returns the length of the recorded text, 0 if an earlier failure stands. */
__attribute__((format(printf, 2, 0))) static size_t record(struct report *report,
							   const char *format, va_list args)
{
	if (report->status) {
		/* a hint that follows would belong to the failure that is dropped here */
		report->hinted = true;
		return 0;
	}
	report->status = EXIT_NSROOT;
	report->hinted = false;
	return format_escaped(report->text, sizeof(report->text) - TAIL_ROOM, format, args);
}

int report_failure(struct report *report, int error, const char *format, ...)
{
	bool first = report->status == 0;
	va_list args;
	size_t used;

	va_start(args, format);
	used = record(report, format, args);
	va_end(args);
	if (first)
		append_error(report->text + used, sizeof(report->text) - used, error);
	return -error;
}

int report_refusal(struct report *report, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	record(report, format, args);
	va_end(args);
	return -EINVAL;
}

void report_hint(struct report *report, const char *format, ...)
{
	size_t used = strlen(report->text);
	va_list args;

	/* " (", ")" and the final NUL */
	if (report->status == 0 || report->hinted || used + 4 >= sizeof(report->text))
		return;
	report->hinted = true;
	memcpy(report->text + used, " (", 2);
	used += 2;
	va_start(args, format);
	used += format_escaped(report->text + used, sizeof(report->text) - used - 1, format, args);
	va_end(args);
	memcpy(report->text + used, ")", 2);
}

/* One write(2), so that lines of several processes do not mix; there is nobody to tell of an error.
 */
static void write_line(char *line, size_t used)
{
	line[used++] = '\n';
	while (write(STDERR_FILENO, line, used) < 0 && errno == EINTR)
		;
}

static size_t print_prefix(char prefix[PREFIX_MAX], const struct report_voice *voice,
			   enum level level)
{
	bool warning = level == LEVEL_WARNING && !voice->plain_warnings;
	char number[8] = "";

	if (voice->levels)
		snprintf(number, sizeof(number), "<%d>", level);
	snprintf(prefix, PREFIX_MAX, "%s%s: %s", number, voice->program ? voice->program : "nsroot",
		 warning ? "warning: " : "");
	return strlen(prefix);
}

__attribute__((format(printf, 3, 0))) static void say(const struct report *report, enum level level,
						      const char *format, va_list args)
{
	char line[PREFIX_MAX + sizeof(report->text) + 1];
	size_t used = print_prefix(line, &report->voice, level);
	int saved = errno;

	used += format_escaped(line + used, sizeof(line) - used - 1, format, args);
	write_line(line, used);
	errno = saved;
}

void report_note(const struct report *report, const char *format, ...)
{
	va_list args;

	if (!report->verbose)
		return;
	va_start(args, format);
	say(report, LEVEL_NOTE, format, args);
	va_end(args);
}

void report_warning(const struct report *report, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(report, LEVEL_WARNING, format, args);
	va_end(args);
}

void report_print(const struct report *report)
{
	char line[PREFIX_MAX + sizeof(report->text) + 1];
	size_t used = print_prefix(line, &report->voice, LEVEL_ERROR);
	size_t length = strnlen(report->text, sizeof(report->text));

	/* escaped when it was recorded */
	memcpy(line + used, report->text, length);
	write_line(line, used + length);
}
