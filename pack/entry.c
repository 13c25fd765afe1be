/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/entry.h"

#include "base/cleanup.h"
#include "pack/files.h"
#include "remember/acl.h"
#include "remember/caller.h"

#include <archive.h>
#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <string.h>
#include <sys/xattr.h>

#define CAPABILITY "security.capability"
#define ACCESS_ACL "system.posix_acl_access"
#define DEFAULT_ACL "system.posix_acl_default"

/* Labels that the machine has given, and sums that hold for this very inode. */
static bool is_of_the_machine(const char *name)
{
	if (strncmp(name, "system.", 7) == 0)
		return strcmp(name, ACCESS_ACL) != 0 && strcmp(name, DEFAULT_ACL) != 0;
	if (strcmp(name, "security.selinux") == 0 || strcmp(name, "security.evm") == 0)
		return true;
	return strncmp(name, "security.", 9) != 0 && strncmp(name, "trusted.", 8) != 0 &&
	       strncmp(name, "user.", 5) != 0;
}

/*
 * In a user namespace the kernel adds the id of its root to capabilities of files: version 3. Where
 * the archive is unpacked by real root, that id means nothing: version 2, without it.
 */
static void add_capability(struct archive_entry *entry, const void *value, size_t size)
{
	struct vfs_ns_cap_data data;

	if (size == sizeof(data)) {
		memcpy(&data, value, size);
		if ((le32toh(data.magic_etc) & VFS_CAP_REVISION_MASK) == VFS_CAP_REVISION_3) {
			data.magic_etc = htole32(VFS_CAP_REVISION_2 | (le32toh(data.magic_etc) &
								       VFS_CAP_FLAGS_EFFECTIVE));
			size = sizeof(struct vfs_cap_data);
			value = &data;
		}
	}
	archive_entry_xattr_add_entry(entry, CAPABILITY, value, size);
}

static int find_tag(unsigned int tag)
{
	switch (tag) {
	case ACL_USER_OBJ:
		return ARCHIVE_ENTRY_ACL_USER_OBJ;
	case ACL_USER:
		return ARCHIVE_ENTRY_ACL_USER;
	case ACL_GROUP_OBJ:
		return ARCHIVE_ENTRY_ACL_GROUP_OBJ;
	case ACL_GROUP:
		return ARCHIVE_ENTRY_ACL_GROUP;
	case ACL_MASK:
		return ARCHIVE_ENTRY_ACL_MASK;
	case ACL_OTHER:
		return ARCHIVE_ENTRY_ACL_OTHER;
	default:
		return -EINVAL;
	}
}

/*
 * The mode as stat(2) shows it of a file with an ACL: with the mask in the group's place.
 * libarchive has there what the ACL grants the group; that is right beside the ACL, but not alone.
 */
static void set_mode(struct archive_entry *entry, const char *value, size_t size)
{
	unsigned int mode = archive_entry_perm(entry), group = 0, mask = 8;
	struct posix_acl_xattr_entry one;

	for (size_t at = sizeof(struct posix_acl_xattr_header); at < size; at += sizeof(one)) {
		unsigned int bits;

		memcpy(&one, value + at, sizeof(one));
		bits = le16toh(one.e_perm) & 7;
		if (le16toh(one.e_tag) == ACL_GROUP_OBJ)
			group = bits;
		else if (le16toh(one.e_tag) == ACL_MASK)
			mask = bits;
	}
	archive_entry_set_perm(entry, (mode & ~070U) | (mask < 8 ? mask : group) << 3);
}

/* Archives have ACLs as text: acl(5), linux/posix_acl_xattr.h. */
static int add_acl(struct archive_entry *entry, int type, const char *value, size_t size,
		   const struct entry_rules *rules)
{
	const char *format = rules->options->format;
	struct posix_acl_xattr_header header;
	struct posix_acl_xattr_entry one;

	if (size < sizeof(header))
		return -EINVAL;
	memcpy(&header, value, sizeof(header));
	if (le32toh(header.a_version) != POSIX_ACL_XATTR_VERSION ||
	    (size - sizeof(header)) % sizeof(one))
		return -EINVAL;
	for (size_t at = sizeof(header); at < size; at += sizeof(one)) {
		int tag, id = -1;

		memcpy(&one, value + at, sizeof(one));
		tag = find_tag(le16toh(one.e_tag));
		if (tag < 0)
			return -EINVAL;
		if (tag == ARCHIVE_ENTRY_ACL_USER || tag == ARCHIVE_ENTRY_ACL_GROUP)
			id = (int)owners_map_id(&rules->owners, le32toh(one.e_id),
						tag == ARCHIVE_ENTRY_ACL_GROUP);
		/* the permissions have the same bits */
		if (archive_entry_acl_add_entry(entry, type, le16toh(one.e_perm) & 7, tag, id,
						NULL) != ARCHIVE_OK)
			return -EINVAL;
	}
	if (type == ARCHIVE_ENTRY_ACL_TYPE_ACCESS && format && strcmp(format, "pax") != 0)
		set_mode(entry, value, size);
	return 0;
}

static int add_attribute(struct archive_entry *entry, const char *name, const void *value,
			 size_t size, const struct entry_rules *rules)
{
	if (strcmp(name, ACCESS_ACL) == 0)
		return add_acl(entry, ARCHIVE_ENTRY_ACL_TYPE_ACCESS, value, size, rules);
	if (strcmp(name, DEFAULT_ACL) == 0)
		return add_acl(entry, ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, value, size, rules);
	if (strcmp(name, CAPABILITY) == 0)
		add_capability(entry, value, size);
	else
		archive_entry_xattr_add_entry(entry, name, value, size);
	return 0;
}

struct attribute {
	const char *name;
	const void *value;
	size_t size;
};

static int compare_attributes(const void *left, const void *right)
{
	const struct attribute *a = left, *b = right;

	return strcmp(a->name, b->name);
}

/* By name: else they are in the order in which they were made, real ones before remembered ones. */
static int sort_attributes(struct archive_entry *entry)
{
	_cleanup_free_ struct attribute *sorted = NULL;
	int count = archive_entry_xattr_reset(entry), found = 0;
	struct archive_entry *copy;

	if (count < 2)
		return 0;
	copy = archive_entry_clone(entry);
	sorted = reallocarray(NULL, (size_t)count, sizeof(*sorted));
	if (!copy || !sorted) {
		archive_entry_free(copy);
		return -ENOMEM;
	}
	archive_entry_xattr_reset(copy);
	while (found < count &&
	       archive_entry_xattr_next(copy, &sorted[found].name, &sorted[found].value,
					&sorted[found].size) == ARCHIVE_OK)
		found++;
	qsort(sorted, (size_t)found, sizeof(*sorted), compare_attributes);
	archive_entry_xattr_clear(entry);
	for (int i = 0; i < found; i++)
		archive_entry_xattr_add_entry(entry, sorted[i].name, sorted[i].value,
					      sorted[i].size);
	archive_entry_free(copy);
	return 0;
}

static int read_attribute(struct archive_entry *entry, const char *path, const char *name,
			  const struct entry_rules *rules)
{
	_cleanup_free_ char *value = malloc(XATTR_SIZE_MAX);
	ssize_t size;

	if (!value)
		return -ENOMEM;
	size = getxattr(path, name, value, XATTR_SIZE_MAX);
	return size < 0 ? -errno : add_attribute(entry, name, value, (size_t)size, rules);
}

static int read_attributes(struct archive_entry *entry, int fd, const struct remembered *file,
			   const struct entry_rules *rules)
{
	_cleanup_free_ char *list = NULL;
	char path[32];
	ssize_t size;
	int r = 0;

	/* a symlink has some, too */
	file_path(path, fd);
	size = listxattr(path, NULL, 0);
	if (size <= 0)
		return size == 0 || errno == EOPNOTSUPP ? 0 : -errno;
	list = malloc(XATTR_LIST_MAX);
	if (!list)
		return -ENOMEM;
	size = listxattr(path, list, XATTR_LIST_MAX);
	if (size < 0)
		return -errno;
	for (const char *name = list; name < list + size && r >= 0; name += strlen(name) + 1) {
		if (!is_of_the_machine(name) && !(file && remember_find_attribute(file, name)))
			r = read_attribute(entry, path, name, rules);
	}
	return r;
}

char *entry_value(const struct remembered_attribute *attribute, mode_t mode)
{
	char *value = malloc(attribute->size + 1); /* it may be empty */

	if (!value)
		return NULL;
	memcpy(value, attribute->value, attribute->size);
	if (strcmp(attribute->name, ACCESS_ACL) == 0)
		acl_follow_mode(value, attribute->size, mode);
	return value;
}

static int add_remembered(struct archive_entry *entry, const struct remembered *file, mode_t mode,
			  const struct entry_rules *rules)
{
	int r = 0;

	for (size_t i = 0; file && i < file->attribute_count && r >= 0; i++) {
		const struct remembered_attribute *attribute = &file->attributes[i];
		_cleanup_free_ char *value = NULL;

		if (attribute->removed)
			continue;
		value = entry_value(attribute, mode);
		r = value ? add_attribute(entry, attribute->name, value, attribute->size, rules)
			  : -ENOMEM;
	}
	return r < 0 ? r : sort_attributes(entry);
}

static void set_device(struct archive_entry *entry, const struct remembered *file)
{
	if (!file || !file->type)
		return;
	archive_entry_set_filetype(entry, file->type);
	archive_entry_set_rdev(entry, file->device);
	archive_entry_set_size(entry, 0);
}

void entry_set_times(struct archive_entry *entry, const struct pack_options *options)
{
	archive_entry_unset_atime(entry);
	archive_entry_unset_ctime(entry);
	archive_entry_unset_birthtime(entry);
	if (options->mtime_set ||
	    (options->mtime_latest && archive_entry_mtime(entry) >= options->mtime))
		archive_entry_set_mtime(entry, options->mtime, 0);
}

static int find_remembered(int fd, const struct entry_rules *rules, const struct remembered **file)
{
	struct file_key key;
	int r = file_key_of(fd, &key);

	*file = r < 0 ? NULL : remember_find(rules->table, &key);
	return r;
}

/* What the kernel holds of a file: stat(2), readlink(2). */
static int read_status(struct archive_entry *entry, int fd, const struct stat *status)
{
	_cleanup_free_ char *target = NULL;
	ssize_t length;

	archive_entry_set_mode(entry, status->st_mode);
	archive_entry_set_mtime(entry, status->st_mtim.tv_sec, status->st_mtim.tv_nsec);
	archive_entry_set_nlink(entry, 1);
	archive_entry_set_size(entry, S_ISREG(status->st_mode) ? status->st_size : 0);
	if (S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode))
		archive_entry_set_rdev(entry, status->st_rdev);
	if (!S_ISLNK(status->st_mode))
		return 0;
	target = malloc(PATH_MAX);
	if (!target)
		return -ENOMEM;
	length = readlinkat(fd, "", target, PATH_MAX - 1);
	if (length < 0)
		return -errno;
	target[length] = '\0';
	archive_entry_copy_symlink(entry, target);
	return 0;
}

int entry_read(struct archive_entry **entry, int fd, const struct stat *status,
	       const struct entry_rules *rules)
{
	const struct remembered *file;
	int r = find_remembered(fd, rules, &file);

	if (r < 0)
		return r;
	*entry = archive_entry_new();
	if (!*entry)
		return -ENOMEM;
	r = read_status(*entry, fd, status);
	if (r >= 0)
		r = read_attributes(*entry, fd, file, rules);
	if (r >= 0)
		r = add_remembered(*entry, file, status->st_mode, rules);
	if (r < 0) {
		archive_entry_free(*entry);
		*entry = NULL;
		return r;
	}
	owners_set(&rules->owners, *entry, status->st_uid, status->st_gid, file);
	set_device(*entry, file);
	entry_set_times(*entry, rules->options);
	return 0;
}

static bool has_attribute(struct archive_entry *entry, const char *wanted)
{
	const char *name;
	const void *value;
	size_t size;

	archive_entry_xattr_reset(entry);
	while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
		if (strcmp(name, wanted) == 0)
			return true;
	}
	return false;
}

/* Those of an archive, but for what something else is remembered of. */
static int copy_attributes(struct archive_entry *entry, struct archive_entry *from,
			   const struct remembered *file, const struct entry_rules *rules)
{
	const char *name;
	const void *value;
	size_t size;
	int r = 0;

	archive_entry_xattr_clear(entry);
	archive_entry_xattr_reset(from);
	while (r >= 0 && archive_entry_xattr_next(from, &name, &value, &size) == ARCHIVE_OK) {
		if (!file || !remember_find_attribute(file, name))
			r = add_attribute(entry, name, value, size, rules);
	}
	return r;
}

/*
 * The same for ACLs as text. GNU tar has names alone in them, and these are the machine's; if there
 * is an attribute beside it, that has the ids.
 */
static int copy_acls(struct archive_entry *entry, struct archive_entry *from,
		     const struct remembered *file, const struct owners *owners)
{
	const int types = ARCHIVE_ENTRY_ACL_TYPE_ACCESS | ARCHIVE_ENTRY_ACL_TYPE_DEFAULT;
	int type, permissions, tag, id;
	const char *name;

	if (!(archive_entry_acl_types(from) & types))
		return 0;
	archive_entry_acl_clear(entry);
	archive_entry_acl_reset(from, types);
	while (archive_entry_acl_next(from, types, &type, &permissions, &tag, &id, &name) ==
	       ARCHIVE_OK) {
		const char *attribute =
			type == ARCHIVE_ENTRY_ACL_TYPE_ACCESS ? ACCESS_ACL : DEFAULT_ACL;

		if (has_attribute(from, attribute) ||
		    (file && remember_find_attribute(file, attribute)))
			continue;
		if ((tag == ARCHIVE_ENTRY_ACL_USER || tag == ARCHIVE_ENTRY_ACL_GROUP) && id >= 0) {
			id = (int)owners_map_id(owners, (uint32_t)id,
						tag == ARCHIVE_ENTRY_ACL_GROUP);
			name = NULL;
		}
		if (archive_entry_acl_add_entry(entry, type, permissions, tag, id, name) !=
		    ARCHIVE_OK)
			return -EINVAL;
	}
	return 0;
}

int entry_remember(struct archive_entry *entry, int fd, const struct entry_rules *rules)
{
	const struct remembered *file;
	struct archive_entry *copy;
	struct stat status;
	int r = find_remembered(fd, rules, &file);

	if (r >= 0 && fstat(fd, &status) < 0)
		r = -errno;
	if (r < 0)
		return r;
	owners_set(&rules->owners, entry, (uint32_t)archive_entry_uid(entry),
		   (uint32_t)archive_entry_gid(entry), file);
	set_device(entry, file);
	/* the file that it is a link to has them */
	if (archive_entry_hardlink(entry))
		return 0;
	copy = archive_entry_clone(entry);
	if (!copy)
		return -ENOMEM;
	r = copy_acls(entry, copy, file, &rules->owners);
	if (r >= 0)
		r = copy_attributes(entry, copy, file, rules);
	archive_entry_free(copy);
	return r < 0 ? r : add_remembered(entry, file, status.st_mode, rules);
}
