/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/apply.h"

#include "base/cleanup.h"
#include "pack/progress.h"
#include "remember/caller.h"

#include <archive.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>
#include <sys/xattr.h>

#define CAPABILITY "security.capability"

struct applying {
	const struct file_list *list;
	const struct entry_rules *rules;
	struct report *report;
};

static int fail(const struct applying *applying, int error, const struct listed_file *file,
		const char *call)
{
	return report_failure(applying->report, error, "%s/%s: %s", applying->list->tree,
			      file->path, call);
}

static int set_capability(const char *path, struct archive_entry *entry)
{
	const char *name;
	const void *value;
	size_t size;

	archive_entry_xattr_reset(entry);
	while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
		if (strcmp(name, CAPABILITY) == 0 && setxattr(path, name, value, size, 0) < 0)
			return -errno;
	}
	return 0;
}

static int set_attributes(int fd, const struct stat *status, struct archive_entry *entry,
			  const struct remembered *remembered)
{
	char path[32];

	file_path(path, fd);
	for (size_t i = 0; remembered && i < remembered->attribute_count; i++) {
		const struct remembered_attribute *attribute = &remembered->attributes[i];
		_cleanup_free_ char *value = entry_value(attribute, status->st_mode);

		if (!value)
			return -ENOMEM;
		if (!attribute->removed &&
		    setxattr(path, attribute->name, value, attribute->size, 0) < 0)
			return -errno;
		if (attribute->removed && removexattr(path, attribute->name) < 0 &&
		    errno != ENODATA)
			return -errno;
	}
	return set_capability(path, entry);
}

/* The change of owner takes set-user-ID bits and capabilities away: they come after it. */
static int set_all(const struct applying *applying, const struct listed_file *file, int fd,
		   const struct stat *status, struct archive_entry *entry,
		   const struct remembered *remembered)
{
	uid_t uid = (uid_t)archive_entry_uid(entry);
	gid_t gid = (gid_t)archive_entry_gid(entry);
	char path[32];
	int r;

	if ((status->st_uid != uid || status->st_gid != gid) &&
	    fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0)
		return fail(applying, errno, file, "chown");
	if (!S_ISLNK(status->st_mode) && chmod(file_path(path, fd), status->st_mode & 07777) < 0)
		return fail(applying, errno, file, "chmod");
	r = set_attributes(fd, status, entry, remembered);
	return r < 0 ? fail(applying, -r, file, "setxattr") : 0;
}

/* The folder of a file, for changes in it; *name is set to the file's name there. */
static int open_folder(const struct applying *applying, const struct listed_file *file,
		       const char **name)
{
	const char *slash = strrchr(file->path, '/');
	_cleanup_free_ char *folder =
		slash ? strndup(file->path, (size_t)(slash - file->path)) : strdup(".");
	int fd;

	*name = slash ? slash + 1 : file->path;
	if (!folder)
		return fail(applying, ENOMEM, file, "open");
	fd = file_open(applying->list->root, folder, O_RDONLY | O_DIRECTORY);
	return fd < 0 ? fail(applying, -fd, file, "open the folder") : fd;
}

/* A new device under a name of its own, with all that belongs to it. */
static int make_device(const struct applying *applying, const struct listed_file *file, int folder,
		       const char *name, const struct stat *status, struct archive_entry *entry,
		       const struct remembered *remembered)
{
	const struct timespec times[] = { status->st_mtim, status->st_mtim };
	struct stat device = *status, made;
	_cleanup_close_ int fd = -EBADF;
	int r;

	/* nobody can open it before it has its owner */
	if (mknodat(folder, name, archive_entry_filetype(entry), archive_entry_rdev(entry)) < 0)
		return fail(applying, errno, file, "mknod");
	fd = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &made) < 0)
		return fail(applying, errno, file, "open");
	/* who owns the folder may have put another file in its place */
	if ((made.st_mode & S_IFMT) != archive_entry_filetype(entry) || made.st_nlink != 1 ||
	    made.st_rdev != archive_entry_rdev(entry))
		return report_refusal(applying->report, "%s/%s: the device was replaced meanwhile",
				      applying->list->tree, file->path);
	device.st_uid = ID_UNSET; /* not yet that of the placeholder */
	r = set_all(applying, file, fd, &device, entry, remembered);
	if (r >= 0 && utimensat(folder, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(applying, errno, file, "utimensat");
	return r;
}

/* A further name of a device that has been made. */
static int link_device(const struct applying *applying, const struct listed_file *file, int folder,
		       const char *name)
{
	const struct listed_file *first = &applying->list->files[file->first];
	_cleanup_close_ int fd = file_open(applying->list->root, first->path, O_PATH);

	if (fd < 0)
		return fail(applying, -fd, first, "open");
	if (linkat(fd, "", folder, name, AT_EMPTY_PATH) < 0)
		return fail(applying, errno, file, "link");
	return 0;
}

/* A device in the place of the file that stands for it, all or nothing. What was written to that
 * would not be there either if it had been the device. */
static int replace(const struct applying *applying, const struct listed_file *file,
		   const struct stat *status, struct archive_entry *entry,
		   const struct remembered *remembered)
{
	bool first = file == &applying->list->files[file->first];
	_cleanup_close_ int folder = -EBADF;
	char temporary[48];
	const char *name;
	uint64_t number;
	struct stat before;
	int r;

	folder = open_folder(applying, file, &name);
	if (folder < 0)
		return folder;
	if (getrandom(&number, sizeof(number), 0) != sizeof(number) || fstat(folder, &before) < 0)
		return fail(applying, errno, file, "stat");
	snprintf(temporary, sizeof(temporary), ".nsroot-pack.%016" PRIx64, number);
	r = first ? make_device(applying, file, folder, temporary, status, entry, remembered)
		  : link_device(applying, file, folder, temporary);
	if (r >= 0 && renameat(folder, temporary, folder, name) < 0)
		r = fail(applying, errno, file, "rename");
	if (r < 0) {
		(void)unlinkat(folder, temporary, 0);
		return r;
	}
	/* the folder looks as if nothing had happened in it */
	if (futimens(folder, (const struct timespec[]){ before.st_atim, before.st_mtim }) < 0)
		return fail(applying, errno, file, "utimensat");
	return 0;
}

static int apply_file(const struct applying *applying, const struct listed_file *file)
{
	const struct remembered *remembered;
	struct archive_entry *entry;
	struct file_key key;
	struct stat status;
	_cleanup_close_ int fd = file_open_listed(applying->list, file, &status, applying->report);
	int r;

	if (fd < 0)
		return fd;
	/* else who owns the tree could make root change any file of the file system */
	if (!S_ISDIR(status.st_mode) &&
	    (file->links > file->links_listed || status.st_nlink > file->links_listed))
		return report_refusal(applying->report, "%s/%s: it has links outside of the tree",
				      applying->list->tree, file->path);
	r = file_key_of(fd, &key);
	if (r >= 0)
		r = entry_read(&entry, fd, &status, applying->rules);
	if (r < 0)
		return fail(applying, -r, file, "read");
	remembered = remember_find(applying->rules->table, &key);
	if (!remembered || !remembered->type)
		r = set_all(applying, file, fd, &status, entry, remembered);
	else if (!S_ISREG(status.st_mode))
		r = report_refusal(applying->report, "%s/%s: not the file that stands for a device",
				   applying->list->tree, file->path);
	else
		r = replace(applying, file, &status, entry, remembered);
	archive_entry_free(entry);
	return r;
}

int apply_tree(const struct file_list *list, const struct entry_rules *rules, struct report *report)
{
	const struct applying applying = { list, rules, report };
	struct progress progress;
	int r = 0;

	progress_start(&progress, list->count);
	for (size_t i = 0; i < list->count && r >= 0; i++) {
		progress_tell(&progress, i, list->files[i].path);
		r = apply_file(&applying, &list->files[i]);
	}
	progress_end(&progress);
	return r;
}
