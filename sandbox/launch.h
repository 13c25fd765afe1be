/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A launch: the launcher's side of it, from what was asked to the exit status. HACKING.md has the
 * picture.
 */

#include "mounts/build.h"
#include "remember/file.h"
#include "remember/layers.h"
#include "remember/shared.h"
#include "sandbox/children.h"
#include "sandbox/identity.h"
#include "sandbox/sandbox.h"
#include "sandbox/signals.h"
#include "sandbox/terminal.h"
#include "sandbox/timeout.h"

/* --remember: the recorder, and what it is to have. */
struct recording {
	struct remember_file file;
	struct remember_table table;
	struct remember_overlays overlays;
	int user_fd, mount_fd; /* namespaces of pid 1 */
	int control;           /* custom.fake: its end says that the recorder is to save */
	pid_t recorder;        /* 0: not started */
	struct report *shared; /* with the recorder; NULL: nothing is recorded */
	enum show_owners show; /* what was asked for, or what is to be had */
	struct shared owners;  /* SHOW_AUTO */
};

/* What both sides of a launch need. Made by the launcher; pid 1 works on its copy. */
struct launch {
	const struct sandbox *sandbox;
	struct identity identity;
	struct inherited_signals signals;
	struct terminal terminal; /* launcher only */
	struct timeout timeout;   /* launcher only */
	pid_t parent;             /* at the start: --die-with-parent */
	mode_t umask;             /* the caller's */
	char **environment;       /* the command's */
	char **argv;              /* our own, and our own environment: to be wiped in pid 1 */
	char **own_environment;
	char *cwd;       /* the caller's current directory; NULL: unreachable */
	int proc_fd;     /* O_PATH: the caller's procfs */
	int socket;      /* this side's end of the handshake */
	int peer_socket; /* the other one, until the other side has its copy */
	int pid_1;       /* pidfd, launcher only */
	pid_t pid_1_pid;
	bool direct;            /* pid 1 becomes the command */
	bool started;           /* the command has been executed */
	bool described;         /* MESSAGE_NAMESPACES has come */
	bool emptied;           /* pid 1 has ended by itself, after all else inside */
	struct children spared; /* --share-pid: ours from before, of who called exec */
	int early_signal;       /* ends what is set up before the command has started */
	struct recording recording;
	struct fd_list locks; /* of --lock-file, pid 1 only */
	struct mount_build build;
	struct report *report;
};

/*
 * launch_run: carry out what was asked and wait for its end.
 *  argv: as main got it.
 *  status: set to the exit status.
 *  death: set to the signal the command died of, or 0.
 * Returns 0 or a negative errno, reported; then nothing of the sandbox is left.
 */
int launch_run(const struct sandbox *sandbox, char **argv, int *status, int *death,
	       struct report *report);

/*
 * launch_prepare: what is known before anything is made: procfs, ids, directory, environment.
 * Returns 0 or a negative errno, reported.
 */
int launch_prepare(struct launch *launch, char **argv);
