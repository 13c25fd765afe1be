/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "completions/shells.h"

#include <string.h>

/* What an option's specification can't hold as it is, within single quotes. */
static void print_escaped(FILE *file, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\'')
			fputs("'\\'", file);
		else if (strchr("[]:\\", text[i]))
			fputc('\\', file);
		fputc(text[i], file);
	}
}

static const char *const actions[] = {
	[COMPLETE_NOTHING] = "( )",
	[COMPLETE_PATH] = "_files",
	[COMPLETE_DIRECTORY] = "_files -/",
	[COMPLETE_DESCRIPTOR] = "_file_descriptors",
	[COMPLETE_VARIABLE] = "_parameters -g \"*export*\"",
};

static void print_action(FILE *file, const struct option *option, size_t index)
{
	if (option->completions[index] == COMPLETE_CHOICES)
		fprintf(file, "(%s)", option->choices);
	else if (option->choices)
		fprintf(file, "{compadd %s; %s}", option->choices,
			actions[option->completions[index]]);
	else
		fputs(actions[option->completions[index]], file);
}

static void print_specification(FILE *file, const struct option *option)
{
	const char *word = option->values;
	size_t count = option_value_count(option);
	bool optional = option_value_is_optional(option);

	/* "=-": attached alone; "=": attached or the next word */
	fprintf(file, "    '*%s%s[", option->name, optional ? "=-" : count == 1 ? "=" : "");
	print_escaped(file, option->help, strlen(option->help));
	fputc(']', file);
	for (size_t i = 0; i < count; i++) {
		size_t length = strcspn(word, " ");

		fputs(optional ? "::" : ":", file);
		print_escaped(file, word, length);
		fputc(':', file);
		print_action(file, option, i);
		word += length + (word[length] == ' ');
	}
	fputs("' \\\n", file);
}

void print_zsh(FILE *file)
{
	fputs("#compdef nsroot\n"
	      "# zsh completion of nsroot; made from its table of options\n\n"
	      "_arguments -S -A '-*' : \\\n",
	      file);
	for (const struct option *option = option_table; option->name; option++)
		if (!option_is_repeated_row(option))
			print_specification(file, option);
	fputs("    '(-)1:command:_command_names -e' \\\n"
	      "    '*::arguments:_normal'\n",
	      file);
}
