/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/identity.h"

#include "base/cleanup.h"
#include "base/read.h"
#include "base/syscalls.h"
#include "idmap/subid.h"

#include <linux/capability.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

#define OVERFLOW_UID 65534 /* of files whose owner is not mapped: user_namespaces(7) */

/*
 * The id that root of the machine has here, or ID_UNSET: in a user namespace of an ordinary user,
 * uid 0 is another. /proc/sys belongs to root of the machine. In doubt, too much is masked rather
 * than too little.
 */
static uint32_t find_machine_root(int proc_fd)
{
	struct stat status;

	if (fstatat(proc_fd, "sys/kernel/core_pattern", &status, 0) < 0)
		return 0;
	return status.st_uid == OVERFLOW_UID ? ID_UNSET : status.st_uid;
}

/* Who may set ids can have root of the machine in a map without being it. */
static bool maps_real_root(const struct identity *identity, int proc_fd)
{
	uint32_t unused, root = find_machine_root(proc_fd);

	return root != ID_UNSET && idmap_to_inner(&identity->uid_map, root, &unused);
}

static int read_capabilities(uint64_t *permitted, uint64_t *effective, struct report *report)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data) < 0)
		return report_failure(report, errno, "capget");
	*permitted = (uint64_t)data[1].permitted << 32 | data[0].permitted;
	*effective = (uint64_t)data[1].effective << 32 | data[0].effective;
	return 0;
}

static bool has(const struct identity *identity, int capability)
{
	return identity->held & (1ULL << capability);
}

static int read_own_map(int proc_fd, const char *name, struct idmap *map, struct report *report)
{
	char text[IDMAP_TEXT_MAX];
	_cleanup_close_ int fd = openat(proc_fd, name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return report_failure(report, errno, "open /proc/%s", name);
	n = read_at(fd, text, sizeof(text) - 1, 0);
	if (n < 0)
		return report_failure(report, (int)-n, "read /proc/%s", name);
	text[n] = '\0';
	if (idmap_parse_file(map, text) < 0)
		return report_refusal(report, "/proc/%s: not understood", name);
	return 0;
}

/* What a namespace maps, seen as outer ids of the next one: its own inner ids. */
static void map_inner_to_itself(const struct idmap *own, struct idmap *map)
{
	map->count = 0;
	for (size_t i = 0; i < own->count; i++)
		idmap_add(map, own->ranges[i].inner, own->ranges[i].inner, own->ranges[i].count);
}

static int map_everything(int proc_fd, struct identity *identity, struct report *report)
{
	struct idmap own;
	int r = read_own_map(proc_fd, "self/uid_map", &own, report);

	if (r < 0)
		return r;
	map_inner_to_itself(&own, &identity->uid_map);
	r = read_own_map(proc_fd, "self/gid_map", &own, report);
	if (r < 0)
		return r;
	map_inner_to_itself(&own, &identity->gid_map);
	return 0;
}

bool identity_maps_one(int proc_fd)
{
	struct report ignored = { 0 };
	struct identity own;

	return map_everything(proc_fd, &own, &ignored) >= 0 && idmap_has_single(&own.uid_map) &&
	       idmap_has_single(&own.gid_map);
}

static int append_subids(enum subid_kind kind, const char *name, uid_t uid, struct idmap *map,
			 struct report *report)
{
	struct subid_ranges ranges = { 0 };
	uint32_t inner = 1;
	int r = subid_load(kind, name, uid, &ranges, report);

	for (size_t i = 0; i < ranges.count && r >= 0; i++) {
		r = idmap_add(map, inner, ranges.ranges[i].start, ranges.ranges[i].count);
		if (r < 0)
			return report_refusal(
				report, "--map subid: the subordinate ids of %s overlap: %u:%u",
				name ? name : "the caller", ranges.ranges[i].start,
				ranges.ranges[i].count);
		inner += ranges.ranges[i].count;
	}
	return r;
}

static int map_subids(struct identity *identity, struct report *report)
{
	struct passwd *passwd = getpwuid(getuid());
	const char *name = passwd ? passwd->pw_name : NULL;
	int r;

	idmap_add(&identity->uid_map, 0, geteuid(), 1);
	idmap_add(&identity->gid_map, 0, getegid(), 1);
	r = append_subids(SUBID_UID, name, getuid(), &identity->uid_map, report);
	return r < 0 ? r : append_subids(SUBID_GID, name, getuid(), &identity->gid_map, report);
}

static void map_one(struct identity *identity, uid_t uid, gid_t gid)
{
	identity->uid_map.count = identity->gid_map.count = 0;
	idmap_add(&identity->uid_map, uid, geteuid(), 1);
	idmap_add(&identity->gid_map, gid, getegid(), 1);
}

static int map_explicit(const struct sandbox *sandbox, struct identity *identity)
{
	map_one(identity, 0, 0);
	if (sandbox->uid_map.count)
		identity->uid_map = sandbox->uid_map;
	if (sandbox->gid_map.count)
		identity->gid_map = sandbox->gid_map;
	return 0;
}

/* identity->uid and gid: what was asked for, or ID_UNSET. */
static int resolve_maps(const struct sandbox *sandbox, int proc_fd, struct identity *identity,
			struct report *report)
{
	enum map_mode mode = sandbox->map;
	uid_t uid = identity->uid;
	gid_t gid = identity->gid;

	if (mode == MAP_DEFAULT) {
		/* root of one id, as inside a sandbox, has no more to map than anybody */
		mode = geteuid() == 0 && identity->privileged && !identity_maps_one(proc_fd)
			       ? MAP_IDENTITY
			       : MAP_ROOT;
	}
	switch (mode) {
	case MAP_IDENTITY:
		if (identity->privileged)
			return map_everything(proc_fd, identity, report);
		__attribute__((fallthrough));
	case MAP_CALLER:
		map_one(identity, uid == ID_UNSET ? geteuid() : uid,
			gid == ID_UNSET ? getegid() : gid);
		return 0;
	case MAP_SUBID:
		return map_subids(identity, report);
	case MAP_EXPLICIT:
		return map_explicit(sandbox, identity);
	default:
		map_one(identity, uid == ID_UNSET ? 0 : uid, gid == ID_UNSET ? 0 : gid);
		return 0;
	}
}

/* One id inside: as asked, else what the caller is there, else root, else the first that is mapped.
 */
static int resolve_id(const struct idmap *map, const char *option, uint32_t wanted, uint32_t own,
		      uint32_t *id, struct report *report)
{
	uint32_t outer;

	if (wanted != ID_UNSET) {
		*id = wanted;
		if (idmap_to_outer(map, wanted, &outer))
			return 0;
		return report_refusal(report, "%s %u: the map does not hold this id", option,
				      wanted);
	}
	if (idmap_to_inner(map, own, id))
		return 0;
	*id = idmap_to_outer(map, 0, &outer) ? 0 : map->ranges[0].inner;
	return 0;
}

static bool maps_only_caller(const struct idmap *map, uint32_t own)
{
	return map->count == 1 && map->ranges[0].count == 1 && map->ranges[0].outer == own;
}

/* The map of the outer level: the caller's own id is in it, or it could not make the inner one. */
static void make_outer(const struct idmap *map, uint32_t own, struct idmap *outer)
{
	uint32_t unused;

	idmap_identity(map, outer);
	if (!idmap_to_inner(outer, own, &unused))
		(void)idmap_add(outer, own, own, 1);
}

static int make_levels(const struct sandbox *sandbox, struct identity *identity,
		       struct report *report)
{
	uint32_t unused;

	identity->single = maps_only_caller(&identity->uid_map, geteuid()) &&
			   maps_only_caller(&identity->gid_map, getegid());
	identity->two_levels = sandbox->lock && sandbox->userns_block_fd < 0;
	make_outer(&identity->uid_map, geteuid(), &identity->outer_uid_map);
	make_outer(&identity->gid_map, getegid(), &identity->outer_gid_map);
	if (!sandbox->lock && (!idmap_to_inner(&identity->uid_map, geteuid(), &unused) ||
			       !idmap_to_inner(&identity->gid_map, getegid(), &unused)))
		return report_refusal(report,
				      "--no-lock: the map has to hold the caller's own ids, "
				      "who makes the mounts then");
	if (!identity->single)
		report_note(report, "setgroups is allowed inside, as more groups are mapped: what "
				    "keeps a group of the caller's out (mode 0604) lets it in");
	return 0;
}

/* --unshare-user-try: without one where none can be made, for who can do without. */
static bool can_do_without(const struct identity *identity, int proc_fd)
{
	_cleanup_close_ int fd =
		openat(proc_fd, "sys/user/max_user_namespaces", O_RDONLY | O_CLOEXEC);
	char digit;

	if (!has(identity, CAP_SYS_ADMIN))
		return false;
	if (fd < 0)
		return errno == ENOENT; /* the kernel has none */
	return read(fd, &digit, 1) == 1 && digit == '0';
}

/*
 * Who owns a cgroup namespace may mount control groups, writable, and those of the machine belong
 * to its root: cgroup_namespaces(7). So real root stays in the one of the caller.
 */
static int choose_cgroup(const struct sandbox *sandbox, struct identity *identity,
			 struct report *report)
{
	enum namespace_wish wish = sandbox->namespaces[NAMESPACE_CGROUP].wish;

	if (!identity->real_root || !identity->new_userns || sandbox->custom.open)
		return 0;
	if (wish == NAMESPACE_UNSHARE)
		return report_refusal(report, "--unshare-cgroup: real root could mount the "
					      "machine's control groups in it, and change them");
	identity->share_cgroup = true;
	if (wish == NAMESPACE_TRY)
		report_note(report, "no cgroup namespace for real root, who could mount the "
				    "machine's control groups in it");
	return 0;
}

/*
 * bubblewrap's second user namespace, with the ids that were asked for: devpts wants root mapped
 * where it is mounted, and a limit on user namespaces holds below the one that has set it.
 */
static void nest(const struct sandbox *sandbox, struct identity *identity)
{
	bool devices = mount_plan_has(&sandbox->plan, MOUNT_DEV);
	uid_t uid = devices ? 0 : identity->uid;
	gid_t gid = devices ? 0 : identity->gid;

	if (sandbox->userns_block_fd >= 0)
		return;
	identity->nested = uid != identity->uid || gid != identity->gid || sandbox->disable_userns;
	map_one(identity, uid, gid);
}

int identity_resolve(const struct sandbox *sandbox, int proc_fd, struct identity *identity,
		     struct report *report)
{
	const struct namespace_choice *user = &sandbox->namespaces[NAMESPACE_USER];
	uint64_t effective = 0;
	int r;

	*identity = (struct identity){ .uid = sandbox->become_root ? 0 : sandbox->uid,
				       .gid = sandbox->become_root ? 0 : sandbox->gid };
	r = read_capabilities(&identity->held, &effective, report);
	if (r < 0)
		return r;
	identity->inherited = getuid() == 0 ? effective : 0;
	if (sandbox->custom.acquire) {
		identity->held = effective;
		return identity_acquire(sandbox, proc_fd, identity, report);
	}
	if (!sandbox->custom.open)
		identity->real_root = geteuid() == find_machine_root(proc_fd);
	identity->joined = user->wish == NAMESPACE_JOIN;
	identity->privileged = has(identity, CAP_SETUID) && has(identity, CAP_SETGID);
	identity->new_userns = user->wish == NAMESPACE_UNSHARE ||
			       (user->wish == NAMESPACE_TRY && !can_do_without(identity, proc_fd));
	if (!identity->new_userns) {
		if (identity->uid == ID_UNSET)
			identity->uid = geteuid();
		if (identity->gid == ID_UNSET)
			identity->gid = getegid();
		return 0;
	}
	identity->held = UINT64_MAX;
	r = resolve_maps(sandbox, proc_fd, identity, report);
	if (r >= 0 && !sandbox->custom.open && maps_real_root(identity, proc_fd))
		identity->real_root = true;
	if (r >= 0)
		r = resolve_id(&identity->uid_map, "--uid", identity->uid, geteuid(),
			       &identity->uid, report);
	if (r >= 0)
		r = resolve_id(&identity->gid_map, "--gid", identity->gid, getegid(),
			       &identity->gid, report);
	if (r >= 0)
		r = choose_cgroup(sandbox, identity, report);
	if (r >= 0 && sandbox->custom.nest)
		nest(sandbox, identity);
	return r < 0 ? r : make_levels(sandbox, identity, report);
}

int identity_follow_map(const struct sandbox *sandbox, int proc_fd, struct identity *identity,
			struct report *report)
{
	struct identity joined = *identity;
	uint64_t effective = 0;
	int r = map_everything(proc_fd, &joined, report);

	if (r < 0)
		return r;
	joined.uid = sandbox->become_root ? 0 : sandbox->uid;
	joined.gid = sandbox->become_root ? 0 : sandbox->gid;
	r = resolve_id(&joined.uid_map, "--uid", joined.uid, geteuid(), &identity->uid, report);
	if (r >= 0)
		r = resolve_id(&joined.gid_map, "--gid", joined.gid, getegid(), &identity->gid,
			       report);
	return r < 0 ? r : read_capabilities(&identity->held, &effective, report);
}

bool identity_suppresses_chown(const struct sandbox *sandbox, const struct identity *identity)
{
	if (sandbox->custom.chown_alone)
		return sandbox->suppress_chown == YES && (identity->new_userns || identity->single);
	if (sandbox->suppress_chown != UNSET)
		return sandbox->suppress_chown == YES;
	return identity->new_userns && identity->single;
}
