/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "remember/answer.h"
#include "remember/nested.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/stat.h>

static int change_owner(int fd, uid_t uid, gid_t gid)
{
	return fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

static bool is_mapped(const struct idmap *map, uint32_t id)
{
	uint32_t unused;

	return id != ID_UNSET && idmap_to_outer(map, id, &unused);
}

/* The owner that a file has, if we may change it at all. */
static int present_owner(const struct answer *answer, int fd, uid_t *uid)
{
	const struct idmap *map = answer->recorder->uid_map;
	struct stat status;

	/* with one id, it is that, or the kernel will refuse */
	if (idmap_has_single(map)) {
		*uid = map->ranges[0].inner;
		return 0;
	}
	if (fstat(fd, &status) < 0)
		return -errno;
	*uid = status.st_uid;
	return 0;
}

/*
 * Change what can be changed, or else give the file the owner that it has: that fails where any
 * change would (a read-only mount, an owner that is not mapped), and has its other effects: setuid
 * and file capabilities go, the time of change is updated, and an overlay makes the file that will
 * be there from now on.
 *  user, group: set to whether they have been changed.
 */
static int change_mapped(const struct answer *answer, int fd, bool *user, bool *group)
{
	uid_t uid = answer->call.uid;
	gid_t gid = answer->call.gid;
	int r = 0;

	*user = is_mapped(answer->recorder->uid_map, uid);
	*group = is_mapped(answer->recorder->gid_map, gid);
	/* to change nothing is allowed to anybody, of any file */
	if (!*user && (uid != ID_UNSET || (gid != ID_UNSET && !*group)))
		r = present_owner(answer, fd, &uid);
	if (r >= 0)
		r = change_owner(fd, uid, *group ? gid : ID_UNSET);
	if (r == -EINVAL)
		return -EPERM; /* the present owner is not mapped */
	if (r != -EPERM || (!*user && !*group))
		return r;
	/* one of the two may be refused */
	r = present_owner(answer, fd, &uid);
	if (r >= 0)
		r = change_owner(fd, uid, ID_UNSET);
	if (r < 0)
		return r == -EINVAL ? -EPERM : r;
	*user = *user && change_owner(fd, answer->call.uid, ID_UNSET) == 0;
	*group = *group && change_owner(fd, ID_UNSET, gid) == 0;
	return 0;
}

/*
 * fakeroot's way: all is remembered, and done where that is possible: by root of the machine. The
 * setuid bit stays where nothing is.
 */
static int change_for_show(const struct answer *answer, int fd, bool *user, bool *group)
{
	int r;

	*user = *group = false;
	if (answer->recorder->uid_map->count)
		return answer_touch(answer, fd);
	r = change_owner(fd, answer->call.uid, answer->call.gid);
	return r == -EPERM || r == -EINVAL ? 0 : r;
}

/* What is remembered of an owner: `id` if the file could not be given to it. */
static void note_owner(uint32_t *remembered, uint32_t id, bool done)
{
	if (id != ID_UNSET)
		*remembered = done ? ID_UNSET : id;
}

static int change_and_note(const struct answer *answer, int fd)
{
	struct remember_table *table = answer->recorder->table;
	const struct call *call = &answer->call;
	struct remembered *file;
	struct file_key key;
	bool user, group;
	int r = answer->recorder->fake ? change_for_show(answer, fd, &user, &group)
				       : change_mapped(answer, fd, &user, &group);

	if (r >= 0)
		r = file_key_of(fd, &key);
	if (r < 0)
		return r;
	if (file_life_of(fd, key.generation) == FILE_RETURNS)
		return 0;
	file = remember_find(table, &key);
	if (!file && (user || call->uid == ID_UNSET) && (group || call->gid == ID_UNSET))
		return 0;
	file = answer_remember_by(answer, fd, &key);
	if (!file)
		return -ENOMEM;
	note_owner(&file->uid, call->uid, user);
	note_owner(&file->gid, call->gid, group);
	if (remember_is_empty(file))
		remember_forget(table, &key);
	return answer_follow(answer, fd);
}

/* Its ids can be had: only a file whose owner is remembered is not as the kernel sees it. */
static int chown_nested(const struct answer *answer)
{
	_cleanup_close_ int fd = answer_open_as_caller(answer, answer_open_file);
	const struct remembered *file;
	struct answer ours = *answer;
	struct stat status;
	int r;

	file = fd < 0 ? NULL : answer_find(answer, fd, &status);
	if (!file || (file->uid == ID_UNSET && file->gid == ID_UNSET))
		return ANSWER_GO_ON;
	if (ours.call.uid == ID_UNSET && ours.call.gid == ID_UNSET)
		return ANSWER_GO_ON;
	r = nested_allow_chown(&answer->caller, file, &status, &ours.call);
	if (r < 0)
		return r;
	return answer_is_waiting(answer) ? change_and_note(&ours, fd) : -EINTR;
}

int answer_chown(const struct answer *answer)
{
	_cleanup_close_ int fd = -EBADF;

	if (answer->call.flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (!answer_may(answer, CAP_CHOWN))
		return caller_is_beside_us(&answer->caller) ? ANSWER_GO_ON : chown_nested(answer);
	fd = answer_open_file(answer);
	if (fd < 0)
		return fd;
	return answer_is_waiting(answer) ? change_and_note(answer, fd) : -EINTR;
}
