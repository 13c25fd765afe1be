/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* System calls that are remembered instead of done, taken apart: seccomp_unotify(2). */

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* --show-owners: whether the sandbox sees what is remembered. */
enum show_owners {
	SHOW_NO,
	SHOW_TRAP, /* by answers to the calls that ask */
	SHOW_AUTO, /* the same, where a program does not find out itself: remember/shared.h */
};

enum call_kind {
	CALL_CHOWN,
	CALL_MKNOD,
	CALL_SETXATTR,
	CALL_REMOVEXATTR,
	CALL_FILTER, /* ... a filter of its own: --show-owners=auto */
	/* --show-owners */
	CALL_STAT,
	CALL_GETXATTR,
	CALL_LISTXATTR,
	/* fakeroot's way */
	CALL_CHMOD,
	CALL_MKDIR,
	CALL_UNLINK,
	CALL_RMDIR,
	CALL_RENAME,
	/* let through, but what is known of the caller may not hold any more */
	CALL_ROOT,      /* chroot, pivot_root: of others, too */
	CALL_NAMESPACE, /* unshare, setns: its own */
	CALL_CHDIR,
	CALL_UMOUNT,
};

/* What a CALL_STAT writes: stat(2), statx(2). */
enum stat_layout {
	STAT_NATIVE,   /* struct stat of the machine's own ABI */
	STAT_STATX,    /* struct statx, in every ABI */
	STAT_I386,     /* stat, lstat, fstat of i386 */
	STAT_I386_64,  /* stat64 and the like */
	STAT_I386_OLD, /* oldstat and the like */
	STAT_ARM_64,   /* stat64 and the like of arm; its stat is as i386's */
};

/* How the arguments of a call are to be read: made at build time, one row for each ABI. */
struct call_row {
	uint32_t abi; /* AUDIT_ARCH_* */
	int number;
	enum call_kind kind;
	bool at;         /* argument 0 is a folder's fd, and the path comes after it */
	bool fd;         /* argument 0 is the file's fd, in place of a path */
	bool nofollow;   /* of a symlink at the end of the path */
	bool flags_last; /* AT_* flags after the rest */
	bool short_ids;  /* ids of 16 bits */
	enum stat_layout layout;
	bool attribute_at; /* setxattrat and the like: AT_* flags before the rest, a struct
			      xattr_args in place of value, size and flags */
};

extern const struct call_row call_rows[]; /* ends with abi 0 */

struct call {
	enum call_kind kind;
	bool has_path;
	uint64_t path; /* address in the caller */
	int fd;    /* of the file, or of the folder that a relative path starts from; AT_FDCWD */
	int flags; /* AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH and what else the caller gave */
	uid_t uid; /* CALL_CHOWN; ID_UNSET: leave it */
	gid_t gid;
	mode_t mode; /* CALL_MKNOD, CALL_CHMOD, CALL_MKDIR */
	dev_t device;
	uint64_t name, value; /* of an attribute: addresses; CALL_LISTXATTR: value */
	uint64_t size;
	uint64_t buffer;   /* CALL_STAT: address */
	unsigned int mask; /* STAT_STATX */
	enum stat_layout layout;
	int xattr_flags;
	int new_fd; /* CALL_RENAME: as fd and path */
	uint64_t new_path;
	bool has_xattr_args; /* instead of value, size and flags: call_take_xattr_args */
	uint64_t xattr_args; /* address */
	uint64_t xattr_args_size;
};

/* What the address of a call with has_xattr_args leads to: struct xattr_args of
 * linux/xattr.h, 6.13. */
struct call_xattr_args {
	uint64_t value;
	uint32_t size;
	uint32_t flags;
};

/* call_decode: false for a call that no row knows. */
bool call_decode(const struct seccomp_data *data, struct call *call);

/* call_take_xattr_args: put in the call what was read. */
void call_take_xattr_args(struct call *call, const struct call_xattr_args *args);
