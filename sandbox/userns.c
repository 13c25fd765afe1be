/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/userns.h"

#include "base/cleanup.h"
#include "idmap/write.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>

/* Returns 0 or a negative errno; *call is set to what failed. */
static int set_limit(const struct launch *launch, const char *name, int count, const char **call)
{
	_cleanup_close_ int fd = -EBADF;
	char path[64], text[16];

	snprintf(path, sizeof(path), "sys/user/%s", name);
	snprintf(text, sizeof(text), "%d", count);
	*call = "open";
	fd = openat(launch->proc_fd, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*call = "write";
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

int userns_forbid(const struct launch *launch, int count)
{
	static const char name[] = "max_user_namespaces";
	const char *call;
	int r;

	if (!launch->sandbox->disable_userns)
		return 0;
	r = set_limit(launch, name, count, &call);
	if (r < 0)
		return report_failure(launch->report, -r, "--no-userns: %s /proc/sys/user/%s", call,
				      name);
	return 0;
}

static int enter_nested(const struct launch *launch)
{
	const struct identity *identity = &launch->identity;
	struct idmap uid_map, gid_map;

	uid_map.count = gid_map.count = 0;
	idmap_add(&uid_map, identity->uid, geteuid(), 1);
	idmap_add(&gid_map, identity->gid, getegid(), 1);
	if (unshare(CLONE_NEWUSER) < 0)
		return report_failure(launch->report, errno, "unshare the inner user namespace");
	return idmap_write_self(launch->proc_fd, &uid_map, &gid_map, true, launch->report);
}

static int enter_second(struct launch *launch)
{
	const struct sandbox *sandbox = launch->sandbox;

	if (setns(sandbox->userns2_fd, CLONE_NEWUSER) < 0)
		return report_failure(launch->report, errno, "--userns2 %d: setns",
				      sandbox->userns2_fd);
	/* its map says anew who we are */
	launch->identity.uid = sandbox->uid == ID_UNSET ? geteuid() : sandbox->uid;
	launch->identity.gid = sandbox->gid == ID_UNSET ? getegid() : sandbox->gid;
	return 0;
}

int userns_enter_inner(struct launch *launch)
{
	const struct sandbox *sandbox = launch->sandbox;
	int r = 0;

	if (sandbox->userns2_fd >= 0)
		r = enter_second(launch);
	if (r < 0)
		return r;
	if (launch->identity.nested)
		r = enter_nested(launch);
	if (r < 0 || !sandbox->assert_no_userns)
		return r;
	/* if it succeeds nothing is lost: then this process ends */
	if (unshare(CLONE_NEWUSER) == 0)
		return report_refusal(launch->report, "creation of new user namespaces was not "
						      "disabled as requested");
	return 0;
}

/* Tried in a child: the calling process is to stay where it is. */
static bool are_cgroups_forbidden(void)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(unshare(CLONE_NEWCGROUP) < 0 ? 0 : 1);
	while (child > 0 && waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return false;
	}
	return child > 0 && status == 0;
}

int userns_forbid_cgroups(const struct launch *launch)
{
	static const char name[] = "max_cgroup_namespaces";
	const char *call;
	int r;

	if (!launch->identity.share_cgroup)
		return 0;
	r = set_limit(launch, name, 0, &call);
	if (r == 0 || r == -ENOENT) /* ENOENT: this kernel has none */
		return 0;
	if (r != -EROFS && r != -EACCES && r != -EPERM)
		return report_failure(launch->report, -r, "%s /proc/sys/user/%s", call, name);
	if (!are_cgroups_forbidden())
		report_warning(launch->report,
			       "/proc/sys/user/%s can't be written to: real root inside can mount "
			       "the machine's control groups",
			       name);
	return 0;
}
