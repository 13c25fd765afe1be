/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the launcher and pid 1 tell each other, over a socketpair whose end of file means that the
 * other side has died: SOCK_SEQPACKET, unix(7).
 */

#include "base/report.h"

enum message_kind {
	/* to pid 1 */
	MESSAGE_GO, /* the id maps are written; the tree is complete, and is the root: `value` is
		       what mount_enter returned */
	/* to the launcher */
	MESSAGE_READY,      /* pid 1 is in all its namespaces but the mount namespace */
	MESSAGE_NAMESPACES, /* ... in that one too; `text` tells which: status.h */
	MESSAGE_NAMESPACE,  /* --remember: comes with an fd of the one of kind `value` */
	MESSAGE_LISTENER,   /* --remember: ... of the filter whose calls are to be answered; without
			       one, that there can't be any */
	MESSAGE_STARTED,    /* the command runs; comes with a pidfd of it; `value`: signals_pending
			       just    before, up to 31 */
	MESSAGE_STOPPED,    /* by signal `value` */
	MESSAGE_CONTINUED,
	MESSAGE_EXITED, /* `value` is its wait status */
	MESSAGE_FAILED, /* `value` is the exit status, `text` the reason */
};

struct message {
	enum message_kind kind;
	int value;
	char text[sizeof(((struct report *)NULL)->text)];
};

/* handshake_open: the two ends. Returns 0 or a negative errno, reported. */
int handshake_open(int sockets[2], struct report *report);

/*
 * handshake_send:
 *  fd: to pass along, or -EBADF.
 *  text: "" for none; at most as long as a report.
 * Returns 0 or a negative errno.
 */
int handshake_send(int socket, enum message_kind kind, int value, int fd, const char *text);

/*
 * handshake_write: the same without an fd, where filters of the user are installed: by write(2),
 * which lets more of them through. SIGPIPE is sent if the other side has died.
 */
int handshake_write(int socket, enum message_kind kind, int value, const char *text);

/* handshake_is_over: whether the other side has died. */
bool handshake_is_over(int socket);

/*
 * handshake_receive: wait for one message.
 *  fd: takes the fd that came along, or -EBADF; may be NULL.
 * Returns 0, -ECONNRESET at the end of file, or another negative errno.
 */
int handshake_receive(int socket, struct message *message, int *fd);
