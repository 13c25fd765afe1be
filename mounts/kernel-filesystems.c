/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/kernel-filesystems.h"

#include <linux/magic.h>
#include <stddef.h>
#include <string.h>
#include <sys/vfs.h>

/* Not in <linux/magic.h> */
#define CONFIGFS_MAGIC 0x62656570
#define FUSECTL_MAGIC 0x65735543
#define MQUEUE_MAGIC 0x19800202
#define NFSD_MAGIC 0x6e667364
#define RPC_PIPEFS_MAGIC 0x67596969

static const struct {
	const char *type;
	unsigned long magic;
	bool switches;
} filesystems[] = {
	{ "binfmt_misc", BINFMTFS_MAGIC, true },
	{ "bpf", BPF_FS_MAGIC, true },
	{ "cgroup", CGROUP_SUPER_MAGIC, true },
	{ "cgroup2", CGROUP2_SUPER_MAGIC, true },
	{ "configfs", CONFIGFS_MAGIC, true },
	{ "debugfs", DEBUGFS_MAGIC, true },
	{ "devpts", DEVPTS_SUPER_MAGIC, false },
	{ "efivarfs", EFIVARFS_MAGIC, true },
	{ "fusectl", FUSECTL_MAGIC, true },
	{ "mqueue", MQUEUE_MAGIC, false },
	{ "nfsd", NFSD_MAGIC, true },
	{ "proc", PROC_SUPER_MAGIC, true },
	{ "pstore", PSTOREFS_MAGIC, true },
	{ "resctrl", RDTGROUP_SUPER_MAGIC, true },
	{ "rpc_pipefs", RPC_PIPEFS_MAGIC, true },
	{ "securityfs", SECURITYFS_MAGIC, true },
	{ "selinuxfs", SELINUX_MAGIC, true },
	{ "smackfs", SMACK_MAGIC, true },
	{ "sysfs", SYSFS_MAGIC, true },
	{ "tracefs", TRACEFS_MAGIC, true },
};

#define COUNT (sizeof(filesystems) / sizeof(*filesystems))

bool kernel_filesystem_has_switches(const char *type)
{
	for (size_t i = 0; i < COUNT; i++) {
		if (filesystems[i].switches && strcmp(type, filesystems[i].type) == 0)
			return true;
	}
	return false;
}

bool kernel_filesystem_is_at(int fd)
{
	struct statfs status;

	if (fstatfs(fd, &status) < 0)
		return false;
	for (size_t i = 0; i < COUNT; i++) {
		if ((unsigned long)status.f_type == filesystems[i].magic)
			return true;
	}
	return false;
}
