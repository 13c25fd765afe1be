/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/rights.h"

#include "base/cleanup.h"
#include "base/read.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>

#define BIT(capability) (UINT64_C(1) << (capability))

/* Those that a change of the user for files (setfsuid(2)) takes away as well. */
#define FILE_CAPABILITIES                                                                          \
	(BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_FOWNER) |     \
	 BIT(CAP_FSETID))

struct ids {
	uid_t uid;
	gid_t gid;
	gid_t groups[RIGHTS_GROUPS_MAX];
	size_t group_count;
};

static int get_capabilities(pid_t pid, struct __user_cap_data_struct sets[2])
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, pid };

	return syscall(SYS_capget, &header, sets) < 0 ? -errno : 0;
}

static int set_effective(uint64_t capabilities)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct sets[2];
	int r = get_capabilities(0, sets);

	sets[0].effective = (uint32_t)capabilities;
	sets[1].effective = (uint32_t)(capabilities >> 32);
	return r < 0 ? r : syscall(SYS_capset, &header, sets) < 0 ? -errno : 0;
}

static int effective(pid_t pid, uint64_t *capabilities)
{
	struct __user_cap_data_struct sets[2];
	int r = get_capabilities(pid, sets);

	if (r >= 0)
		*capabilities = sets[0].effective | (uint64_t)sets[1].effective << 32;
	return r;
}

int rights_get_own(struct own_rights *own)
{
	own->group_count = getgroups(RIGHTS_GROUPS_MAX, own->groups);
	return effective(0, &own->capabilities);
}

bool rights_suffice(const struct caller *caller, const struct own_rights *own,
		    uint64_t capabilities)
{
	uint64_t wanted = capabilities | (own->capabilities & FILE_CAPABILITIES), has;

	return effective(caller->pid, &has) == 0 && (has & wanted) == wanted &&
	       caller_is_beside_us(caller);
}

/* The ids for files are the last of the four: proc_pid_status(5). */
static int parse_ids(const char *text, struct ids *ids)
{
	const char *uids = strstr(text, "\nUid:"), *gids = strstr(text, "\nGid:"),
		   *groups = strstr(text, "\nGroups:");
	char *after;

	if (!uids || !gids || !groups || sscanf(uids, "\nUid: %*u %*u %*u %u", &ids->uid) != 1 ||
	    sscanf(gids, "\nGid: %*u %*u %*u %u", &ids->gid) != 1)
		return -ESRCH;
	groups += strlen("\nGroups:");
	for (ids->group_count = 0;; ids->group_count++) {
		unsigned long group;

		groups += strspn(groups, " \t");
		if (*groups == '\n')
			return 0;
		group = strtoul(groups, &after, 10);
		if (after == groups || ids->group_count == RIGHTS_GROUPS_MAX)
			return -E2BIG;
		ids->groups[ids->group_count] = (gid_t)group;
		groups = after;
	}
}

static int read_ids(const struct caller *caller, struct ids *ids)
{
	char path[32], text[4096];
	int r;

	snprintf(path, sizeof(path), "%d/status", (int)caller->pid);
	r = read_text(caller->proc_fd, path, text, sizeof(text));
	return r < 0 ? r : parse_ids(text, ids);
}

bool rights_has_there(const struct caller *caller, int capability)
{
	uint64_t has;

	return effective(caller->pid, &has) == 0 && has & BIT(capability);
}

bool rights_is_user(const struct caller *caller, uid_t uid)
{
	struct ids ids;

	return read_ids(caller, &ids) == 0 && ids.uid == uid;
}

bool rights_is_in_group(const struct caller *caller, gid_t gid)
{
	struct ids ids;
	bool found;

	if (read_ids(caller, &ids) < 0)
		return false;
	found = ids.gid == gid;
	for (size_t i = 0; i < ids.group_count && !found; i++)
		found = ids.groups[i] == gid;
	return found;
}

int rights_take(const struct caller *caller, const struct own_rights *own)
{
	const uint64_t kept = own->capabilities & ~FILE_CAPABILITIES;
	struct ids ids;
	uint64_t has;
	int r;

	if (own->group_count < 0)
		return -E2BIG;
	r = effective(caller->pid, &has);
	if (r >= 0)
		r = read_ids(caller, &ids);
	if (r < 0)
		return r;
	if (!caller_is_beside_us(caller))
		has = 0;
	/* EPERM: this namespace's groups can't be changed, so nobody in it has others than we */
	if (setgroups(ids.group_count, ids.groups) < 0 && errno != EPERM)
		return -errno;
	setfsgid(ids.gid);
	setfsuid(ids.uid);
	/* they don't tell of a failure: ids that we don't have */
	if ((uid_t)setfsuid(ID_UNSET) != ids.uid || (gid_t)setfsgid(ID_UNSET) != ids.gid)
		r = -EPERM;
	if (r >= 0)
		r = set_effective(kept | (has & own->capabilities & FILE_CAPABILITIES));
	if (r < 0)
		rights_give_back(own);
	return r;
}

void rights_give_back(const struct own_rights *own)
{
	/* in this order: it takes capabilities to be somebody else */
	if (set_effective(own->capabilities) < 0)
		abort();
	setfsuid(geteuid());
	setfsgid(getegid());
	(void)setgroups((size_t)own->group_count, own->groups); /* EPERM: they are as they were */
	if (set_effective(own->capabilities) < 0)
		abort();
}
