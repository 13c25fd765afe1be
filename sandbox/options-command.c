/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/options-parser.h"

#include "sandbox/limits.h"

#include <errno.h>
#include <string.h>

/* argument: offset of a bool in struct sandbox */
static bool *flag_of(struct parser *parser, const struct option *option)
{
	return (bool *)((char *)parser->sandbox + option->argument);
}

int option_flag(struct parser *parser, const struct option *option, const char *const *values)
{
	(void)values;
	*flag_of(parser, option) = true;
	return 0;
}

int option_no_flag(struct parser *parser, const struct option *option, const char *const *values)
{
	(void)values;
	*flag_of(parser, option) = false;
	return 0;
}

int option_chdir(struct parser *parser, const struct option *option, const char *const *values)
{
	if (!values[0][0])
		return report_refusal(parser->report, "%s: the path is empty", option->name);
	parser->sandbox->chdir = values[0];
	parser->sandbox->same_dir = false;
	return 0;
}

int option_same_dir(struct parser *parser, const struct option *option, const char *const *values)
{
	(void)option, (void)values;
	parser->sandbox->same_dir = true;
	parser->sandbox->chdir = NULL;
	return 0;
}

int option_argv0(struct parser *parser, const struct option *option, const char *const *values)
{
	(void)option;
	parser->sandbox->argv0 = values[0];
	return 0;
}

static int change_environment(struct parser *parser, const struct option *option,
			      struct environment_change change)
{
	struct sandbox *sandbox = parser->sandbox;
	int r;

	if (change.name && (!change.name[0] || strchr(change.name, '=')))
		return report_refusal(parser->report, "%s \"%.200s\": not a name of a variable",
				      option->name, change.name);
	r = parser_grow(parser, &sandbox->environment, sandbox->environment_count, sizeof(change));
	if (r < 0)
		return r;
	sandbox->environment[sandbox->environment_count++] = change;
	return 0;
}

int option_setenv(struct parser *parser, const struct option *option, const char *const *values)
{
	return change_environment(
		parser, option,
		(struct environment_change){ ENVIRONMENT_SET, values[0], values[1] });
}

int option_unsetenv(struct parser *parser, const struct option *option, const char *const *values)
{
	return change_environment(
		parser, option, (struct environment_change){ ENVIRONMENT_UNSET, values[0], NULL });
}

int option_clearenv(struct parser *parser, const struct option *option, const char *const *values)
{
	(void)values;
	return change_environment(parser, option,
				  (struct environment_change){ ENVIRONMENT_CLEAR, NULL, NULL });
}

static bool read_limit(const char **text, rlim_t *limit)
{
	static const char infinity[] = "infinity";
	uint64_t number;

	if (strncmp(*text, infinity, strlen(infinity)) == 0) {
		*text += strlen(infinity);
		*limit = RLIM_INFINITY;
		return true;
	}
	if (!parse_unsigned(text, 10, RLIM_INFINITY - 1, &number))
		return false;
	*limit = (rlim_t)number;
	return true;
}

int option_rlimit(struct parser *parser, const struct option *option, const char *const *values)
{
	size_t length = strcspn(values[0], "=");
	const char *at = values[0] + length;
	int resource = limits_find(values[0], length);
	struct rlimit limit;

	if (resource < 0)
		return report_refusal(parser->report, "%s %.100s: unknown limit (%s)", option->name,
				      values[0], option->choices);
	if (*at++ != '=' || !read_limit(&at, &limit.rlim_cur))
		goto refuse;
	limit.rlim_max = limit.rlim_cur;
	if (*at == ':') {
		at++;
		if (!read_limit(&at, &limit.rlim_max))
			goto refuse;
	}
	if (*at)
		goto refuse;
	if (limit.rlim_cur > limit.rlim_max)
		return report_refusal(parser->report,
				      "%s %.100s: the soft limit is above the hard one",
				      option->name, values[0]);
	parser->sandbox->rlimits[resource] = limit;
	parser->sandbox->rlimit_set[resource] = true;
	return 0;
refuse:
	return report_refusal(parser->report,
			      "%s %.100s: not NAME=SOFT or NAME=SOFT:HARD, numbers or \"infinity\"",
			      option->name, values[0]);
}

int option_nice(struct parser *parser, const struct option *option, const char *const *values)
{
	const char *at = values[0];
	bool negative = *at == '-';
	uint64_t number;

	at += negative;
	if (!parse_unsigned(&at, 10, negative ? 20 : 19, &number) || *at)
		return report_refusal(parser->report, "%s %.100s: not a number from -20 to 19",
				      option->name, values[0]);
	parser->sandbox->nice = negative ? -(int)number : (int)number;
	parser->sandbox->nice_set = true;
	return 0;
}

int option_umask(struct parser *parser, const struct option *option, const char *const *values)
{
	int r = parse_octal(parser, option, values[0], 0777, &parser->sandbox->umask);

	if (r == 0)
		parser->sandbox->umask_set = true;
	return r;
}

/* Read what follows the point of "1.25" as thousandths, rounded up: a timeout is never 0. */
static bool read_thousandths(const char **text, uint64_t *thousandths)
{
	static const unsigned int weights[] = { 100, 10, 1 };
	const char *at = *text;
	bool more = false;

	*thousandths = 0;
	for (size_t i = 0; *at >= '0' && *at <= '9'; at++, i++) {
		if (i < sizeof(weights) / sizeof(weights[0]))
			*thousandths += weights[i] * (unsigned int)(*at - '0');
		else
			more |= *at != '0';
	}
	*thousandths += more;
	if (at == *text)
		return false;
	*text = at;
	return true;
}

int option_timeout(struct parser *parser, const struct option *option, const char *const *values)
{
	const char *at = values[0];
	uint64_t seconds, thousandths = 0;

	if (!parse_unsigned(&at, 10, UINT32_MAX, &seconds))
		goto refuse;
	if (*at == '.') {
		at++;
		if (!read_thousandths(&at, &thousandths))
			goto refuse;
	}
	if (*at || seconds + thousandths == 0)
		goto refuse;
	parser->sandbox->timeout_ms = seconds * 1000 + thousandths;
	return 0;
refuse:
	return report_refusal(
		parser->report,
		"%s %.100s: not a number of seconds above 0, such as 90 or 0.5, up to %u",
		option->name, values[0], UINT32_MAX);
}

/* As first option it never comes here: dialect_choose. */
int option_dialect(struct parser *parser, const struct option *option, const char *const *values)
{
	(void)values;
	return report_refusal(
		parser->report,
		"%s: it is the first option, and in no file: it says what the others mean",
		option->name);
}

int option_verbose(struct parser *parser, const struct option *option, const char *const *values)
{
	(void)option, (void)values;
	parser->sandbox->verbose = true;
	parser->report->verbose = true;
	return 0;
}

int option_help(struct parser *parser, const struct option *option, const char *const *values)
{
	/* `--help all` too, though an optional value else wants a "="; not in a dialect */
	const char *next = option->values ? parser->rest[0] : NULL;
	const char *given = option->values ? values[0] : NULL;
	const char *word = given ? given : next && next[0] != '-' ? next : NULL;

	if (word && strcmp(word, option->choices) != 0)
		return report_refusal(
			parser->report, "%s %.100s: there is no help on that, only %s and %s %s",
			option->name, word, option->name, option->name, option->choices);
	parser->sandbox->request = word ? REQUEST_HELP_ALL : REQUEST_HELP;
	return 0;
}

int option_version(struct parser *parser, const struct option *option, const char *const *values)
{
	(void)option, (void)values;
	parser->sandbox->request = REQUEST_VERSION;
	return 0;
}

int option_explain(struct parser *parser, const struct option *option, const char *const *values)
{
	if (!values[0] || strcmp(values[0], "text") == 0)
		parser->sandbox->explain = EXPLAIN_TEXT;
	else if (strcmp(values[0], "json") == 0)
		parser->sandbox->explain = EXPLAIN_JSON;
	else
		return report_refusal(parser->report, "%s=%.100s: unknown form (%s)", option->name,
				      values[0], option->choices);
	return 0;
}
