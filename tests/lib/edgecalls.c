/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls of owners, devices and attributes at the edges: files without a name, names that end in
 * slashes or dots, flags and sizes that are refused, in the current folder, which is empty; prints
 * what each returned and what the files look like then.
 * Real root and a user under --remember --show-owners=trap must see the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static void tell(const char *what, long result)
{
	if (result < 0)
		printf("%s: %s\n", what, strerrorname_np(errno));
	else
		printf("%s: %ld\n", what, result);
}

static void print(const struct stat *status)
{
	printf("\t%o %u:%u %u,%u links %u size %ld\n", status->st_mode, status->st_uid,
	       status->st_gid, major(status->st_rdev), minor(status->st_rdev),
	       (unsigned int)status->st_nlink,
	       S_ISDIR(status->st_mode) ? 0 : (long)status->st_size);
}

static void show(const char *name)
{
	struct stat status;
	int r = lstat(name, &status);

	tell(name, r);
	if (r == 0)
		print(&status);
}

static void try_nameless(void)
{
	int pipes[2], sockets[2], memory = memfd_create("x", MFD_CLOEXEC);
	struct stat status;

	if (memory < 0 || pipe2(pipes, O_CLOEXEC) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		abort();
	const int all[] = { pipes[0], pipes[1], sockets[0], sockets[1], memory };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		tell("fchown", fchown(all[i], (uid_t)(5 + i), 6));
		for (size_t k = 0; k < sizeof(all) / sizeof(*all); k++) {
			if (fstat(all[k], &status) == 0)
				printf("\t%u:%u\n", status.st_uid, status.st_gid);
		}
	}
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		close(all[i]);
}

static void try_statx(void)
{
	static const struct {
		int flags;
		unsigned int mask;
	} cases[] = { { 0, 0 },
		      { 0, 0x80000000U },
		      { 0x10, 0 },
		      { AT_STATX_DONT_SYNC, STATX_BASIC_STATS },
		      { AT_STATX_FORCE_SYNC, STATX_UID },
		      { AT_STATX_DONT_SYNC | AT_STATX_FORCE_SYNC, STATX_UID } };
	struct statx status;
	struct stat plain;

	tell("chown", chown("file", 7, 8));
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		long r = syscall(SYS_statx, AT_FDCWD, "file", cases[i].flags, cases[i].mask,
				 &status);

		tell("statx", r);
		if (r == 0)
			printf("\t%u:%u\n", status.stx_uid, status.stx_gid);
	}
	tell("statx to nowhere", syscall(SYS_statx, AT_FDCWD, "file", 0, STATX_UID, 8));
	tell("stat to nowhere", syscall(SYS_newfstatat, AT_FDCWD, "file", 8, 0));
	tell("stat of nothing", syscall(SYS_newfstatat, AT_FDCWD, 8, &plain, 0));
	tell("stat, odd flags", syscall(SYS_newfstatat, AT_FDCWD, "file", &plain, 0x10));
}

static void try_slashes(void)
{
	static const char *const names[] = {
		"link/",  "link/.", "link",  "link//..", "dangling/", "file/",
		"file/.", "new/",   "new//", "new/.",    ".",         "..",
		"/",      "//",     "",      "link/x",   "./link/y",  "file/x",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		printf("%s\n", names[i]);
		/* not of what is above */
		if (strcmp(names[i], "..") != 0 && strspn(names[i], "/") != strlen(names[i]) &&
		    !strstr(names[i], "//.."))
			tell("lchown", lchown(names[i], (uid_t)(11 + i), (gid_t)(51 + i)));
		tell("mknod", mknod(names[i], S_IFCHR | 0600, makedev(1, 3)));
		show("folder");
		show("link");
	}
	show("folder/x");
	show("folder/y");
}

static void try_kinds(void)
{
	static const mode_t kinds[] = { 0,       S_IFREG, S_IFDIR, S_IFLNK, S_IFSOCK,
					S_IFIFO, S_IFBLK, S_IFCHR, 0150000, 0170000 };
	char name[16];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		for (unsigned int device = 0; device < 2; device++) {
			snprintf(name, sizeof(name), "kind%zu.%u", i, device);
			tell(name, mknod(name, kinds[i] | 0640, makedev(0, device)));
			show(name);
		}
	}
	umask(077);
	tell("umask 077", mknod("private", S_IFCHR | 0666, makedev(1, 3)));
	umask(0);
	tell("umask 0", mknod("open", S_IFCHR | 06777, makedev(1, 3)));
	umask(022);
	show("private");
	show("open");
	tell("link", link("open", "linked"));
	tell("chown", chown("linked", 3, 4));
	show("open");
	tell("rename", rename("linked", "private"));
	tell("unlink", unlink("open"));
	show("private");
}

static void set(const char *what, const char *name, size_t size)
{
	static char value[70000];

	tell(what, setxattr("file", name, value, size, 0));
	tell("get", getxattr("file", name, value, sizeof(value)));
	tell("remove", removexattr("file", name));
}

static void try_attributes(void)
{
	char name[300];

	memset(name, 'a', sizeof(name));
	memcpy(name, "trusted.", 8);
	name[255] = '\0';
	set("a name of 255", name, 1);
	name[255] = 'a';
	name[256] = '\0';
	set("a name of 256", name, 1);
	set("no name", "", 1);
	tell("a prefix", setxattr("file", "trusted.", "", 1, 0));
	set("no kind", "other.name", 1);
	set("empty", "trusted.x", 0);
	set("2,000 bytes", "trusted.x", 2000);
	set("65,537 bytes", "trusted.x", 65537);
	tell("no address", syscall(SYS_setxattr, "file", "trusted.x", NULL, 3, 0));
	tell("no address of the name", syscall(SYS_setxattr, "file", NULL, "", 0, 0));
	tell("get to nowhere", syscall(SYS_getxattr, "file", "trusted.x", 8, 10));
}

static void try_attributes_of(const char *what, int fd)
{
	static const char *const names[] = { "trusted.x", "security.x", "user.x", "trusted.",
					     "other.x" };

	printf("%s\n", what);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		tell(names[i], fsetxattr(fd, names[i], "v", 1, 0));
		tell("remove", fremovexattr(fd, names[i]));
	}
}

static void try_odd_files(void)
{
	int pipes[2], socket_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int memory = memfd_create("x", MFD_CLOEXEC);

	if (pipe2(pipes, O_CLOEXEC) < 0 || socket_fd < 0 || memory < 0)
		abort();
	try_attributes_of("pipe", pipes[0]);
	try_attributes_of("memory", memory);
	tell("socket", fsetxattr(socket_fd, "trusted.x", "v", 1, 0));
	close(pipes[0]);
	close(pipes[1]);
	close(socket_fd);
	close(memory);
	tell("mknod", mknod("device", S_IFCHR | 0666, makedev(1, 3)));
	tell("set of a device", setxattr("device", "user.x", "v", 1, 0));
	tell("get", getxattr("device", "user.x", NULL, 0));
	tell("remove", removexattr("device", "user.x"));
	tell("trusted", setxattr("device", "trusted.x", "v", 1, 0));
	tell("list", listxattr("device", NULL, 0));
}

/* A folder and descriptors of its own. */
static void try_processes(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (unshare(CLONE_FS | CLONE_FILES) == 0 && chdir("folder") == 0)
			tell("in another folder", chown("../file", 21, 22));
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	show("file");
}

int main(void)
{
	int fd = open("file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (fd < 0 || mkdir("folder", 0755) < 0 || symlink("folder", "link") < 0 ||
	    symlink("nowhere", "dangling") < 0)
		return 2;
	close(fd);
	try_nameless();
	try_statx();
	try_slashes();
	try_kinds();
	try_attributes();
	try_odd_files();
	try_processes();
	return 0;
}
