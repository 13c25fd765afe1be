/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a launch must look like at its end, whichever system call failed. */

#include "inject.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

/*
 * What may make a difference, or is told by another line than that of the call. `argument` of the
 * call, from 0, has to be `value`.
 */
static const struct {
	int number;
	int argument; /* -1: whatever the arguments */
	uint64_t value;
	const char *reason;
} tolerated[] = {
	{ SYS_chdir, -1, 0, "the nearest parent of the current directory is taken" },
	{ SYS_sendmsg, -1, 0, "if pid 1 can't tell how the command ended, nobody can" },
};

static bool is_tolerated(const struct options *options, const struct run *run)
{
	if (inject_contains(options->tolerated, options->tolerated_count, run->number))
		return true;
	for (size_t i = 0; i < sizeof(tolerated) / sizeof(*tolerated); i++) {
		if (tolerated[i].number == run->number &&
		    (tolerated[i].argument < 0 ||
		     run->args[tolerated[i].argument] == tolerated[i].value))
			return true;
	}
	return false;
}

static bool is_accepted(const struct options *options, const struct stream *stream)
{
	for (size_t i = 0; i < options->accepted_count; i++) {
		if (strstr(stream->text, options->accepted[i]))
			return true;
	}
	return false;
}

static size_t count_lines(const struct stream *stream)
{
	size_t lines = 0;

	for (size_t i = 0; i < stream->length; i++)
		lines += stream->text[i] == '\n';
	return lines;
}

static bool is_warning(const struct stream *stream)
{
	static const char warning[] = "nsroot: warning: ";

	return strncmp(stream->text, warning, strlen(warning)) == 0 && count_lines(stream) == 1;
}

const char *inject_judge(const struct options *options, const struct run *run,
			 const struct run *normal)
{
	const struct stream *errors = &run->streams[1];

	if (run->hung)
		return "it hangs";
	if (run->left)
		return "a process is left";
	if (run->status == 0 && strcmp(run->streams[0].text, normal->streams[0].text) == 0)
		return errors->length && !is_warning(errors) ? "it tells an error" : NULL;
	if (!run->injected || (options->error == EINTR && !is_accepted(options, errors)))
		return "it should succeed";
	if (run->status == 0)
		return is_warning(errors) || is_tolerated(options, run)
			       ? NULL
			       : "it makes a difference that is not told";
	if (run->status != 125 && !(run->status == 126 && run->number == SYS_execve))
		return "wrong status";
	if (count_lines(errors) != 1 || errors->text[errors->length - 1] != '\n')
		return "not one line";
	if (strncmp(errors->text, "nsroot: ", 8) != 0)
		return "not \"nsroot: ...\"";
	if (!strstr(errors->text, strerror(options->error)) && !is_tolerated(options, run) &&
	    !is_accepted(options, errors))
		return "another reason is told";
	return NULL;
}
