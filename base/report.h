/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How a failure travels: as a negative errno up the call chain, and as one sentence that is
 * recorded where the knowledge is. main() prints the sentence; pid 1 sends it to the launcher.
 * Only the first failure is kept: what goes wrong while cleaning up is never the reason.
 *
 * Texts are escaped here (report_escape), not by the caller. Nothing allocates memory: all of this
 * may be called in the child of a vfork(2).
 */

#include <stdbool.h>
#include <stddef.h>

enum {
	EXIT_NSROOT = 125,         /* our own failure */
	EXIT_NOT_EXECUTABLE = 126, /* the command exists but can't be executed */
	EXIT_NOT_FOUND = 127,      /* the command was not found */
};

/* What lines on standard error begin with; all zero: "nsroot: ", "nsroot: warning: ". */
struct report_voice {
	const char *program; /* before the colon; NULL: "nsroot" */
	bool plain_warnings; /* without the word */
	bool levels;         /* "<3>" and "<4>" first: syslog(3) */
};

struct report {
	int status; /* exit status that goes with the failure; 0: nothing failed yet */
	struct report_voice voice;
	bool verbose;
	bool hinted;     /* no more hints: see report_hint */
	char text[4096]; /* "--bind a /b: open_tree: No such file or directory" */
};

/*
 * report_failure: record "<format>: <strerror(error)>", exit status 125.
 *  error: errno value, > 0.
 * Returns -error.
 */
int report_failure(struct report *report, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * report_refusal: record "<format>" alone, exit status 125: something is wrong with what was asked,
 * no system call failed.
 * Returns -EINVAL.
 */
int report_refusal(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * report_hint: append " (<format>)" to the failure that was recorded: what the user can do about
 * it. Does nothing if nothing failed, if a hint is already there, or if a later failure came, and
 * was dropped, in between: the hint would be about that one.
 */
void report_hint(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* report_note: with --verbose, write "nsroot: <format>" to standard error at once. The name is
 * that of the voice here and below. */
void report_note(const struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* report_warning: write "nsroot: warning: <format>" to standard error at once. */
void report_warning(const struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* report_print: write "nsroot: <text>" to standard error, as one write(2). */
void report_print(const struct report *report);

/*
 * report_escape: make bytes safe for a terminal: control characters (C0, DEL, C1), bidirectional
 * overrides and whatever is not valid UTF-8 become \xNN, byte by byte. The result is cut, at a
 * character, to what fits.
 *  size: of the buffer, in bytes, the final NUL included.
 * Returns the length of the result.
 */
size_t report_escape(char *buffer, size_t size, const char *text);
