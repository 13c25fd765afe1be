/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/rights.h"

#include "base/cleanup.h"
#include "base/read.h"
#include "base/syscalls.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define BIT(capability) (UINT64_C(1) << (capability))

/* Those that a change of the user for files (setfsuid(2)) takes away as well. */
#define FILE_CAPABILITIES                                                                          \
	(BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_FOWNER) |     \
	 BIT(CAP_FSETID))

struct ids {
	uid_t uid, effective_uid;
	gid_t gid, effective_gid;
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

	if (!uids || !gids || !groups ||
	    sscanf(uids, "\nUid: %*u %u %*u %u", &ids->effective_uid, &ids->uid) != 2 ||
	    sscanf(gids, "\nGid: %*u %u %*u %u", &ids->effective_gid, &ids->gid) != 2)
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

bool rights_has_our_ids(const struct caller *caller)
{
	struct ids ids;

	return read_ids(caller, &ids) == 0 && ids.uid == geteuid() && ids.gid == getegid();
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

static int all_permitted(uint64_t *capabilities)
{
	struct __user_cap_data_struct sets[2];
	int r = get_capabilities(0, sets);

	if (r >= 0)
		*capabilities = sets[0].permitted | (uint64_t)sets[1].permitted << 32;
	return r;
}

static int enter_user_namespace(const struct caller *caller)
{
	_cleanup_close_ int fd = -EBADF;
	char path[32];

	snprintf(path, sizeof(path), "%d/ns/user", (int)caller->pid);
	fd = openat(caller->proc_fd, path, O_RDONLY | O_CLOEXEC);
	return fd < 0 || setns(fd, CLONE_NEWUSER) < 0 ? -errno : 0;
}

/* All that the kernel looks at in who follows a link, for good. */
static int become(const struct caller *caller)
{
	uint64_t permitted, has;
	struct ids ids;

	if (effective(caller->pid, &has) < 0 || read_ids(caller, &ids) < 0 ||
	    all_permitted(&permitted) < 0 || set_effective(permitted) < 0)
		return -EACCES;
	/* the real ones stay: with them, what is permitted */
	if (setresgid(ID_UNSET, ids.effective_gid, ID_UNSET) < 0 ||
	    setresuid(ID_UNSET, ids.effective_uid, ID_UNSET) < 0 || set_effective(permitted) < 0)
		return -EACCES;
	setfsgid(ids.gid);
	setfsuid(ids.uid);
	if ((uid_t)setfsuid(ID_UNSET) != ids.uid || (gid_t)setfsgid(ID_UNSET) != ids.gid ||
	    set_effective(permitted) < 0)
		return -EACCES;
	if (!caller_is_beside_us(caller) &&
	    (enter_user_namespace(caller) < 0 || all_permitted(&permitted) < 0))
		return -EACCES;
	return set_effective(has & permitted) < 0 ? -EACCES : 0;
}

static int follow_to(const struct caller *caller, int folder, const char *name, int fd)
{
	int r = become(caller), found;

	if (r < 0)
		return r;
	found = openat(folder, name, O_PATH | O_CLOEXEC);
	if (found < 0)
		return -errno;
	r = dup3(found, fd, O_CLOEXEC) < 0 ? -errno : 0;
	close(found); /* that of the process that waits, too */
	return r;
}

/* In a process of its own, which gives up for good what the caller does not have, and shares but
 * the file descriptors with us. */
static int follow_as_caller(const struct caller *caller, int folder, const char *name)
{
	const struct clone_args args = { .flags = CLONE_FILES };
	_cleanup_close_ int fd = fcntl(folder, F_DUPFD_CLOEXEC, 3);
	int status;
	pid_t pid;

	if (fd < 0)
		return -errno;
	(void)caller_is_beside_us(caller); /* to be known here */
	pid = sys_clone(&args);
	if (pid == 0)
		_exit(-follow_to(caller, folder, name, fd));
	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, __WALL) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	if (!WIFEXITED(status))
		return -EACCES;
	return WEXITSTATUS(status) ? -WEXITSTATUS(status) : steal_fd(&fd);
}

int rights_follow(const struct caller *caller, int folder, const char *name)
{
	int fd;

	/* who has it may look at all that we may */
	if (!caller_is_beside_us(caller) || !rights_has_there(caller, CAP_SYS_PTRACE))
		return follow_as_caller(caller, folder, name);
	fd = openat(folder, name, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
