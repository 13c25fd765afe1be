/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A process outside the sandbox's user namespace, that tells the recorder, which is inside, of the
 * ids that are not mapped there: whose a file really is.
 */

#include <sys/types.h>

/* witness_serve: answer on a socket, until its other end is closed. */
void witness_serve(int socket);

/*
 * witness_ask: the owner and group of what an fd, which may be O_PATH, refers to.
 *  socket: the other end of witness_serve's, of type SOCK_SEQPACKET.
 * Returns 0 or a negative errno.
 */
int witness_ask(int socket, int fd, uid_t *uid, gid_t *gid);
