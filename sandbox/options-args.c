/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/options-parser.h"

#include "base/cleanup.h"
#include "sandbox/dialect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* Split at NUL; the final one may be left out. `data` has a NUL after its end. */
static int split_at_nul(struct parser *parser, char *data, size_t size, struct string_list *words)
{
	for (char *word = data; word < data + size; word += strlen(word) + 1) {
		int r = parser_append_string(parser, words, word);

		if (r < 0)
			return r;
	}
	return 0;
}

/* Split into lines; empty ones and those that start with # are skipped. */
static int split_at_newline(struct parser *parser, char *data, struct string_list *words)
{
	char *rest = data, *line;

	while ((line = strsep(&rest, "\n"))) {
		int r;

		if (!line[0] || line[0] == '#')
			continue;
		r = parser_append_string(parser, words, line);
		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * Carry out a list of words in the place of the option that named it.
 *  lines: what the words are lines of, or NULL
 */
static int read_words(struct parser *parser, struct string_list *words, const char *origin,
		      const char *lines)
{
	const char *outer = parser->origin, *outer_lines = parser->lines;
	int r = parser_append_string(parser, words, NULL);

	if (r < 0)
		return r;
	if (parser->depth && parser->dialect->drops_words)
		return report_refusal(parser->report, "--args not supported in arguments file");
	if (parser->depth == ARGS_DEPTH_MAX)
		return report_refusal(parser->report, "%s: nested more than %d deep", origin,
				      ARGS_DEPTH_MAX);
	parser->depth++;
	parser->origin = origin;
	parser->lines = lines;
	r = options_read(parser, words->strings);
	parser->origin = outer;
	parser->lines = outer_lines;
	parser->depth--;
	return r;
}

static int read_source(struct parser *parser, const struct option *option, const char *value,
		       char *data, size_t size, bool nul)
{
	struct string_list words = { 0 };
	char *origin;
	int r, held;

	if (asprintf(&origin, "%s %s", option->name, value) < 0)
		return report_failure(parser->report, ENOMEM, "%s", option->name);
	r = parser_hold(parser, origin);
	if (r < 0)
		return r;
	if (nul)
		r = split_at_nul(parser, data, size, &words);
	else
		r = split_at_newline(parser, data, &words);
	if (r == 0)
		r = read_words(parser, &words, origin, nul ? NULL : data);
	/* the command may lie in it */
	held = parser_hold(parser, words.strings);
	return r < 0 ? r : held;
}

int option_args(struct parser *parser, const struct option *option, const char *const *values)
{
	char *data;
	size_t size;
	int r = parse_contents(parser, option, values[0], &data, &size);

	if (r < 0)
		return r;
	return read_source(parser, option, values[0], data, size, true);
}

int option_args_file(struct parser *parser, const struct option *option, const char *const *values)
{
	_cleanup_close_ int fd = open(values[0], O_RDONLY | O_CLOEXEC);
	char *data;
	size_t size;
	int r;

	if (fd < 0)
		return report_failure(parser->report, errno, "%s %s", option->name, values[0]);
	r = read_to_end(fd, &data, &size);
	if (r < 0)
		return report_failure(parser->report, -r, "%s %s: read", option->name, values[0]);
	close_fd(&fd);
	r = parser_hold(parser, data);
	if (r < 0)
		return r;
	return read_source(parser, option, values[0], data, size, memchr(data, '\0', size) != NULL);
}
