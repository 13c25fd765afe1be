/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/namespaces.h"

#include "base/syscalls.h"

const struct namespace_kind namespace_kinds[NAMESPACE_COUNT] = {
	[NAMESPACE_USER] = { "user", "user", CLONE_NEWUSER, NAMESPACE_UNSHARE },
	[NAMESPACE_MOUNT] = { "mount", "mnt", CLONE_NEWNS, NAMESPACE_UNSHARE },
	[NAMESPACE_PID] = { "pid", "pid", CLONE_NEWPID, NAMESPACE_UNSHARE },
	[NAMESPACE_IPC] = { "ipc", "ipc", CLONE_NEWIPC, NAMESPACE_UNSHARE },
	[NAMESPACE_UTS] = { "uts", "uts", CLONE_NEWUTS, NAMESPACE_UNSHARE },
	[NAMESPACE_NET] = { "net", "net", CLONE_NEWNET, NAMESPACE_SHARE },
	[NAMESPACE_CGROUP] = { "cgroup", "cgroup", CLONE_NEWCGROUP, NAMESPACE_TRY },
	[NAMESPACE_TIME] = { "time", "time", CLONE_NEWTIME, NAMESPACE_SHARE },
};
