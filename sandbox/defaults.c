/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/defaults.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_OPTION "default plan"
#define DEFAULT_COUNT 16 /* at the most; the user's entries rank behind them */

static bool has_entry_at(const struct mount_plan *plan, const char *target)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct mount_entry *entry = &plan->entries[i];

		if (entry->kind != MOUNT_CHMOD && entry->kind != MOUNT_REMOUNT &&
		    strcmp(entry->target, target) == 0)
			return true;
	}
	return false;
}

static bool will_be_skipped(const struct mount_entry *entry)
{
	return (entry->flags & MOUNT_TRY) && entry->source && access(entry->source, F_OK) < 0 &&
	       errno == ENOENT;
}

/* The folder "/", its mode and its flags are no root. */
static bool has_root(const struct mount_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct mount_entry *entry = &plan->entries[i];

		if (mount_entry_mounts(entry) && strcmp(entry->target, "/") == 0 &&
		    !will_be_skipped(entry))
			return true;
	}
	return false;
}

static struct mount_entry *add(struct mount_plan *plan, enum mount_kind kind, const char *target,
			       struct report *report)
{
	struct mount_entry *entry = mount_plan_add(plan, kind, DEFAULT_OPTION, target, report);

	if (entry) {
		entry->flags |= MOUNT_DEFAULT;
		entry->position = 0;
	}
	return entry;
}

static int add_bind(struct mount_plan *plan, const char *path, unsigned int flags,
		    struct report *report)
{
	char *held = mount_plan_allocate(plan, strlen(path) + 1, report);
	struct mount_entry *entry;

	if (!held)
		return -ENOMEM;
	strcpy(held, path);
	entry = add(plan, MOUNT_BIND, held, report);
	if (!entry)
		return -ENOMEM;
	entry->source = held;
	entry->flags |= flags;
	return 0;
}

static int add_tmpfs(struct mount_plan *plan, const char *target, mode_t mode,
		     struct report *report)
{
	struct mount_entry *entry;

	if (has_entry_at(plan, target))
		return 0;
	entry = add(plan, MOUNT_TMPFS, target, report);
	if (!entry)
		return -ENOMEM;
	entry->mode = mode;
	return 0;
}

/* The current directory, unless it is a file system of the kernel's, or everything. */
static int add_current_directory(struct mount_plan *plan, struct report *report)
{
	static const char *const never[] = { "/proc", "/sys", "/dev" };
	_cleanup_free_ char *cwd = getcwd(NULL, 0);

	if (!cwd && errno != ENOENT) /* ENOENT: it has been removed */
		return report_failure(report, errno, "getcwd");
	/* no path longer than PATH_MAX can be given to the kernel, though a folder may lie deeper
	 */
	if (!cwd || cwd[0] != '/' || cwd[1] == '\0' || strlen(cwd) >= PATH_MAX)
		return 0;
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++) {
		if (mount_path_is_below(cwd, never[i]))
			return 0;
	}
	return has_entry_at(plan, cwd) ? 0 : add_bind(plan, cwd, MOUNT_CURRENT, report);
}

/* /etc/resolv.conf often leads into /run, which is empty inside; names are to be resolved all the
 * same. */
static int add_resolver(const struct sandbox *sandbox, struct mount_plan *plan,
			struct report *report)
{
	_cleanup_free_ char *path = NULL;

	if (sandbox->namespaces[NAMESPACE_NET].wish != NAMESPACE_SHARE)
		return 0;
	path = realpath("/etc/resolv.conf", NULL);
	if (!path || !(mount_path_is_below(path, "/run") || mount_path_is_below(path, "/tmp")) ||
	    has_entry_at(plan, path))
		return 0;
	return add_bind(plan, path, MOUNT_READ_ONLY, report);
}

static int add_host(struct sandbox *sandbox, struct mount_plan *plan, struct report *report)
{
	int r = add_bind(plan, "/", MOUNT_READ_ONLY, report);

	/* before those that would hide it: who works in /tmp wants that one */
	if (r >= 0)
		r = add_current_directory(plan, report);
	if (r >= 0)
		r = add_tmpfs(plan, "/tmp", 01777, report);
	if (r >= 0)
		r = add_tmpfs(plan, "/run", 0755, report);
	if (r >= 0)
		r = add_resolver(sandbox, plan, report);
	if (r >= 0)
		sandbox->default_plan = true;
	return r;
}

int defaults_apply(struct sandbox *sandbox, struct report *report)
{
	struct mount_plan *plan = &sandbox->plan;
	int r = 0;

	if (!sandbox->default_mounts)
		return 0;
	for (size_t i = 0; i < plan->count; i++)
		plan->entries[i].position += DEFAULT_COUNT;
	if (!has_root(plan))
		r = add_host(sandbox, plan, report);
	if (r >= 0 && !has_entry_at(plan, "/proc"))
		r = add(plan, MOUNT_PROC, "/proc", report) ? 0 : -ENOMEM;
	if (r >= 0 && !has_entry_at(plan, "/dev"))
		r = add(plan, MOUNT_DEV, "/dev", report) ? 0 : -ENOMEM;
	return r;
}
