/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every system call that changes or shows owners, devices and attributes, with every flag, in the
 * current folder, which is empty; prints what each returned and what the files look like then.
 * Usage: ownercalls [-32]
 *   -32    by int 0x80, as an i386 program does
 * Real root and a user under --remember --show-owners=trap must see the same.
 */
#include "abicalls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

enum {
	CHOWN,
	LCHOWN,
	FCHOWN,
	FCHOWNAT,
	MKNOD,
	MKNODAT,
	SETXATTR,
	LSETXATTR,
	FSETXATTR,
	GETXATTR,
	LGETXATTR,
	FGETXATTR,
	LISTXATTR,
	REMOVEXATTR,
	LREMOVEXATTR,
	FREMOVEXATTR,
	STATX,
	CALLS
};

static const int numbers_64[CALLS] = { 92,  94,  93,  260, 133, 259, 188, 189, 190,
				       191, 192, 193, 194, 197, 198, 199, 332 };
/* the calls with ids of 32 bits; those with 16: short_ids */
static const int numbers_32[CALLS] = { 212, 198, 207, 298, 14,  297, 226, 227, 228,
				       229, 230, 231, 232, 235, 236, 237, 383 };
static const int short_ids[] = { 182, 16, 95 };

static long call(int which, long a, long b, long c, long d, long e)
{
	return numbered((narrow ? numbers_32 : numbers_64)[which], a, b, c, d, e);
}

/* By statx in this ABI, and by stat in the C library's. */
static void show(int folder, const char *name, int flags)
{
	struct statx *shown = (struct statx *)(room + 70000);
	struct stat status;
	long r;

	memset(shown, 0, sizeof(*shown));
	r = call(STATX, folder, text(name), flags, STATX_BASIC_STATS, (long)shown);
	if (r < 0) {
		print(name, r);
		return;
	}
	printf("\t%s: %o %u:%u %u,%u links %u size %llu\n", name, shown->stx_mode, shown->stx_uid,
	       shown->stx_gid, shown->stx_rdev_major, shown->stx_rdev_minor, shown->stx_nlink,
	       S_ISDIR(shown->stx_mode) ? 0ULL : (unsigned long long)shown->stx_size);
	if (fstatat(folder, name, &status, flags) < 0 || status.st_uid != shown->stx_uid ||
	    status.st_gid != shown->stx_gid || status.st_mode != shown->stx_mode ||
	    major(status.st_rdev) != shown->stx_rdev_major)
		printf("\tfstatat differs\n");
}

static void show_file(const char *name)
{
	show(AT_FDCWD, name, AT_SYMLINK_NOFOLLOW);
}

struct stat_32 {
	uint32_t dev, ino;
	uint16_t mode, nlink, uid, gid;
	uint32_t rdev, size, rest[10];
};

struct stat_64 {
	uint64_t dev;
	uint32_t pad, low, mode, nlink, uid, gid;
	uint64_t rdev;
	uint32_t rest[16];
};

/* The older calls of i386. */
static void show_older(const char *name)
{
	struct stat_32 *plain = (struct stat_32 *)(room + 70000);
	struct stat_64 *large = (struct stat_64 *)(room + 72000);
	long r;

	if (!narrow)
		return;
	r = numbered(196, text(name), (long)large, 0, 0, 0);
	printf("\tlstat64: %ld %o %u:%u %llx\n", r, large->mode, large->uid, large->gid,
	       (unsigned long long)large->rdev);
	r = numbered(107, text(name), (long)plain, 0, 0, 0);
	printf("\tlstat: %ld %o %u:%u %x\n", r, r ? 0 : plain->mode, r ? 0 : plain->uid,
	       r ? 0 : plain->gid, r ? 0 : plain->rdev);
	r = numbered(300, AT_FDCWD, text(name), (long)large, AT_SYMLINK_NOFOLLOW, 0);
	printf("\tfstatat64: %ld %u:%u\n", r, large->uid, large->gid);
}

static void make(const char *name, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || fchmod(fd, mode) < 0)
		abort();
	close(fd);
}

static void try_chown(void)
{
	static const struct {
		const char *name;
		long uid, gid;
	} cases[] = { { "file", 1, 2 },
		      { "file", -1, 5 },
		      { "file", 7, -1 },
		      { "file", -1, -1 },
		      { "file", 0, 0 },
		      { "file", 100000, 200000 },
		      { "link", 8, 9 },
		      { "folder", 3, 4 },
		      { "none", 1, 1 },
		      { "file/", 1, 1 },
		      { "file/below", 1, 1 },
		      { "loop", 1, 1 },
		      { "dangling", 1, 1 },
		      { "", 1, 1 },
		      { "folder/../file", 11, 12 },
		      { "./link", 13, 14 },
		      { "folder/link", 15, 16 } };
	char what[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(what, sizeof(what), "chown %s %ld %ld", cases[i].name, cases[i].uid,
			 cases[i].gid);
		print(what, call(CHOWN, text(cases[i].name), cases[i].uid, cases[i].gid, 0, 0));
		show_file("file");
		memcpy(what, "lchown", 6);
		snprintf(what, sizeof(what), "lchown %s %ld %ld", cases[i].name, cases[i].uid + 20,
			 cases[i].gid + 20);
		if (cases[i].uid >= 0 && cases[i].gid >= 0)
			print(what, call(LCHOWN, text(cases[i].name), cases[i].uid + 20,
					 cases[i].gid + 20, 0, 0));
		show_file("file");
		show_file("link");
	}
	show_older("file");
	print("chown of no address", call(CHOWN, 16, 1, 1, 0, 0));
	memset(room + 80000, 'a', 5000);
	room[85000] = '\0';
	print("chown of a name too long", call(CHOWN, (long)(room + 80000), 1, 1, 0, 0));
}

static void try_short_ids(void)
{
	if (!narrow)
		return;
	print("chown16", numbered(short_ids[0], text("file"), 31, 0xffff, 0, 0));
	show_file("file");
	print("lchown16", numbered(short_ids[1], text("link"), 0xffff, 32, 0, 0));
	show_file("link");
}

static void try_by_fd(void)
{
	int file = open("file", O_RDONLY | O_CLOEXEC), path = open("file", O_PATH | O_CLOEXEC);
	int folder = open("folder", O_RDONLY | O_CLOEXEC), pipes[2];
	int link = open("link", O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (file < 0 || path < 0 || folder < 0 || link < 0 || pipe2(pipes, O_CLOEXEC) < 0)
		abort();
	print("fchown", call(FCHOWN, file, 41, 42, 0, 0));
	show(file, "", AT_EMPTY_PATH);
	print("fchown of O_PATH", call(FCHOWN, path, 43, 44, 0, 0));
	print("fchown of nothing", call(FCHOWN, -1, 43, 44, 0, 0));
	print("fchown of 999", call(FCHOWN, 999, 43, 44, 0, 0));
	print("fchown of a folder", call(FCHOWN, folder, 43, 44, 0, 0));
	show_file("folder");
	print("fchownat below", call(FCHOWNAT, folder, text("inner"), 45, 46, 0));
	show_file("folder/inner");
	print("fchownat empty", call(FCHOWNAT, path, text(""), 47, 48, AT_EMPTY_PATH));
	show_file("file");
	print("fchownat of the link", call(FCHOWNAT, link, text(""), 49, 50, AT_EMPTY_PATH));
	show_file("link");
	print("fchownat empty, not allowed", call(FCHOWNAT, path, text(""), 47, 48, 0));
	print("fchownat of a file's fd", call(FCHOWNAT, file, text("x"), 1, 1, 0));
	print("fchownat nofollow",
	      call(FCHOWNAT, AT_FDCWD, text("link"), 51, 52, AT_SYMLINK_NOFOLLOW));
	show_file("link");
	print("fchownat follow", call(FCHOWNAT, AT_FDCWD, text("link"), 53, 54, 0));
	show_file("file");
	print("fchownat, odd flags", call(FCHOWNAT, AT_FDCWD, text("file"), 1, 1, 0x4));
	print("fchownat of 999", call(FCHOWNAT, 999, text("file"), 1, 1, 0));
	close(file), close(path), close(folder), close(link), close(pipes[0]), close(pipes[1]);
}

static void try_rights(void)
{
	make("suid", 06755);
	print("chown of setuid", call(CHOWN, text("suid"), 1, 1, 0, 0));
	show_file("suid");
	make("sgid", 02644);
	print("chown of setgid without x", call(CHOWN, text("sgid"), 1, 1, 0, 0));
	show_file("sgid");
	if (chmod("folder", 06755) < 0)
		abort();
	print("chown of a setgid folder", call(CHOWN, text("folder"), 5, 6, 0, 0));
	show_file("folder");
	/* what is made in it from now on would have its group: that is not remembered */
	if (chmod("folder", 0755) < 0)
		abort();
}

static void try_mknod(void)
{
	static const struct {
		const char *name;
		mode_t mode;
		unsigned int major, minor;
	} cases[] = {
		{ "null", S_IFCHR | 0666, 1, 3 },      { "null", S_IFCHR | 0666, 1, 3 },
		{ "disk", S_IFBLK | 0660, 8, 17 },     { "large", S_IFCHR | 0600, 300, 70000 },
		{ "none/x", S_IFCHR | 0600, 1, 3 },    { "new/", S_IFCHR | 0600, 1, 3 },
		{ "link", S_IFCHR | 0600, 1, 3 },      { "dangling", S_IFCHR | 0600, 1, 3 },
		{ "folder/..", S_IFCHR | 0600, 1, 3 }, { "", S_IFCHR | 0600, 1, 3 },
		{ "file/x", S_IFCHR | 0600, 1, 3 },    { "fifo", S_IFIFO | 0600, 0, 0 },
		{ "plain", S_IFREG | 0640, 0, 0 },     { "white", S_IFCHR | 0600, 0, 0 },
		{ "sticky", S_IFCHR | 07777, 5, 1 }
	};
	char what[64];

	umask(022);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		unsigned int device = (cases[i].minor & 0xff) | cases[i].major << 8 |
				      (cases[i].minor & ~0xffU) << 12;

		snprintf(what, sizeof(what), "mknod %s", cases[i].name);
		print(what, call(MKNOD, text(cases[i].name), cases[i].mode, device, 0, 0));
		show_file(cases[i].name);
	}
	show_older("null");
	print("mknodat", call(MKNODAT, AT_FDCWD, text("folder/zero"), S_IFCHR | 0666, 0x105, 0));
	show_file("folder/zero");
	print("chown of a device", call(CHOWN, text("null"), 3, 4, 0, 0));
	show_file("null");
	if (chmod("null", 0604) < 0)
		abort();
	show_file("null");
}

static void get(const char *name, long size)
{
	char *value = room + 90000;
	long r;

	memset(value, 0, 100);
	r = call(GETXATTR, text("file"), text(name), (long)value, size, 0);
	print(name, r);
	if (r >= 0 && size)
		printf("\t%s\n", value);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(void)
{
	char *names = room + 90000, *sorted[32];
	long r = call(LISTXATTR, text("file"), (long)names, 4000, 0, 0);
	size_t count = 0;

	print("listxattr", r);
	for (char *name = names; name < names + r && count < 32; name += strlen(name) + 1)
		sorted[count++] = name;
	qsort(sorted, count, sizeof(*sorted), compare);
	for (size_t i = 0; i < count; i++)
		printf("\t%s\n", sorted[i]);
}

static void try_xattr(void)
{
	static const char name[] = "trusted.one", other[] = "trusted.two";
	int fd = open("file", O_RDONLY | O_CLOEXEC);

	list();
	get(name, 100);
	print("replace", call(SETXATTR, text("file"), text(name), text("a"), 1, XATTR_REPLACE));
	print("set", call(SETXATTR, text("file"), text(name), text("value"), 5, 0));
	get(name, 100);
	get(name, 0);
	get(name, 2);
	print("create", call(SETXATTR, text("file"), text(name), text("b"), 1, XATTR_CREATE));
	print("replace",
	      call(SETXATTR, text("file"), text(name), text("longer one"), 10, XATTR_REPLACE));
	get(name, 100);
	print("fsetxattr", call(FSETXATTR, fd, text(other), text(""), 0, 0));
	list();
	print("lsetxattr of the link",
	      call(LSETXATTR, text("link"), text(name), text("of the link"), 11, 0));
	print("lgetxattr of the link",
	      call(LGETXATTR, text("link"), text(name), (long)(room + 90000), 100, 0));
	print("setxattr by the link",
	      call(SETXATTR, text("link"), text(other), text("by link"), 7, 0));
	get(other, 100);
	print("fgetxattr", call(FGETXATTR, fd, text(other), (long)(room + 90000), 100, 0));
	print("removexattr", call(REMOVEXATTR, text("file"), text(name), 0, 0, 0));
	print("removexattr again", call(REMOVEXATTR, text("file"), text(name), 0, 0, 0));
	print("lremovexattr", call(LREMOVEXATTR, text("file"), text("trusted.no"), 0, 0, 0));
	print("fremovexattr", call(FREMOVEXATTR, fd, text(other), 0, 0, 0));
	list();
	print("of no file", call(SETXATTR, text("none"), text(name), text("a"), 1, 0));
	print("too large", call(SETXATTR, text("file"), text(name), text("a"), 70000, 0));
	print("odd flags", call(SETXATTR, text("file"), text(name), text("a"), 1, 8));
	print("user.", call(SETXATTR, text("file"), text("user.one"), text("u"), 1, 0));
	get("user.one", 100);
	print("user. away", call(REMOVEXATTR, text("file"), text("user.one"), 0, 0, 0));
	close(fd);
}

/* What follows the file, and what the name. */
static void try_lives(void)
{
	int fd;

	make("moved", 0644);
	print("chown", call(CHOWN, text("moved"), 61, 62, 0, 0));
	if (rename("moved", "away") < 0 || link("away", "second") < 0)
		abort();
	show_file("away");
	show_file("second");
	for (int i = 0; i < 50; i++) {
		make("again", 0644);
		call(CHOWN, text("again"), 63, 64, 0, 0);
		unlink("again");
	}
	make("again", 0644);
	show_file("again");
	fd = open("second", O_RDWR | O_CLOEXEC);
	unlink("away");
	unlink("second");
	show(fd, "", AT_EMPTY_PATH);
	print("fchown of what has no name", call(FCHOWN, fd, 65, 66, 0, 0));
	show(fd, "", AT_EMPTY_PATH);
	close(fd);
}

int main(int argc, char **argv)
{
	abi_begin(argc, argv);
	make("file", 0644);
	if (mkdir("folder", 0755) < 0 || symlink("file", "link") < 0 ||
	    symlink("nowhere", "dangling") < 0 || symlink("loop", "loop") < 0 ||
	    symlink("../file", "folder/link") < 0)
		return 2;
	make("folder/inner", 0644);
	try_chown();
	try_short_ids();
	try_by_fd();
	try_rights();
	try_mknod();
	try_xattr();
	try_lives();
	return 0;
}
