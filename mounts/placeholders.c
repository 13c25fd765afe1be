/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/placeholders.h"

#include "base/cleanup.h"
#include "base/syscalls.h"

#include <string.h>
#include <sys/stat.h>

struct mount_placeholder {
	int folder;
	char *name;
	struct stat made;
};

void mount_keep_placeholder(struct mount_build *build, int folder, const char *name)
{
	struct mount_placeholder placeholder = { .folder = -EBADF }, *grown;

	if (fstatat(folder, name, &placeholder.made, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	grown = reallocarray(build->placeholders, build->placeholder_count + 1, sizeof(*grown));
	if (!grown)
		return;
	build->placeholders = grown;
	placeholder.name = strdup(name);
	placeholder.folder = fcntl(folder, F_DUPFD_CLOEXEC, 3);
	if (!placeholder.name || placeholder.folder < 0) {
		free(placeholder.name);
		close_fd(&placeholder.folder);
		return;
	}
	grown[build->placeholder_count++] = placeholder;
}

/* A folder goes if it is empty (rmdir sees to that), a file if nothing was written into it. */
static bool is_unchanged(const struct mount_placeholder *placeholder)
{
	const struct stat *made = &placeholder->made;
	struct stat now;

	return fstatat(placeholder->folder, placeholder->name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	       now.st_dev == made->st_dev && now.st_ino == made->st_ino &&
	       now.st_mode == made->st_mode && now.st_uid == made->st_uid &&
	       now.st_gid == made->st_gid && (S_ISDIR(now.st_mode) || now.st_size == made->st_size);
}

static void remove_one(const struct mount_placeholder *placeholder)
{
	int directory = S_ISDIR(placeholder->made.st_mode) ? AT_REMOVEDIR : 0;

	/* a mount point of our own mount namespace can't be removed; there is no umount by fd */
	if (fchdir(placeholder->folder) < 0)
		return;
	while (umount2(placeholder->name, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		;
	if (is_unchanged(placeholder))
		(void)unlinkat(placeholder->folder, placeholder->name, directory);
}

void mount_placeholders_remove(struct mount_build *build)
{
	for (size_t i = build->placeholder_count; i-- > 0;)
		remove_one(&build->placeholders[i]);
}

size_t mount_build_held(const struct mount_build *build, int *fds)
{
	for (size_t i = 0; fds && i < build->work_count; i++)
		*fds++ = build->works[i];
	for (size_t i = 0; fds && i < build->placeholder_count; i++)
		*fds++ = build->placeholders[i].folder;
	return build->work_count + build->placeholder_count;
}

void mount_placeholders_free(struct mount_build *build)
{
	for (size_t i = 0; i < build->placeholder_count; i++) {
		close_fd(&build->placeholders[i].folder);
		free(build->placeholders[i].name);
	}
	free(build->placeholders);
}
