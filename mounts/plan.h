/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The mount plan: what lands where in the new root, as data. Filled by the parser and by plan
 * files, ordered and pruned here; pure, no kernel. mounts/apply carries it out.
 */

#include "base/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum mount_kind {
	MOUNT_BIND,    /* source on target */
	MOUNT_OVERLAY, /* lowers, upper and work on target */
	MOUNT_TMPFS,
	MOUNT_PROC,
	MOUNT_SYSFS,
	MOUNT_MQUEUE,
	MOUNT_DEV,     /* a private, minimal /dev */
	MOUNT_DIR,     /* make a directory */
	MOUNT_FILE,    /* write `data` into a file at target */
	MOUNT_DATA,    /* `data` in a hidden tmpfs, bound on target */
	MOUNT_SYMLINK, /* make a symlink at target that says `source` */
	MOUNT_MASK,    /* hide a file or directory */
	MOUNT_CHMOD,   /* change the mode of what is at target */
	MOUNT_REMOUNT, /* add flags to the mount at target */
	MOUNT_KIND_COUNT,
};

enum mount_flags {
	MOUNT_READ_ONLY = 1 << 0,
	MOUNT_TRY = 1 << 1,      /* a missing source is no error: the entry is skipped */
	MOUNT_NOFOLLOW = 1 << 2, /* source may be a symlink, which is bound itself */
	MOUNT_DEVICES = 1 << 3,  /* without nodev */
	MOUNT_NOEXEC = 1 << 4,
	MOUNT_NORECURSE = 1 << 5, /* without the submounts of source */
	MOUNT_DEFAULT = 1 << 6,   /* from the default plan, not from the user */
	MOUNT_DROPPED = 1 << 7,   /* set by mount_plan_order: see `why` */
	MOUNT_LATE = 1 << 8,      /* set by mount_plan_order: needs the namespaces of pid 1 */
	MOUNT_CURRENT = 1 << 10,  /* source is the path of the current directory: taken as ".", as
				     the  path may lead elsewhere by now */
	MOUNT_SHOWN = 1 << 9,     /* set with MOUNT_DROPPED: an outer bind shows it, as text goes;
				     a symlink on the way may make it untrue, which only the
				     kernel can tell (target and source are not one inode then) */
	MOUNT_SUID = 1 << 11,     /* without nosuid */
	MOUNT_INNER = 1 << 12,    /* source is a path within the new root */
	MOUNT_COVERS = 1 << 13,   /* MOUNT_SYMLINK: where another file is, it is covered */
	MOUNT_FOREIGN =
		1 << 14, /* source belongs to the foreign range of ids: foreign/mountfsd.h */
};

#define MODE_UNSET ((mode_t)-1)
#define MOUNT_OVERLAY_TMPFS "tmpfs" /* as upper: a tmpfs that is thrown away */

struct mount_entry {
	enum mount_kind kind;
	unsigned int flags;
	const char *source;  /* as the user wrote it; MOUNT_SYMLINK: the text of the link */
	int source_fd;       /* --bind-fd: the fd that the user passed; else -EBADF */
	const char *target;  /* absolute, normalised: no "//", "." or ".." */
	const char *written; /* the target as the user wrote it, for messages */
	mode_t mode;         /* MODE_UNSET, or the permission bits that were asked for */
	uint64_t size;       /* MOUNT_TMPFS: in bytes; 0: the kernel's default */
	uid_t uid;           /* MOUNT_TMPFS: owner of its root, an id inside; ID_UNSET: root */
	gid_t gid;
	const char **lowers; /* MOUNT_OVERLAY: the topmost last */
	size_t lower_count;
	const char *upper; /* NULL: read-only; MOUNT_OVERLAY_TMPFS */
	const char *work;
	const char *options; /* MOUNT_OVERLAY from a plan file: the overlay's own options, comma
				separated ("volatile,metacopy=on"); NULL: none */
	const char *data;    /* MOUNT_FILE, MOUNT_DATA */
	size_t data_size;
	const char *option; /* for messages: "--bind", or "FILE:LINE" of a plan file */
	uint32_t position;  /* rank as given; the later wins */
	const char *why;    /* MOUNT_DROPPED: the reason, for --explain */
};

struct mount_memory;

/*
 * What is done otherwise in another program's manner, as its dialect says; all zero: nsroot's own.
 */
struct mount_manner {
	bool as_given;       /* entries are carried out in the order given; none is dropped */
	bool binds_last;     /* of one target's entries the binds come last, and nothing that a
				later one hides is left out; those from the new root after all */
	bool follow_links;   /* a file that is bound on a symlink lands where that leads */
	bool receive_mounts; /* what is mounted outside later shows below the binds */
	bool share_mounts;   /* the new root is shared with mount namespaces made inside */
	bool cover_switches; /* /proc/sys and its like are read-only where they are writable */
	bool fuse;           /* MOUNT_DEV: /dev/fuse too, where the host has it */
	bool plain_devices;  /* MOUNT_DEV: its mounts are not nosuid */
	bool plain_root;     /* a tmpfs as root is neither nosuid nor nodev */
	bool makes_way;      /* parents are 0755 whatever the mode of a file, and made for where a
				dangling symlink leads; MOUNT_DIR leaves a file alone */
	mode_t point_mode;   /* of files made to mount on; 0: 0444 */
	mode_t shm_mode;     /* MOUNT_DEV: of /dev/shm; 0: 01777 */
	int console_fd;      /* MOUNT_DEV: what shows the terminal; 0: the first of 0 to 2 */
	bool trace;          /* each entry is told on standard error when it is carried out */
	bool bwrap_words;    /* what scripts match is said in bubblewrap's words */
	bool lenient_try;    /* MOUNT_TRY: a source that can't be reached is missing, too */
	bool add_slash;      /* a target may be given without the first slash */
	bool closed_parents; /* of an entry that has no mode of its own, they are their owner's */
};

struct mount_plan {
	struct mount_manner manner;
	struct mount_entry *entries;
	size_t count;
	size_t capacity;
	struct mount_memory *memory; /* what mount_plan_allocate gave out */
};

/*
 * mount_plan_add: append an entry of a kind, everything else unset.
 *  option: what to call it in messages; borrowed, as all strings of the entry are.
 *  target: as the user wrote it; must be absolute (mount_manner.add_slash) and not empty. Only a
 * bind, an overlay or a tmpfs can be "/"; a folder is there already, and mode and flags of "/" can
 * be changed. Returns the entry (valid until the next call), or NULL with ENOMEM or EINVAL
 * reported.
 */
struct mount_entry *mount_plan_add(struct mount_plan *plan, enum mount_kind kind,
				   const char *option, const char *target, struct report *report);

/* mount_plan_remove_last: take back the entry that mount_plan_add gave last. */
void mount_plan_remove_last(struct mount_plan *plan);

/*
 * mount_plan_allocate: memory that lives as long as the plan, for strings that nobody else owns.
 * Returns it, or NULL with ENOMEM reported.
 */
void *mount_plan_allocate(struct mount_plan *plan, size_t size, struct report *report);

/*
 * mount_path_normalize: remove "//", "." and ".." from an absolute path, as text. The result is at
 * most as long as the path.
 */
void mount_path_normalize(char *path);

/* mount_path_is_below: true if `path` is `parent` or lies below it; both normalised. */
bool mount_path_is_below(const char *path, const char *parent);

/* mount_path_compare: order by components: '/' goes before every other byte, so that "/a/b" comes
 * before "/a-b". As strcmp(3). */
int mount_path_compare(const char *a, const char *b);

/*
 * mount_plan_order: sort by target, parents first; entries of one target stay in the order given.
 * Marks as MOUNT_DROPPED what a later entry of the same target hides fully, and a bind which an
 * outer bind shows already with nothing in between; marks MOUNT_LATE.
 * Returns 0 or -ENOMEM, reported. Time: count * log(count) comparisons, the rest linear.
 */
int mount_plan_order(struct mount_plan *plan, struct report *report);

/* mount_plan_find_root: the entry that makes "/", or NULL. */
const struct mount_entry *mount_plan_find_root(const struct mount_plan *plan);

/* mount_plan_has: whether an entry of a kind is carried out. */
bool mount_plan_has(const struct mount_plan *plan, enum mount_kind kind);

/* mount_entry_mounts: true if an entry mounts something at its target. */
bool mount_entry_mounts(const struct mount_entry *entry);

/*
 * mount_parent_mode: of folders that are made on the way to an entry: 0755, but closed to a group,
 * and to others, to which the entry itself is closed: bubblewrap's rule.
 */
mode_t mount_parent_mode(const struct mount_manner *manner, const struct mount_entry *entry);

/* mount_kind_name: "bind", "overlay", ...: the word of plan files and --explain. */
const char *mount_kind_name(enum mount_kind kind);

/* mount_kind_from_name: the reverse; -EINVAL for an unknown word. */
int mount_kind_from_name(const char *name);

/* mount_entry_describe: "--bind a /b", as the user wrote it, or "--plan FILE:LINE: bind
 * a /b", for messages. Returns buffer. */
#define MOUNT_DESCRIPTION_MAX 1024
const char *mount_entry_describe(const struct mount_entry *entry,
				 char buffer[MOUNT_DESCRIPTION_MAX]);

/* mount_plan_free: gives back the entries, their targets and what mount_plan_allocate gave out. */
void mount_plan_free(struct mount_plan *plan);
