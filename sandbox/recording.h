/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* --remember: the recorder (remember/recorder.h) as a part of a launch. */

#include "sandbox/handshake.h"
#include "sandbox/launch.h"

/* recording_open: launcher: the file, before anything is made. Does nothing without --remember.
 * Returns 0 or a negative errno, reported. */
int recording_open(struct launch *launch);

/* recording_show_namespaces: pid 1: pass its user and mount namespaces to the launcher. */
int recording_show_namespaces(const struct launch *launch);

/*
 * recording_install: the command: install the filter and pass its listener to the launcher. Calls
 * that it knows wait from then on until the recorder answers. Fit for the child of a vfork.
 * Returns 0, a negative errno, reported, or RECORDING_TAKEN: another sandbox around this one
 * records, and the launcher has been told to warn of it.
 */
#define RECORDING_TAKEN 1
int recording_install(const struct launch *launch, struct report *report);

/* recording_hear: launcher: a namespace of pid 1, or the listener: with that the recorder starts.
 * Takes over the fd. Returns 0 or a negative errno, reported. */
int recording_hear(struct launch *launch, const struct message *message, int fd);

/*
 * recording_end: launcher: the sandbox is gone: the recorder writes the file, and is waited for.
 * Returns 0 or a negative errno, reported.
 */
int recording_end(struct launch *launch);
