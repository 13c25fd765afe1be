/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/options-parser.h"

#include "base/cleanup.h"
#include "base/nearest.h"
#include "sandbox/dialect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* the second of the two rows that share a name */
#define OTHER_OVERLAY "--overlay-lowerdir DIR... --overlay DEST"

bool parser_speaks_bwrap(const struct parser *parser)
{
	return parser->dialect->words == WORDS_OF_BWRAP;
}

static size_t name_length(const struct parser *parser, const char *word)
{
	return strcspn(word, parser->dialect->equals ? "=" : "");
}

static const struct option *find_option(const struct parser *parser, const char *word)
{
	size_t length = name_length(parser, word);

	for (const struct option *option = parser->table; option->name; option++) {
		if (strncmp(option->name, word, length) != 0 || option->name[length])
			continue;
		if (!option->applies || option->applies(parser))
			return option;
	}
	return NULL;
}

static size_t minimum(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The dashes don't count: they would make any two short names look alike. */
static const char *nearest_option(const struct parser *parser, const char *word)
{
	size_t dashes = strspn(word, "-");
	struct nearest nearest;

	nearest_start(&nearest, word + dashes, name_length(parser, word) - dashes);
	for (const struct option *option = parser->table; option->name; option++)
		if (option->name[1] == '-')
			nearest_try(&nearest, option->name + 2);
	return nearest.found;
}

static bool is_option(const struct parser *parser, const char *word, size_t length)
{
	for (const struct option *option = parser->table; option->name; option++)
		if (strncmp(option->name, word, length) == 0 && !option->name[length])
			return true;
	return false;
}

/* The line that a word is, counted from 1. */
static unsigned int line_of(const struct parser *parser, const char *word)
{
	unsigned int line = 1;

	for (const char *at = parser->lines; at < word; at++)
		line += *at == '\0';
	return line;
}

static int refuse_unknown(struct parser *parser, const char *word)
{
	const char *nearest;
	char line[16] = "";

	if (parser_speaks_bwrap(parser))
		return report_refusal(parser->report, "Unknown option %.200s", word);
	nearest = nearest_option(parser, word);
	if (parser->lines)
		snprintf(line, sizeof(line), ":%u", line_of(parser, word));
	report_refusal(parser->report, "%s%s%sunknown option %.*s",
		       parser->origin ? parser->origin : "", line, parser->origin ? ": " : "",
		       (int)minimum(name_length(parser, word), 200), word);
	if (nearest)
		report_hint(parser->report, "did you mean --%s?", nearest);
	else if (is_option(parser, word, strcspn(word, " \t=")))
		report_hint(parser->report, parser->lines ? "a line holds one word"
							  : "the value is a word of its own");
	else
		report_hint(parser->report, "%s --help%s lists the options", parser->dialect->name,
			    parser->dialect == &dialect_nsroot ? " all" : "");
	return -EINVAL;
}

/* Name the value that is missing: word `index` of the row's values. */
static int refuse_missing(struct parser *parser, const struct option *option, size_t index)
{
	static const char *const numbers[] = { "an argument", "two arguments", "three arguments" };
	const char *word = option->values;

	if (parser_speaks_bwrap(parser))
		return report_refusal(parser->report, "%s takes %s", option->name,
				      numbers[option_value_count(option) - 1]);
	for (; index > 0; index--)
		word = strchr(word, ' ') + 1;
	if (option->applies)
		return report_refusal(parser->report, "%s: %.*s is missing (%s %s, or %s)",
				      option->name, (int)strcspn(word, " "), word, option->name,
				      option->values, OTHER_OVERLAY);
	return report_refusal(parser->report, "%s: %.*s is missing (%s %s)", option->name,
			      (int)strcspn(word, " "), word, option->name, option->values);
}

/* Say what is odd about the values of an option that was refused. */
static void hint_at_values(struct parser *parser, const struct option *option,
			   const char *const *values, size_t count)
{
	const char *word = option->values;

	for (size_t i = 0; i < count && values[i]; i++) {
		size_t length = strcspn(word, " ");

		if (strncmp(values[i], "--", 2) == 0 && option->applies)
			report_hint(parser->report, "%s %s, or %s", option->name, option->values,
				    OTHER_OVERLAY);
		else if (strncmp(values[i], "--", 2) == 0)
			report_hint(parser->report, "%s %s: is a value missing before %s?",
				    option->name, option->values, values[i]);
		else if (!values[i][0] && !option_value_is_optional(option))
			report_hint(parser->report, "%.*s is \"\"", (int)length, word);
		word += length + 1;
	}
}

static int check_repeat(struct parser *parser, const struct option *option)
{
	if (!parser->given[option - parser->table])
		return 0;
	if (option->repeat == REPEAT_IS_REFUSED)
		return report_refusal(parser->report, "%s used multiple times", option->name);
	if (option->repeat == REPEAT_WARNS)
		report_warning(parser->report, "Only the last %s option will take effect",
			       option->name);
	return 0;
}

/*
 * Collect the values of an option and carry it out.
 *  words: words[0] is the option as typed.
 * Returns the number of words that were used, or a negative errno, reported.
 */
static int read_option(struct parser *parser, const char *const *words)
{
	const char *equals = parser->dialect->equals ? strchr(words[0], '=') : NULL;
	const struct option *option = find_option(parser, words[0]);
	const char *attached[OPTION_VALUES_MAX] = { equals ? equals + 1 : NULL };
	const char *const *values = words + 1;
	size_t count, used = 1;
	int r;

	if (!option)
		return refuse_unknown(parser, words[0]);
	count = option_value_count(option);
	if (equals && count == 0)
		return report_refusal(parser->report, "%s: takes no value", option->name);
	if (equals && option->applies)
		return report_refusal(parser->report, "%s: one value is taken after %s only",
				      words[0], "--overlay-lowerdir");
	if (equals && count > 1)
		return report_refusal(parser->report,
				      "%s: its %zu values are words of their own (%s %s)",
				      option->name, count, option->name, option->values);
	if (equals || option_value_is_optional(option)) {
		values = attached;
	} else {
		for (size_t i = 0; i < count; i++)
			if (!values[i])
				return refuse_missing(parser, option, i);
		used += count;
	}
	parser->rest = words + used;
	r = check_repeat(parser, option);
	if (r >= 0)
		r = option->parse(parser, option, values);
	if (r >= 0 && parser->dialect->next_modifies && !option->modifies)
		r = modifiers_are_taken(parser);
	if (r < 0) {
		if (!parser_speaks_bwrap(parser))
			hint_at_values(parser, option, values, count);
		return r;
	}
	parser->given[option - parser->table] = true;
	return (int)used;
}

/* "-us FILE" or "-usFILE": options of one letter in one word. As read_option. */
static int read_cluster(struct parser *parser, const char *const *words)
{
	int used = 1;

	for (const char *letter = words[0] + 1; *letter; letter++) {
		const char name[] = { '-', *letter, '\0' };
		const struct option *option = find_option(parser, name);
		const char *values[] = { letter[1] ? letter + 1 : words[1] };
		bool takes = option && option_value_count(option);
		int r;

		if (!option)
			return refuse_unknown(parser, name);
		if (takes && !values[0])
			return refuse_missing(parser, option, 0);
		r = option->parse(parser, option, values);
		if (r < 0)
			return r;
		parser->given[option - parser->table] = true;
		if (takes)
			return letter[1] ? used : used + 1;
	}
	return used;
}

/* "-" is the name of a command, there. */
static bool ends_options(const struct parser *parser, const char *word)
{
	return !word || word[0] != '-' || (parser->dialect->clusters && !word[1]);
}

static int read_command(struct parser *parser, const char *const *words)
{
	const char *origin = parser->origin ? parser->origin : "the command line";

	if (!words[0] || (parser->origin && parser->dialect->drops_words))
		return 0;
	if (parser->sandbox->command)
		return report_refusal(parser->report, "%s gives a command (%.200s), and so does %s",
				      origin, words[0], parser->command_origin);
	if (!words[0][0])
		return report_refusal(parser->report, "the command is an empty word");
	parser->sandbox->command = (char *const *)words;
	parser->command_origin = origin;
	return 0;
}

int options_read(struct parser *parser, const char *const *words)
{
	while (!ends_options(parser, words[0])) {
		bool cluster = parser->dialect->clusters && words[0][1] != '-';
		int r;

		if (strcmp(words[0], "--") == 0)
			return read_command(parser, words + 1);
		r = cluster ? read_cluster(parser, words) : read_option(parser, words);
		if (r < 0)
			return r;
		if (parser->sandbox->request != REQUEST_RUN)
			return 0;
		words += r;
	}
	return read_command(parser, words);
}

/* What was given: a few of many names, for all that the rules ask. */
struct given_names {
	const char *names[OPTIONS_MAX];
	size_t count;
};

static bool is_given(const struct given_names *given, const char *name)
{
	for (size_t i = 0; i < given->count; i++)
		if (strcmp(given->names[i], name) == 0)
			return true;
	return false;
}

static int check_rules(struct parser *parser)
{
	struct given_names given;

	given.count = 0;
	for (size_t i = 0; parser->table[i].name; i++)
		if (parser->given[i])
			given.names[given.count++] = parser->table[i].name;
	for (const struct option_rule *rule = parser->dialect->rules; rule->option; rule++) {
		if (!is_given(&given, rule->option))
			continue;
		if (is_given(&given, rule->other) == (rule->kind == RULE_NEEDS))
			continue;
		if (parser_speaks_bwrap(parser))
			return report_refusal(parser->report, "%s %s %s", rule->option, rule->why,
					      rule->other);
		if (rule->kind == RULE_NEEDS)
			return report_refusal(parser->report, "%s needs %s: %s", rule->option,
					      rule->other, rule->why);
		return report_refusal(parser->report, "%s and %s exclude each other: %s",
				      rule->option, rule->other, rule->why);
	}
	return 0;
}

int modifier_set(struct parser *parser, enum modifier modifier, const struct option *option)
{
	if (parser->modifiers.pending[modifier])
		return report_refusal(parser->report,
				      parser_speaks_bwrap(parser)
					      ? "%s given twice for the same action"
					      : "%s is given twice, for one option that takes it",
				      option->name);
	parser->modifiers.pending[modifier] = option->name;
	return 0;
}

bool modifier_take(struct parser *parser, enum modifier modifier)
{
	bool given = parser->modifiers.pending[modifier];

	parser->modifiers.pending[modifier] = NULL;
	return given;
}

int modifiers_are_taken(struct parser *parser)
{
	static const char *const takers[MODIFIER_COUNT] = {
		[MODIFIER_PERMS] = "an option that creates a file",
		[MODIFIER_SIZE] = "--tmpfs",
		[MODIFIER_OVERLAY_SOURCES] = "another --overlay-src or one of --overlay, "
					     "--tmp-overlay, or --ro-overlay",
	};

	for (enum modifier i = 0; i < MODIFIER_COUNT; i++)
		if (parser->modifiers.pending[i] && parser_speaks_bwrap(parser))
			return report_refusal(parser->report, "%s must be followed by %s",
					      parser->modifiers.pending[i], takers[i]);
		else if (parser->modifiers.pending[i])
			return report_refusal(parser->report, "%s: no option follows that takes it",
					      parser->modifiers.pending[i]);
	return 0;
}

bool parser_is_given(const struct parser *parser, const char *name)
{
	for (size_t i = 0; parser->table[i].name; i++)
		if (parser->given[i] && strcmp(parser->table[i].name, name) == 0)
			return true;
	return false;
}

static int check_all(struct parser *parser)
{
	int r = check_rules(parser);

	return r < 0 ? r : parser->dialect->finish(parser);
}

int options_parse(struct sandbox *sandbox, char **argv, struct report *report)
{
	struct parser parser = {
		.sandbox = sandbox,
		.report = report,
		.dialect = sandbox->dialect,
		.table = sandbox->dialect->options,
	};
	int r = 0;

	/* execve(2) takes an empty argv before Linux 5.18 */
	if (argv[0])
		r = options_read(&parser, (const char *const *)argv + 1);
	if (r == 0 && sandbox->request == REQUEST_RUN)
		r = check_all(&parser);
	free(parser.modifiers.overlay_sources.strings);
	free(parser.modifiers.overlay_lowers.strings);
	free(parser.claims);
	return r;
}
