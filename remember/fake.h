/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* fakeroot's way to remember, struct recorder.fake: every file has an owner and a mode to show. */

#include "remember/answer.h"

/* fake_unknown_owner: set status to the owner and group that a file is shown with of which nothing
 * is remembered. fd: may be O_PATH. */
void fake_unknown_owner(const struct answer *answer, int fd, struct stat *status);

/*
 * fake_look: what a file looks like of which nothing is remembered. Returns false if it is as the
 * kernel shows it.
 */
bool fake_look(const struct answer *answer, int fd, const struct stat *status,
	       struct remembered *shown);

/*
 * fake_note: note what is not known yet of a file: its owner as it is shown, and the mode that it
 * has now. Does nothing where it is not fakeroot's way.
 */
void fake_note(const struct answer *answer, int fd, struct remembered *file);

/*
 * fake_follow: a file was found again: a mode that the kernel gave to it meanwhile is right.
 * Returns false if what is remembered, of a state file, is of another file.
 */
bool fake_follow(struct remembered *file, const struct stat *status);
