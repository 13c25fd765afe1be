/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The parts of the program inject: inject.c says what it does. */

#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { PROCESS_MAX = 64, NAME_SIZE = 24 };

struct process {
	pid_t pid;
	char name[NAME_SIZE];
	unsigned int children, calls;
	bool foreign; /* has called execve */
};

struct call {
	char process[NAME_SIZE];
	unsigned int index; /* from 1; 0: none */
};

struct stream {
	int fd;
	int end; /* the child's; not closed while it shares our table */
	char text[16384];
	size_t length;
};

struct run {
	int listener;
	struct stream streams[2]; /* standard output and error */
	struct process processes[PROCESS_MAX];
	size_t count;
	bool marked; /* nsroot's own calls have begun */
	bool injected, hung, left;
	int number; /* of the system call that failed */
	uint64_t args[6];
	int status;
};

/* What a program says when it fails itself. */
struct manner {
	const char *name;
	const char *prefix;
	const char *warning; /* before a warning */
	int status;
	int exec_status; /* of a command that can't be executed */
};

struct options {
	char **command;
	const struct manner *manner;
	const char *error_name;
	int error;
	const struct passwd *user;
	struct call only;
	int tolerated[8]; /* system calls */
	size_t tolerated_count;
	int skipped[8];
	size_t skipped_count;
	const char *accepted[8];
	size_t accepted_count;
	bool list;
};

/* Print it with the error of errno; status 2. */
_Noreturn void inject_die(const char *what);

bool inject_contains(const int *numbers, size_t count, int number);

/* By the name of a dialect; NULL if there is none. */
const struct manner *inject_find_manner(const char *name);

/*
 * Run the command to its end, and what it leaves behind too. The system call that `call` names
 * fails (index 0: none). Overwrites `run`.
 */
void inject_run(const struct options *options, const struct call *call, struct run *run);

/* What is wrong with how `run` ended, or NULL. `normal` is a run without a failure. */
const char *inject_judge(const struct options *options, const struct run *run,
			 const struct run *normal);
