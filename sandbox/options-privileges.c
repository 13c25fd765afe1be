/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/options-parser.h"

#include "sandbox/capabilities.h"
#include "seccomp/filters.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* argument: offset of an int in struct sandbox */
int option_fd(struct parser *parser, const struct option *option, const char *const *values)
{
	return parse_fd(parser, option, values[0],
			(int *)((char *)parser->sandbox + option->argument));
}

static int append_fd(struct parser *parser, const struct option *option, const char *text,
		     struct fd_list *list)
{
	int fd, r = parse_fd(parser, option, text, &fd);

	if (r < 0)
		return r;
	for (size_t i = 0; i < list->count; i++)
		if (list->fds[i] == fd)
			return 0;
	r = parser_grow(parser, &list->fds, list->count, sizeof(*list->fds));
	if (r < 0)
		return r;
	list->fds[list->count++] = fd;
	return 0;
}

int option_keep_fd(struct parser *parser, const struct option *option, const char *const *values)
{
	if (strcmp(values[0], "all") == 0) {
		parser->sandbox->keep_all_fds = true;
		return 0;
	}
	return append_fd(parser, option, values[0], &parser->sandbox->keep_fds);
}

int option_sync_fd(struct parser *parser, const struct option *option, const char *const *values)
{
	return append_fd(parser, option, values[0], &parser->sandbox->sync_fds);
}

int option_lock_file(struct parser *parser, const struct option *option, const char *const *values)
{
	/* bubblewrap opens it from the command's current directory */
	if (values[0][0] != '/' && !parser_speaks_bwrap(parser))
		return report_refusal(
			parser->report,
			"%s %.200s: wants an absolute path, as it is inside the sandbox",
			option->name, values[0]);
	return parser_append_string(parser, &parser->sandbox->lock_files, values[0]);
}

/* argument: true to add, false to drop; the later option has the last word on a capability */
int option_capabilities(struct parser *parser, const struct option *option,
			const char *const *values)
{
	struct sandbox *sandbox = parser->sandbox;
	uint64_t mask;
	int r = capability_parse_list(values[0], option->name, &mask, parser->report);

	if (r < 0)
		return r;
	if (option->argument) {
		sandbox->caps_added |= mask;
		sandbox->caps_dropped &= ~mask;
	} else {
		sandbox->caps_dropped |= mask;
		sandbox->caps_added &= ~mask;
	}
	return 0;
}

int option_ambient(struct parser *parser, const struct option *option, const char *const *values)
{
	int r = capability_parse_list(values[0], option->name, &parser->sandbox->ambient,
				      parser->report);

	if (r == 0)
		parser->sandbox->ambient_set = true;
	return r;
}

int parser_append_filter(struct parser *parser, struct sock_fprog program)
{
	struct sandbox *sandbox = parser->sandbox;
	int r = parser_grow(parser, &sandbox->filters, sandbox->filter_count, sizeof(program));

	if (r < 0) {
		free(program.filter);
		return r;
	}
	sandbox->filters[sandbox->filter_count++] = program;
	return 0;
}

int option_seccomp(struct parser *parser, const struct option *option, const char *const *values)
{
	struct sock_fprog program;
	int fd, r = parse_fd_to_consume(parser, option, values[0], &fd);

	if (r == 0)
		r = filter_read(fd, option->name, &program, parser->report);
	if (r < 0)
		return r;
	parser_consume_fd(parser, fd);
	return parser_append_filter(parser, program);
}

int option_seccomp_deny(struct parser *parser, const struct option *option,
			const char *const *values)
{
	struct sock_fprog program;
	int r = filter_compile_deny(values[0], &program, parser->report);

	(void)option;
	return r < 0 ? r : parser_append_filter(parser, program);
}

int option_seccomp_allow_only(struct parser *parser, const struct option *option,
			      const char *const *values)
{
	struct sock_fprog program;
	int r = filter_compile_allow(values[0], &program, parser->report);

	(void)option;
	return r < 0 ? r : parser_append_filter(parser, program);
}

/* argument: YES or NO */
int option_suppress_chown(struct parser *parser, const struct option *option,
			  const char *const *values)
{
	(void)values;
	parser->sandbox->suppress_chown = (enum tristate)option->argument;
	return 0;
}

int option_remember(struct parser *parser, const struct option *option, const char *const *values)
{
	if (!values[0][0])
		return report_refusal(parser->report, "%s: the path is empty", option->name);
	parser->sandbox->remember = values[0];
	return 0;
}

int option_show_owners(struct parser *parser, const struct option *option,
		       const char *const *values)
{
	static const char *const words[] = {
		[SHOW_NO] = "no",
		[SHOW_TRAP] = "trap",
		[SHOW_AUTO] = "auto",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(values[0], words[i]) == 0) {
			parser->sandbox->show_owners = (enum show_owners)i;
			return 0;
		}
	}
	return report_refusal(parser->report, "%s %.100s: unknown (%s)", option->name, values[0],
			      option->choices);
}
