/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/nested.h"

#include "base/cleanup.h"
#include "base/read.h"

#include <fcntl.h>
#include <linux/capability.h>

#define OVERFLOW_ID 65534 /* fs.overflowuid: proc(5) */

struct maps {
	struct idmap users, groups;
};

/* As we read it, the outer ids are ours, however deep the namespace lies: user_namespaces(7). */
static int read_map(const struct caller *caller, const char *name, struct idmap *map)
{
	_cleanup_free_ char *text = malloc(IDMAP_TEXT_MAX);
	_cleanup_close_ int fd = -EBADF;
	char path[32];
	ssize_t n;

	if (!text)
		return -ENOMEM;
	snprintf(path, sizeof(path), "%d/%s", (int)caller->pid, name);
	fd = openat(caller->proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read_at(fd, text, IDMAP_TEXT_MAX - 1, 0);
	if (n < 0)
		return (int)n;
	text[n] = '\0';
	return idmap_parse_file(map, text);
}

static int read_maps(const struct caller *caller, struct maps **maps)
{
	int r;

	*maps = calloc(1, sizeof(**maps));
	if (!*maps)
		return -ENOMEM;
	r = read_map(caller, "uid_map", &(*maps)->users);
	return r < 0 ? r : read_map(caller, "gid_map", &(*maps)->groups);
}

static uid_t owner_of(const struct remembered *file, const struct stat *status)
{
	return file->uid != ID_UNSET ? file->uid : status->st_uid;
}

static gid_t group_of(const struct remembered *file, const struct stat *status)
{
	return file->gid != ID_UNSET ? file->gid : status->st_gid;
}

static uint32_t to_theirs(const struct idmap *map, uint32_t ours)
{
	uint32_t theirs;

	return idmap_to_inner(map, ours, &theirs) ? theirs : OVERFLOW_ID;
}

int nested_see(const struct caller *caller, const struct remembered *file,
	       const struct stat *status, struct remembered *seen)
{
	_cleanup_free_ struct maps *maps = NULL;
	int r = read_maps(caller, &maps);

	if (r < 0)
		return r;
	*seen = *file;
	seen->uid = to_theirs(&maps->users, owner_of(file, status));
	seen->gid = to_theirs(&maps->groups, group_of(file, status));
	return 0;
}

static bool to_ours(const struct idmap *map, uint32_t *id)
{
	return *id == ID_UNSET || idmap_to_outer(map, *id, id);
}

int nested_allow_chown(const struct caller *caller, const struct remembered *file,
		       const struct stat *status, struct call *call)
{
	const uid_t owner = owner_of(file, status);
	const gid_t group = group_of(file, status);
	_cleanup_free_ struct maps *maps = NULL;
	uint32_t unused;
	int r = read_maps(caller, &maps);

	if (r < 0)
		return r;
	if (!to_ours(&maps->users, &call->uid) || !to_ours(&maps->groups, &call->gid))
		return -EINVAL;
	/* who has the capability there has it over files whose owner and group are mapped there */
	if (rights_has_there(caller, CAP_CHOWN) && idmap_to_inner(&maps->users, owner, &unused) &&
	    idmap_to_inner(&maps->groups, group, &unused))
		return 0;
	if (call->uid != ID_UNSET && (call->uid != owner || !rights_is_user(caller, owner)))
		return -EPERM;
	if (call->gid != ID_UNSET &&
	    (!rights_is_user(caller, owner) || !rights_is_in_group(caller, call->gid)))
		return -EPERM;
	return 0;
}
