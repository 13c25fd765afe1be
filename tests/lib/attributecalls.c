/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attributes, and what owners and attributes do to modes and to each other, in the current folder,
 * which is empty; prints what each call returned and what the files look like then.
 * Usage: attributecalls [-32]
 *   -32    by int 0x80, as an i386 program does
 * Real root and a user under --remember --show-owners=trap must see the same.
 */
#include "abicalls.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

enum { SETXATTRAT = 463, GETXATTRAT, LISTXATTRAT, REMOVEXATTRAT };

static char *answer; /* of calls, in `room` */

static void make(const char *name, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || fchmod(fd, mode) < 0)
		abort();
	close(fd);
}

static void show(const char *name)
{
	struct stat status;

	if (lstat(name, &status) < 0)
		printf("\t%s: none\n", name);
	else
		printf("\t%s: %o %u:%u %u,%u\n", name, status.st_mode, status.st_uid, status.st_gid,
		       major(status.st_rdev), minor(status.st_rdev));
}

struct args {
	uint64_t value;
	uint32_t size, flags;
	uint64_t later;
};

static long args_of(const void *value, uint32_t size, uint32_t flags, uint64_t later)
{
	struct args args = { (uintptr_t)value, size, flags, later };

	return (long)memcpy(room + 66000, &args, sizeof(args));
}

/* With six arguments, in the native ABI alone. */
static long at(int number, long folder, const char *path, long flags, const char *name, long args,
	       long size)
{
	/* first, as a call would change the registers */
	long result, where = path ? text(path) : 0, what = text(name);
	register long r10 __asm__("r10") = what;
	register long r8 __asm__("r8") = args;
	register long r9 __asm__("r9") = size;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"((long)number), "D"(folder), "S"(where), "d"(flags), "r"(r10),
			   "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

static long set_at(long folder, const char *path, long flags, const char *name, const char *value)
{
	return at(SETXATTRAT, folder, path, flags, name,
		  args_of((char *)text(value), (uint32_t)strlen(value), 0, 0), 16);
}

static void get_at(long folder, const char *path, long flags, const char *name)
{
	long r;

	memset(answer, 0, 100);
	r = at(GETXATTRAT, folder, path, flags, name, args_of(answer, 100, 0, 0), 16);
	print("getxattrat", r);
	if (r > 0)
		printf("\t%s\n", answer);
}

static void try_sizes(void)
{
	static const char name[] = "trusted.one";
	long value = text("value");

	for (long size = 0; size < 32; size += 8)
		print("setxattrat, a size", at(SETXATTRAT, AT_FDCWD, "file", 0, name,
					       args_of((void *)value, 5, 0, 0), size));
	print("a later structure",
	      at(SETXATTRAT, AT_FDCWD, "file", 0, name, args_of((void *)value, 5, 0, 1), 24));
	print("a huge one",
	      at(SETXATTRAT, AT_FDCWD, "file", 0, name, args_of((void *)value, 5, 0, 0), 5000));
	print("create", at(SETXATTRAT, AT_FDCWD, "file", 0, name,
			   args_of((void *)value, 5, XATTR_CREATE, 0), 16));
	print("no flag",
	      at(SETXATTRAT, AT_FDCWD, "file", 0, name, args_of((void *)value, 5, 16, 0), 16));
	print("get with a flag",
	      at(GETXATTRAT, AT_FDCWD, "file", 0, name, args_of(answer, 100, 1, 0), 16));
	print("get a size", at(GETXATTRAT, AT_FDCWD, "file", 0, name, args_of(NULL, 0, 0, 0), 16));
}

static void try_at(void)
{
	int file = open("file", O_RDONLY | O_CLOEXEC), path = open("file", O_PATH | O_CLOEXEC);
	int folder = open("folder", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	print("setxattrat", set_at(AT_FDCWD, "file", 0, "trusted.one", "first"));
	get_at(AT_FDCWD, "file", 0, "trusted.one");
	print("of the link", set_at(AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW, "trusted.one", "link"));
	get_at(AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW, "trusted.one");
	print("by the link", set_at(AT_FDCWD, "link", 0, "trusted.two", "by link"));
	get_at(AT_FDCWD, "file", 0, "trusted.two");
	print("below a folder", set_at(folder, "inner", 0, "trusted.one", "inner"));
	get_at(folder, "inner", 0, "trusted.one");
	print("empty", set_at(file, "", AT_EMPTY_PATH, "trusted.three", "by fd"));
	get_at(file, "", AT_EMPTY_PATH, "trusted.three");
	get_at(file, NULL, AT_EMPTY_PATH, "trusted.three");
	print("empty, O_PATH", set_at(path, "", AT_EMPTY_PATH, "trusted.three", "x"));
	get_at(path, "", AT_EMPTY_PATH, "trusted.three");
	print("empty, not allowed", set_at(file, "", 0, "trusted.three", "x"));
	print("an odd flag", set_at(AT_FDCWD, "file", 4, "trusted.three", "x"));
	print("none", set_at(AT_FDCWD, "none", 0, "trusted.three", "x"));
	print("999", set_at(999, "", AT_EMPTY_PATH, "trusted.three", "x"));
	print("user.", set_at(AT_FDCWD, "file", 0, "user.one", "u"));
	get_at(AT_FDCWD, "file", 0, "user.one");
	print("removexattrat",
	      numbered(REMOVEXATTRAT, AT_FDCWD, text("file"), 0, text("trusted.two"), 0));
	print("removexattrat again",
	      numbered(REMOVEXATTRAT, AT_FDCWD, text("file"), 0, text("trusted.two"), 0));
	print("removexattrat user.",
	      numbered(REMOVEXATTRAT, AT_FDCWD, text("file"), 0, text("user.one"), 0));
	print("listxattrat", numbered(LISTXATTRAT, AT_FDCWD, text("file"), 0, (long)answer, 1000));
	print("listxattrat, small",
	      numbered(LISTXATTRAT, AT_FDCWD, text("file"), 0, (long)answer, 3));
	print("listxattrat, the link", numbered(LISTXATTRAT, AT_FDCWD, text("link"),
						AT_SYMLINK_NOFOLLOW, (long)answer, 1000));
	try_sizes();
	close(file), close(path), close(folder);
}

static void try_security(void)
{
	print("security.", setxattr("file", "security.mine", "abc", 3, 0));
	print("security.", getxattr("file", "security.mine", answer, 100));
	make("suid", 06755);
	print("an attribute leaves setuid", setxattr("suid", "trusted.one", "a", 1, 0));
	show("suid");
}

/* cap_net_raw+ep: vfs_cap_data of linux/capability.h */
static void try_capability(void)
{
	static const uint32_t capability[] = { 0x02000001, 1 << 13, 0, 0, 0 };

	make("cap", 0755);
	print("capability",
	      setxattr("cap", "security.capability", capability, sizeof(capability), 0));
	print("chown", chown("cap", 7, 8));
	print("after chown", getxattr("cap", "security.capability", answer, 100) < 0);
	print("capability",
	      setxattr("cap", "security.capability", capability, sizeof(capability), 0));
	print("chown of nothing", chown("cap", -1, -1));
	print("after it", getxattr("cap", "security.capability", answer, 100) < 0);
}

struct acl {
	uint32_t version;
	struct {
		uint16_t tag, permissions;
		uint32_t id;
	} entries[8];
};

#define UNNAMED 0xffffffff

static void show_acl(const char *file, const char *name)
{
	struct acl acl;
	ssize_t size = getxattr(file, name, &acl, sizeof(acl));

	printf("\t%s %s: %zd:", file, name, size);
	for (ssize_t i = 0; i < (size - 4) / 8; i++)
		printf(" %x:%o:%d", acl.entries[i].tag, acl.entries[i].permissions,
		       (int)acl.entries[i].id);
	printf("\n");
	show(file);
}

static void try_acl(void)
{
	static const char access[] = "system.posix_acl_access",
			  inherited[] = "system.posix_acl_default";
	struct acl acl = { 2,
			   { { 1, 6, UNNAMED },
			     { 2, 7, 1234 },
			     { 4, 4, UNNAMED },
			     { 8, 3, 77 },
			     { 0x10, 5, UNNAMED },
			     { 0x20, 0, UNNAMED } } };
	const size_t size = 4 + 6 * 8;

	make("acl", 0644);
	print("ACL", setxattr("acl", access, &acl, size, 0));
	show_acl("acl", access);
	print("chmod", chmod("acl", 0731));
	show_acl("acl", access);
	print("chown", chown("acl", 3, 4));
	show_acl("acl", access);
	print("list", listxattr("acl", answer, 1000));
	print("default ACL", setxattr("folder", inherited, &acl, size, 0));
	show_acl("folder", inherited);
	umask(077);
	close(open("folder/new", O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
	show("folder/new");
	mkdir("folder/made", 0777);
	show("folder/made");
	print("mknod", mknod("folder/device", S_IFCHR | 0666, makedev(1, 3)));
	show("folder/device");
	umask(022);
	print("no file's", setxattr("acl", inherited, &acl, size, 0));
	print("cut off", setxattr("acl", access, &acl, size - 3, 0));
	print("without mask", setxattr("acl", access, &acl, size - 16, 0));
	acl.entries[1].tag = 8, acl.entries[3].tag = 2;
	print("in disorder", setxattr("acl", access, &acl, size, 0));
	show_acl("acl", access);
	/* of ids that everybody has */
	acl.entries[1].tag = 2, acl.entries[1].id = 0, acl.entries[3].tag = 8;
	acl.entries[3].id = 0;
	print("ACL of root", setxattr("acl", access, &acl, size, 0));
	show_acl("acl", access);
	print("none", removexattr("acl", access));
	show_acl("acl", access);
	print("none", removexattr("folder", inherited));
	show_acl("folder", inherited);
}

static void try_setgid_folder(void)
{
	if (mkdir("setgid", 0755) < 0)
		abort();
	print("chown", chown("setgid", 3, 44));
	if (chmod("setgid", 02755) < 0)
		abort();
	show("setgid");
	print("mknod", mknod("setgid/device", S_IFCHR | 0644, makedev(1, 3)));
	show("setgid/device");
}

int main(int argc, char **argv)
{
	abi_begin(argc, argv);
	umask(022);
	answer = room + 90000;
	make("file", 0644);
	if (mkdir("folder", 0755) < 0 || symlink("file", "link") < 0)
		return 2;
	make("folder/inner", 0644);
	if (at(GETXATTRAT, AT_FDCWD, "file", 0, "user.x", args_of(NULL, 0, 0, 0), 16) != -ENOSYS)
		try_at();
	try_security();
	try_capability();
	try_acl();
	try_setgid_folder();
	return 0;
}
