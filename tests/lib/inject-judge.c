/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a launch must look like at its end, whichever system call failed. */

#include "inject.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>

static const struct manner manners[] = {
	{ "nsroot", "nsroot: ", "nsroot: warning: ", 125, 126 },
	{ "bwrap", "bwrap: ", "bwrap: ", 1, 1 },
	{ "mkosi-sandbox", "mkosi-sandbox: ", "mkosi-sandbox: warning: ", 125, 126 },
};

const struct manner *inject_find_manner(const char *name)
{
	for (size_t i = 0; i < sizeof(manners) / sizeof(*manners); i++) {
		if (strcmp(manners[i].name, name) == 0)
			return &manners[i];
	}
	return NULL;
}

/* What may make a difference, or is told by another line than that of the call. */
static const struct {
	int number;
	uint64_t flags; /* that the third argument has: of openat(2) */
	const char *reason;
} tolerated[] = {
	{ SYS_chdir, 0, "the nearest parent of the current directory is taken" },
	{ SYS_sendmsg, 0, "if pid 1 can't tell how the command ended, nobody can" },
	{ SYS_openat, O_NOCTTY, "who can't open /dev/tty takes it that there is one" },
};

static bool is_tolerated(const struct options *options, const struct run *run)
{
	if (inject_contains(options->tolerated, options->tolerated_count, run->number))
		return true;
	for (size_t i = 0; i < sizeof(tolerated) / sizeof(*tolerated); i++) {
		if (tolerated[i].number == run->number &&
		    (run->args[2] & tolerated[i].flags) == tolerated[i].flags)
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

static bool is_line(const struct stream *stream, const char *prefix)
{
	return strncmp(stream->text, prefix, strlen(prefix)) == 0 && count_lines(stream) == 1 &&
	       stream->text[stream->length - 1] == '\n';
}

const char *inject_judge(const struct options *options, const struct run *run,
			 const struct run *normal)
{
	const struct stream *errors = &run->streams[1];
	const struct manner *manner = options->manner;
	bool warned = is_line(errors, manner->warning);

	if (run->hung)
		return "it hangs";
	if (run->left)
		return "a process is left";
	if (run->status == 0 && strcmp(run->streams[0].text, normal->streams[0].text) == 0)
		return errors->length && !warned ? "it tells an error" : NULL;
	if (!run->injected || (options->error == EINTR && !is_accepted(options, errors)))
		return "it should succeed";
	if (run->status == 0)
		return warned || is_tolerated(options, run)
			       ? NULL
			       : "it makes a difference that is not told";
	if (run->status != manner->status &&
	    !(run->status == manner->exec_status && run->number == SYS_execve))
		return "wrong status";
	if (!is_line(errors, manner->prefix))
		return "not one line with the program's name";
	if (!strstr(errors->text, strerror(options->error)) && !is_tolerated(options, run) &&
	    !is_accepted(options, errors))
		return "another reason is told";
	return NULL;
}
