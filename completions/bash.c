/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "completions/shells.h"

#include <string.h>

static const char *const kinds[] = {
	[COMPLETE_NOTHING] = "nothing",     [COMPLETE_PATH] = "path",
	[COMPLETE_DIRECTORY] = "directory", [COMPLETE_DESCRIPTOR] = "descriptor",
	[COMPLETE_VARIABLE] = "variable",   [COMPLETE_CHOICES] = "choices",
};

static const char engine[] =
	"# The words up to the cursor, joined again where readline splits them at = and :\n"
	"_nsroot_words() {\n"
	"    local line=${COMP_LINE:0:COMP_POINT} word i\n"
	"    words=()\n"
	"    places=()\n"
	"    for ((i = 0; i <= COMP_CWORD; i++)); do\n"
	"        word=${COMP_WORDS[i]}\n"
	"        ((i == COMP_CWORD)) && word=${line#\"${line%%[![:space:]]*}\"}\n"
	"        if ((i == 0)) || [[ $line == [[:space:]]* ]]; then\n"
	"            line=${line#\"${line%%[![:space:]]*}\"}\n"
	"            words+=(\"$word\")\n"
	"            places+=(\"$i\")\n"
	"        else\n"
	"            words[${#words[@]} - 1]+=$word\n"
	"        fi\n"
	"        line=${line#\"$word\"}\n"
	"    done\n"
	"}\n"
	"\n"
	"# _nsroot_value KIND OPTION WORD: fill COMPREPLY with the values that WORD may become\n"
	"_nsroot_value() {\n"
	"    local word=$3 fd\n"
	"    case $1 in\n"
	"    path)\n"
	"        compopt -o filenames 2>/dev/null\n"
	"        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
	"        ;;\n"
	"    directory)\n"
	"        compopt -o filenames 2>/dev/null\n"
	"        mapfile -t COMPREPLY < <(compgen -d -- \"$word\")\n"
	"        ;;\n"
	"    descriptor)\n"
	"        mapfile -t COMPREPLY < <(for fd in \"/proc/$$/fd/\"*; do compgen -W \"${fd##*/}\" "
	"-- \"$word\"; done)\n"
	"        ;;\n"
	"    variable)\n"
	"        mapfile -t COMPREPLY < <(compgen -e -- \"$word\")\n"
	"        ;;\n"
	"    esac\n"
	"    mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W \"$(_nsroot_choices \"$2\")\" "
	"-- "
	"\"$word\")\n"
	"}\n"
	"\n"
	"# _nsroot_command PLACE: complete the words of the command, the first of which is at "
	"PLACE\n"
	"_nsroot_command() {\n"
	"    if declare -F _comp_command_offset >/dev/null; then\n"
	"        _comp_command_offset \"$1\"\n"
	"    elif declare -F _command_offset >/dev/null; then\n"
	"        _command_offset \"$1\"\n"
	"    elif ((COMP_CWORD == $1)); then\n"
	"        mapfile -t COMPREPLY < <(compgen -c -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
	"    else\n"
	"        _nsroot_value path '' \"${COMP_WORDS[COMP_CWORD]}\"\n"
	"    fi\n"
	"}\n"
	"\n"
	"_nsroot() {\n"
	"    local words places option='' current i\n"
	"    local -a values=()\n"
	"    COMPREPLY=()\n"
	"    _nsroot_words\n"
	"    current=${words[${#words[@]} - 1]}\n"
	"    for ((i = 1; i < ${#words[@]} - 1; i++)); do\n"
	"        if ((${#values[@]} > 0)); then\n"
	"            values=(\"${values[@]:1}\")\n"
	"        elif [[ ${words[i]} == -- ]]; then\n"
	"            _nsroot_command \"${places[i + 1]}\"\n"
	"            return\n"
	"        elif [[ ${words[i]} != -* ]]; then\n"
	"            _nsroot_command \"${places[i]}\"\n"
	"            return\n"
	"        elif [[ ${words[i]} != *=* ]]; then\n"
	"            option=${words[i]}\n"
	"            read -ra values <<<\"$(_nsroot_values \"$option\")\"\n"
	"        fi\n"
	"    done\n"
	"    if ((${#values[@]} > 0)); then\n"
	"        _nsroot_value \"${values[0]}\" \"$option\" \"$current\"\n"
	"    elif [[ $current == --*=* ]]; then\n"
	"        option=${current%%=*}\n"
	"        read -ra values <<<\"$(_nsroot_attached \"$option\")\"\n"
	"        _nsroot_value \"${values[0]-}\" \"$option\" \"${current#*=}\"\n"
	"        # readline replaces the part after the = alone, if it splits there\n"
	"        [[ $COMP_WORDBREAKS == *=* ]] || COMPREPLY=(\"${COMPREPLY[@]/#/$option=}\")\n"
	"    elif [[ $current == -* ]]; then\n"
	"        mapfile -t COMPREPLY < <(compgen -W \"$_nsroot_options\" -- \"$current\")\n"
	"    else\n"
	"        _nsroot_command \"${places[${#places[@]} - 1]}\"\n"
	"    fi\n"
	"}\n"
	"\n"
	"complete -F _nsroot nsroot\n";

static void print_options(FILE *file)
{
	fputs("_nsroot_options='\n", file);
	for (const struct option *option = option_table; option->name; option++)
		if (!option_is_repeated_row(option))
			fprintf(file, "%s\n", option->name);
	fputs("'\n\n", file);
}

static void print_kinds(FILE *file, const struct option *option)
{
	fprintf(file, "    %s) echo", option->name);
	for (size_t i = 0; i < option_value_count(option); i++)
		fprintf(file, " %s", kinds[option->completions[i]]);
	fputs(" ;;\n", file);
}

/* A function that echoes the kinds of values of the options which have any. */
static void print_values(FILE *file)
{
	fputs("# The kind of each value that follows an option as a word of its own\n"
	      "_nsroot_values() {\n    case $1 in\n",
	      file);
	for (const struct option *option = option_table; option->name; option++)
		if (option->values && !option_value_is_optional(option) &&
		    !option_is_repeated_row(option))
			print_kinds(file, option);
	fputs("    esac\n}\n\n"
	      "# The kind of the value in OPTION=VALUE\n"
	      "_nsroot_attached() {\n    case $1 in\n",
	      file);
	for (const struct option *option = option_table; option->name; option++)
		if (option_value_count(option) == 1 && !option_is_repeated_row(option))
			print_kinds(file, option);
	fputs("    esac\n}\n\n", file);
}

static void print_choices(FILE *file)
{
	fputs("_nsroot_choices() {\n    case $1 in\n", file);
	for (const struct option *option = option_table; option->name; option++)
		if (option->choices)
			fprintf(file, "    %s) echo '%s' ;;\n", option->name, option->choices);
	fputs("    esac\n}\n\n", file);
}

void print_bash(FILE *file)
{
	fputs("# bash completion of nsroot; made from its table of options\n\n", file);
	print_options(file);
	print_values(file);
	print_choices(file);
	fputs(engine, file);
}
