/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/showing.h"

#include "base/cleanup.h"
#include "sandbox/environment.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#define OPTION "--show-owners auto"

/* Installed, it lies where the dialects' links do; built, beside the program. */
static int open_library(const struct launch *launch)
{
	static const char *const places[] = { NSROOT_LIBRARY_PLACE, "" };
	char program[PATH_MAX], path[PATH_MAX + 128];
	ssize_t length = readlinkat(launch->proc_fd, "self/exe", program, sizeof(program) - 1);

	if (length < 0)
		return -errno;
	program[length] = '\0';
	*(strrchr(program, '/') + 1) = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		const char *folder = places[i][0] == '/' ? "" : program;
		int fd;

		snprintf(path, sizeof(path), "%s%snsroot-owners.so", folder, places[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			return fd;
	}
	return -errno;
}

/* The place in the tree, or why it can't be used. */
static const char *find_obstacle(const struct launch *launch)
{
	const struct mount_plan *plan = &launch->sandbox->plan;
	bool has_dev = false;

	if (!launch->identity.two_levels)
		return "mounts are not locked";
	/* they may forbid what the library does beside stat(2), and kill for it */
	if (launch->sandbox->filter_count)
		return "there are filters of the user's";
	for (size_t i = 0; i < plan->count; i++) {
		const struct mount_entry *entry = &plan->entries[i];

		if (entry->flags & MOUNT_DROPPED)
			continue;
		if (mount_path_is_below(entry->target, SHARED_FOLDER))
			return "something else is to be at " SHARED_FOLDER;
		if (strcmp(entry->target, "/dev") == 0)
			has_dev = entry->kind == MOUNT_DEV;
	}
	return has_dev ? NULL : "/dev is not nsroot's own";
}

static int name_library(struct launch *launch)
{
	const char *others = environment_get(launch->environment, "LD_PRELOAD");
	char *assignment;

	/* what wraps stat(2) itself, or wants to be the first, goes before */
	if (asprintf(&assignment, "LD_PRELOAD=%s%s" SHARED_LIBRARY_PATH, others ? others : "",
		     others && *others ? ":" : "") < 0)
		return report_failure(launch->report, ENOMEM, OPTION);
	environment_put(launch->environment, assignment);
	return 0;
}

int showing_prepare(struct launch *launch)
{
	const char *obstacle;

	launch->recording.show = launch->sandbox->show_owners;
	if (launch->recording.show != SHOW_AUTO)
		return 0;
	obstacle = find_obstacle(launch);
	if (!obstacle) {
		launch->build.library_fd = open_library(launch);
		if (launch->build.library_fd >= 0)
			return name_library(launch);
		obstacle = strerror(-launch->build.library_fd);
		launch->build.library_fd = -EBADF;
	}
	report_note(launch->report, OPTION ": as trap: %s", obstacle);
	launch->recording.show = SHOW_TRAP;
	return 0;
}

int showing_map(struct launch *launch)
{
	int r;

	if (launch->recording.show != SHOW_AUTO)
		return 0;
	r = shared_map(&launch->recording.owners, launch->build.table_fd);
	close_fd(&launch->build.table_fd);
	return r < 0 ? report_failure(launch->report, -r, OPTION ": mmap") : 0;
}
