/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/cleanup.h"
#include "idmap/idmap.h"
#include "mounts/fstab.h"
#include "tests/unit/check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct mount_plan plan;
static struct report report;
static char folder[] = "/tmp/test-fstab-XXXXXX";

static void write_file(const char *name, const char *text, size_t size)
{
	_cleanup_close_ int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, text, size) != (ssize_t)size)
		abort();
}

static void forget(void)
{
	mount_plan_free(&plan);
	report = (struct report){ 0 };
}

static int read_text(const char *text)
{
	char path[64];

	forget();
	snprintf(path, sizeof(path), "%s/plan", folder);
	write_file(path, text, strlen(text));
	return mount_plan_read(&plan, path, &report);
}

/* One line that is understood. */
static const struct mount_entry *entry(const char *text)
{
	static const struct mount_entry none = { .kind = MOUNT_KIND_COUNT };

	if (CHECK_INT(read_text(text), 0) && CHECK_INT((long long)plan.count, 1))
		return &plan.entries[0];
	fprintf(stderr, "\t%s: %s\n", text, report.text);
	return &none;
}

/* One line that is not. `wanted` is the message behind "--plan FILE:1: ". */
#define LINE "not a line of SOURCE TARGET TYPE [OPTIONS]"

static void refused(const char *text, const char *wanted)
{
	char start[64];

	CHECK_INT(read_text(text), -EINVAL);
	snprintf(start, sizeof(start), "--plan %s/plan:1: ", folder);
	CHECK(strncmp(report.text, start, strlen(start)) == 0);
	CHECK_STR(strlen(report.text) > strlen(start) ? report.text + strlen(start) : "", wanted);
}

static void test_types(void)
{
	static const char *const names[] = { "overlay", "tmpfs", "proc", "dev",  "mqueue",
					     "sysfs",   "dir",   "mask", "bind", "symlink" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char text[128];
		bool sourced = i >= 8;

		snprintf(text, sizeof(text), "%s /x %s %s\n", sourced ? "src" : "none", names[i],
			 i == 0 ? "lowerdir=/a" : "defaults");
		CHECK_INT(entry(text)->kind, mount_kind_from_name(names[i]));
		snprintf(text, sizeof(text), "%s /x %s %s\n", names[i], names[i],
			 i == 0 ? "lowerdir=/a" : "defaults");
		CHECK_INT(entry(text)->kind, mount_kind_from_name(names[i]));
		CHECK(sourced || !plan.entries[0].source);
	}
	refused("a /b bnid", "unknown type bnid (did you mean bind?)");
	refused("a /b ext4", "unknown type ext4");
	refused("a /b none bind", "unknown type none");
	refused("a /b chmod", "unknown type chmod");
	refused("/a /b tmpfs", "the type tmpfs has no source: write none");
	refused("none /b bind", "the type bind wants a source");
	refused("a b bind", "the target b is not absolute");
	refused("a none bind", "the target none is not absolute");
	refused("a", LINE);
	refused("a /b", LINE);
	refused("a /b bind ro and more", LINE " (there are 6 fields; a space in a name is \\040)");
	refused("a /b bind ro 0 0 0", LINE " (there are 7 fields; a space in a name is \\040)");
	refused("a /b bind ro # read-only", LINE " (a comment wants a line of its own)");
	refused("a /b bind ro 0 0 # read-only", LINE " (a comment wants a line of its own)");
	refused("a /b # type", "unknown type # (a comment wants a line of its own)");
}

static void test_bytes(void)
{
	char long_path[5000] = "/", text[30000], escaped[20000] = "/";

	CHECK_STR(entry("/\\040a\\134b\\011\\012 //c\\040/./d/ bind")->source, "/ a\\b\t\n");
	CHECK_STR(plan.entries[0].target, "/c /d");
	CHECK_STR(plan.entries[0].written, "//c /./d/");
	CHECK_STR(entry("/\xff\xfe /\x80 bind\r\n")->source, "/\xff\xfe");
	CHECK_STR(plan.entries[0].target, "/\x80");
	CHECK_STR(entry("UUID=x /b bind")->source + strlen(folder), "/UUID=x");
	CHECK_STR(entry("/\"a /\"b bind")->source, "/\"a");
	memset(long_path + 1, 'x', 4090);
	for (size_t i = 0; i < 4090; i++)
		memcpy(escaped + 1 + 4 * i, "\\170", 4);
	snprintf(text, sizeof(text), "%s /b bind", escaped);
	CHECK_STR(entry(text)->source, long_path);
}

/* What libmount would take for another table than fstab, in the first line. */
static void test_no_guessing(void)
{
	CHECK_STR(entry("Filename\t/b bind")->source + strlen(folder), "/Filename");
	CHECK_STR(entry("SRC=x /b bind")->source + strlen(folder), "/SRC=x");
	refused("1 2 bind", "the target 2 is not absolute");
	refused("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw",
		LINE " (there are 11 fields; a space in a name is \\040)");
}

static void test_bind_options(void)
{
	static const struct {
		const char *options;
		unsigned int flags;
	} cases[] = {
		{ "ro", MOUNT_READ_ONLY },
		{ "ro,rw", 0 },
		{ "rw,ro", MOUNT_READ_ONLY },
		{ "dev", MOUNT_DEVICES },
		{ "dev,nodev", 0 },
		{ "noexec", MOUNT_NOEXEC },
		{ "noexec,exec", 0 },
		{ "nofail", MOUNT_TRY },
		{ "nofollow", MOUNT_NOFOLLOW },
		{ "bind", MOUNT_NORECURSE },
		{ "norbind", MOUNT_NORECURSE },
		{ "norbind,rbind", 0 },
		{ "defaults,nosuid,,nodev,", 0 },
		{ "ro 0 0", MOUNT_READ_ONLY },
		{ "ro,noexec,nofail 0", MOUNT_READ_ONLY | MOUNT_NOEXEC | MOUNT_TRY },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[128];

		snprintf(text, sizeof(text), "/a /b bind %s", cases[i].options);
		CHECK_INT(entry(text)->flags, cases[i].flags);
	}
	CHECK_INT(entry("none /b mask nofail")->flags, MOUNT_TRY);
	refused("none /b dev ro", "the type dev has no option ro");
	refused("/a /b bind noexce", "unknown option noexce (did you mean noexec?)");
	refused("/a /b bind suid", "unknown option suid");
	refused("/a /b bind x-y", "unknown option x-y");
	refused("/a /b bind mode=1", "the type bind has no option mode");
	refused("/a /b bind ro=1", "ro takes no value");
	refused("/a /b bind ro,\"rw", "the options can't be read from here: \"rw");
	/* libmount takes it for an option up to 2.39, and for a mistake since */
	CHECK_INT(read_text("/a /b bind =ro"), -EINVAL);
	refused("/a /b bind #ro", "unknown option #ro (did you mean ro?)");
}

static void test_tmpfs_options(void)
{
	static const struct {
		const char *text;
		unsigned long long size;
	} sizes[] = {
		{ "1", 1 },           { "4096", 4096 },
		{ "2k", 2048 },       { "2K", 2048 },
		{ "3m", 3 << 20 },    { "3G", 3ULL << 30 },
		{ "1t", 1ULL << 40 }, { "9223372036854775807", INT64_MAX },
	};
	static const char *const wrong[] = { "-1",
					     "x",
					     "1x",
					     "1kk",
					     "0",
					     "0%",
					     "9223372036854775808",
					     "8388608t",
					     "18446744073709551617",
					     "1 " };
	const struct mount_entry *found;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char text[128];

		snprintf(text, sizeof(text), "none /b tmpfs size=%s", sizes[i].text);
		CHECK(entry(text)->size == sizes[i].size);
	}
	for (size_t i = 0; i + 1 < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char text[128], message[128];

		snprintf(text, sizeof(text), "none /b tmpfs size=%s", wrong[i]);
		snprintf(message, sizeof(message), "size=%s: not %s", wrong[i], MOUNT_SIZE_FORM);
		refused(text, message);
	}
	found = entry("none /b tmpfs size=50%");
	CHECK(found->size > 1 << 20);
	found = entry("none /b tmpfs mode=1777,uid=7,gid=4294967294,ro,noexec");
	CHECK_INT(found->mode, 01777);
	CHECK_INT(found->uid, 7);
	CHECK(found->gid == 4294967294);
	CHECK_INT(found->flags, MOUNT_READ_ONLY | MOUNT_NOEXEC);
	found = entry("none /b tmpfs");
	CHECK(found->uid == ID_UNSET && found->gid == ID_UNSET && found->mode == MODE_UNSET);
	refused("none /b tmpfs mode=8", "mode=8: not an octal mode");
	refused("none /b tmpfs mode=17777", "mode=17777: not an octal mode");
	refused("none /b tmpfs mode=", "mode wants a value");
	refused("none /b tmpfs mode", "mode wants a value");
	refused("none /b tmpfs uid=4294967295", "uid=4294967295: not a numeric id");
	refused("none /b tmpfs uid=root", "uid=root: not a numeric id");
	refused("none /b tmpfs dev", "the type tmpfs has no option dev");
}

static void test_overlay(void)
{
	const struct mount_entry *found;

	found = entry("none /b overlay lowerdir=/top:mid:/low,upperdir=/u,workdir=w");
	CHECK_INT((long long)found->lower_count, 3);
	CHECK_STR(found->lowers[0], "/low");
	CHECK_STR(found->lowers[1] + strlen(folder), "/mid");
	CHECK_STR(found->lowers[2], "/top");
	CHECK_STR(found->upper, "/u");
	CHECK_STR(found->work + strlen(folder), "/w");
	CHECK_STR(found->options, NULL);

	found = entry("none /b overlay lowerdir=\"/a,b\":/c\\:d\\\\e\\134f:/\\040g,upperdir=tmpfs");
	CHECK_INT((long long)found->lower_count, 3);
	CHECK_STR(found->lowers[2], "/a,b");
	CHECK_STR(found->lowers[1], "/c:d\\ef");
	CHECK_STR(found->lowers[0], "/ g");
	CHECK_STR(found->upper, MOUNT_OVERLAY_TMPFS);
	found = entry("none /b overlay lowerdir=/a,upperdir=./tmpfs,workdir=/w:x");
	CHECK_STR(found->upper + strlen(folder), "/./tmpfs");
	CHECK_STR(found->work, "/w:x");
	found = entry("none /b overlay volatile,lowerdir=/a,metacopy=on,xino=auto,uuid=null,ro");
	CHECK_STR(found->options, "volatile,metacopy=on,xino=auto,uuid=null");
	CHECK_INT(found->flags, MOUNT_READ_ONLY);

	refused("none /b overlay", "an overlay wants lowerdir=");
	refused("none /b overlay lowerdir=", "lowerdir wants a value");
	refused("none /b overlay lowerdir=/a:", "a layer without a path");
	refused("none /b overlay lowerdir=/a::/b", "a layer without a path");
	refused("none /b overlay lowerdir=\"\"", "a layer without a path");
	refused("none /b overlay lowerdir=/a,lowerdir=/b", "lowerdir is given twice");
	refused("none /b overlay lowerdir=/a,upperdir=/u", "upperdir= wants workdir=");
	refused("none /b overlay lowerdir=/a,workdir=/u", "workdir= wants upperdir=, a directory");
	refused("none /b overlay lowerdir=/a,index=maybe", "index=maybe: not one of: on off");
	refused("none /b overlay lowerdir=/a,index=on off",
		LINE " (there are 5 fields; a space in a name is \\040)");
	refused("none /b overlay lowerdir=/a,index=on\\040off", "index=on off: not one of: on off");
	refused("none /b overlay lowerdir=/a,volatile=1", "volatile takes no value");
	refused("none /b overlay lowerdir=/a\\,b",
		"a backslash at the end of a path (a path with a comma wants double quotes)");
	refused("none /b overlay lowerdir=/a,default_permissions",
		"unknown option default_permissions");
}

static void test_symlink_and_file(void)
{
	char path[64];
	const struct mount_entry *found;

	CHECK_STR(entry("../x /b symlink")->source, "../x");
	snprintf(path, sizeof(path), "%s/contents", folder);
	write_file(path, "a\0b\n", 4);
	found = entry("contents /b file mode=0640");
	CHECK_INT((long long)found->data_size, 4);
	CHECK(memcmp(found->data, "a\0b\n", 4) == 0);
	CHECK_INT(found->mode, 0640);
	CHECK_INT(read_text("missing /b file\n"), -ENOENT);
	CHECK_INT(read_text("missing /b file nofail\n/a /c bind"), 0);
	CHECK_INT((long long)plan.count, 1);
	refused("/dev/zero /b file", "/dev/zero is not a regular file");
	refused("/ /b file", "/ is not a regular file");
	snprintf(path, sizeof(path), "%s/fifo", folder);
	CHECK_INT(mkfifo(path, 0600), 0);
	CHECK_INT(read_text("fifo /b file"), -EINVAL);
}

static void test_lines(void)
{
	char wanted[128], text[MOUNT_DESCRIPTION_MAX];

	CHECK_INT(read_text("# comment\n\n  \t# another\n/a /x bind\n\n/b /x bind ro\n/c /y bind"),
		  0);
	CHECK_INT((long long)plan.count, 3);
	CHECK_STR(plan.entries[1].source, "/b");
	CHECK_STR(plan.entries[2].target, "/y");
	snprintf(wanted, sizeof(wanted), "--plan %s/plan:6: bind /b /x", folder);
	CHECK_STR(mount_entry_describe(&plan.entries[1], text), wanted);
	CHECK_INT(read_text("/a /x bind\n\n#\nbad\n"), -EINVAL);
	snprintf(wanted, sizeof(wanted),
		 "--plan %s/plan:4: not a line of SOURCE TARGET TYPE [OPTIONS]", folder);
	CHECK_STR(report.text, wanted);
	CHECK_INT(read_text(""), 0);
	CHECK_INT((long long)plan.count, 0);
}

static void test_places(void)
{
	char path[64];
	int saved = dup(STDIN_FILENO);

	forget();
	snprintf(path, sizeof(path), "%s/nul", folder);
	write_file(path, "/a /x bind\n/b /x\0 bind\n", 23);
	CHECK_INT(mount_plan_read(&plan, path, &report), -EINVAL);
	CHECK_STR(report.text + strlen("--plan ") + strlen(path), ":2: there is a NUL byte");
	forget();
	CHECK_INT(mount_plan_read(&plan, "/nonexistent/plan", &report), -ENOENT);
	CHECK_STR(report.text, "--plan /nonexistent/plan: No such file or directory");
	forget();
	CHECK_INT(mount_plan_read(&plan, "/", &report), -EISDIR);

	/* from a folder, as "--x", and from standard input */
	forget();
	CHECK_INT(chdir(folder), 0);
	write_file("--x", "a /b bind\n", 10);
	CHECK_INT(mount_plan_read(&plan, "--x", &report), 0);
	CHECK_STR(plan.entries[0].source + strlen(folder), "/a");
	CHECK_STR(plan.entries[0].option, "./--x:1");
	forget();
	int fd = open("--x", O_RDONLY | O_CLOEXEC);
	CHECK_INT(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	CHECK_INT(mount_plan_read(&plan, "-", &report), 0);
	CHECK_STR(plan.entries[0].source + strlen(folder), "/a");
	CHECK_STR(plan.entries[0].option, "-:1");
	forget();
	close(fd);
	dup2(saved, STDIN_FILENO);
	close(saved);
	CHECK_INT(mkdir("sub", 0700), 0);
	write_file("sub/plan", "../a /b bind\n", 13);
	CHECK_INT(mount_plan_read(&plan, "sub/plan", &report), 0);
	CHECK_STR(plan.entries[0].source + strlen(folder), "/sub/../a");
}

static void test_many(void)
{
	const size_t count = 50000;
	char *text = malloc(count * 64), *end = text;

	for (size_t i = 0; i < count; i++)
		end += sprintf(end, "/source/%zu /target/%zu bind ro,noexec 0 0\n", i, i);
	CHECK_INT(read_text(text), 0);
	CHECK_INT((long long)plan.count, (long long)count);
	CHECK_STR(plan.entries[count - 1].source, "/source/49999");
	free(text);
	forget();
}

int main(void)
{
	char command[64];

	if (!mkdtemp(folder))
		return 1;
	test_types();
	test_bytes();
	test_no_guessing();
	test_bind_options();
	test_tmpfs_options();
	test_overlay();
	test_symlink_and_file();
	test_lines();
	test_places();
	test_many();
	forget();
	snprintf(command, sizeof(command), "rm -rf -- %s", folder);
	CHECK_INT(system(command), 0);
	return check_result();
}
