/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What was asked of files and could not be done: owners, devices, attributes. A table in memory,
 * by the identity of the file; remember/file.h stores it.
 */

#include "idmap/idmap.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A file for as long as it exists. Inode numbers are given again: the generation tells the new file
 * from the old one.
 */
struct file_key {
	uint64_t device; /* st_dev */
	uint64_t inode;
	uint64_t generation; /* of the file's handle, or its time of birth in ns:
				name_to_handle_at(2), statx(2); 0: the file system has neither;
				GENERATION_ANY (generation.h) */
};

struct remembered_attribute {
	char *name; /* "trusted.overlay.opaque" */
	char *value;
	size_t size;
	bool removed; /* asked to be removed: the file may really have it */
};

#define REMEMBER_UNSEEN ((mode_t)-1) /* real_mode of what was read from a state file */

struct remembered {
	struct file_key key;
	uid_t uid; /* ID_UNSET: was not asked for */
	gid_t gid;
	mode_t type;  /* S_IFCHR, S_IFBLK: an empty file stands for a device; else 0 */
	dev_t device; /* its number: makedev(3) */
	bool settled; /* layers_settle has found it */
	bool passes;  /* it is not there for who comes later: not to be stored */
	/* fakeroot's way alone (remember/state.h) */
	bool unpinned;    /* of a state file: it is for the first file of this device and inode
			     number that is looked for */
	mode_t mode;      /* what is shown, with the type; 0: nothing is known of it */
	mode_t real_mode; /* permissions that the file itself had then, or REMEMBER_UNSEEN; when it
			     has others, those are right */
	uint64_t links;   /* names that it had then */
	struct remembered_attribute *attributes;
	size_t attribute_count;
};

struct remember_table {
	struct remembered *slots; /* open addressing; a free one has `used` false */
	uint8_t *used;
	size_t capacity; /* a power of two, or 0 */
	size_t count;
	bool changed; /* by remember_get or remember_forget; to be set to false by who looks */
	struct file_key changed_key; /* the last one */
};

/* remember_find: what is remembered of a file, or NULL. Valid until the table changes. */
struct remembered *remember_find(const struct remember_table *table, const struct file_key *key);

/* remember_has_number: whether there is something about any file of this device and inode number:
 * cheap, to tell most files that nothing is remembered of. */
bool remember_has_number(const struct remember_table *table, uint64_t device, uint64_t inode);

/*
 * remember_get: the same; made if there is nothing yet. What was remembered of another file that
 * had this inode number is forgotten. Returns NULL if memory runs out.
 */
struct remembered *remember_get(struct remember_table *table, const struct file_key *key);

/*
 * remember_copy: remember the same of another file; what was remembered of that is forgotten.
 *  from: what is remembered of, by its own key.
 * Returns 0 or -ENOMEM.
 */
int remember_copy(struct remember_table *table, const struct file_key *from,
		  const struct file_key *to);

/* remember_is_empty: nothing is left to remember of it. */
bool remember_is_empty(const struct remembered *file);

/* remember_forget: nothing is remembered of the file any more. */
void remember_forget(struct remember_table *table, const struct file_key *key);

/* remember_has_device, remember_forget_device: of the files of a device. Returns -ENOMEM too. */
bool remember_has_device(const struct remember_table *table, uint64_t device);
int remember_forget_device(struct remember_table *table, uint64_t device);

/*
 * remember_attribute: remember that an attribute was set, or removed if value is NULL.
 * Returns 0, -ENOMEM, or -ENOSPC where the names of one file, each with its NUL, would be more than
 * XATTR_LIST_MAX bytes, or the values more than REMEMBER_VALUES_MAX: nothing has changed then, but
 * that it may be forgotten that others were removed.
 */
#define REMEMBER_VALUES_MAX (1 << 20)
int remember_attribute(struct remembered *file, const char *name, const char *value, size_t size);

/* remember_drop_attribute: nothing was asked about it. */
void remember_drop_attribute(struct remembered *file, const char *name);

/* remember_find_attribute: NULL if nothing was asked about it. */
const struct remembered_attribute *remember_find_attribute(const struct remembered *file,
							   const char *name);

/*
 * remember_each: call a function for each file, in the order of device and inode. Stops at the
 * first negative return value and returns it. Returns -ENOMEM too.
 */
int remember_each(const struct remember_table *table,
		  int (*function)(const struct remembered *file, void *context), void *context);

void remember_free(struct remember_table *table);
