/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the tests of the command line share. */

#include "tests/unit/check.h"

#include "base/cleanup.h"
#include "sandbox/dialect.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define WORDS_MAX 32

/* A command line, parsed. The strings live as long as it does. */
struct parsed {
	struct sandbox sandbox;
	struct report report;
	int result;
	int argc;
	char *argv[WORDS_MAX + 2];
};

/* An fd that gives some bytes, as the caller of nsroot would pass it. */
static inline int fd_with(const void *data, size_t size)
{
	int fd = memfd_create("test", 0);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

/* {6, 0, 0, SECCOMP_RET_ALLOW}: a filter of one instruction */
static inline int fd_with_filter(void)
{
	static const unsigned char program[8] = { 6, 0, 0, 0, 0, 0, 0xff, 0x7f };

	return fd_with(program, sizeof(program));
}

/*
 * Words that stand for something which the test makes: @FD an fd that gives "data", @FILTER one
 * that gives a filter, @ARGS one that gives "--verbose", @WORDS one that gives "--dir" and "/x",
 * @FILE a file of no lines, @CALLS one that names a system call.
 */
static inline char *expand(const char *word)
{
	char *text = NULL;
	int r = 0;

	if (strcmp(word, "@FD") == 0)
		r = asprintf(&text, "%d", fd_with("data", 4));
	else if (strcmp(word, "@FILTER") == 0)
		r = asprintf(&text, "%d", fd_with_filter());
	else if (strcmp(word, "@ARGS") == 0)
		r = asprintf(&text, "%d", fd_with("--verbose", 10));
	else if (strcmp(word, "@WORDS") == 0)
		r = asprintf(&text, "%d", fd_with("--dir\0/x", 8));
	else if (strcmp(word, "@FILE") == 0)
		r = asprintf(&text, "/proc/self/fd/%d", fd_with("\n", 1));
	else if (strcmp(word, "@CALLS") == 0)
		r = asprintf(&text, "/proc/self/fd/%d", fd_with("execve\nread\n", 12));
	else
		text = strdup(word);
	if (r < 0 || !text)
		abort();
	return text;
}

static inline void parse_words_in(struct parsed *parsed, const struct dialect *dialect,
				  const char *const *words)
{
	memset(parsed, 0, sizeof(*parsed));
	parsed->argv[parsed->argc++] = strdup(dialect->name);
	for (; *words && parsed->argc <= WORDS_MAX; words++)
		parsed->argv[parsed->argc++] = expand(*words);
	sandbox_init(&parsed->sandbox);
	parsed->sandbox.dialect = dialect;
	dialect->preset(&parsed->sandbox);
	parsed->result = options_parse(&parsed->sandbox, parsed->argv, &parsed->report);
}

static inline void parse_words(struct parsed *parsed, const char *const *words)
{
	parse_words_in(parsed, &dialect_nsroot, words);
}

static inline void parsed_free(struct parsed *parsed)
{
	sandbox_free(&parsed->sandbox);
	for (int i = 0; i < parsed->argc; i++)
		free(parsed->argv[i]);
	close_range(3, ~0U, 0);
}

#define _cleanup_parsed_ __attribute__((cleanup(parsed_free)))

/* PARSE("--bind", "a", "/b"): declares `parsed`. */
#define PARSE(...)                                                                                 \
	_cleanup_parsed_ struct parsed parsed;                                                     \
	parse_words(&parsed, (const char *const[]){ __VA_ARGS__, NULL })

/* PARSE_IN(bwrap, "--dev", "/dev", "true"): the same in a dialect. */
#define PARSE_IN(name, ...)                                                                        \
	_cleanup_parsed_ struct parsed parsed;                                                     \
	parse_words_in(&parsed, &dialect_##name, (const char *const[]){ __VA_ARGS__, NULL })

/* The words are taken. */
#define CHECK_TAKEN()                                                                              \
	do {                                                                                       \
		if (!CHECK_INT(parsed.result, 0))                                                  \
			fprintf(stderr, "\t%s\n", parsed.report.text);                             \
	} while (0)

/* The words are refused, and the sentence has a part. */
#define CHECK_REFUSED(part)                                                                        \
	do {                                                                                       \
		if (!CHECK(parsed.result < 0 && strstr(parsed.report.text, (part))))               \
			fprintf(stderr, "\tis     %s\n\twanted %s\n", parsed.report.text, (part)); \
		CHECK_INT(parsed.report.status, EXIT_NSROOT);                                      \
	} while (0)
