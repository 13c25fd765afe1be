/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/fake.h"

#include "remember/witness.h"

void fake_unknown_owner(const struct answer *answer, int fd, struct stat *status)
{
	const struct recorder *recorder = answer->recorder;

	if (!recorder->unknown_is_real)
		status->st_uid = status->st_gid = 0;
	else if (recorder->witness >= 0)
		(void)witness_ask(recorder->witness, fd, &status->st_uid, &status->st_gid);
}

bool fake_look(const struct answer *answer, int fd, const struct stat *status,
	       struct remembered *shown)
{
	struct stat known = *status;

	fake_unknown_owner(answer, fd, &known);
	*shown = (struct remembered){ .uid = known.st_uid, .gid = known.st_gid };
	return known.st_uid != status->st_uid || known.st_gid != status->st_gid;
}

static void follow_mode(struct remembered *file, const struct stat *status)
{
	mode_t mode = status->st_mode & 07777;

	if (file->real_mode != mode && file->real_mode != REMEMBER_UNSEEN)
		file->mode = (file->mode & S_IFMT) | mode;
	file->real_mode = mode;
}

bool fake_follow(struct remembered *file, const struct stat *status)
{
	mode_t type = status->st_mode & S_IFMT;

	if (type != (file->mode & S_IFMT) && !(file->type && type == S_IFREG))
		return false;
	follow_mode(file, status);
	return true;
}

void fake_note(const struct answer *answer, int fd, struct remembered *file)
{
	struct stat status;

	if (!answer->recorder->fake || fstat(fd, &status) < 0)
		return;
	if (file->uid == ID_UNSET || file->gid == ID_UNSET)
		fake_unknown_owner(answer, fd, &status);
	if (file->uid == ID_UNSET)
		file->uid = status.st_uid;
	if (file->gid == ID_UNSET)
		file->gid = status.st_gid;
	if (!file->mode) {
		file->mode = status.st_mode;
		file->real_mode = REMEMBER_UNSEEN;
	}
	follow_mode(file, &status);
	file->links = status.st_nlink;
}
