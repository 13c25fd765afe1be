/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What options leave in struct sandbox. */
#include "tests/unit/options.h"

#include <fcntl.h>
#include <stdint.h>

static void test_defaults(void)
{
	PARSE(NULL);
	CHECK_TAKEN();
	CHECK(parsed.sandbox.default_mounts && parsed.sandbox.lock);
	CHECK(parsed.sandbox.command == NULL);
	CHECK_INT(parsed.sandbox.uid, ID_UNSET);
	CHECK_INT(parsed.sandbox.info_fd, -EBADF);
	CHECK_INT(parsed.sandbox.suppress_chown, UNSET);
	CHECK_INT(parsed.sandbox.request, REQUEST_RUN);
	for (size_t i = 0; i < NAMESPACE_COUNT; i++)
		CHECK_INT(parsed.sandbox.namespaces[i].wish, namespace_kinds[i].preset);
}

static void test_binds(void)
{
	PARSE("--bind-flags", "noexec,norbind", "--ro-bind-try", "a b", "/x//y/.", "--dev-bind",
	      "-", "/d");
	CHECK_TAKEN();
	CHECK_INT(parsed.sandbox.plan.count, 2);

	const struct mount_entry *entries = parsed.sandbox.plan.entries;

	CHECK_INT(entries[0].kind, MOUNT_BIND);
	CHECK_INT(entries[0].flags, MOUNT_READ_ONLY | MOUNT_TRY | MOUNT_NOEXEC | MOUNT_NORECURSE);
	CHECK_STR(entries[0].source, "a b");
	CHECK_STR(entries[0].target, "/x/y");
	CHECK_STR(entries[0].written, "/x//y/.");
	CHECK_STR(entries[0].option, "--ro-bind-try");
	CHECK_INT(entries[1].flags, MOUNT_DEVICES);
	CHECK_STR(entries[1].source, "-");
	CHECK_INT(entries[1].source_fd, -EBADF);
}

static void test_bind_fd(void)
{
	PARSE("--ro-bind-fd", "@FD", "/x");
	CHECK_TAKEN();
	CHECK_INT(parsed.sandbox.plan.entries[0].source_fd, atoi(parsed.argv[2]));
	CHECK_INT(parsed.sandbox.plan.entries[0].flags, MOUNT_READ_ONLY);
}

static void test_perms_and_size(void)
{
	PARSE("--perms", "1777", "--bind", "a", "/b", "--size", "3G", "--tmpfs", "/t", "--dir",
	      "/d", "--perms=0", "--write", "text", "/f", "--chmod", "4755", "/c");
	CHECK_TAKEN();

	const struct mount_entry *entries = parsed.sandbox.plan.entries;

	CHECK_INT(entries[0].mode, MODE_UNSET);
	CHECK_INT(entries[1].mode, 01777);
	CHECK_INT(entries[1].size, 3LL << 30);
	CHECK_INT(entries[2].mode, MODE_UNSET);
	CHECK_INT(entries[3].mode, 0);
	CHECK_STR(entries[3].data, "text");
	CHECK_INT(entries[3].data_size, 4);
	CHECK_INT(entries[4].kind, MOUNT_CHMOD);
	CHECK_INT(entries[4].mode, 04755);
}

static void test_contents(void)
{
	PARSE("--perms", "600", "--ro-bind-data", "@FD", "/x", "--file", "@FD", "/y");
	CHECK_TAKEN();

	const struct mount_entry *entries = parsed.sandbox.plan.entries;

	CHECK_INT(entries[0].kind, MOUNT_DATA);
	CHECK_INT(entries[0].flags, MOUNT_READ_ONLY);
	CHECK_INT(entries[0].mode, 0600);
	CHECK(entries[0].data_size == 4 && memcmp(entries[0].data, "data", 4) == 0);
	CHECK_INT(entries[1].kind, MOUNT_FILE);
	CHECK_INT(fcntl(atoi(parsed.argv[4]), F_GETFD), -1);
}

/* More than one read(2) gives, from something that has no size. */
static void test_contents_of_a_pipe(void)
{
	int fds[2];
	char number[16];
	static char big[65536];

	memset(big, 'x', sizeof(big));
	CHECK(pipe(fds) == 0 && write(fds[1], big, sizeof(big)) == sizeof(big));
	close(fds[1]);
	snprintf(number, sizeof(number), "%d", fds[0]);
	PARSE("--file", number, "/x");
	CHECK_TAKEN();
	CHECK_INT(parsed.sandbox.plan.entries[0].data_size, sizeof(big));
	CHECK(memcmp(parsed.sandbox.plan.entries[0].data, big, sizeof(big)) == 0);
}

static void test_standard_input_stays_open(void)
{
	int saved = fcntl(STDIN_FILENO, F_DUPFD, 500);
	int fd = fd_with("data", 4);

	dup2(fd, STDIN_FILENO);
	close(fd);
	{
		PARSE("--file", "0", "/x");
		CHECK_TAKEN();
		CHECK_INT(parsed.sandbox.plan.entries[0].data_size, 4);
		CHECK(fcntl(STDIN_FILENO, F_GETFD) == 0); /* and not closed on exec */
		if (saved >= 0)
			dup2(saved, STDIN_FILENO);
	}
}

static void test_overlays(void)
{
	PARSE("--overlay-src", "a", "--overlay-src", "b", "--overlay", "tmpfs", "w", "/1",
	      "--overlay-src", "c", "--tmp-overlay", "/2", "--overlay-lowerdir", "d",
	      "--overlay-upperdir", "tmpfs", "--overlay", "/3", "--overlay-upperdir", "u",
	      "--overlay-workdir", "w", "--overlay-lowerdir", "e", "--overlay", "/4",
	      "--overlay-lowerdir", "f", "--overlay-lowerdir", "g", "--overlay", "/5");
	CHECK_TAKEN();
	CHECK_INT(parsed.sandbox.plan.count, 5);

	const struct mount_entry *entries = parsed.sandbox.plan.entries;

	CHECK_INT(entries[0].lower_count, 2);
	CHECK_STR(entries[0].lowers[0], "a");
	CHECK_STR(entries[0].lowers[1], "b");
	CHECK_STR(entries[0].upper, "./tmpfs");
	CHECK_STR(entries[0].work, "w");
	CHECK_STR(entries[1].lowers[0], "c");
	CHECK_STR(entries[1].upper, MOUNT_OVERLAY_TMPFS);
	CHECK_STR(entries[2].lowers[0], "d");
	CHECK_STR(entries[2].upper, MOUNT_OVERLAY_TMPFS);
	CHECK_STR(entries[3].upper, "u");
	CHECK_STR(entries[3].work, "w");
	CHECK_INT(entries[3].lower_count, 1);
	CHECK(entries[4].upper == NULL && entries[4].work == NULL);
	CHECK_INT(entries[4].lower_count, 2);
}

static void test_namespaces_last_word(void)
{
	PARSE("--unshare-all", "--share-net", "--unshare-time", "--share-ipc", "--unshare-ipc",
	      "--unshare-user-try");
	CHECK_TAKEN();
	CHECK_INT(parsed.sandbox.namespaces[NAMESPACE_NET].wish, NAMESPACE_SHARE);
	CHECK_INT(parsed.sandbox.namespaces[NAMESPACE_TIME].wish, NAMESPACE_UNSHARE);
	CHECK_INT(parsed.sandbox.namespaces[NAMESPACE_IPC].wish, NAMESPACE_UNSHARE);
	CHECK_INT(parsed.sandbox.namespaces[NAMESPACE_USER].wish, NAMESPACE_TRY);
	CHECK_INT(parsed.sandbox.namespaces[NAMESPACE_MOUNT].wish, NAMESPACE_UNSHARE);
	CHECK_INT(parsed.sandbox.namespaces[NAMESPACE_CGROUP].wish, NAMESPACE_TRY);
}

/* An option that a later one overrides does not contradict a third. */
static void test_overridden_is_no_contradiction(void)
{
	PARSE("--share-uts", "--hostname", "x", "--unshare-uts", "--share-pid", "--as-pid-1",
	      "--unshare-all");
	CHECK_TAKEN();
	CHECK_STR(parsed.sandbox.hostname, "x");
}

static void test_join(void)
{
	PARSE("--netns", "@FD", "--unshare-all");
	CHECK_TAKEN();
	CHECK_INT(parsed.sandbox.namespaces[NAMESPACE_NET].wish, NAMESPACE_JOIN);
	CHECK_INT(parsed.sandbox.namespaces[NAMESPACE_NET].fd, atoi(parsed.argv[2]));
}

static void test_identity(void)
{
	PARSE("--map-uid", "0:1000:1", "--map-uid=1:100000:65536", "--map-gid", "0:1000:1", "--uid",
	      "7", "--gid=8", "--uid", "9");
	CHECK_TAKEN();
	CHECK_INT(parsed.sandbox.map, MAP_EXPLICIT);
	CHECK_INT(parsed.sandbox.uid_map.count, 2);
	CHECK_INT(parsed.sandbox.gid_map.count, 1);
	CHECK_INT(parsed.sandbox.uid, 9);
	CHECK_INT(parsed.sandbox.gid, 8);
}

static void test_command_settings(void)
{
	PARSE("--clearenv", "--setenv", "A", "B=C", "--unsetenv", "D", "--chdir", "/x",
	      "--same-dir", "--argv0", "", "--nice", "-7", "--umask", "0", "--rlimit",
	      "nofile=10:infinity", "--timeout", "1.0001");

	const struct sandbox *sandbox = &parsed.sandbox;

	CHECK_TAKEN();
	CHECK_INT(sandbox->environment_count, 3);
	CHECK_INT(sandbox->environment[0].action, ENVIRONMENT_CLEAR);
	CHECK_INT(sandbox->environment[1].action, ENVIRONMENT_SET);
	CHECK_STR(sandbox->environment[1].value, "B=C");
	CHECK_INT(sandbox->environment[2].action, ENVIRONMENT_UNSET);
	CHECK_STR(sandbox->environment[2].name, "D");
	CHECK(sandbox->same_dir && !sandbox->chdir);
	CHECK_STR(sandbox->argv0, "");
	CHECK(sandbox->nice_set && sandbox->nice == -7);
	CHECK(sandbox->umask_set && sandbox->umask == 0);
	CHECK(sandbox->rlimit_set[RLIMIT_NOFILE] && !sandbox->rlimit_set[RLIMIT_CORE]);
	CHECK_INT(sandbox->rlimits[RLIMIT_NOFILE].rlim_cur, 10);
	CHECK(sandbox->rlimits[RLIMIT_NOFILE].rlim_max == RLIM_INFINITY);
	CHECK_INT(sandbox->timeout_ms, 1001);
}

static void test_capabilities_fold(void)
{
	PARSE("--cap-drop", "ALL", "--cap-add", "CAP_CHOWN", "--cap-add", "CAP_KILL", "--cap-drop",
	      "CAP_KILL", "--ambient", "CAP_CHOWN");
	CHECK_TAKEN();
	CHECK_INT(parsed.sandbox.caps_added, 1);
	CHECK_INT(parsed.sandbox.caps_dropped & 0x21, 0x20);
	CHECK(parsed.sandbox.ambient_set);
	CHECK_INT(parsed.sandbox.ambient, 1);
}

static void test_system_calls(void)
{
	PARSE("--seccomp", "@FILTER", "--add-seccomp-fd", "@FILTER", "--seccomp-deny", "ptrace",
	      "--suppress-chown", "--no-suppress-chown", "--suppress-sync", "--allow-io-uring",
	      "--allow-keyring");
	CHECK_TAKEN();
	CHECK_INT(parsed.sandbox.filter_count, 3);
	CHECK_INT(parsed.sandbox.filters[0].len, 1);
	CHECK(parsed.sandbox.filters[2].len > 1);
	CHECK_INT(parsed.sandbox.suppress_chown, NO);
	CHECK(parsed.sandbox.suppress_sync && parsed.sandbox.allow_io_uring);
	CHECK(parsed.sandbox.allow_keyring);
}

static void test_remembering(void)
{
	PARSE("--remember", "a", "--remember", "b", "--show-owners", "trap", "--remember-or-fail");
	CHECK_TAKEN();
	CHECK_STR(parsed.sandbox.remember, "b");
	CHECK(parsed.sandbox.show_owners && parsed.sandbox.remember_or_fail);
}

static void test_descriptors(void)
{
	PARSE("--keep-fd", "1", "--keep-fd", "2", "--keep-fd", "1", "--sync-fd", "@FD", "--info-fd",
	      "1", "--info-fd", "2", "--lock-file", "/a", "--lock-file", "/b");
	CHECK_TAKEN();
	CHECK_INT(parsed.sandbox.keep_fds.count, 2);
	CHECK_INT(parsed.sandbox.sync_fds.count, 1);
	CHECK_INT(parsed.sandbox.info_fd, 2);
	CHECK_INT(parsed.sandbox.lock_files.count, 2);
	CHECK_STR(parsed.sandbox.lock_files.strings[1], "/b");
}

static void test_explain_and_verbose(void)
{
	PARSE("--explain=json", "--verbose");
	CHECK_TAKEN();
	CHECK_INT(parsed.sandbox.explain, EXPLAIN_JSON);
	CHECK(parsed.sandbox.verbose && parsed.report.verbose);
}

int main(void)
{
	test_defaults();
	test_binds();
	test_bind_fd();
	test_perms_and_size();
	test_contents();
	test_contents_of_a_pipe();
	test_standard_input_stays_open();
	test_overlays();
	test_namespaces_last_word();
	test_overridden_is_no_contradiction();
	test_join();
	test_identity();
	test_command_settings();
	test_capabilities_fold();
	test_system_calls();
	test_remembering();
	test_descriptors();
	test_explain_and_verbose();
	return check_result();
}
