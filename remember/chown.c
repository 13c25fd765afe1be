/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "remember/answer.h"

#include <fcntl.h>
#include <linux/capability.h>

#define REMEMBER 2 /* it can't be done, but may be asked for */

static bool is_mapped(const struct idmap *map, uint32_t id)
{
	uint32_t unused;

	/* an empty one: there is no new user namespace */
	return id == ID_UNSET || !map->count || idmap_to_outer(map, id, &unused);
}

/* Ids that are mapped can be had: then there is nothing to remember. */
static int chown_really(const struct recorder *recorder, int fd, uid_t uid, gid_t gid)
{
	if (uid == ID_UNSET && gid == ID_UNSET)
		return 0;
	/* only the caller is mapped: its files would lose their setuid bit, and nothing be won */
	if (recorder->fake && recorder->uid_map->count)
		return REMEMBER;
	if (!is_mapped(recorder->uid_map, uid) || !is_mapped(recorder->gid_map, gid))
		return REMEMBER;
	if (fchownat(fd, "", uid, gid, AT_EMPTY_PATH) == 0)
		return 0;
	return errno == EINVAL || errno == EPERM ? REMEMBER : -errno;
}

/* What is remembered of an owner: `id` if the file could not be given to it. */
static void note_owner(uint32_t *remembered, uint32_t id, bool done)
{
	if (id != ID_UNSET)
		*remembered = done ? ID_UNSET : id;
}

int answer_chown(const struct answer *answer)
{
	const struct call *call = &answer->call;
	_cleanup_close_ int fd = -EBADF;
	struct remembered *file;
	struct file_key key;
	int r, user, group;

	if (!answer_may(answer, CAP_CHOWN))
		return ANSWER_GO_ON;
	if (call->flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	fd = answer_open_file(answer);
	if (fd < 0)
		return fd;
	if (!answer_is_waiting(answer))
		return -EINTR;
	r = answer_touch(answer, fd);
	if (r < 0)
		return r;
	user = chown_really(answer->recorder, fd, call->uid, ID_UNSET);
	group = user < 0 ? user : chown_really(answer->recorder, fd, ID_UNSET, call->gid);
	if (group < 0)
		return group;
	r = file_key_of(fd, &key);
	if (r < 0)
		return r;
	file = remember_find(answer->recorder->table, &key);
	if (!file && user == 0 && group == 0 && !answer->recorder->fake)
		return 0;
	file = answer_remember(answer, fd, &r);
	if (!file)
		return r;
	note_owner(&file->uid, call->uid, user == 0 && !answer->recorder->fake);
	note_owner(&file->gid, call->gid, group == 0 && !answer->recorder->fake);
	if (remember_is_empty(file))
		remember_forget(answer->recorder->table, &key);
	return 0;
}
