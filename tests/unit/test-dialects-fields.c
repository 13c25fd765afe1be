/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The dialects: what their words ask for, and in which order. */
#include "tests/unit/options.h"

#include "sandbox/options-parser.h"

/* The decimal number of an fd that gives the bytes of a literal, its final NUL not among them. */
#define FD_OF(literal) number(fd_with((literal), sizeof(literal) - 1))

static const char *number(int fd)
{
	static char texts[4][16];
	static unsigned int next;
	char *text = texts[next++ % 4];

	snprintf(text, sizeof(texts[0]), "%d", fd);
	return text;
}

static void test_bwrap_last_ones(void)
{
	{
		PARSE_IN(bwrap, "--unshare-user", "--uid", "5", "--uid", "6", "--chdir", "/a",
			 "--chdir", "/b", "--seccomp", "@FILTER", "--seccomp", "@FILTER", "true");
		CHECK_TAKEN();
		CHECK_INT(parsed.sandbox.uid, 6);
		CHECK_STR(parsed.sandbox.chdir, "/b");
		CHECK_INT(parsed.sandbox.filter_count, 1);
	}
	{
		PARSE_IN(bwrap, "--sync-fd", "@FD", "--sync-fd", "@FD", "--lock-file", "/a",
			 "--lock-file", "/b", "--add-seccomp-fd", "@FILTER", "--add-seccomp-fd",
			 "@FILTER", "true");
		CHECK_TAKEN();
		CHECK_INT(parsed.sandbox.sync_fds.count, 1);
		CHECK_STR(number(parsed.sandbox.sync_fds.fds[0]), parsed.argv[4]);
		CHECK_INT(parsed.sandbox.lock_files.count, 2);
		CHECK_INT(parsed.sandbox.filter_count, 2);
	}
}

static void test_bwrap_args(void)
{
	{
		PARSE_IN(bwrap, "--dir", "/a", "--args",
			 FD_OF("--dir\0/b\0make\0--dir\0/dropped\0"), "--dir", "/c", "true");
		CHECK_TAKEN();
		CHECK_INT(parsed.sandbox.plan.count, 3);
		CHECK_STR(parsed.sandbox.plan.entries[1].target, "/b");
		CHECK_STR(parsed.sandbox.plan.entries[2].target, "/c");
		CHECK_STR(parsed.sandbox.command[0], "true");
	}
	{
		PARSE_IN(bwrap, "--perms", "700", "--args", FD_OF("--dir\0/b"), "true");
		CHECK_TAKEN();
		CHECK_INT(parsed.sandbox.plan.entries[0].mode, 0700);
	}
	{
		PARSE_IN(bwrap, "--args", FD_OF("--dir\0/b\0--\0make\0"));
		CHECK_TAKEN();
		CHECK_INT(parsed.sandbox.request, REQUEST_USAGE);
	}
	{
		PARSE_IN(bwrap, "--args",
			 FD_OF("--args\0"
			       "0\0"),
			 "true");
		CHECK_REFUSED("--args not supported in arguments file");
	}
	{
		PARSE_IN(bwrap, "--args", FD_OF("--setenv\0A\0"), "B", "true");
		CHECK_REFUSED("--setenv takes two arguments");
	}
}

static enum namespace_wish wish_of(const struct parsed *parsed, enum namespace kind)
{
	return parsed->sandbox.namespaces[kind].wish;
}

static void test_bwrap_order(void)
{
	{
		PARSE_IN(bwrap, "--unshare-all", "--share-net", "--cap-add", "ALL", "--cap-drop",
			 "CAP_CHOWN", "--cap-drop", "CAP_KILL", "--cap-add", "CAP_KILL", "true");
		CHECK_TAKEN();
		CHECK_INT(wish_of(&parsed, NAMESPACE_NET), NAMESPACE_SHARE);
		CHECK_INT(wish_of(&parsed, NAMESPACE_PID), NAMESPACE_UNSHARE);
		CHECK_INT(wish_of(&parsed, NAMESPACE_CGROUP), NAMESPACE_TRY);
		CHECK_INT(parsed.sandbox.caps_dropped, 1); /* CAP_CHOWN is 0 */
	}
	{
		PARSE_IN(bwrap, "--share-net", "--unshare-all", "--clearenv", "--setenv", "A", "B",
			 "--unsetenv", "A", "--setenv", "A", "C", "true");
		CHECK_TAKEN();
		CHECK_INT(wish_of(&parsed, NAMESPACE_NET), NAMESPACE_UNSHARE);
		CHECK_INT(parsed.sandbox.environment_count, 4);
		CHECK_INT(parsed.sandbox.environment[2].action, ENVIRONMENT_UNSET);
		CHECK_STR(parsed.sandbox.environment[3].value, "C");
	}
	{
		PARSE_IN(bwrap, "--proc", "/proc", "--bind", "/", "/", "--dir", "/a", "true");
		CHECK_TAKEN();
		CHECK_INT(mount_plan_order(&parsed.sandbox.plan, &parsed.report), 0);
		CHECK_STR(parsed.sandbox.plan.entries[0].target, "/proc");
		CHECK_INT(parsed.sandbox.plan.entries[0].kind, MOUNT_PROC);
		CHECK_STR(parsed.sandbox.plan.entries[1].target, "/");
	}
}

static void test_bwrap_entries(void)
{
	PARSE_IN(bwrap, "--dev-bind-try", "a", "/a", "--ro-bind", "b", "/b", "--size", "010",
		 "--perms", "01777", "--tmpfs", "/t", "--ro-bind-data", "@FD", "/d", "--chmod",
		 "600", "/d", "--remount-ro", "/", "true");
	const struct mount_entry *entries = parsed.sandbox.plan.entries;

	CHECK_TAKEN();
	CHECK_INT(parsed.sandbox.plan.count, 6);
	CHECK_INT(entries[0].flags & (MOUNT_TRY | MOUNT_DEVICES | MOUNT_READ_ONLY),
		  MOUNT_TRY | MOUNT_DEVICES);
	CHECK_INT(entries[1].flags & (MOUNT_TRY | MOUNT_DEVICES | MOUNT_READ_ONLY),
		  MOUNT_READ_ONLY);
	CHECK_INT(entries[2].size, 8);
	CHECK_INT(entries[2].mode, 01777);
	CHECK_INT(entries[3].data_size, 4);
	CHECK(memcmp(entries[3].data, "data", 4) == 0);
	CHECK_INT(entries[3].mode, 0600);
	CHECK_INT(entries[4].mode, 0600);
	CHECK_INT(entries[5].kind, MOUNT_REMOUNT);
}

static void test_mkosi_environment(void)
{
	PARSE_IN(mkosi_sandbox, "--unsetenv", "A", "--setenv", "A", "B", "--unsetenv", "C",
		 "--setenv", "D", "E");
	const struct environment_change *changes = parsed.sandbox.environment;

	CHECK_TAKEN();
	CHECK_INT(parsed.sandbox.environment_count, 4);
	CHECK_STR(changes[0].value, "B");
	CHECK_STR(changes[1].value, "E");
	CHECK(changes[2].action == ENVIRONMENT_UNSET && changes[3].action == ENVIRONMENT_UNSET);
	CHECK_STR(changes[2].name, "A");
	CHECK_STR(parsed.sandbox.command[0], "bash");
	CHECK(parsed.sandbox.command[1] == NULL);
}

static void test_mkosi_order(void)
{
	PARSE_IN(mkosi_sandbox, "--bind", "/x", "/b", "--bind", "+/y", "/a", "--bind", "/", "/",
		 "--tmpfs", "/b", "make");
	const struct mount_entry *entries = parsed.sandbox.plan.entries;

	CHECK_TAKEN();
	CHECK_INT(mount_plan_order(&parsed.sandbox.plan, &parsed.report), 0);
	CHECK_STR(entries[0].target, "/");
	CHECK_INT(entries[1].kind, MOUNT_TMPFS);
	CHECK_STR(entries[2].target, "/b");
	CHECK_STR(entries[3].target, "/a");
	CHECK(entries[3].flags & MOUNT_INNER);
	CHECK_STR(parsed.sandbox.command[0], "make");
}

static void test_mkosi_paths(void)
{
	_cleanup_free_ char *cwd = getcwd(NULL, 0);
	char wanted[4200];

	PARSE_IN(mkosi_sandbox, "--bind", "a//b/../c/.", "/x//./y", "--tmpfs", "/var/tmp",
		 "--write", "data", "/f", "--symlink", "../t/./u", "/l", "--same-dir", "--chdir",
		 "d");
	const struct mount_entry *entries = parsed.sandbox.plan.entries;

	CHECK_TAKEN();
	snprintf(wanted, sizeof(wanted), "%s/a/c", cwd);
	CHECK_STR(entries[0].source, wanted);
	CHECK_STR(entries[0].target, "/x/y");
	CHECK_INT(entries[1].mode, 01777);
	CHECK_STR(entries[2].data, "data");
	CHECK_INT(entries[2].mode & ~0666U, 0);
	CHECK_STR(entries[3].source, "../t/./u");
	snprintf(wanted, sizeof(wanted), "%s/d", cwd);
	CHECK_STR(parsed.sandbox.chdir, wanted);
	CHECK(!parsed.sandbox.same_dir);
}

static void test_mkosi_overlays(void)
{
	PARSE_IN(mkosi_sandbox, "--overlay-lowerdir", "/a", "--overlay-lowerdir", "/b",
		 "--overlay-upperdir", "tmpfs", "--overlay", "/o/tmp", "--overlay-lowerdir", "/c",
		 "--overlay-lowerdir", "/d", "--overlay", "/p");
	const struct mount_entry *entries = parsed.sandbox.plan.entries;

	CHECK_TAKEN();
	CHECK_INT(entries[0].lower_count, 2);
	CHECK_STR(entries[0].lowers[1], "/b");
	CHECK_STR(entries[0].upper, MOUNT_OVERLAY_TMPFS);
	CHECK_INT(entries[0].mode, 01777);
	/* they are collected anew */
	CHECK_INT(entries[1].lower_count, 2);
	CHECK_STR(entries[1].lowers[0], "/c");
	CHECK(entries[1].upper == NULL);
}

int main(void)
{
	test_bwrap_last_ones();
	test_bwrap_args();
	test_bwrap_order();
	test_bwrap_entries();
	test_mkosi_environment();
	test_mkosi_order();
	test_mkosi_paths();
	test_mkosi_overlays();
	return check_result();
}
