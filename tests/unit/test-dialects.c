/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables of the dialects: words that are taken, words that are refused, and in whose words. */
#include "tests/unit/options.h"

#include "sandbox/bwrap.h"
#include "sandbox/fakeroot.h"
#include "sandbox/mkosi.h"

struct example {
	const char *words[10];
	const char *said; /* part of the sentence; NULL: taken */
};

static const struct example bwrap_examples[] = {
	{ { "--help" } },
	{ { "--help", "nonsense" } },
	{ { "--version" } },
	{ { "--args", "@WORDS", "true" } },
	{ { "--args", "@ARGS", "true" }, "Unknown option --verbose" },
	{ { "--args", "998", "true" }, "998" },
	{ { "--args", "x", "true" }, "Invalid fd: x" },
	{ { "--args" }, "--args takes an argument" },
	{ { "--argv0", "-sh", "true" } },
	{ { "--argv0" }, "--argv0 takes an argument" },
	{ { "--argv0", "a", "--argv0", "b", "true" }, "--argv0 used multiple times" },
	{ { "--level-prefix", "true" } },

	/* namespaces */
	{ { "--unshare-all", "true" } },
	{ { "--share-net", "true" } },
	{ { "--unshare-user", "true" } },
	{ { "--unshare-user-try", "true" } },
	{ { "--unshare-ipc", "true" } },
	{ { "--unshare-pid", "true" } },
	{ { "--unshare-net", "true" } },
	{ { "--unshare-uts", "true" } },
	{ { "--unshare-cgroup", "true" } },
	{ { "--unshare-cgroup-try", "true" } },
	{ { "--userns", "@FD", "true" } },
	{ { "--userns" }, "--userns takes an argument" },
	{ { "--userns", "-1", "true" }, "Invalid fd: -1" },
	{ { "--userns", "@FD", "--unshare-user", "true" }, "not compatible with --unshare-user" },
	{ { "--userns", "@FD", "--unshare-user-try", "true" },
	  "not compatible with --unshare-user-try" },
	{ { "--userns", "@FD", "--unshare-all", "true" },
	  "--userns is not compatible with --unshare-user-try" },
	{ { "--userns2", "@FD", "true" } },
	{ { "--userns2", "3x", "true" }, "Invalid fd: 3x" },
	{ { "--unshare-user", "--disable-userns", "true" } },
	{ { "--disable-userns", "true" }, "--disable-userns requires --unshare-user" },
	{ { "--assert-userns-disabled", "true" } },
	{ { "--pidns", "@FD", "true" } },
	{ { "--pidns", "@FD", "--unshare-pid", "true" } },
	{ { "--pidns", "", "true" }, "Invalid fd: " },
	{ { "--unshare-user", "--uid", "5", "true" } },
	{ { "--uid", "-1", "true" }, "Invalid uid: -1" },
	{ { "--uid", "2147483648", "true" }, "Invalid uid: 2147483648" },
	{ { "--unshare-user", "--gid", "2147483647", "true" } },
	{ { "--gid", "5x", "true" }, "Invalid gid: 5x" },
	{ { "--unshare-uts", "--hostname", "name", "true" } },
	{ { "--hostname", "name", "true" }, "Specifying --hostname requires --unshare-uts" },

	/* the command */
	{ { "--chdir", "/x", "true" } },
	{ { "--chdir" }, "--chdir takes an argument" },
	{ { "--clearenv", "true" } },
	{ { "--setenv", "A", "", "true" } },
	{ { "--setenv", "A" }, "--setenv takes two arguments" },
	{ { "--unsetenv", "A", "true" } },
	{ { "--unsetenv" }, "--unsetenv takes an argument" },
	{ { "--lock-file", "relative", "true" } },
	{ { "--lock-file" }, "--lock-file takes an argument" },
	{ { "--sync-fd", "@FD", "true" } },
	{ { "--sync-fd", "" }, "Invalid fd: " },

	/* files and file systems */
	{ { "--bind", "a", "/b", "true" } },
	{ { "--bind", "a" }, "--bind takes two arguments" },
	{ { "--bind", "", "/b", "true" }, "Can't find source path : No such file or directory" },
	{ { "--bind-try", "", "/b", "true" } },
	{ { "--bind=a", "/b", "true" }, "Unknown option --bind=a" },
	{ { "--bind-try", "a", "/b", "true" } },
	{ { "--bind-try" }, "--bind-try takes two arguments" },
	{ { "--dev-bind", "a", "/b", "true" } },
	{ { "--dev-bind", "a" }, "--dev-bind takes two arguments" },
	{ { "--dev-bind-try", "a", "/b", "true" } },
	{ { "--dev-bind-try", "a" }, "--dev-bind-try takes two arguments" },
	{ { "--ro-bind", "a", "/b", "true" } },
	{ { "--ro-bind", "a" }, "--ro-bind takes two arguments" },
	{ { "--ro-bind-try", "a", "/b", "true" } },
	{ { "--ro-bind-try", "a" }, "--ro-bind-try takes two arguments" },
	{ { "--bind-fd", "@FD", "/b", "true" } },
	{ { "--bind-fd", "@FD" }, "--bind-fd takes two arguments" },
	{ { "--ro-bind-fd", "@FD", "/b", "true" } },
	{ { "--ro-bind-fd", "x", "/b", "true" }, "Invalid fd: x" },
	{ { "--remount-ro", "/b", "true" } },
	{ { "--remount-ro" }, "--remount-ro takes an argument" },
	{ { "--overlay-src", "a", "--overlay", "u", "w", "/o", "true" } },
	{ { "--overlay-src" }, "--overlay-src takes an argument" },
	{ { "--overlay-src", "a", "--tmpfs", "/t", "true" },
	  "--overlay-src must be followed by another --overlay-src or one of --overlay, "
	  "--tmp-overlay, or --ro-overlay" },
	{ { "--overlay-src", "a", "true" }, "--overlay-src must be followed by" },
	{ { "--overlay", "u", "w", "/o", "true" },
	  "--overlay requires at least one --overlay-src" },
	{ { "--overlay", "u", "w" }, "--overlay takes three arguments" },
	{ { "--overlay-src", "a", "--tmp-overlay", "/o", "true" } },
	{ { "--tmp-overlay", "/o", "true" }, "--tmp-overlay requires at least one --overlay-src" },
	{ { "--overlay-src", "a", "--overlay-src", "b", "--ro-overlay", "/o", "true" } },
	{ { "--overlay-src", "a", "--ro-overlay", "/o", "true" },
	  "--ro-overlay requires at least two --overlay-src" },
	{ { "--exec-label", "x", "true" }, "--exec-label: labels are not supported" },
	{ { "--file-label", "x", "true" }, "--file-label: labels are not supported" },
	{ { "--proc", "/proc", "true" } },
	{ { "--proc" }, "--proc takes an argument" },
	{ { "--dev", "/dev", "true" } },
	{ { "--dev" }, "--dev takes an argument" },
	{ { "--tmpfs", "/t", "true" } },
	{ { "--tmpfs" }, "--tmpfs takes an argument" },
	{ { "--mqueue", "/q", "true" } },
	{ { "--mqueue" }, "--mqueue takes an argument" },
	{ { "--dir", "/d", "true" } },
	{ { "--dir" }, "--dir takes an argument" },
	{ { "--file", "@FD", "/f", "true" } },
	{ { "--file", "@FD" }, "--file takes two arguments" },
	{ { "--bind-data", "@FD", "/f", "true" } },
	{ { "--bind-data", "x", "/f", "true" }, "Invalid fd: x" },
	{ { "--ro-bind-data", "@FD", "/f", "true" } },
	{ { "--ro-bind-data", "@FD" }, "--ro-bind-data takes two arguments" },
	{ { "--symlink", "a", "/l", "true" } },
	{ { "--symlink", "a" }, "--symlink takes two arguments" },
	{ { "--chmod", "7777", "/f", "true" } },
	{ { "--chmod", "10000", "/f", "true" }, "--chmod takes an octal argument <= 07777" },
	{ { "--perms", "0700", "--dir", "/d", "true" } },
	{ { "--perms", "0700", "--tmpfs", "/t", "true" } },
	{ { "--perms", "0700", "--file", "@FD", "/f", "true" } },
	{ { "--perms", "0700", "--bind-data", "@FD", "/f", "true" } },
	{ { "--perms", "0700", "--ro-bind-data", "@FD", "/f", "true" } },
	{ { "--perms", "9", "--dir", "/d", "true" }, "--perms takes an octal argument <= 07777" },
	{ { "--perms", "0700", "--bind", "a", "/b", "true" },
	  "--perms must be followed by an option that creates a file" },
	{ { "--perms", "0700", "--perms", "0700", "true" },
	  "--perms given twice for the same action" },
	{ { "--perms", "0700", "--size", "10", "--tmpfs", "/t", "true" } },
	{ { "--perms", "0700", "true" } },
	{ { "--size", "0x10", "--tmpfs", "/t", "true" } },
	{ { "--size", "10", "true" } },
	{ { "--size", "0", "--tmpfs", "/t", "true" }, "--size takes a non-zero number of bytes" },
	{ { "--size", "1M", "--tmpfs", "/t", "true" }, "--size takes a non-zero number of bytes" },
	{ { "--size", "-1", "--tmpfs", "/t", "true" }, "--size takes a non-zero number of bytes" },
	{ { "--size", "10", "--dir", "/t", "true" }, "--size must be followed by --tmpfs" },
	{ { "--size", "10", "--size", "10", "true" }, "--size given twice for the same action" },

	/* privileges, fds, processes */
	{ { "--seccomp", "@FILTER", "true" } },
	{ { "--seccomp", "@FD", "true" }, "Invalid seccomp data, must be multiple of 8" },
	{ { "--seccomp", "998", "true" }, "Can't read seccomp data: Bad file descriptor" },
	{ { "--add-seccomp-fd", "@FILTER", "--add-seccomp-fd", "@FILTER", "true" } },
	{ { "--add-seccomp-fd", "@FILTER", "--seccomp", "@FILTER", "true" },
	  "--seccomp cannot be combined with --add-seccomp-fd" },
	{ { "--seccomp", "@FILTER", "--add-seccomp-fd", "@FILTER", "true" },
	  "--add-seccomp-fd cannot be combined with --seccomp" },
	{ { "--block-fd", "@FD", "true" } },
	{ { "--block-fd", "0x3", "true" }, "Invalid fd: 0x3" },
	{ { "--unshare-user", "--info-fd", "@FD", "--userns-block-fd", "@FD", "true" } },
	{ { "--unshare-user", "--userns-block-fd", "@FD", "true" },
	  "--userns-block-fd requires --info-fd" },
	{ { "--info-fd", "@FD", "--userns-block-fd", "@FD", "true" },
	  "--userns-block-fd requires --unshare-user" },
	{ { "--info-fd", "@FD", "true" } },
	{ { "--info-fd", "+3", "true" }, "Invalid fd: +3" },
	{ { "--json-status-fd", "@FD", "true" } },
	{ { "--json-status-fd" }, "--json-status-fd takes an argument" },
	{ { "--new-session", "true" } },
	{ { "--die-with-parent", "true" } },
	{ { "--unshare-pid", "--as-pid-1", "true" } },
	{ { "--as-pid-1", "true" }, "Specifying --as-pid-1 requires --unshare-pid" },
	{ { "--unshare-pid", "--as-pid-1", "--lock-file", "/l", "true" },
	  "Specifying --as-pid-1 and --lock-file is not permitted" },
	{ { "--cap-add", "CAP_CHOWN", "true" } },
	{ { "--cap-add", "ALL", "true" } },
	{ { "--cap-add", "CAP_CHOWN,CAP_KILL", "true" }, "unknown cap: CAP_CHOWN,CAP_KILL" },
	{ { "--cap-drop", "cap_chown", "true" } },
	{ { "--cap-drop", "5", "true" } },
	{ { "--cap-drop", "", "true" }, "unknown cap: " },
	{ { "--cap-add", "CHOWN", "true" }, "unknown cap: CHOWN" },
	{ { "--cap-add", "CAP_NONE", "true" }, "unknown cap: CAP_NONE" },

	/* words */
	{ { "-x", "true" }, "Unknown option -x" },
	{ { "--verbose", "true" }, "Unknown option --verbose" },
	{ { "-", "true" }, "Unknown option -" },
	{ { "--", "--bind" } },
};

static const struct example fakeroot_examples[] = {
	{ { "-h" } },
	{ { "--help", "--nonsense" } },
	{ { "-v" } },
	{ { "--version" } },
	{ { "-i", "/none", "true" } },
	{ { "-i" }, "-i: FILE is missing" },
	{ { "-s", "f", "-i", "g", "--", "-x" } },
	{ { "-sf", "-ig", "true" } },
	{ { "-usf" } },
	{ { "-us", "f", "true" } },
	{ { "-us" }, "-s: FILE is missing" },
	{ { "-u", "true" } },
	{ { "--unknown-is-real", "true" } },
	{ { "-l", "lib", "--lib", "lib", "--lib=lib", "true" } },
	{ { "-f", "faked", "--faked", "faked", "true" } },
	{ { "-b", "5", "--fd-base", "5", "true" } },
	{ { "-s" }, "-s: FILE is missing" },
	{ { "-l" }, "-l: LIBRARY is missing" },
	{ { "--lib" }, "--lib: LIBRARY is missing" },
	{ { "-f" }, "-f: PROGRAM is missing" },
	{ { "--faked" }, "--faked: PROGRAM is missing" },
	{ { "-b" }, "-b: FD is missing" },
	{ { "--fd-base" }, "--fd-base: FD is missing" },
	{ { "-", "-x" } }, /* a command */
	{ { "-x", "true" }, "unknown option -x" },
	{ { "-ux", "true" }, "unknown option -x" },
	{ { "--nonsense", "true" }, "unknown option --nonsense" },
	{ { "--unknown-is-real=1", "true" }, "--unknown-is-real: takes no value" },
	{ { "true", "-x" } },
};

static const struct example mkosi_examples[] = {
	{ { "-h" } },
	{ { "--help", "--nonsense" } },
	{ { "--version" } },
	{ { "--tmpfs", "relative" } },
	{ { "--tmpfs" }, "--tmpfs: DST is missing" },
	{ { "--dev", "/dev" } },
	{ { "--dev" }, "--dev: DST is missing" },
	{ { "--proc", "/proc" } },
	{ { "--proc" }, "--proc: DST is missing" },
	{ { "--dir", "/d/tmp" } },
	{ { "--dir" }, "--dir: DST is missing" },
	{ { "--bind", "a", "b" } },
	{ { "--bind", "a" }, "--bind: DST is missing (--bind SRC DST)" },
	{ { "--bind=a", "b" }, "unknown option --bind=a" },
	{ { "--bind-try", "+a", "b" } },
	{ { "--bind-try" }, "--bind-try: SRC is missing" },
	{ { "--ro-bind", "+/a", "/b" } },
	{ { "--ro-bind", "a" }, "--ro-bind: DST is missing" },
	{ { "--ro-bind-try", "a", "/b" } },
	{ { "--ro-bind-try", "a" }, "--ro-bind-try: DST is missing" },
	{ { "--bind-nofollow", "a", "/b" } },
	{ { "--bind-nofollow", "a" }, "--bind-nofollow: DST is missing" },
	{ { "--ro-bind-nofollow", "a", "/b" } },
	{ { "--ro-bind-nofollow", "a" }, "--ro-bind-nofollow: DST is missing" },
	{ { "--bind-foreign", "a", "/b" } },
	{ { "--bind-foreign", "+a", "/b" }, "the source can't lie in the new root" },
	{ { "--ro-bind-foreign", "a", "/b" } },
	{ { "--ro-bind-foreign", "+a", "/b" }, "the source can't lie in the new root" },
	{ { "--symlink", "../a", "/b" } },
	{ { "--symlink", "a" }, "--symlink: DST is missing" },
	{ { "--write", "", "/b" } },
	{ { "--write", "a" }, "--write: DST is missing" },
	{ { "--overlay-lowerdir", "a", "--overlay-lowerdir", "b", "--overlay", "/o" } },
	{ { "--overlay-lowerdir" }, "--overlay-lowerdir: DIR is missing" },
	{ { "--overlay-lowerdir", "a", "--overlay-upperdir", "tmpfs", "--overlay", "/o" } },
	{ { "--overlay-upperdir" }, "--overlay-upperdir: DIR is missing" },
	{ { "--overlay-lowerdir", "a", "--overlay-upperdir", "u", "--overlay-workdir", "w",
	    "--overlay", "/o" } },
	{ { "--overlay-workdir" }, "--overlay-workdir: DIR is missing" },
	{ { "--overlay", "/o" }, "--overlay /o: --overlay-lowerdir must come before it" },
	{ { "--setenv", "A", "B" } },
	{ { "--setenv", "A" }, "--setenv: VALUE is missing" },
	{ { "--unsetenv", "A" } },
	{ { "--unsetenv", "" } },
	{ { "--unsetenv" }, "--unsetenv: NAME is missing" },
	{ { "--chdir", "relative" } },
	{ { "--chdir" }, "--chdir: DIR is missing" },
	{ { "--same-dir" } },
	{ { "--become-root" } },
	{ { "--map-foreign" } },
	{ { "--map-delegate", "2" } },
	{ { "--map-delegate", "-2" }, "--map-delegate -2: not a number" },
	{ { "--suppress-chown" } },
	{ { "--suppress-sync" } },
	{ { "--unshare-net" } },
	{ { "--unshare-ipc" } },
	{ { "--pack-fds" } },
	{ { "--suspend" } },
	{ { "--debug" } },

	/* words */
	{ { "-x" }, "unknown option -x" },
	{ { "--unshare-pid" }, "unknown option --unshare-pid" },
	{ { "--perms", "0700", "--dir", "/d" }, "unknown option --perms" },
	{ { "--", "--bind" } },
};

/* of warnings, as they go to standard error at once */
static char warnings[512];

static void parse_listening(struct parsed *parsed, const struct dialect *dialect,
			    const char *const *words)
{
	int real = dup(STDERR_FILENO), file = memfd_create("warnings", 0);
	ssize_t length;

	if (real < 0 || file < 0 || dup2(file, STDERR_FILENO) < 0)
		abort();
	parse_words_in(parsed, dialect, words);
	length = pread(file, warnings, sizeof(warnings) - 1, 0);
	if (length < 0 || dup2(real, STDERR_FILENO) < 0)
		abort();
	warnings[length] = '\0';
	close(real);
	close(file);
}

static void test_examples(const struct dialect *dialect, const struct example *examples,
			  size_t count)
{
	for (size_t i = 0; i < count; i++) {
		_cleanup_parsed_ struct parsed parsed;
		unsigned int failed = check_failed;

		parse_listening(&parsed, dialect, examples[i].words);
		if (examples[i].said)
			CHECK_REFUSED(examples[i].said);
		else
			CHECK_TAKEN();
		CHECK_STR(warnings, "");
		if (check_failed == failed)
			continue;
		for (const char *const *word = examples[i].words; *word; word++)
			fprintf(stderr, "\t\"%s\"\n", *word);
	}
}

static bool has_example(const char *option, const struct example *examples, size_t count,
			bool refused)
{
	for (size_t i = 0; i < count; i++) {
		if (refused != (examples[i].said != NULL))
			continue;
		for (const char *const *word = examples[i].words; *word; word++)
			if (strcmp(*word, option) == 0)
				return true;
	}
	return false;
}

/* A new row wants its examples. */
static void test_rows(const struct dialect *dialect, const struct example *examples, size_t count)
{
	for (const struct option *option = dialect->options; option->name; option++) {
		if (option->parse != bwrap_label &&
		    !CHECK(has_example(option->name, examples, count, false)))
			fprintf(stderr, "\t%s\n", option->name);
		if (option->values && option->values[0] != '[' &&
		    !CHECK(has_example(option->name, examples, count, true)))
			fprintf(stderr, "\t%s\n", option->name);
		CHECK(option->help && option->help[0] && strlen(option->help) <= 68);
		CHECK(option->parse && option_value_count(option) <= OPTION_VALUES_MAX);
		CHECK(option->group < GROUP_COUNT);
		for (const struct option *other = option + 1; other->name; other++)
			CHECK(strcmp(other->name, option->name) != 0);
	}
}

static bool is_row(const struct dialect *dialect, const char *name)
{
	for (const struct option *option = dialect->options; option->name; option++)
		if (strcmp(option->name, name) == 0)
			return true;
	return false;
}

static void test_rules_name_rows(const struct dialect *dialect)
{
	for (const struct option_rule *rule = dialect->rules; rule->option; rule++)
		CHECK(is_row(dialect, rule->option) && is_row(dialect, rule->other) && rule->why);
}

#define BWRAP_COUNT (sizeof(bwrap_examples) / sizeof(bwrap_examples[0]))
#define FAKEROOT_COUNT (sizeof(fakeroot_examples) / sizeof(fakeroot_examples[0]))
#define MKOSI_COUNT (sizeof(mkosi_examples) / sizeof(mkosi_examples[0]))

static void test_bwrap_repeats(void)
{
	for (const struct option *option = bwrap_options; option->name; option++) {
		const char *value = option->parse == bwrap_seccomp ? "@FILTER" : "@FD";
		_cleanup_parsed_ struct parsed parsed = { .argc = 0 };
		char warning[128];

		if (option->repeat != REPEAT_WARNS || option->parse == bwrap_label)
			continue;
		parse_listening(&parsed, &dialect_bwrap,
				(const char *const[]){ option->name, value, option->name, value,
						       "true", NULL });
		snprintf(warning, sizeof(warning), "Only the last %s option will take effect",
			 option->name);
		if (!CHECK(strstr(warnings, warning)))
			fprintf(stderr, "\t%s: %s\n", option->name, warnings);
	}
}

int main(void)
{
	test_examples(&dialect_bwrap, bwrap_examples, BWRAP_COUNT);
	test_rows(&dialect_bwrap, bwrap_examples, BWRAP_COUNT);
	test_rules_name_rows(&dialect_bwrap);
	test_bwrap_repeats();
	test_examples(&dialect_fakeroot, fakeroot_examples, FAKEROOT_COUNT);
	test_rows(&dialect_fakeroot, fakeroot_examples, FAKEROOT_COUNT);
	test_examples(&dialect_mkosi_sandbox, mkosi_examples, MKOSI_COUNT);
	test_rows(&dialect_mkosi_sandbox, mkosi_examples, MKOSI_COUNT);
	test_rules_name_rows(&dialect_mkosi_sandbox);
	return check_result();
}
