/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "mounts/plan.h"
#include "tests/unit/check.h"

#include <stdlib.h>

#define HIDDEN "hidden by a later entry"
#define SHOWN "an outer bind shows it already"
#define PRESENT "is there already"

static struct mount_plan plan;
static struct report report;

static struct mount_entry *add(enum mount_kind kind, const char *source, const char *target,
			       unsigned int flags)
{
	struct mount_entry *entry = mount_plan_add(&plan, kind, "--option", target, &report);

	if (!entry)
		abort();
	entry->source = source;
	entry->flags = flags;
	return entry;
}

static void bind(const char *source, const char *target, unsigned int flags)
{
	add(MOUNT_BIND, source, target, flags);
}

static void order(void)
{
	CHECK_INT(mount_plan_order(&plan, &report), 0);
}

static const struct mount_entry *given(uint32_t position)
{
	for (size_t i = 0; i < plan.count; i++)
		if (plan.entries[i].position == position)
			return &plan.entries[i];
	abort();
}

/* Why the entries in the order given were dropped, and an end to the plan. */
#define CHECK_WHY(...)                                                                             \
	do {                                                                                       \
		const char *const wanted[] = { __VA_ARGS__ };                                      \
		order();                                                                           \
		CHECK_INT((long long)plan.count, (long long)(sizeof(wanted) / sizeof(*wanted)));   \
		for (uint32_t n = 0; n < plan.count; n++) {                                        \
			CHECK_STR(given(n)->why, wanted[n]);                                       \
			CHECK(!given(n)->why == !(given(n)->flags & MOUNT_DROPPED));               \
		}                                                                                  \
		mount_plan_free(&plan);                                                            \
	} while (0)

static void test_normalize(void)
{
	static const char *const pairs[][2] = {
		{ "/", "/" },
		{ "//", "/" },
		{ "/.", "/" },
		{ "/..", "/" },
		{ "/../..", "/" },
		{ "/a/", "/a" },
		{ "//a//b//", "/a/b" },
		{ "/a/./b", "/a/b" },
		{ "/a/../b", "/b" },
		{ "/a/b/..", "/a" },
		{ "/a/..", "/" },
		{ "/a/../..", "/" },
		{ "/..a/...", "/..a/..." },
		{ "/.a/b.", "/.a/b." },
		{ "/a/b/../../c", "/c" },
		{ "/\xff/\n/..", "/\xff" },
		{ "/a/b/.", "/a/b" },
		{ "/../a", "/a" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		char path[64];

		strcpy(path, pairs[i][0]);
		mount_path_normalize(path);
		CHECK_STR(path, pairs[i][1]);
	}
}

static void test_is_below(void)
{
	CHECK(mount_path_is_below("/a", "/"));
	CHECK(mount_path_is_below("/", "/"));
	CHECK(mount_path_is_below("/a", "/a"));
	CHECK(mount_path_is_below("/a/b", "/a"));
	CHECK(!mount_path_is_below("/ab", "/a"));
	CHECK(!mount_path_is_below("/a", "/a/b"));
	CHECK(!mount_path_is_below("/", "/a"));
}

static void test_add(void)
{
	struct mount_entry *entry = add(MOUNT_TMPFS, NULL, "/a//b/../c", 0);

	CHECK_STR(entry->target, "/a/c");
	CHECK_STR(entry->written, "/a//b/../c");
	CHECK_INT(entry->source_fd, -EBADF);
	CHECK(entry->mode == MODE_UNSET);
	CHECK(!mount_plan_add(&plan, MOUNT_DIR, "--dir", "a", &report));
	CHECK_STR(report.text, "--dir a: the path inside must be absolute");
	report = (struct report){ 0 };
	CHECK(!mount_plan_add(&plan, MOUNT_DIR, "--dir", "", &report));
	report = (struct report){ 0 };
	add(MOUNT_DIR, NULL, "/x", 0);
	mount_plan_remove_last(&plan);
	CHECK_INT((long long)plan.count, 1);
	CHECK(mount_plan_allocate(&plan, 100, &report));
	mount_plan_free(&plan);
	CHECK(!plan.entries && !plan.memory);
}

static void test_sorting(void)
{
	static const char *const sorted[] = { "/",    "/\x01", "/a",   "/a/b", "/a/b/c", "/a\x01",
					      "/a b", "/a!",   "/a-b", "/aa",  "/b",     "/\xff" };
	const size_t count = sizeof(sorted) / sizeof(sorted[0]);

	for (size_t i = 0; i < count; i++)
		add(MOUNT_TMPFS, NULL, sorted[(i * 7 + 5) % count], 0);
	order();
	for (size_t i = 0; i < count; i++)
		CHECK_STR(plan.entries[i].target, sorted[i]);
	mount_plan_free(&plan);

	/* one target: as given, but what changes others comes last */
	add(MOUNT_CHMOD, NULL, "/a", 0);
	bind("x", "/a", MOUNT_TRY);
	add(MOUNT_REMOUNT, NULL, "/a", 0);
	bind("y", "/a", MOUNT_TRY);
	add(MOUNT_TMPFS, NULL, "/", 0);
	order();
	CHECK_INT(plan.entries[0].kind, MOUNT_TMPFS);
	CHECK_STR(plan.entries[1].source, "x");
	CHECK_STR(plan.entries[2].source, "y");
	CHECK_INT(plan.entries[3].kind, MOUNT_CHMOD);
	CHECK_INT(plan.entries[4].kind, MOUNT_REMOUNT);
	mount_plan_free(&plan);
	order(); /* an empty plan */
}

static void test_hidden(void)
{
	static const enum mount_kind hiding[] = { MOUNT_BIND, MOUNT_OVERLAY, MOUNT_TMPFS,
						  MOUNT_PROC, MOUNT_SYSFS,   MOUNT_MQUEUE,
						  MOUNT_DEV,  MOUNT_DATA };

	for (size_t i = 0; i < sizeof(hiding) / sizeof(hiding[0]); i++) {
		bind("a", "/x", 0);
		add(MOUNT_DIR, NULL, "/x", 0)->mode = 0700;
		add(MOUNT_FILE, NULL, "/x", 0);
		bind("a", "/x", MOUNT_TRY);
		add(hiding[i], "b", "/x", 0);
		add(MOUNT_CHMOD, NULL, "/x", 0);
		CHECK_WHY(HIDDEN, HIDDEN, HIDDEN, HIDDEN, NULL, NULL);
	}

	/* its source may be missing */
	bind("a", "/x", 0);
	bind("b", "/x", MOUNT_TRY);
	CHECK_WHY(NULL, NULL);
	bind("a", "/x", 0);
	bind("b", "/x", 0);
	bind("c", "/x", MOUNT_TRY);
	CHECK_WHY(HIDDEN, NULL, NULL);

	/* a mask covers by type, and fails where there is nothing */
	bind("a", "/x", 0);
	bind("b", "/x", 0);
	add(MOUNT_MASK, NULL, "/x", 0);
	add(MOUNT_MASK, NULL, "/x", 0);
	CHECK_WHY(HIDDEN, NULL, HIDDEN, NULL);
	add(MOUNT_DIR, NULL, "/x", 0);
	add(MOUNT_MASK, NULL, "/x", 0);
	CHECK_WHY(NULL, NULL);
	add(MOUNT_MASK, NULL, "/x", 0);
	bind("a", "/x", 0);
	CHECK_WHY(HIDDEN, NULL);

	/* the contents go into the file that is bound */
	bind("a", "/x", 0);
	add(MOUNT_FILE, NULL, "/x", 0);
	CHECK_WHY(NULL, NULL);

	/* the mount lands where the link leads */
	add(MOUNT_SYMLINK, "y", "/x", 0);
	bind("a", "/x", 0);
	CHECK_WHY(NULL, NULL);
	add(MOUNT_SYMLINK, "y", "/x", 0);
	add(MOUNT_SYMLINK, "z", "/x", 0);
	bind("a", "/x", 0);
	CHECK_WHY(HIDDEN, NULL, NULL);
	bind("a", "/x", 0);
	add(MOUNT_SYMLINK, "y", "/x", 0);
	bind("b", "/x", 0);
	bind("c", "/x", 0);
	CHECK_WHY(NULL, NULL, HIDDEN, NULL);

	/* not the same target */
	bind("a", "/x/y", 0);
	add(MOUNT_TMPFS, NULL, "/x", 0);
	CHECK_WHY(NULL, NULL);
}

static void test_present(void)
{
	add(MOUNT_TMPFS, NULL, "/x", 0);
	add(MOUNT_DIR, NULL, "/x", 0);
	CHECK_WHY(NULL, PRESENT);
	add(MOUNT_DIR, NULL, "/x", 0)->mode = 0700;
	add(MOUNT_DIR, NULL, "/x", 0);
	add(MOUNT_DIR, NULL, "/x", 0);
	CHECK_WHY(NULL, PRESENT, PRESENT);
	add(MOUNT_TMPFS, NULL, "/x", 0);
	add(MOUNT_DIR, NULL, "/x", 0)->mode = 0700;
	CHECK_WHY(NULL, NULL);
	/* it may be a file, or missing: then making the directory says so */
	bind("a", "/x", 0);
	add(MOUNT_DIR, NULL, "/x", 0);
	CHECK_WHY(NULL, NULL);
	bind("a", "/x", MOUNT_TRY);
	add(MOUNT_DIR, NULL, "/x", 0);
	CHECK_WHY(NULL, NULL);
	add(MOUNT_TMPFS, NULL, "/x", 0);
	bind("a", "/x", MOUNT_TRY);
	add(MOUNT_DIR, NULL, "/x", 0);
	CHECK_WHY(NULL, NULL, NULL);
}

static void test_shown(void)
{
	bind("/", "/", 0);
	bind("/home", "/home", 0);
	bind("/home/alice", "/home/alice", 0);
	CHECK_WHY(NULL, SHOWN, SHOWN);
	bind("//./src/", "/a", MOUNT_READ_ONLY);
	bind("/src//b/.", "/a/b", MOUNT_READ_ONLY);
	CHECK_WHY(NULL, SHOWN);
	bind("src", "/a", 0);
	bind("./src/b", "/a/b", 0);
	CHECK_WHY(NULL, SHOWN);
	bind("/a", "/x", 0);
	bind("/a/b", "/x/b", MOUNT_TRY);
	CHECK_WHY(NULL, SHOWN);

	bind("/", "/", 0);
	bind("/home", "/home", 0);
	order();
	CHECK(given(1)->flags & MOUNT_SHOWN);
	order(); /* once more: nothing of the first time stays */
	CHECK(given(1)->flags & MOUNT_SHOWN && !(given(0)->flags & MOUNT_DROPPED));
	mount_plan_free(&plan);
}

static void test_not_shown_by_source(void)
{
	static const char *const pairs[][2] = {
		{ "/a", "/a/c" }, { "/a", "/ab" },      { "/a", "/" },         { "/a", "a/b" },
		{ "a", "/a/b" },  { "/a", "/a" },       { "/a", "/b" },        { "/a", "/a/b/c" },
		{ "/", "/a/b" },  { "../a", "../a/b" }, { "/a", "/a/x/../b" }, { "a", "b" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		bind(pairs[i][0], "/x", 0);
		bind(pairs[i][1], "/x/b", 0);
		CHECK_WHY(NULL, NULL);
	}
	bind("/a", "/x", 0);
	bind("/a/b", "/x/b", 0);
	plan.entries[0].source_fd = 3;
	CHECK_WHY(NULL, NULL);
	bind("/a", "/x", 0);
	bind("/a/b", "/x/b", 0);
	plan.entries[1].source_fd = 3;
	CHECK_WHY(NULL, NULL);
}

static void test_not_shown_by_flags(void)
{
	static const unsigned int different[] = { MOUNT_READ_ONLY, MOUNT_DEVICES, MOUNT_NOEXEC,
						  MOUNT_NOFOLLOW, MOUNT_NORECURSE };

	for (size_t i = 0; i < sizeof(different) / sizeof(different[0]); i++) {
		bind("/", "/", different[i]);
		bind("/a", "/a", 0);
		CHECK_WHY(NULL, NULL);
		bind("/", "/", 0);
		bind("/a", "/a", different[i]);
		CHECK_WHY(NULL, NULL);
	}
	bind("/", "/", MOUNT_NORECURSE);
	bind("/a", "/a", MOUNT_NORECURSE);
	CHECK_WHY(NULL, NULL);
	bind("/", "/", MOUNT_NOFOLLOW);
	bind("/a", "/a", MOUNT_NOFOLLOW);
	CHECK_WHY(NULL, NULL);
	bind("/", "/", MOUNT_TRY);
	bind("/a", "/a", MOUNT_TRY);
	CHECK_WHY(NULL, NULL);
}

static void test_not_shown_with_something_between(void)
{
	static const enum mount_kind between[] = { MOUNT_OVERLAY, MOUNT_TMPFS, MOUNT_PROC,
						   MOUNT_DEV,     MOUNT_MASK,  MOUNT_DATA,
						   MOUNT_SYMLINK };

	for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++) {
		bind("/", "/", 0);
		add(between[i], "x", "/home", 0);
		bind("/home/alice", "/home/alice", 0);
		CHECK_WHY(NULL, NULL, NULL);
	}
	bind("/", "/", 0);
	bind("/other", "/home", MOUNT_TRY);
	bind("/home/alice", "/home/alice", 0);
	CHECK_WHY(NULL, NULL, NULL);
	/* shown by the nearest, which the outermost does not show */
	bind("/", "/", 0);
	bind("/other", "/home", 0);
	bind("/other/alice", "/home/alice", 0);
	bind("/home/alice/x", "/home/alice/x", 0);
	CHECK_WHY(NULL, NULL, SHOWN, NULL);
	/* what is dropped is not between */
	bind("/", "/", 0);
	add(MOUNT_TMPFS, NULL, "/home", 0);
	bind("/home", "/home", 0);
	bind("/home/alice", "/home/alice", 0);
	CHECK_WHY(NULL, HIDDEN, SHOWN, SHOWN);
	/* neither is a neighbour, a directory or a file beside it */
	bind("/", "/", 0);
	add(MOUNT_TMPFS, NULL, "/home-a", 0);
	add(MOUNT_TMPFS, NULL, "/home/al", 0);
	add(MOUNT_DIR, NULL, "/home", 0);
	add(MOUNT_FILE, NULL, "/home/a", 0);
	bind("/home/alice", "/home/alice", 0);
	CHECK_WHY(NULL, NULL, NULL, NULL, NULL, SHOWN);
	/* but a file at the very place is */
	bind("/", "/", 0);
	add(MOUNT_FILE, NULL, "/etc/a", 0);
	bind("/etc/a", "/etc/a", MOUNT_TRY);
	CHECK_WHY(NULL, NULL, NULL);
}

static void test_not_shown_with_remount(void)
{
	/* the mount that gets new flags must be there */
	bind("/", "/", 0);
	bind("/a", "/a", 0);
	add(MOUNT_REMOUNT, NULL, "/a", 0);
	CHECK_WHY(NULL, NULL, NULL);
	/* and the outer one will have others */
	bind("/", "/", 0);
	add(MOUNT_REMOUNT, NULL, "/", 0);
	bind("/a", "/a", 0);
	CHECK_WHY(NULL, NULL, NULL);
	bind("/", "/", 0);
	bind("/a", "/a", 0);
	add(MOUNT_CHMOD, NULL, "/a", 0);
	CHECK_WHY(NULL, SHOWN, NULL);
	bind("/", "/", 0);
	bind("/a", "/a", 0);
	add(MOUNT_REMOUNT, NULL, "/a", 0);
	bind("/a/b", "/a/b", 0);
	CHECK_WHY(NULL, NULL, NULL, NULL);
}

static void test_late(void)
{
	bind("/", "/", 0);
	add(MOUNT_PROC, NULL, "/proc", 0);
	bind("/x", "/proc/cpuinfo", 0);
	add(MOUNT_CHMOD, NULL, "/proc", 0);
	bind("/x", "/proc-x", 0);
	add(MOUNT_SYSFS, NULL, "/sys", 0);
	add(MOUNT_MQUEUE, NULL, "/dev/mqueue", 0);
	add(MOUNT_DEV, NULL, "/dev", 0);
	order();
	static const bool late[] = { false, true, true, true, false, true, true, false };
	for (uint32_t i = 0; i < plan.count; i++)
		CHECK_INT(!!(given(i)->flags & MOUNT_LATE), late[i]);
	mount_plan_free(&plan);

	add(MOUNT_PROC, NULL, "/proc", 0);
	bind("/x", "/proc", 0);
	bind("/y", "/proc/z", 0);
	order();
	for (uint32_t i = 0; i < plan.count; i++)
		CHECK(!(given(i)->flags & MOUNT_LATE));
	mount_plan_free(&plan);
}

static void test_find_root(void)
{
	CHECK(!mount_plan_find_root(&plan));
	add(MOUNT_DIR, NULL, "/", 0);
	add(MOUNT_CHMOD, NULL, "/", 0);
	CHECK(!mount_plan_find_root(&plan));
	bind("/a", "/", 0);
	bind("/b", "/x", 0);
	CHECK_STR(mount_plan_find_root(&plan)->source, "/a");
	bind("/c", "//.", 0);
	CHECK_STR(mount_plan_find_root(&plan)->source, "/c");
	order();
	CHECK_STR(mount_plan_find_root(&plan)->source, "/c");
	mount_plan_free(&plan);
}

static void test_names(void)
{
	for (int kind = 0; kind < MOUNT_KIND_COUNT; kind++)
		CHECK_INT(mount_kind_from_name(mount_kind_name((enum mount_kind)kind)), kind);
	CHECK_INT(mount_kind_from_name("bin"), -EINVAL);
	CHECK_INT(mount_kind_from_name(""), -EINVAL);
}

static void test_describe(void)
{
	char text[MOUNT_DESCRIPTION_MAX], path[8000] = "/";
	struct mount_entry *entry;

	entry = mount_plan_add(&plan, MOUNT_BIND, "--bind", "/b//c", &report);
	entry->source = "a";
	CHECK_STR(mount_entry_describe(entry, text), "--bind a /b//c");
	entry->source_fd = 7;
	CHECK_STR(mount_entry_describe(entry, text), "--bind 7 /b//c");
	entry->source_fd = -EBADF;
	entry->option = "plan:3";
	CHECK_STR(mount_entry_describe(entry, text), "--plan plan:3: bind a /b//c");
	entry = mount_plan_add(&plan, MOUNT_TMPFS, "--tmpfs", "/t", &report);
	CHECK_STR(mount_entry_describe(entry, text), "--tmpfs /t");
	entry = mount_plan_add(&plan, MOUNT_CHMOD, "--chmod", "/t", &report);
	entry->mode = 0700;
	CHECK_STR(mount_entry_describe(entry, text), "--chmod 0700 /t");
	memset(path + 1, 'x', sizeof(path) - 2);
	entry = mount_plan_add(&plan, MOUNT_BIND, path, path, &report);
	entry->source = path;
	mount_entry_describe(entry, text);
	CHECK(strlen(text) < sizeof(text) - 1);
	CHECK_STR(text + strlen(text) - 4, "x...");
	mount_plan_free(&plan);
}

#define MANY 50000

/* Every entry of its own below one, as a flat list and as deep as a path can be. */
static void test_many(void)
{
	static char paths[MANY][16];
	static char deep[4096];
	char *lines = malloc((size_t)2000 * 4096);
	size_t dropped = 0;

	bind("/", "/", 0);
	for (size_t i = 0; i < MANY; i++) {
		snprintf(paths[i], sizeof(paths[i]), "/%zu", (i * 7919) % MANY);
		bind(paths[i], paths[i], i % 2 ? MOUNT_READ_ONLY : 0);
	}
	order();
	for (size_t i = 0; i < plan.count; i++)
		dropped += !!(plan.entries[i].flags & MOUNT_DROPPED);
	CHECK_INT((long long)dropped, MANY / 2);
	mount_plan_free(&plan);

	/* 2,000 levels, 25 entries each; a TRY hides nothing, so that all stay */
	for (size_t i = 0; i < 2000; i++) {
		deep[2 * i] = '/';
		deep[2 * i + 1] = 'a';
		strcpy(lines + i * 4096, deep);
		for (size_t j = 0; j < MANY / 2000; j++)
			bind("/other", lines + i * 4096, MOUNT_TRY);
	}
	order();
	for (size_t i = 0; i < plan.count; i++)
		CHECK(!(plan.entries[i].flags & MOUNT_DROPPED));
	CHECK_STR(plan.entries[MANY - 1].target, deep);
	mount_plan_free(&plan);

	for (size_t i = 0; i < MANY; i++)
		add(i % 3 ? MOUNT_SYMLINK : MOUNT_TMPFS, "x", "/one", 0);
	order();
	mount_plan_free(&plan);
	free(lines);
}

int main(void)
{
	test_normalize();
	test_is_below();
	test_add();
	test_sorting();
	test_hidden();
	test_present();
	test_shown();
	test_not_shown_by_source();
	test_not_shown_by_flags();
	test_not_shown_with_something_between();
	test_not_shown_with_remount();
	test_late();
	test_find_root();
	test_names();
	test_describe();
	test_many();
	return check_result();
}
