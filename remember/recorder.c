/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/recorder.h"

#include "base/cleanup.h"
#include "remember/caller.h"
#include "remember/calls.h"
#include "remember/rights.h"
#include "remember/show.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP /* linux/seccomp.h, 6.6 */
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

#define GO_ON 1 /* let the kernel do the call after all */

struct answer {
	struct recorder *recorder;
	const struct own_rights *own;
	struct caller caller;
	struct call call;
	__u64 id;
	__s64 value; /* what the call returns where it succeeds */
};

/* The call may have been given up, and its pid be another's, while we looked. */
static bool is_waiting(const struct answer *answer)
{
	return ioctl(answer->recorder->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &answer->id) == 0;
}

/* Without the right, the kernel is asked: that is one who is root no more, and so is refused. */
static bool may(const struct answer *answer, int capability)
{
	return rights_suffice(&answer->caller, answer->own, UINT64_C(1) << capability);
}

static int read_path(const struct answer *answer, char path[PATH_MAX])
{
	return caller_read_string(&answer->caller, answer->call.path, path, PATH_MAX);
}

/* An O_PATH fd of the file that the call is about. */
static int open_file(const struct answer *answer)
{
	const struct call *call = &answer->call;
	char path[PATH_MAX];
	bool path_only;
	int fd, r;

	if (!call->has_path) {
		fd = caller_open_fd(&answer->caller, call->fd, &path_only);
		if (fd >= 0 && path_only) {
			close(fd);
			return -EBADF;
		}
		return fd;
	}
	r = read_path(answer, path);
	return r < 0 ? r : caller_open(&answer->caller, call->fd, path, call->flags);
}

static struct remembered *remember(const struct answer *answer, int fd, int *r)
{
	struct remembered *file;
	struct file_key key;

	*r = file_key_of(fd, &key);
	if (*r < 0)
		return NULL;
	file = remember_get(answer->recorder->table, &key);
	*r = file ? 0 : -ENOMEM;
	return file;
}

/* chmod(2) by fd: it takes no O_PATH fd before 6.6. Our current directory is a procfs. */
static int change_mode(int fd, mode_t mode)
{
	char path[32];

	snprintf(path, sizeof(path), "self/fd/%d", fd);
	return chmod(path, mode) < 0 ? -errno : 0;
}

/*
 * The same mode once more: fails as a change of owner would (a read-only mount, a file of an owner
 * that is not mapped), updates the time of change, and on an overlay makes the file that will be
 * there from now on. What runs with the owner's rights loses them: chown(2).
 */
static int touch_mode(int fd)
{
	struct stat status;
	mode_t mode;

	if (fstat(fd, &status) < 0)
		return -errno;
	if (S_ISLNK(status.st_mode)) {
		/* it has no mode: the same time of access */
		const struct timespec times[2] = { status.st_atim, { .tv_nsec = UTIME_OMIT } };

		return utimensat(fd, "", times, AT_EMPTY_PATH) < 0 ? -errno : 0;
	}
	mode = status.st_mode & 07777;
	if (!S_ISDIR(status.st_mode)) {
		mode &= ~(mode_t)S_ISUID;
		if (mode & S_IXGRP)
			mode &= ~(mode_t)S_ISGID;
	}
	return change_mode(fd, mode);
}

#define REMEMBER 2 /* it can't be done, but may be asked for */

static bool is_mapped(const struct idmap *map, uint32_t id)
{
	uint32_t unused;

	return id == ID_UNSET || idmap_to_outer(map, id, &unused);
}

/* Ids that are mapped can be had: then there is nothing to remember. */
static int chown_really(const struct recorder *recorder, int fd, uid_t uid, gid_t gid)
{
	if (uid == ID_UNSET && gid == ID_UNSET)
		return 0;
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

static int do_chown(const struct answer *answer)
{
	const struct call *call = &answer->call;
	_cleanup_close_ int fd = -EBADF;
	struct remembered *file;
	struct file_key key;
	int r, user, group;

	if (!may(answer, CAP_CHOWN))
		return GO_ON;
	if (call->flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	fd = open_file(answer);
	if (fd < 0)
		return fd;
	if (!is_waiting(answer))
		return -EINTR;
	r = touch_mode(fd);
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
	if (!file && user == 0 && group == 0)
		return 0;
	file = remember(answer, fd, &r);
	if (!file)
		return r;
	note_owner(&file->uid, call->uid, user == 0);
	note_owner(&file->gid, call->gid, group == 0);
	if (remember_is_empty(file))
		remember_forget(answer->recorder->table, &key);
	return 0;
}

static int do_mknod(const struct answer *answer)
{
	const struct call *call = &answer->call;
	_cleanup_close_ int parent = -EBADF, fd = -EBADF;
	struct remembered *file;
	char path[PATH_MAX];
	const char *name;
	int r, mask;

	/* a whiteout of overlayfs can be made by anybody */
	if ((S_ISCHR(call->mode) && call->device == 0) || !may(answer, CAP_MKNOD))
		return GO_ON;
	r = read_path(answer, path);
	if (r < 0)
		return r;
	mask = caller_umask(&answer->caller);
	if (mask < 0)
		return mask;
	parent = caller_open_parent(&answer->caller, call->fd, path, &name);
	if (parent < 0)
		return parent;
	if (!is_waiting(answer))
		return -EINTR;
	fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    call->mode & 07777 & ~(mode_t)mask);
	if (fd < 0)
		return -errno;
	file = remember(answer, fd, &r);
	if (!file)
		return r;
	file->type = call->mode & S_IFMT;
	file->device = call->device;
	return 0;
}

/* What is security.* but works for real in a user namespace: capabilities(7). */
static bool is_remembered(const char *name)
{
	if (strncmp(name, "trusted.", 8) == 0)
		return true;
	return strncmp(name, "security.", 9) == 0 && strcmp(name, "security.capability") != 0;
}

static int set_real(const struct answer *answer, int fd, const char *name, const char *value)
{
	char path[32];
	int r;

	snprintf(path, sizeof(path), "self/fd/%d", fd);
	if (value)
		r = setxattr(path, name, value, answer->call.size, answer->call.xattr_flags);
	else
		r = removexattr(path, name);
	return r < 0 ? -errno : 0;
}

static int check_flags(const struct answer *answer, const struct remembered *file, const char *name)
{
	const struct remembered_attribute *there =
		file ? remember_find_attribute(file, name) : NULL;
	bool exists = there && !there->removed;

	if (answer->call.kind == CALL_REMOVEXATTR)
		return exists ? 0 : -ENODATA;
	if ((answer->call.xattr_flags & XATTR_CREATE) && exists)
		return -EEXIST;
	if ((answer->call.xattr_flags & XATTR_REPLACE) && !exists)
		return -ENODATA;
	return 0;
}

static int remember_xattr(const struct answer *answer, int fd, const char *name, const char *value)
{
	struct remembered *file;
	struct file_key key;
	int r = touch_mode(fd);

	if (r >= 0)
		r = file_key_of(fd, &key);
	if (r >= 0)
		r = check_flags(answer, remember_find(answer->recorder->table, &key), name);
	if (r < 0)
		return r;
	file = remember(answer, fd, &r);
	return file ? remember_attribute(file, name, value, value ? answer->call.size : 0) : r;
}

static int do_xattr(const struct answer *answer)
{
	const struct call *call = &answer->call;
	bool setting = call->kind == CALL_SETXATTR, acl;
	_cleanup_free_ char *value = NULL;
	_cleanup_close_ int fd = -EBADF;
	char name[XATTR_NAME_MAX + 1];
	int r = caller_read_string(&answer->caller, call->name, name, sizeof(name));

	if (r < 0)
		return r == -ENAMETOOLONG ? -ERANGE : r;
	acl = strncmp(name, "system.posix_acl_", 17) == 0;
	if ((!acl && !is_remembered(name)) || !may(answer, acl ? CAP_FOWNER : CAP_SYS_ADMIN))
		return GO_ON;
	if (setting && (call->xattr_flags & ~(XATTR_CREATE | XATTR_REPLACE)))
		return -EINVAL;
	if (setting && call->size > XATTR_SIZE_MAX)
		return -E2BIG;
	if (setting) {
		value = malloc(call->size + 1);
		if (!value)
			return -ENOMEM;
		r = caller_read(&answer->caller, call->value, value, call->size);
		if (r < 0)
			return r;
	}
	fd = open_file(answer);
	if (fd < 0)
		return fd;
	if (!is_waiting(answer))
		return -EINTR;
	if (acl) {
		r = set_real(answer, fd, name, value);
		/* it names ids that are not mapped */
		if (r != -EINVAL || !setting)
			return r;
	}
	return remember_xattr(answer, fd, name, value);
}

/* What is remembered of the file that a call asks about; NULL: nothing, or it is not found. */
static const struct remembered *find_remembered(const struct answer *answer, int fd)
{
	const struct remember_table *table = answer->recorder->table;
	struct file_key key;
	struct stat status;

	if (fstat(fd, &status) < 0 ||
	    !remember_has_number(table, (uint64_t)status.st_dev, (uint64_t)status.st_ino) ||
	    file_key_of(fd, &key) < 0)
		return NULL;
	return remember_find(table, &key);
}

/* Here an O_PATH fd is as good as any: stat(2). */
static int open_for_stat(const struct answer *answer)
{
	const struct call *call = &answer->call;
	bool unused;

	if (!call->has_path || (!call->path && (call->flags & AT_EMPTY_PATH)))
		return caller_open_fd(&answer->caller, call->fd, &unused);
	return open_file(answer);
}

/* Whether the caller, with rights of its own, gets to the file that we saw. */
static bool reaches(const struct answer *answer, int seen)
{
	_cleanup_close_ int fd = -EBADF;
	struct stat a, b;

	if (rights_suffice(&answer->caller, answer->own, 0))
		return true;
	if (rights_take(&answer->caller, answer->own) < 0)
		return false;
	fd = open_for_stat(answer);
	rights_give_back(answer->own);
	return fd >= 0 && fstat(fd, &a) == 0 && fstat(seen, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

static int do_stat(const struct answer *answer)
{
	_Alignas(struct statx) char shown[SHOW_STAT_MAX];
	_cleanup_close_ int fd = open_for_stat(answer);
	const struct remembered *file;
	size_t size;
	int r;

	/* what fails, or is as it is, the kernel tells best */
	file = fd < 0 ? NULL : find_remembered(answer, fd);
	if (!file || !reaches(answer, fd))
		return GO_ON;
	r = show_stat(&answer->call, fd, file, shown, &size);
	if (r < 0)
		return r;
	if (!is_waiting(answer))
		return -EINTR;
	return caller_write(&answer->caller, answer->call.buffer, shown, size);
}

/* A value, or a list of names, to who asks for at most so many bytes, or for the size alone. */
static int give(struct answer *answer, const char *bytes, size_t size)
{
	const struct call *call = &answer->call;

	answer->value = (__s64)size;
	if (call->size == 0)
		return 0;
	if (size > call->size)
		return -ERANGE;
	if (!is_waiting(answer))
		return -EINTR;
	return caller_write(&answer->caller, call->value, bytes, size);
}

static int do_getxattr(struct answer *answer)
{
	const struct remembered_attribute *attribute;
	const struct remembered *file;
	_cleanup_close_ int fd = -EBADF;
	char name[XATTR_NAME_MAX + 1];

	if (caller_read_string(&answer->caller, answer->call.name, name, sizeof(name)) < 0)
		return GO_ON;
	fd = open_file(answer);
	file = fd < 0 ? NULL : find_remembered(answer, fd);
	attribute = file ? remember_find_attribute(file, name) : NULL;
	if (!attribute || !may(answer, CAP_SYS_ADMIN))
		return GO_ON;
	return attribute->removed ? -ENODATA : give(answer, attribute->value, attribute->size);
}

static int do_listxattr(struct answer *answer)
{
	_cleanup_free_ char *real = NULL, *list = NULL;
	const struct remembered *file;
	_cleanup_close_ int fd = open_file(answer);
	char path[32];
	ssize_t size;

	file = fd < 0 ? NULL : find_remembered(answer, fd);
	if (!file || !file->attribute_count || !may(answer, CAP_SYS_ADMIN))
		return GO_ON;
	real = malloc(XATTR_LIST_MAX);
	if (!real)
		return -ENOMEM;
	snprintf(path, sizeof(path), "self/fd/%d", fd);
	size = listxattr(path, real, XATTR_LIST_MAX);
	if (size < 0)
		return -errno;
	size = show_list(file, real, (size_t)size, &list);
	return size < 0 ? (int)size : give(answer, list, (size_t)size);
}

static int carry_out(struct answer *answer)
{
	switch (answer->call.kind) {
	case CALL_STAT:
		return do_stat(answer);
	case CALL_GETXATTR:
		return do_getxattr(answer);
	case CALL_LISTXATTR:
		return do_listxattr(answer);
	case CALL_CHOWN:
		return do_chown(answer);
	case CALL_MKNOD:
		return do_mknod(answer);
	default:
		return do_xattr(answer);
	}
}

static int respond(const struct recorder *recorder, const struct answer *answer, int result)
{
	struct seccomp_notif_resp response = { .id = answer->id };

	if (result == GO_ON)
		response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else if (result < 0)
		response.error = result;
	else
		response.val = answer->value;
	/* ENOENT: the caller was killed meanwhile */
	if (ioctl(recorder->listener, SECCOMP_IOCTL_NOTIF_SEND, &response) < 0 && errno != ENOENT)
		return report_failure(recorder->report, errno, "--remember: seccomp notification");
	return 0;
}

static int hear_one(struct recorder *recorder, struct seccomp_notif *heard, size_t size,
		    const struct caller *self, const struct own_rights *own)
{
	struct answer answer = {
		.recorder = recorder,
		.own = own,
		.caller = *self,
	};

	memset(heard, 0, size); /* the kernel wants it so */
	if (ioctl(recorder->listener, SECCOMP_IOCTL_NOTIF_RECV, heard) < 0) {
		if (errno == EINTR || errno == ENOENT)
			return 0;
		return report_failure(recorder->report, errno, "--remember: seccomp notification");
	}
	answer.id = heard->id;
	answer.caller.pid = (pid_t)heard->pid;
	if (!call_decode(&heard->data, &answer.call))
		return respond(recorder, &answer, GO_ON); /* of an ABI that is not shown */
	return respond(recorder, &answer, carry_out(&answer));
}

/* The kernel says how large its structure is; ours may be older. */
static int allocate(struct seccomp_notif **heard, size_t *size, struct report *report)
{
	struct seccomp_notif_sizes sizes;

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		return report_failure(report, errno, "--remember: seccomp");
	*size = sizes.seccomp_notif > sizeof(**heard) ? sizes.seccomp_notif : sizeof(**heard);
	*heard = malloc(*size);
	return *heard ? 0 : report_failure(report, ENOMEM, "--remember");
}

int recorder_run(struct recorder *recorder)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ struct seccomp_notif *heard = NULL;
	struct caller self = { .proc_fd = recorder->proc_fd, .root_fd = root, .pid = getpid() };
	struct own_rights own;
	size_t size = 0;
	int r;

	if (root < 0)
		return report_failure(recorder->report, errno, "--remember: open /");
	r = place_of(root, &self.root);
	if (r < 0)
		return report_failure(recorder->report, -r, "--remember: statx /");
	r = rights_get_own(&self, &own);
	if (r < 0)
		return report_failure(recorder->report, -r, "--remember: own rights");
	r = allocate(&heard, &size, recorder->report);
	if (r < 0)
		return r;
	/* our own files by number, wherever "/" is: change_mode */
	if (fchdir(recorder->proc_fd) < 0)
		return report_failure(recorder->report, errno, "--remember: chdir to /proc");
	umask(0);
	/* caller and recorder take turns on one CPU; not before 6.6 */
	(void)ioctl(recorder->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		    SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	for (;;) {
		struct pollfd source = { recorder->listener, POLLIN, 0 };

		if (poll(&source, 1, -1) < 0 && errno != EINTR)
			return report_failure(recorder->report, errno, "--remember: poll");
		if (source.revents & POLLIN) {
			r = hear_one(recorder, heard, size, &self, &own);
			if (r < 0)
				return r;
		} else if (source.revents & (POLLHUP | POLLERR)) {
			return 0; /* nobody with the filter is left */
		}
	}
}
