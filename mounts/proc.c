/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/proc.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "mounts/attach.h"
#include "mounts/clone.h"
#include "mounts/mask.h"
#include "mounts/target.h"

#include <limits.h>
#include <sys/stat.h>

/* What belongs to the host's root whatever the namespace: proc(5) */
static const struct {
	const char *name;
	bool hidden; /* else read-only */
} proc_masks[] = {
	{ "sys", false },           { "irq", false },
	{ "bus", false },           { "fs", false },
	{ "driver", false },        { "mtrr", false },
	{ "dynamic_debug", false }, { "sysrq-trigger", false },
	{ "acpi", true },           { "asound", true },
	{ "kcore", true },          { "keys", true },
	{ "kmsg", true },           { "latency_stats", true },
	{ "sched_debug", true },    { "scsi", true },
	{ "timer_list", true },     { "timer_stats", true },
};

static int mount_new(const char *type, unsigned int attributes, int pidns_fd, const char **call)
{
	_cleanup_close_ int context = fsopen(type, FSOPEN_CLOEXEC);
	int mount;

	*call = "fsopen";
	if (context < 0)
		return -errno;
	*call = "fsconfig";
	if (pidns_fd >= 0 && fsconfig(context, FSCONFIG_SET_FD, "pidns", NULL, pidns_fd) < 0)
		return -errno;
	if (fsconfig(context, FSCONFIG_SET_STRING, "source", type, 0) < 0 ||
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	*call = "fsmount";
	mount = fsmount(context, FSMOUNT_CLOEXEC, attributes);
	return mount < 0 ? -errno : mount;
}

bool mount_proc_takes_pidns(int pidns_fd)
{
	_cleanup_close_ int context = fsopen("proc", FSOPEN_CLOEXEC);

	return pidns_fd >= 0 && context >= 0 &&
	       fsconfig(context, FSCONFIG_SET_FD, "pidns", NULL, pidns_fd) == 0;
}

static int make_read_only(int point_fd)
{
	const char *call;
	_cleanup_close_ int tree =
		mount_clone(point_fd, "", AT_EMPTY_PATH | AT_RECURSIVE, MOUNT_ATTR_RDONLY, &call);

	return tree < 0 ? tree : mount_attach_at(tree, point_fd);
}

static int mask_proc(struct mount_build *build, const struct mount_entry *entry,
		     struct report *report)
{
	char description[MOUNT_DESCRIPTION_MAX];

	mount_entry_describe(entry, description);
	for (size_t i = 0; i < sizeof(proc_masks) / sizeof(*proc_masks); i++) {
		char path[PATH_MAX];
		_cleanup_close_ int point = -EBADF;
		int r;

		if ((size_t)snprintf(path, sizeof(path), "%s/%s", entry->target,
				     proc_masks[i].name) >= sizeof(path))
			return report_failure(report, ENAMETOOLONG, "%s", description);
		point = target_open(build->root_fd, path, O_NOFOLLOW);
		if (point == -ENOENT)
			continue; /* this kernel has none */
		if (point < 0)
			return report_failure(report, -point, "%s: open %s", description, path);
		if (proc_masks[i].hidden)
			r = mask_point(point, description, path, report);
		else
			r = make_read_only(point);
		if (r < 0)
			return report_failure(report, -r, "%s: mask %s", description, path);
	}
	return 0;
}

/* What an ordinary user can't write to is left as it is: bubblewrap's rule. */
static int cover_switches(struct mount_build *build, const struct mount_entry *entry,
			  struct report *report)
{
	static const char *const names[] = { "sys", "sysrq-trigger", "irq", "bus" };
	char description[MOUNT_DESCRIPTION_MAX];

	mount_entry_describe(entry, description);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		_cleanup_close_ int point = -EBADF;
		char path[PATH_MAX], link[32];
		int r;

		if ((size_t)snprintf(path, sizeof(path), "%s/%s", entry->target, names[i]) >=
		    sizeof(path))
			return report_failure(report, ENAMETOOLONG, "%s", description);
		point = target_open(build->root_fd, path, O_NOFOLLOW);
		if (point == -ENOENT)
			continue;
		if (point < 0)
			return report_failure(report, -point, "%s: open %s", description, path);
		/* faccessat2(2), which takes an fd alone, came with 5.8 */
		snprintf(link, sizeof(link), "self/fd/%d", point);
		if (faccessat(build->proc_fd, link, W_OK, 0) < 0 &&
		    (errno == EACCES || errno == EROFS))
			continue;
		r = make_read_only(point);
		if (r < 0)
			return report_failure(report, -r, "%s: cover %s", description, path);
	}
	return 0;
}

static int explain_failure(const struct mount_entry *entry, const char *call, int error,
			   struct report *report)
{
	char description[MOUNT_DESCRIPTION_MAX];

	report_failure(report, error, "%s: %s %s", mount_entry_describe(entry, description), call,
		       mount_kind_name(entry->kind));
	if (entry->kind == MOUNT_MQUEUE && error == EPERM)
		report_hint(report, "it needs an ipc namespace of its own: --unshare-ipc");
	return -error;
}

static int bind_outer(const struct mount_build *build, const struct mount_entry *entry,
		      unsigned int attributes, const char **call)
{
	struct mount_attr writable = { .attr_clr = MOUNT_ATTR_RDONLY };
	bool proc = entry->kind == MOUNT_PROC;
	int tree = mount_clone(AT_FDCWD, proc ? "/proc" : "/sys", AT_RECURSIVE, attributes, call);

	bool restricted = build->mask_proc && build->locked; /* mount_build_open */

	/* as it was before mount_restrict_kernel_fs; where it was read-only then, that is locked */
	if (tree >= 0 && proc && restricted && !(attributes & MOUNT_ATTR_RDONLY))
		(void)mount_setattr(tree, "", AT_EMPTY_PATH, &writable, sizeof(writable));
	return tree;
}

int mount_kernel_fs(struct mount_build *build, const struct mount_entry *entry,
		    struct report *report)
{
	unsigned int attributes = mount_attributes(entry) | MOUNT_ATTR_NOEXEC;
	const char *call = "open_tree";
	_cleanup_close_ int mount = -EBADF;
	int r;

	if (entry->kind == MOUNT_SYSFS && build->mask_proc)
		attributes |= MOUNT_ATTR_RDONLY;
	if (entry->kind == MOUNT_PROC && build->bind_proc)
		mount = bind_outer(build, entry, attributes, &call);
	else
		mount = mount_new(mount_kind_name(entry->kind), attributes,
				  entry->kind == MOUNT_PROC ? build->pidns_fd : -EBADF, &call);
	if (mount == -EPERM && entry->kind != MOUNT_MQUEUE) {
		if (entry->kind == MOUNT_PROC && !build->bind_proc)
			report_warning(report,
				       "the kernel allows no new procfs here, as parts of /proc "
				       "are hidden: "
				       "%s shows the one outside, with its processes",
				       entry->target);
		call = "open_tree";
		mount = bind_outer(build, entry, attributes, &call);
	}
	if (mount < 0)
		return explain_failure(entry, call, -mount, report);
	r = mount_attach(build, entry, &mount, S_IFDIR | 0755, report);
	if (r < 0 || entry->kind != MOUNT_PROC)
		return r;
	if (build->mask_proc)
		return mask_proc(build, entry, report);
	return build->plan->manner.cover_switches ? cover_switches(build, entry, report) : 0;
}
