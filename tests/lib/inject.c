/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * inject [OPTIONS] COMMAND [ARGS]: run a launch of nsroot again and again, failing another one of
 * its system calls each time, and tell where that does not end as it should: status 125 (126 for
 * the execve of the sandboxed command), one line "nsroot: ..." on standard error that has the
 * reason, and no process left. Or the failure made no difference: the sandboxed command, which is
 * to tell how it finds its sandbox, says the same as without it.
 *
 *   --dialect NAME   COMMAND starts nsroot in that dialect, whose statuses and words are expected
 *   --error NAME     what the calls fail with; default EPERM. EINTR is given only to calls that
 *                    may wait, and then the launch has to succeed.
 *   --user NAME      run as that user; setuid programs keep their rights. Only for root.
 *   --at PROCESS:N   just this one, as the messages name it
 *   --tolerate CALL  it may make a difference, or another reason be told; repeatable
 *   --skip CALL      let it alone; repeatable
 *   --accept TEXT    a line with TEXT is right whatever the reason; repeatable
 *   --list           print what each failure came to
 *
 * Counting starts after the C library's own start: with fcntl(0, F_GETFD), nsroot's first call.
 * Processes are named by descent: 1 is the launcher, 1.1 its first child. What another program
 * does after execve is let alone.
 */

#include "inject.h"

#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

enum { LINE_MAX_SHOWN = 300 };

static const struct {
	const char *name;
	int value;
} error_names[] = {
	{ "EPERM", EPERM },   { "EINTR", EINTR },   { "ENOMEM", ENOMEM }, { "EMFILE", EMFILE },
	{ "EINVAL", EINVAL }, { "ENOSYS", ENOSYS }, { "EACCES", EACCES }, { "ENOENT", ENOENT },
	{ "ENOSPC", ENOSPC }, { "EIO", EIO },       { "EAGAIN", EAGAIN },
};

struct counts {
	unsigned int injected, wrong;
};

static const char *call_name(int number)
{
	static char name[64];
	char *found = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);

	snprintf(name, sizeof(name), "%s", found ? found : "?");
	free(found);
	return name;
}

static void print_difference(const char *normal, const char *now)
{
	while (*normal || *now) {
		size_t length = strcspn(normal, "\n"), now_length = strcspn(now, "\n");

		if (length != now_length || strncmp(normal, now, length) != 0) {
			printf("# without: %.*s\n# now:     %.*s\n", (int)length, normal,
			       (int)now_length, now);
			return;
		}
		normal += length + (normal[length] != '\0');
		now += length + (now[length] != '\0');
	}
}

static void check(const struct options *options, const struct call *call, const struct run *normal,
		  struct counts *counts)
{
	static struct run run;
	const struct stream *errors = &run.streams[1];
	const char *wrong;

	inject_run(options, call, &run);
	wrong = inject_judge(options, &run, normal);
	counts->injected += run.injected;
	counts->wrong += wrong != NULL;
	if (!wrong && !(options->list && run.injected))
		return;
	printf("%s %s:%u %s(%llx, %llx, %llx) %s: %s: status %d: %.*s%s", wrong ? "not ok" : "ok",
	       call->process, call->index, run.injected ? call_name(run.number) : "none",
	       (unsigned long long)run.args[0], (unsigned long long)run.args[1],
	       (unsigned long long)run.args[2], options->error_name, wrong ? wrong : "as it should",
	       run.status, LINE_MAX_SHOWN, errors->text,
	       errors->length && errors->length < LINE_MAX_SHOWN ? "" : "\n");
	if (wrong && (run.status == 0 || run.streams[0].length))
		print_difference(normal->streams[0].text, run.streams[0].text);
	fflush(stdout);
}

static bool take_repeatable(struct options *options, const char *name, const char *value)
{
	if (strcmp(name, "--tolerate") == 0 && options->tolerated_count < 8)
		options->tolerated[options->tolerated_count++] =
			seccomp_syscall_resolve_name(value);
	else if (strcmp(name, "--skip") == 0 && options->skipped_count < 8)
		options->skipped[options->skipped_count++] = seccomp_syscall_resolve_name(value);
	else if (strcmp(name, "--accept") == 0 && options->accepted_count < 8)
		options->accepted[options->accepted_count++] = value;
	else
		return false;
	return true;
}

static void parse(struct options *options, int argc, char **argv)
{
	int i = 1;

	*options = (struct options){
		.error_name = "EPERM",
		.error = EPERM,
		.manner = inject_find_manner("nsroot"),
	};
	for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		if (strcmp(argv[i], "--list") == 0) {
			options->list = true;
		} else if (strcmp(argv[i], "--user") == 0 && i + 1 < argc) {
			options->user = getpwnam(argv[++i]);
			if (!options->user)
				inject_die("--user");
		} else if (strcmp(argv[i], "--dialect") == 0 && i + 1 < argc) {
			options->manner = inject_find_manner(argv[++i]);
			if (!options->manner)
				inject_die("--dialect");
		} else if (i + 1 < argc && take_repeatable(options, argv[i], argv[i + 1])) {
			i++;
		} else if (strcmp(argv[i], "--at") == 0 && i + 1 < argc) {
			if (sscanf(argv[++i], "%23[0-9.]:%u", options->only.process,
				   &options->only.index) != 2)
				inject_die("--at");
		} else if (strcmp(argv[i], "--error") == 0 && i + 1 < argc) {
			options->error = 0;
			options->error_name = argv[++i];
			for (size_t j = 0; j < sizeof(error_names) / sizeof(*error_names); j++) {
				if (strcmp(error_names[j].name, argv[i]) == 0)
					options->error = error_names[j].value;
			}
			if (!options->error)
				inject_die("--error");
		} else {
			break;
		}
	}
	options->command = argv + i;
	if (i == argc)
		inject_die("a command is missing");
}

int main(int argc, char **argv)
{
	struct options options;
	static struct run normal;
	struct counts counts = { 0 };

	parse(&options, argc, argv);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		inject_die("prctl");
	/* twice: an overlay looks another way when its work directory has been used */
	inject_run(&options, &(struct call){ .index = 0 }, &normal);
	inject_run(&options, &(struct call){ .index = 0 }, &normal);
	if (normal.hung || normal.left || normal.status || normal.streams[1].length ||
	    !normal.marked) {
		printf("not ok without a failure: status %d: %s\n", normal.status,
		       normal.streams[1].text);
		return 1;
	}
	for (size_t i = 0; i < normal.count; i++) {
		struct call call;

		strcpy(call.process, normal.processes[i].name);
		for (call.index = 1; call.index <= normal.processes[i].calls; call.index++) {
			if (options.only.index && (call.index != options.only.index ||
						   strcmp(call.process, options.only.process) != 0))
				continue;
			check(&options, &call, &normal, &counts);
		}
	}
	printf("%u calls failed in turn, %u wrongly\n", counts.injected, counts.wrong);
	return counts.injected && !counts.wrong ? 0 : 1;
}
