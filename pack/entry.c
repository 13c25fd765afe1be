/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/entry.h"

#include "base/cleanup.h"
#include "remember/caller.h"

#include <archive.h>
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CAPABILITY "security.capability"

/* Root inside a sandbox is the caller outside; an id that was asked for comes first. */
static void set_owner(struct archive_entry *entry, const struct remembered *file)
{
	if (file && file->uid != ID_UNSET)
		archive_entry_set_uid(entry, file->uid);
	else if (archive_entry_uid(entry) == (int64_t)geteuid())
		archive_entry_set_uid(entry, 0);
	if (file && file->gid != ID_UNSET)
		archive_entry_set_gid(entry, file->gid);
	else if (archive_entry_gid(entry) == (int64_t)getegid())
		archive_entry_set_gid(entry, 0);
}

static void set_device(struct archive_entry *entry, const struct remembered *file)
{
	if (!file || !file->type)
		return;
	archive_entry_set_filetype(entry, file->type);
	archive_entry_set_rdev(entry, file->device);
	archive_entry_set_size(entry, 0);
}

/*
 * In a user namespace the kernel adds the id of its root to capabilities of files: version 3. Where
 * the archive is unpacked by real root, that id means nothing: version 2, without it.
 */
static void strip_root_id(const void **value, size_t *size, struct vfs_cap_data *room)
{
	const struct vfs_ns_cap_data *data = *value;

	if (*size != sizeof(*data) ||
	    (data->magic_etc & VFS_CAP_REVISION_MASK) != VFS_CAP_REVISION_3)
		return;
	memcpy(room, data, sizeof(*room));
	room->magic_etc = VFS_CAP_REVISION_2 | (data->magic_etc & VFS_CAP_FLAGS_EFFECTIVE);
	*value = room;
	*size = sizeof(*room);
}

static int add_real_attributes(const struct archive_entry *from, struct archive_entry *to,
			       const struct remembered *file)
{
	struct archive_entry *reset = (struct archive_entry *)(uintptr_t)from;
	const char *name;
	const void *value;
	size_t size;

	archive_entry_xattr_reset(reset);
	while (archive_entry_xattr_next(reset, &name, &value, &size) == ARCHIVE_OK) {
		struct vfs_cap_data room;

		if (file && remember_find_attribute(file, name))
			continue;
		if (strcmp(name, CAPABILITY) == 0)
			strip_root_id(&value, &size, &room);
		archive_entry_xattr_add_entry(to, name, value, size);
	}
	return 0;
}

static int set_attributes(struct archive_entry *entry, const struct remembered *file)
{
	struct archive_entry *copy = archive_entry_clone(entry);

	if (!copy)
		return -ENOMEM;
	archive_entry_xattr_clear(entry);
	add_real_attributes(copy, entry, file);
	for (size_t i = 0; file && i < file->attribute_count; i++) {
		const struct remembered_attribute *attribute = &file->attributes[i];

		if (!attribute->removed)
			archive_entry_xattr_add_entry(entry, attribute->name, attribute->value,
						      attribute->size);
	}
	archive_entry_free(copy);
	return 0;
}

static void set_times(struct archive_entry *entry, const struct pack_options *options)
{
	archive_entry_unset_atime(entry);
	archive_entry_unset_ctime(entry);
	archive_entry_unset_birthtime(entry);
	if (options->mtime_set ||
	    (options->mtime_latest && archive_entry_mtime(entry) >= options->mtime))
		archive_entry_set_mtime(entry, options->mtime, 0);
}

int entry_adjust(struct archive_entry *entry, int fd, const struct pack_options *options,
		 const struct remember_table *table)
{
	const struct remembered *file;
	struct file_key key;
	int r = file_key_of(fd, &key);

	if (r < 0)
		return r;
	file = remember_find(table, &key);
	set_owner(entry, file);
	set_device(entry, file);
	set_times(entry, options);
	return set_attributes(entry, file);
}
