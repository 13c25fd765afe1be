/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/tmpfs.h"

#include "base/cleanup.h"
#include "base/syscalls.h"

#include <string.h>

static int set_number(int context, const char *key, unsigned long long value)
{
	char text[32];

	snprintf(text, sizeof(text), strcmp(key, "mode") == 0 ? "%llo" : "%llu", value);
	return fsconfig(context, FSCONFIG_SET_STRING, key, text, 0);
}

/* tmpfs(5) */
int mount_tmpfs(mode_t mode, uint64_t size, uid_t uid, gid_t gid, unsigned int attributes,
		const char **call)
{
	_cleanup_close_ int context = fsopen("tmpfs", FSOPEN_CLOEXEC);
	int mount;

	*call = "fsopen tmpfs";
	if (context < 0)
		return -errno;
	*call = "fsconfig tmpfs";
	if (fsconfig(context, FSCONFIG_SET_STRING, "source", "tmpfs", 0) < 0 ||
	    set_number(context, "mode", mode) < 0 ||
	    (size && set_number(context, "size", size) < 0) ||
	    (uid != ID_UNSET && set_number(context, "uid", uid) < 0) ||
	    (gid != ID_UNSET && set_number(context, "gid", gid) < 0) ||
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	*call = "fsmount tmpfs";
	mount = fsmount(context, FSMOUNT_CLOEXEC, attributes);
	return mount < 0 ? -errno : mount;
}
