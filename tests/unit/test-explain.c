/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/json.h"
#include "mounts/explain.h"
#include "sandbox/capabilities.h"
#include "sandbox/explain.h"
#include "seccomp/filters.h"
#include "tests/unit/check.h"

#include <stdlib.h>

static struct sandbox sandbox;
static struct report report;

/* What a function printed, since the last call. */
static char *printed;
static size_t printed_size;

static FILE *begin(void)
{
	free(printed);
	FILE *out = open_memstream(&printed, &printed_size);
	if (!out)
		abort();
	return out;
}

#define CHECK_PRINTED(call, wanted)                                                                \
	do {                                                                                       \
		FILE *out = begin();                                                               \
		call;                                                                              \
		fclose(out);                                                                       \
		CHECK_STR(printed, wanted);                                                        \
	} while (0)

static struct mount_entry *add(enum mount_kind kind, const char *option, const char *source,
			       const char *target)
{
	struct mount_entry *entry = mount_plan_add(&sandbox.plan, kind, option, target, &report);

	if (!entry)
		abort();
	entry->source = source;
	return entry;
}

static void order(void)
{
	CHECK_INT(mount_plan_order(&sandbox.plan, &report), 0);
}

static void write_one(FILE *out, const char *text)
{
	struct json json = { .out = out };

	json_string(&json, NULL, text);
}

static void test_json_strings(void)
{
	static const char *const pairs[][2] = {
		{ "", "\"\"" },
		{ "a\"b\\c/", "\"a\\\"b\\\\c/\"" },
		{ "\x01\n\x7f", "\"\\u0001\\u000a\\u007f\"" },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
		  "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"" },
		{ "\xc2\x9b", "\"\\u009b\"" },
		{ "\xe2\x80\xae", "\"\\u202e\"" },
		{ "a\xff\"", "{\"text\": \"a\\ufffd\\\"\", \"hex\": \"61ff22\"}" },
		{ "\xc3", "{\"text\": \"\\ufffd\", \"hex\": \"c3\"}" },
		{ "\xe2\x82", "{\"text\": \"\\ufffd\\ufffd\", \"hex\": \"e282\"}" },
		{ "\xc0\x80", "{\"text\": \"\\ufffd\\ufffd\", \"hex\": \"c080\"}" },
		{ "\xed\xa0\x80", "{\"text\": \"\\ufffd\\ufffd\\ufffd\", \"hex\": \"eda080\"}" },
		{ "\xf4\x90\x80\x80",
		  "{\"text\": \"\\ufffd\\ufffd\\ufffd\\ufffd\", \"hex\": \"f4908080\"}" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		CHECK_PRINTED(write_one(out, pairs[i][0]), pairs[i][1]);
	CHECK_PRINTED(write_one(out, NULL), "null");
}

static void fill_plan(void)
{
	static const char *lowers[] = { "/low", "/t\nop" };
	struct mount_entry *entry;

	add(MOUNT_BIND, "--ro-bind", "/", "/")->flags = MOUNT_READ_ONLY;
	add(MOUNT_BIND, "--ro-bind", "/usr", "/usr")->flags = MOUNT_READ_ONLY;
	entry = add(MOUNT_BIND, "plan:7", "/b\xff", "/usr/b");
	entry->flags = MOUNT_TRY | MOUNT_DEVICES | MOUNT_NORECURSE;
	add(MOUNT_PROC, "--proc", NULL, "/proc")->flags = MOUNT_DEFAULT;
	entry = add(MOUNT_TMPFS, "--tmpfs", NULL, "/tmp");
	entry->mode = 01777;
	entry->size = 4096;
	entry->uid = 7;
	entry = add(MOUNT_OVERLAY, "--overlay", NULL, "/tmp/o");
	entry->lowers = lowers;
	entry->lower_count = 2;
	entry->upper = "/up";
	entry->work = "/work";
	entry->options = "volatile";
	add(MOUNT_SYMLINK, "--symlink", "usr/bin", "/bin");
	add(MOUNT_BIND, "--bind-fd", NULL, "/tmp/fd")->source_fd = 5;
	add(MOUNT_DATA, "--bind-data", NULL, "/tmp/data")->data_size = 12;
	add(MOUNT_REMOUNT, "--remount-ro", NULL, "/tmp")->flags = MOUNT_READ_ONLY;
}

static void test_plan_text(void)
{
	fill_plan();
	order();
	CHECK_PRINTED(
		mount_plan_explain(&sandbox.plan, out),
		"  /                             bind / (read-only)\n"
		"    /bin                        symlink to usr/bin\n"
		"    /proc                       proc (of the new namespaces)\n"
		"    /tmp                        tmpfs (mode 1777, 4096 bytes, uid 7)\n"
		"    /tmp                        remount (read-only)\n"
		"      /tmp/data                 data (12 bytes)\n"
		"      /tmp/fd                   bind of fd 5\n"
		"      /tmp/o                    overlay (volatile)\n"
		"          upper /up\n"
		"          work  /work\n"
		"          lower /t\\x0aop\n"
		"          lower /low\n"
		"    /usr                        dropped: bind /usr (read-only): an outer bind "
		"shows "
		"it already\n"
		"    /usr/b                      bind /b\\xff (with devices, if it exists, without "
		"submounts, plan:7)\n");
	mount_plan_free(&sandbox.plan);
	CHECK_PRINTED(mount_plan_explain(&sandbox.plan, out), "");
	add(MOUNT_DIR, "--dir", NULL, "/a-target-that-is-wider-than-the-whole-column");
	CHECK_PRINTED(mount_plan_explain(&sandbox.plan, out),
		      "  /a-target-that-is-wider-than-the-whole-column dir\n");
	mount_plan_free(&sandbox.plan);
}

static void test_plan_json(void)
{
	CHECK_PRINTED(mount_plan_explain_json(&sandbox.plan, out), "[]");
	fill_plan();
	/* the order is tested above */
	CHECK_PRINTED(
		mount_plan_explain_json(&sandbox.plan, out),
		"[{\"kind\": \"bind\", \"target\": \"/\", \"option\": \"--ro-bind\", \"default\": "
		"false, "
		"\"dropped\": null, \"late\": false, \"source\": \"/\", \"read_only\": true, "
		"\"recursive\": true}, "
		"{\"kind\": \"bind\", \"target\": \"/usr\", \"option\": \"--ro-bind\", "
		"\"default\": "
		"false, \"dropped\": null, \"late\": false, \"source\": \"/usr\", \"read_only\": "
		"true, "
		"\"recursive\": true}, "
		"{\"kind\": \"bind\", \"target\": \"/usr/b\", \"option\": \"plan:7\", \"default\": "
		"false, \"dropped\": null, \"late\": false, \"source\": {\"text\": \"/b\\ufffd\", "
		"\"hex\": \"2f62ff\"}, \"devices\": true, \"try\": true, \"recursive\": false}, "
		"{\"kind\": \"proc\", \"target\": \"/proc\", \"option\": \"--proc\", \"default\": "
		"true, "
		"\"dropped\": null, \"late\": false}, "
		"{\"kind\": \"tmpfs\", \"target\": \"/tmp\", \"option\": \"--tmpfs\", \"default\": "
		"false, \"dropped\": null, \"late\": false, \"mode\": \"1777\", \"size\": 4096, "
		"\"uid\": 7}, "
		"{\"kind\": \"overlay\", \"target\": \"/tmp/o\", \"option\": \"--overlay\", "
		"\"default\": false, \"dropped\": null, \"late\": false, \"lowers\": [\"/low\", "
		"\"/t\\u000aop\"], \"upper\": \"/up\", \"work\": \"/work\", \"options\": "
		"\"volatile\"}, "
		"{\"kind\": \"symlink\", \"target\": \"/bin\", \"option\": \"--symlink\", "
		"\"default\": "
		"false, \"dropped\": null, \"late\": false, \"source\": \"usr/bin\"}, "
		"{\"kind\": \"bind\", \"target\": \"/tmp/fd\", \"option\": \"--bind-fd\", "
		"\"default\": "
		"false, \"dropped\": null, \"late\": false, \"source_fd\": 5, \"recursive\": "
		"true}, "
		"{\"kind\": \"data\", \"target\": \"/tmp/data\", \"option\": \"--bind-data\", "
		"\"default\": false, \"dropped\": null, \"late\": false, \"data_size\": 12}, "
		"{\"kind\": \"remount\", \"target\": \"/tmp\", \"option\": \"--remount-ro\", "
		"\"default\": false, \"dropped\": null, \"late\": false, \"read_only\": true}]");
	mount_plan_free(&sandbox.plan);
}

static char *const command[] = { "make", "a b", "\xff", NULL };

static void fill_sandbox(void)
{
	static struct environment_change changes[] = {
		{ ENVIRONMENT_CLEAR, NULL, NULL },
		{ ENVIRONMENT_SET, "A", "b=\n" },
		{ ENVIRONMENT_UNSET, "C", NULL },
	};

	for (int kind = 0; kind < NAMESPACE_COUNT; kind++)
		sandbox.namespaces[kind].wish = namespace_kinds[kind].preset;
	sandbox.namespaces[NAMESPACE_NET].wish = NAMESPACE_JOIN;
	sandbox.lock = true;
	sandbox.disable_userns = true;
	sandbox.hostname = "box";
	sandbox.chdir = "/src";
	sandbox.command = command;
	sandbox.environment = changes;
	sandbox.environment_count = 3;
	sandbox.filter_count = 2;
	add(MOUNT_TMPFS, "--tmpfs", NULL, "/");
	order();
}

static void test_sandbox(void)
{
	const struct identity identity = {
		.two_levels = true,
		.uid_map = { 2, { { 0, 1000, 1 }, { 1, 100000, 65536 } } },
		.gid_map = { 1, { { 0, 1000, 1 } } },
		.uid = 1000,
		.gid = 0,
	};
	const unsigned int parts = FILTER_TERMINAL | FILTER_CHOWN | FILTER_IDS;

	fill_sandbox();
	sandbox.explain = EXPLAIN_TEXT;
	CHECK_PRINTED(sandbox_explain(&sandbox, &identity, 1 | 1 << 7, 0, parts, out),
		      "mounts\n"
		      "  /                             tmpfs\n"
		      "namespaces\n"
		      "  new: user mount pid ipc uts\n"
		      "  new if possible: cgroup\n"
		      "  joined: net\n"
		      "  shared: time\n"
		      "  the mounts are locked: root inside can't change them\n"
		      "  no further user namespaces inside\n"
		      "  host name box\n"
		      "ids\n"
		      "  uid 0 is 1000 outside, 1 of them\n"
		      "  uid 1 is 100000 outside, 65536 of them\n"
		      "  the command has uid 1000\n"
		      "  gid 0 is 1000 outside, 1 of them\n"
		      "  the command has gid 0\n"
		      "capabilities\n"
		      "  given: cap_chown,cap_setuid\n"
		      "  ambient: none\n"
		      "system calls\n"
		      "  no input into the terminal (TIOCSTI, TIOCLINUX)\n"
		      "  changes of owner succeed and are not done\n"
		      "  changes of the process's ids succeed and are not done\n"
		      "  filters of the user: 2\n"
		      "environment\n"
		      "  clear\n"
		      "  set A=b=\\x0a\n"
		      "  unset C\n"
		      "command\n"
		      "  in /src\n"
		      "  make\n"
		      "  a b\n"
		      "  \\xff\n");
	sandbox.explain = EXPLAIN_JSON;
	CHECK_PRINTED(
		sandbox_explain(&sandbox, &identity, 1 | 1 << 7, 0, parts, out),
		"{\"plan\": [{\"kind\": \"tmpfs\", \"target\": \"/\", \"option\": \"--tmpfs\", "
		"\"default\": false, \"dropped\": null, \"late\": false}], "
		"\"namespaces\": {\"user\": \"unshare\", \"mount\": \"unshare\", \"pid\": "
		"\"unshare\", "
		"\"ipc\": \"unshare\", \"uts\": \"unshare\", \"net\": \"join\", \"cgroup\": "
		"\"try\", "
		"\"time\": \"share\"}, \"locked\": true, "
		"\"uid_map\": [{\"inner\": 0, \"outer\": 1000, \"count\": 1}, {\"inner\": 1, "
		"\"outer\": "
		"100000, \"count\": 65536}], "
		"\"gid_map\": [{\"inner\": 0, \"outer\": 1000, \"count\": 1}], \"uid\": 1000, "
		"\"gid\": "
		"0, "
		"\"capabilities\": {\"given\": [\"cap_chown\", \"cap_setuid\"], \"ambient\": []}, "
		"\"filters\": [\"terminal\", \"chown\", \"ids\"], \"user_filters\": 2, "
		"\"remember\": null, \"show_owners\": false, "
		"\"environment\": [{\"action\": \"clear\"}, {\"action\": \"set\", \"name\": \"A\", "
		"\"value\": \"b=\\u000a\"}, {\"action\": \"unset\", \"name\": \"C\"}], "
		"\"chdir\": \"/src\", \"command\": [\"make\", \"a b\", {\"text\": \"\\ufffd\", "
		"\"hex\": "
		"\"ff\"}]}\n");
	mount_plan_free(&sandbox.plan);
}

int main(void)
{
	test_json_strings();
	test_plan_text();
	test_plan_json();
	test_sandbox();
	free(printed);
	return check_result();
}
