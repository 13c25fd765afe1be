/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "completions/shells.h"

#include <string.h>

static const char engine[] =
	"\n"
	"# Where the cursor is: \"option\", \"value OPTION INDEX\", or \"command\" and its words "
	"so far\n"
	"function __nsroot_place\n"
	"    set -l words (commandline -opc)[2..-1]\n"
	"    set -l option ''\n"
	"    set -l left 0\n"
	"    while set -q words[1]\n"
	"        if test $left -gt 0\n"
	"            set left (math $left - 1)\n"
	"        else if test \"$words[1]\" = --\n"
	"            printf '%s\\n' command $words[2..-1]\n"
	"            return\n"
	"        else if not string match -q -- '-*' $words[1]\n"
	"            printf '%s\\n' command $words\n"
	"            return\n"
	"        else\n"
	"            set option $words[1]\n"
	"            set left (__nsroot_count $option)\n"
	"        end\n"
	"        set -e words[1]\n"
	"    end\n"
	"    if test $left -gt 0\n"
	"        printf '%s\\n' value $option (math (__nsroot_count $option) - $left + 1)\n"
	"    else\n"
	"        echo option\n"
	"    end\n"
	"end\n"
	"\n"
	"function __nsroot_at_option\n"
	"    test (__nsroot_place)[1] = option\n"
	"end\n"
	"\n"
	"# __nsroot_at_value KIND\n"
	"function __nsroot_at_value\n"
	"    set -l place (__nsroot_place)\n"
	"    test $place[1] = value\n"
	"    and test \"$(__nsroot_kind $place[2] $place[3])\" = $argv[1]\n"
	"end\n"
	"\n"
	"function __nsroot_words\n"
	"    set -l place (__nsroot_place)\n"
	"    test $place[1] = option\n"
	"    and complete -C (commandline -ct)\n"
	"    and return\n"
	"    test $place[1] = command\n"
	"    and complete -C (string join ' ' -- (string escape -- $place[2..-1]) (commandline "
	"-ct))\n"
	"end\n"
	"\n"
	"complete -c nsroot -f\n"
	"complete -c nsroot -n '__nsroot_at_value path' -F\n"
	"complete -c nsroot -n '__nsroot_at_value directory' -a '(__fish_complete_directories)'\n"
	"complete -c nsroot -n '__nsroot_at_value descriptor' -a '(path basename "
	"/proc/self/fd/*)'\n"
	"complete -c nsroot -n '__nsroot_at_value variable' -a '(set --names -x)'\n"
	"complete -c nsroot -n 'test (__nsroot_place)[1] = value' \\\n"
	"    -a '(__nsroot_choices (__nsroot_place)[2])'\n"
	"complete -c nsroot -n 'not string match -q -- \"-*\" (commandline -ct)' -a "
	"'(__nsroot_words)'\n";

static const char *const kinds[] = {
	[COMPLETE_NOTHING] = "nothing",     [COMPLETE_PATH] = "path",
	[COMPLETE_DIRECTORY] = "directory", [COMPLETE_DESCRIPTOR] = "descriptor",
	[COMPLETE_VARIABLE] = "variable",   [COMPLETE_CHOICES] = "choices",
};

static void print_quoted(FILE *file, const char *text)
{
	fputc('\'', file);
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			fputc('\\', file);
		fputc(*text, file);
	}
	fputc('\'', file);
}

/* How many words follow an option as its values, and of which kind each is. */
static void print_values(FILE *file)
{
	fputs("function __nsroot_count\n    switch $argv[1]\n", file);
	for (const struct option *option = option_table; option->name; option++)
		if (option->values && !option_value_is_optional(option) &&
		    !option_is_repeated_row(option))
			fprintf(file, "        case %s\n            echo %zu\n", option->name,
				option_value_count(option));
	fputs("        case '*'\n            echo 0\n    end\nend\n\n"
	      "function __nsroot_kind\n    switch \"$argv[1] $argv[2]\"\n",
	      file);
	for (const struct option *option = option_table; option->name; option++)
		for (size_t i = 0; i < option_value_count(option); i++)
			if (!option_is_repeated_row(option))
				fprintf(file, "        case '%s %zu'\n            echo %s\n",
					option->name, i + 1, kinds[option->completions[i]]);
	fputs("    end\nend\n\n", file);
}

static void print_choices(FILE *file)
{
	fputs("function __nsroot_choices\n    switch $argv[1]\n", file);
	for (const struct option *option = option_table; option->name; option++)
		if (option->choices)
			fprintf(file, "        case %s\n            string split ' ' '%s'\n",
				option->name, option->choices);
	fputs("    end\nend\n", file);
}

void print_fish(FILE *file)
{
	fputs("# fish completion of nsroot; made from its table of options\n\n", file);
	print_values(file);
	print_choices(file);
	fputs(engine, file);
	for (const struct option *option = option_table; option->name; option++) {
		if (option_is_repeated_row(option))
			continue;
		fprintf(file, "complete -c nsroot -n __nsroot_at_option -l %s -d ",
			option->name + strlen("--"));
		print_quoted(file, option->help);
		fputc('\n', file);
	}
}
