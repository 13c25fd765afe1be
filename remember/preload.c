/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The preload library of --show-owners=auto: stat(2) and its kin, and getxattr(2) where nothing is
 * remembered, answered from remember/shared.h, within the program that asks. What can't be answered
 * so is asked for as the C library would, and then the recorder answers.
 *
 * It goes into any dynamic program: no memory is allocated, no lock taken, no fd kept, and errno is
 * left alone; so all of it may run in a signal handler, in a thread, and in the child of a vfork.
 * It is linked with no C library, so that it fits more than one; what it uses (syscall, errno and
 * what a compiler may call) is that of the program. System calls are those that the C library
 * makes for the same functions, in one version or another, so that a program's own filters find
 * what they expect.
 *
 * What is mapped stays mapped: other threads may be reading.
 */

#include "remember/preload.h"

#include "remember/generation.h"
#include "remember/shared.h"

#include <errno.h>
#include <sys/mman.h>

/* What is mapped, with its last order in the low bits, which are 0 in an address; 0: nothing. */
static uintptr_t mapped;

/* The pid that is known to be in the user namespace whose ids are shown, above it the `moves` then;
 * in memory that no child gets a copy of: in a pid namespace it may have that pid, too. Or NULL. */
static uint64_t *home;

static size_t size_up_to(unsigned int order)
{
	return shared_place(order + 1);
}

static const void *base_of(uintptr_t map)
{
	return (const void *)(map & ~(uintptr_t)0xfff);
}

static unsigned int order_of(uintptr_t map)
{
	return (unsigned int)(map & 0xfff);
}

static uintptr_t remap(const void *there, unsigned int order)
{
	/* with an old size of 0, of a shared mapping: the same once more: mremap(2) */
	long map = syscall(SYS_mremap, there, 0L, size_up_to(order), (long)MREMAP_MAYMOVE, 0L);

	return map == -1 ? 0 : (uintptr_t)map | order;
}

/* A tree that programs are started in may hold a copy, or a part of one: cp -a /dev. */
static bool is_table(const struct shared_header *header, const struct stat *status)
{
	return header->version == SHARED_VERSION && header->device == status->st_dev &&
	       header->inode == status->st_ino;
}

static void map_table(int fd)
{
	const size_t size = size_up_to(SHARED_ORDER_FIRST);
	struct stat status;
	long map;

	if (syscall(SYS_fstat, fd, &status, 0L, 0L, 0L, SHARED_COOKIE) < 0 ||
	    status.st_size < (off_t)size)
		return;
	map = syscall(SYS_mmap, NULL, size, PROT_READ, MAP_SHARED, (long)fd, 0L);
	if (map == -1)
		return;
	if (is_table((const struct shared_header *)map, &status))
		__atomic_store_n(&mapped, (uintptr_t)map | SHARED_ORDER_FIRST, __ATOMIC_RELEASE);
	else
		syscall(SYS_munmap, map, size);
}

static void map_home(void)
{
	const size_t size = sizeof(*home);
	long map = syscall(SYS_mmap, NULL, size, (long)(PROT_READ | PROT_WRITE),
			   (long)(MAP_PRIVATE | MAP_ANONYMOUS), -1L, 0L);

	if (map != -1 && syscall(SYS_madvise, map, size, (long)MADV_WIPEONFORK) == 0)
		home = (uint64_t *)map;
}

__attribute__((constructor)) static void begin_program(void)
{
	int saved;
	long fd;

	if (!syscall)
		return;
	saved = errno;
	fd = syscall(SYS_openat, AT_FDCWD, SHARED_FOLDER "/" SHARED_TABLE,
		     O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0) {
		map_table((int)fd);
		/* a filter that we were started under may kill for it: no loader does that */
		if (mapped && !shared_filtered(base_of(mapped)))
			map_home();
		syscall(SYS_close, fd);
	}
	errno = saved;
}

/* A mapping that holds the table in use, or NULL. */
static const void *map_order(uintptr_t map, unsigned int order)
{
	uintptr_t larger;

	if (order < SHARED_ORDER_FIRST || order > SHARED_ORDER_MAX)
		return NULL;
	if (order <= order_of(map))
		return base_of(map);
	larger = shared_filtered(base_of(map)) ? 0 : remap(base_of(map), order);
	if (!larger)
		return NULL;
	/* the old one stays: somebody may be reading it; where two come at once, one is in vain */
	if (!__atomic_compare_exchange_n(&mapped, &map, larger, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE)) {
		syscall(SYS_munmap, base_of(larger), size_up_to(order));
		return order <= order_of(map) ? base_of(map) : NULL;
	}
	return base_of(larger);
}

struct question {
	int folder;
	const char *path;
	int flags; /* AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH */
	uint32_t changes;
	uintptr_t map; /* 0: the recorder is to be asked */
};

static struct question begin(int folder, const char *path, int flags)
{
	struct question question = { .folder = folder, .path = path };

	question.flags = flags & (AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH);
	question.map = __atomic_load_n(&mapped, __ATOMIC_ACQUIRE);
	if (!question.map)
		return question;
	question.changes = shared_changes(base_of(question.map));
	if (question.changes % 2)
		question.map = 0;
	return question;
}

const void *preload_table(void)
{
	return base_of(__atomic_load_n(&mapped, __ATOMIC_ACQUIRE));
}

const void *preload_begin(uint32_t *changes)
{
	struct question question = begin(AT_FDCWD, "", 0);

	*changes = question.changes;
	return base_of(question.map);
}

/* In a user namespace that was made inside, ids mean something else. One comes there as a new
 * process, or by a call that the recorder hears of: `moves`. */
static bool is_at_home(const void *base)
{
	const struct shared_header *header = base;
	uint64_t pid = (uint32_t)syscall(SYS_getpid);
	uint64_t self = (uint64_t)__atomic_load_n(&header->moves, __ATOMIC_ACQUIRE) << 32 | pid;
	struct stat status;

	/* the first one of a pid namespace may share our memory: clone(2), CLONE_VM */
	if (home && pid != 1 && __atomic_load_n(home, __ATOMIC_RELAXED) == self)
		return true;
	if (syscall(SYS_newfstatat, AT_FDCWD, "/proc/self/ns/user", &status, 0, 0L, SHARED_COOKIE) <
		    0 ||
	    status.st_dev != header->userns_device || status.st_ino != header->userns_inode)
		return false;
	if (home)
		__atomic_store_n(home, self, __ATOMIC_RELAXED);
	return true;
}

/* Not another one of that number, nor another one by that path by now. */
static bool is_same_file(const struct question *question, const struct shared_slot *slot)
{
	uint64_t generation;

	if (slot->generation == GENERATION_ANY)
		return true;
	return generation_of(question->folder, question->path, question->flags, SHARED_COOKIE,
			     &generation) == 0 &&
	       generation == slot->generation;
}

enum outcome { PLAIN, SHOWN, UNKNOWN };

/*
 * What to make of a file that the kernel has told of since `begin`: it is plain, or as the slot
 * has it; or the recorder is to be asked.
 */
static enum outcome look_up(const struct question *question, uint64_t device, uint64_t inode,
			    struct shared_slot *slot)
{
	const void *header = base_of(question->map);
	unsigned int order = shared_order(header);
	const void *base = map_order(question->map, order);
	bool found;

	if (!base)
		return UNKNOWN;
	found = shared_find(base, order, device, inode, slot, NULL);
	if (shared_changes(header) != question->changes)
		return UNKNOWN;
	if (!found)
		return PLAIN;
	if (shared_filtered(header) || !is_at_home(base) || !is_same_file(question, slot) ||
	    shared_changes(header) != question->changes)
		return UNKNOWN;
	return SHOWN;
}

static unsigned int major_of(uint64_t device)
{
	return (unsigned int)((device >> 8 & 0xfff) | (device >> 32 & 0xfffff000));
}

static unsigned int minor_of(uint64_t device)
{
	return (unsigned int)((device & 0xff) | (device >> 12 & 0xffffff00));
}

static uint64_t device_of(uint32_t major, uint32_t minor)
{
	return (uint64_t)(major & 0xfff) << 8 | (uint64_t)(major & 0xfffff000) << 32 |
	       (minor & 0xff) | (uint64_t)(minor & 0xffffff00) << 12;
}

#define LEAVE UINT32_MAX /* an id that was not asked for: idmap/idmap.h */

static int show_stat(const struct question *question, struct stat *status, int saved)
{
	struct shared_slot slot;
	enum outcome outcome = look_up(question, status->st_dev, status->st_ino, &slot);

	errno = saved;
	if (outcome == UNKNOWN)
		return -1;
	if (outcome == PLAIN)
		return 0;
	if (slot.uid != LEAVE)
		status->st_uid = slot.uid;
	if (slot.gid != LEAVE)
		status->st_gid = slot.gid;
	if (slot.type) {
		status->st_mode = (status->st_mode & ~(mode_t)S_IFMT) | slot.type;
		status->st_rdev = slot.rdev;
		status->st_size = status->st_blocks = 0; /* whatever was written to it */
	}
	return 0;
}

static int ask_path(int folder, const char *path, struct stat *status, int flags)
{
	const int saved = errno;
	struct question question = begin(folder, path, flags);

	if (question.map) {
		if (syscall(SYS_newfstatat, folder, path, status, flags, 0L, SHARED_COOKIE) < 0)
			return -1;
		if (show_stat(&question, status, saved) == 0)
			return 0;
	}
	return (int)syscall(SYS_newfstatat, folder, path, status, flags, 0L, 0L);
}

static int ask_fd(int fd, struct stat *status)
{
	const int saved = errno;
	struct question question = begin(fd, "", AT_EMPTY_PATH);

	if (question.map) {
		if (syscall(SYS_fstat, fd, status, 0L, 0L, 0L, SHARED_COOKIE) < 0)
			return -1;
		if (show_stat(&question, status, saved) == 0)
			return 0;
	}
	return (int)syscall(SYS_fstat, fd, status, 0L, 0L, 0L, 0L);
}

static int show_statx(const struct question *question, struct statx *status, int saved)
{
	uint64_t device = device_of(status->stx_dev_major, status->stx_dev_minor);
	struct shared_slot slot;
	enum outcome outcome = UNKNOWN;

	if (status->stx_mask & STATX_INO)
		outcome = look_up(question, device, status->stx_ino, &slot);
	errno = saved;
	if (outcome == UNKNOWN)
		return -1;
	if (outcome == PLAIN)
		return 0;
	if (slot.uid != LEAVE)
		status->stx_uid = slot.uid;
	if (slot.gid != LEAVE)
		status->stx_gid = slot.gid;
	if (slot.type) {
		status->stx_mode = (uint16_t)((status->stx_mode & ~S_IFMT) | slot.type);
		status->stx_rdev_major = major_of(slot.rdev);
		status->stx_rdev_minor = minor_of(slot.rdev);
		status->stx_size = status->stx_blocks = 0;
	}
	return 0;
}

EXPORT(int, owners_statx, "statx", int folder, const char *path, int flags, unsigned int mask,
       struct statx *status)
{
	const int saved = errno;
	struct question question = begin(folder, path, flags);

	if (question.map) {
		if (syscall(SYS_statx, folder, path, flags, mask, status, SHARED_COOKIE) < 0)
			return -1;
		if (show_statx(&question, status, saved) == 0)
			return 0;
	}
	return (int)syscall(SYS_statx, folder, path, flags, mask, status, 0L);
}

EXPORT(int, owners_stat, "stat", const char *path, struct stat *status)
{
	return ask_path(AT_FDCWD, path, status, 0);
}

EXPORT(int, owners_stat64, "stat64", const char *path, struct stat *status)
{
	return ask_path(AT_FDCWD, path, status, 0);
}

EXPORT(int, owners_lstat, "lstat", const char *path, struct stat *status)
{
	return ask_path(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW);
}

EXPORT(int, owners_lstat64, "lstat64", const char *path, struct stat *status)
{
	return ask_path(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW);
}

EXPORT(int, owners_fstat, "fstat", int fd, struct stat *status)
{
	return ask_fd(fd, status);
}

EXPORT(int, owners_fstat64, "fstat64", int fd, struct stat *status)
{
	return ask_fd(fd, status);
}

EXPORT(int, owners_fstatat, "fstatat", int folder, const char *path, struct stat *status, int flags)
{
	return ask_path(folder, path, status, flags);
}

EXPORT(int, owners_fstatat64, "fstatat64", int folder, const char *path, struct stat *status,
       int flags)
{
	return ask_path(folder, path, status, flags);
}

/* What programs call that were linked with glibc before 2.33: the layouts of its own, and the
 * kernel's, are one on machines of 64 bits. */
static bool is_version(int version)
{
	if (version == 0 || version == 1)
		return true;
	errno = EINVAL;
	return false;
}

EXPORT(int, owners_xstat, "__xstat", int version, const char *path, struct stat *status)
{
	return is_version(version) ? ask_path(AT_FDCWD, path, status, 0) : -1;
}

EXPORT(int, owners_xstat64, "__xstat64", int version, const char *path, struct stat *status)
{
	return is_version(version) ? ask_path(AT_FDCWD, path, status, 0) : -1;
}

EXPORT(int, owners_lxstat, "__lxstat", int version, const char *path, struct stat *status)
{
	return is_version(version) ? ask_path(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW) : -1;
}

EXPORT(int, owners_lxstat64, "__lxstat64", int version, const char *path, struct stat *status)
{
	return is_version(version) ? ask_path(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW) : -1;
}

EXPORT(int, owners_fxstat, "__fxstat", int version, int fd, struct stat *status)
{
	return is_version(version) ? ask_fd(fd, status) : -1;
}

EXPORT(int, owners_fxstat64, "__fxstat64", int version, int fd, struct stat *status)
{
	return is_version(version) ? ask_fd(fd, status) : -1;
}

EXPORT(int, owners_fxstatat, "__fxstatat", int version, int folder, const char *path,
       struct stat *status, int flags)
{
	return is_version(version) ? ask_path(folder, path, status, flags) : -1;
}

EXPORT(int, owners_fxstatat64, "__fxstatat64", int version, int folder, const char *path,
       struct stat *status, int flags)
{
	return is_version(version) ? ask_path(folder, path, status, flags) : -1;
}
