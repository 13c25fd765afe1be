/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The one table of namespaces: namespaces(7). */

#include <stdbool.h>
#include <stdint.h>

enum namespace {
	NAMESPACE_USER,
	NAMESPACE_MOUNT,
	NAMESPACE_PID,
	NAMESPACE_IPC,
	NAMESPACE_UTS,
	NAMESPACE_NET,
	NAMESPACE_CGROUP,
	NAMESPACE_TIME,
	NAMESPACE_COUNT,
};

enum namespace_wish {
	NAMESPACE_SHARE,   /* stay in the caller's */
	NAMESPACE_UNSHARE, /* a new one, or fail */
	NAMESPACE_TRY,     /* a new one where the kernel has it */
	NAMESPACE_JOIN,    /* enter the one that an fd refers to */
};

struct namespace_choice {
	enum namespace_wish wish;
	int fd; /* NAMESPACE_JOIN, else -EBADF */
};

struct namespace_kind {
	const char *name;      /* as in --unshare-NAME */
	const char *proc_name; /* file below /proc/PID/ns */
	uint64_t clone_flag;   /* CLONE_NEW* */
	enum namespace_wish preset;
};

extern const struct namespace_kind namespace_kinds[NAMESPACE_COUNT];
