/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every row of the table of options: words that are taken and words that are refused. */
#include "tests/unit/options.h"

#include "sandbox/options-parser.h"

struct example {
	const char *words[8];
	const char *refusal; /* part of the sentence; NULL: taken */
};

static const struct example examples[] = {
	/* filesystem */
	{ { "--bind", "src", "/dest" } },
	{ { "--bind", "-src", "/--" } },
	{ { "--bind", "src", "dest" }, "--bind" },
	{ { "--bind", "", "/dest" }, "--bind: a path is empty" },
	{ { "--bind", "src", "" }, "must be absolute (DEST is \"\")" },
	{ { "--bind", "src", "--", "make" }, "(--bind SRC DEST: is a value missing before --?)" },
	{ { "--bind", "src" }, "--bind: DEST is missing (--bind SRC DEST)" },
	{ { "--bind" }, "--bind: SRC is missing (--bind SRC DEST)" },
	{ { "--bind=src", "/dest" }, "--bind: its 2 values are words of their own" },
	{ { "--bind-try", "src", "/dest" } },
	{ { "--bind-try", "src", "dest" }, "--bind-try" },
	{ { "--ro-bind", "src", "/dest" } },
	{ { "--ro-bind", "src", "dest" }, "--ro-bind" },
	{ { "--ro-bind-try", "src", "/dest" } },
	{ { "--ro-bind-try", "src", "dest" }, "--ro-bind-try" },
	{ { "--dev-bind", "src", "/dest" } },
	{ { "--dev-bind", "src", "dest" }, "--dev-bind" },
	{ { "--dev-bind-try", "src", "/dest" } },
	{ { "--dev-bind-try", "src", "dest" }, "--dev-bind-try" },
	{ { "--bind-nofollow", "src", "/dest" } },
	{ { "--bind-nofollow", "src", "dest" }, "--bind-nofollow" },
	{ { "--ro-bind-nofollow", "src", "/dest" } },
	{ { "--ro-bind-nofollow", "src", "dest" }, "--ro-bind-nofollow" },
	{ { "--bind-fd", "@FD", "/dest" } },
	{ { "--bind-fd", "999", "/dest" }, "--bind-fd 999: Bad file descriptor" },
	{ { "--bind-fd", "+1", "/dest" }, "--bind-fd +1: not a number" },
	{ { "--ro-bind-fd", "@FD", "/dest" } },
	{ { "--ro-bind-fd", "@FD", "dest" }, "--ro-bind-fd" },
	{ { "--bind-flags", "ro,noexec", "--bind", "a", "/b" } },
	{ { "--bind-flags", "ro,noexe", "--bind", "a", "/b" }, "\"noexe\"" },
	{ { "--bind-flags", "ro,", "--bind", "a", "/b" }, "unknown flag \"\"" },
	{ { "--bind-flags", "ro", "--bind-flags", "try" }, "--bind-flags is given twice" },
	{ { "--bind-flags", "ro", "--tmpfs", "/b" }, "--bind-flags: no option follows" },
	{ { "--tmpfs", "/dest" } },
	{ { "--tmpfs=/dest" } },
	{ { "--tmpfs=" }, "--tmpfs" },
	{ { "--tmpfs", "dest" }, "--tmpfs" },
	{ { "--proc", "/dest" } },
	{ { "--proc", "dest" }, "--proc" },
	{ { "--sysfs", "/dest" } },
	{ { "--sysfs", "dest" }, "--sysfs" },
	{ { "--dev", "/dest" } },
	{ { "--dev", "dest" }, "--dev" },
	{ { "--mqueue", "/dest" } },
	{ { "--mqueue", "dest" }, "--mqueue" },
	{ { "--dir", "/dest" } },
	{ { "--dir", "dest" }, "--dir" },
	{ { "--file", "@FD", "/dest" } },
	{ { "--file", "@FD", "dest" }, "--file" },
	{ { "--file", "7x", "/dest" }, "--file 7x: not a number" },
	{ { "--write", "", "/dest" } },
	{ { "--write", "data", "dest" }, "--write" },
	{ { "--bind-data", "@FD", "/dest" } },
	{ { "--bind-data", "@FD", "dest" }, "--bind-data" },
	{ { "--ro-bind-data", "@FD", "/dest" } },
	{ { "--ro-bind-data", "@FD", "dest" }, "--ro-bind-data" },
	{ { "--symlink", "../x", "/dest" } },
	{ { "--symlink", "", "/dest" }, "--symlink: a path is empty" },
	{ { "--overlay-src", "a", "--tmp-overlay", "/dest" } },
	{ { "--overlay-src", "" }, "--overlay-src: a path is empty" },
	{ { "--overlay-src", "a" }, "--overlay-src: no option follows that takes it" },
	{ { "--overlay-src", "a", "--overlay", "u", "w", "/dest" } },
	{ { "--overlay-src", "a", "--overlay", "/dest" }, "--overlay: WORK is missing" },
	{ { "--overlay-src", "a", "--overlay", "u", "/dest", "--" },
	  "or --overlay-lowerdir DIR... --overlay DEST)" },
	{ { "--overlay=/dest" }, "--overlay=/dest: one value is taken after --overlay-lowerdir" },
	{ { "--overlay", "u", "w", "/dest" }, "--overlay-src must come before it" },
	{ { "--overlay-lowerdir", "a", "--overlay-lowerdir", "b", "--overlay", "/dest" } },
	{ { "--overlay-lowerdir", "a", "--overlay-upperdir", "tmpfs", "--overlay=/dest" } },
	{ { "--overlay-lowerdir", "a", "--overlay", "/dest" }, "one lower layer alone" },
	{ { "--overlay-lowerdir", "a", "--overlay-src", "b", "--overlay", "/d" }, "does not mix" },
	{ { "--overlay-lowerdir", "a", "--overlay-src", "b", "--tmp-overlay", "/d" }, "goes with" },
	{ { "--overlay-lowerdir", "" }, "--overlay-lowerdir: a path is empty" },
	{ { "--overlay-upperdir", "" }, "--overlay-upperdir: a path is empty" },
	{ { "--overlay-upperdir", "u", "--overlay", "/dest" }, "--overlay-lowerdir must come" },
	{ { "--overlay-workdir", "" }, "--overlay-workdir: a path is empty" },
	{ { "--overlay-upperdir", "u" }, "--overlay-upperdir: no option follows" },
	{ { "--tmp-overlay", "/dest" }, "one --overlay-src must come before it" },
	{ { "--overlay-src", "a", "--overlay-src", "b", "--ro-overlay", "/dest" } },
	{ { "--overlay-src", "a", "--ro-overlay", "/dest" }, "two --overlay-src must come" },
	{ { "--remount-ro", "/dest" } },
	{ { "--remount-ro", "dest" }, "--remount-ro" },
	{ { "--chmod", "0700", "/dest" } },
	{ { "--chmod", "0800", "/dest" }, "--chmod 0800: not an octal number up to 7777" },
	{ { "--mask", "/dest" } },
	{ { "--mask", "dest" }, "--mask" },
	{ { "--mask-try", "/dest" } },
	{ { "--mask-try", "dest" }, "--mask-try" },
	{ { "--perms", "7777", "--dir", "/dest" } },
	{ { "--perms", "10000", "--dir", "/dest" }, "--perms 10000: not an octal number" },
	{ { "--perms", "", "--dir", "/dest" }, "not an octal number" },
	{ { "--perms", "700", "--bind", "a", "/b" }, "--perms: no option follows" },
	{ { "--perms", "700", "--", "true" }, "--perms: no option follows" },
	{ { "--perms", "700", "--perms", "600" }, "--perms is given twice" },
	{ { "--size", "16M", "--tmpfs", "/dest" } },
	{ { "--size", "0", "--tmpfs", "/dest" }, "--size 0: not a number of bytes" },
	{ { "--size", "16m", "--tmpfs", "/dest" } },
	{ { "--size", "50%", "--tmpfs", "/dest" } },
	{ { "--size", "0%", "--tmpfs", "/dest" }, "--size 0%: not a number of bytes" },
	{ { "--size", "5x", "--tmpfs", "/dest" }, "--size 5x: not a number of bytes" },
	{ { "--size", "1KK", "--tmpfs", "/dest" }, "--size 1KK" },
	{ { "--size", "9999999T", "--tmpfs", "/dest" }, "--size 9999999T" },
	{ { "--size", "1", "--dir", "/dest" }, "--size: no option follows" },
	{ { "--plan", "@FILE" } },
	{ { "--plan", "" }, "--plan: a path is empty" },
	{ { "--args", "0", "--plan", "-" },
	  "--plan -: fd 0 is used by --args already (fd 0 is standard" },
	{ { "--no-default-mounts" } },
	{ { "--no-default-mounts=yes" }, "--no-default-mounts: takes no value" },

	/* namespaces */
	{ { "--unshare-user" } },
	{ { "--unshare-pid" } },
	{ { "--unshare-ipc" } },
	{ { "--unshare-uts" } },
	{ { "--unshare-net" } },
	{ { "--unshare-cgroup" } },
	{ { "--unshare-time" } },
	{ { "--unshare-mount" } },
	{ { "--unshare-user-try" } },
	{ { "--unshare-cgroup-try" } },
	{ { "--unshare-all" } },
	{ { "--share-user" } },
	{ { "--share-pid" } },
	{ { "--share-ipc" } },
	{ { "--share-uts" } },
	{ { "--share-net" } },
	{ { "--share-cgroup" } },
	{ { "--share-time" } },
	{ { "--verbose", "--dialect", "bwrap" }, "--dialect: it is the first option" },
	{ { "--share-mount" }, "--share-mount: a sandbox has a mount namespace of its own" },
	{ { "--userns", "@FD" } },
	{ { "--userns", "x" }, "--userns x: not a number" },
	{ { "--pidns", "@FD" } },
	{ { "--pidns", "" }, "--pidns : not a number" },
	{ { "--netns", "@FD" } },
	{ { "--netns", "99999999999" }, "--netns 99999999999: not a number" },
	{ { "--hostname", "name" } },
	{ { "--hostname", "" }, "a host name has 1 to 64 bytes" },
	{ { "--hostname", "12345678901234567890123456789012345678901234567890123456789012345" },
	  "a host name has 1 to 64 bytes" },
	{ { "--unshare-net", "--loopback-address", "10.0.0.1/8" } },
	{ { "--unshare-all", "--loopback-address=fd::1/128" } },
	{ { "--unshare-net", "--loopback-address", "10.0.0.1/33" }, "not an address" },
	{ { "--unshare-net", "--loopback-address", "10.0.0.1" }, "not an address" },
	{ { "--unshare-net", "--loopback-address", "10.0.1/8" }, "not an address" },
	{ { "--unshare-net", "--loopback-address", "fd::1/129" }, "not an address" },
	{ { "--unshare-net", "--loopback-address", "/8" }, "not an address" },
	{ { "--loopback-address", "10.0.0.1/8" }, "--loopback-address needs --unshare-net" },
	{ { "--disable-userns" } },
	{ { "--no-userns" } },
	{ { "--no-lock" } },

	/* identity */
	{ { "--map", "subid" } },
	{ { "--map", "Root" }, "--map Root: unknown map (root caller subid identity)" },
	{ { "--map-uid", "0:1000:1", "--map-gid", "0:1000:1" } },
	{ { "--map-uid", "0:1000", "--map-gid", "0:1000:1" }, "--map-uid" },
	{ { "--map-uid", "0:1000:1", "--map-gid", "0:1000:-1" }, "--map-gid" },
	{ { "--uid", "4294967294" } },
	{ { "--uid", "4294967295" }, "--uid 4294967295: not a number from 0 to 4294967294" },
	{ { "--uid", "-1" }, "--uid -1: not a number" },
	{ { "--gid", "0" } },
	{ { "--gid", " 0" }, "--gid  0: not a number" },
	{ { "--become-root" } },

	/* the command */
	{ { "--chdir", "/" } },
	{ { "--chdir", "" }, "--chdir: the path is empty" },
	{ { "--same-dir" } },
	{ { "--setenv", "A", "" } },
	{ { "--setenv", "A=B", "C" }, "--setenv \"A=B\"" },
	{ { "--unsetenv", "A" } },
	{ { "--unsetenv", "" }, "--unsetenv \"\"" },
	{ { "--clearenv" } },
	{ { "--argv0", "-bash" } },
	{ { "--argv0" }, "--argv0: VALUE is missing" },
	{ { "--rlimit", "nofile=1024:infinity" } },
	{ { "--rlimit=core=0" } },
	{ { "--rlimit", "files=1" }, "--rlimit files=1: unknown limit (as core" },
	{ { "--rlimit", "nofile" }, "not NAME=SOFT" },
	{ { "--rlimit", "nofile=2:1" }, "the soft limit is above the hard one" },
	{ { "--rlimit", "nofile=infinity:1" }, "the soft limit is above the hard one" },
	{ { "--rlimit", "nofile=1:2:3" }, "not NAME=SOFT" },
	{ { "--rlimit", "nofile=18446744073709551615" }, "not NAME=SOFT" },
	{ { "--nice", "-20" } },
	{ { "--nice", "20" }, "--nice 20: not a number from -20 to 19" },
	{ { "--nice", "--1" }, "--nice --1" },
	{ { "--umask", "077" } },
	{ { "--umask", "1000" }, "--umask 1000: not an octal number up to 777" },

	/* processes */
	{ { "--as-pid-1" } },
	{ { "--new-session" } },
	{ { "--foreground" } },
	{ { "--die-with-parent" } },
	{ { "--raise-signal" } },
	{ { "--timeout", "0.5" } },
	{ { "--timeout", "0.000" }, "--timeout 0.000: not a number of seconds above 0" },
	{ { "--timeout", "1." }, "--timeout 1." },
	{ { "--timeout", "1e3" }, "--timeout 1e3" },
	{ { "--lock-file", "/etc/passwd" } },
	{ { "--lock-file", "passwd" }, "--lock-file passwd: wants an absolute path" },

	/* descriptors */
	{ { "--keep-fd", "@FD" } },
	{ { "--keep-fd", "all" } },
	{ { "--keep-fd", "ALL" }, "--keep-fd ALL: not a number from 0 to 2147483647, nor all" },
	{ { "--pack-fds" } },
	{ { "--sync-fd", "@FD" } },
	{ { "--sync-fd", "998" }, "--sync-fd 998: Bad file descriptor" },
	{ { "--block-fd", "@FD" } },
	{ { "--block-fd", "998" }, "--block-fd 998: Bad file descriptor" },
	{ { "--info-fd", "@FD", "--userns-block-fd", "@FD" } },
	{ { "--userns-block-fd", "998" }, "--userns-block-fd 998: Bad file descriptor" },
	{ { "--info-fd", "998" }, "--info-fd 998: Bad file descriptor" },
	{ { "--json-status-fd", "@FD" } },
	{ { "--json-status-fd", "0x1" }, "--json-status-fd 0x1: not a number" },

	/* privileges */
	{ { "--cap-add", "CAP_NET_ADMIN" } },
	{ { "--cap-add", "CAP_NO_SUCH" }, "--cap-add" },
	{ { "--cap-drop", "ALL" } },
	{ { "--cap-drop", "," }, "--cap-drop" },
	{ { "--ambient", "CAP_CHOWN" } },
	{ { "--ambient", "CHOWNS" }, "--ambient" },
	{ { "--seccomp", "@FILTER" } },
	{ { "--seccomp", "@FD" }, "--seccomp" },
	{ { "--add-seccomp-fd", "@FILTER" } },
	{ { "--add-seccomp-fd", "@FD" }, "--add-seccomp-fd" },
	{ { "--seccomp-deny", "ptrace,mount:ENOSYS" } },
	{ { "--seccomp-deny", "no_such_call" }, "no_such_call" },
	{ { "--seccomp-allow-only", "@CALLS" } },
	{ { "--seccomp-allow-only", "/nonexistent" }, "/nonexistent" },
	{ { "--suppress-chown" } },
	{ { "--no-suppress-chown" } },
	{ { "--remember", "file" } },
	{ { "--remember", "file", "--remember-or-fail" } },
	{ { "--remember", "" }, "--remember: the path is empty" },
	{ { "--remember", "file", "--show-owners", "trap" } },
	{ { "--remember", "file", "--show-owners", "yes" }, "--show-owners yes: unknown (" },
	{ { "--suppress-sync" } },
	{ { "--allow-io-uring" } },
	{ { "--allow-keyring" } },

	/* general */
	{ { "--args", "@ARGS" } },
	{ { "--args", "998" }, "--args 998: Bad file descriptor" },
	{ { "--args-file", "@FILE" } },
	{ { "--args-file", "/nonexistent" }, "--args-file /nonexistent: No such file" },
	{ { "--explain" } },
	{ { "--explain=text" } },
	{ { "--explain=json" } },
	{ { "--explain=xml" }, "--explain=xml: unknown form (text json)" },
	{ { "--verbose" } },
	{ { "--help" } },
	{ { "--help", "--nothing" } },
	{ { "--help=none" }, "--help none: there is no help on that" },
	{ { "--help", "none" }, "--help none: there is no help on that" },
	{ { "--version" } },
	{ { "--version=1" }, "--version: takes no value" },

	/* together */
	{ { "--as-pid-1", "--lock-file", "/x" }, "--as-pid-1 and --lock-file exclude each other" },
	{ { "--share-pid", "--as-pid-1" }, "--as-pid-1 and --share-pid exclude each other" },
	{ { "--userns", "@FD", "--unshare-user" }, "--userns and --unshare-user exclude" },
	{ { "--map", "root", "--userns", "@FD" }, "--userns and --map exclude" },
	{ { "--userns", "@FD", "--become-root" } },
	{ { "--pidns", "@FD", "--unshare-pid" }, "--pidns and --unshare-pid exclude" },
	{ { "--hostname", "x", "--share-uts" }, "--hostname and --share-uts exclude" },
	{ { "--new-session", "--foreground" }, "--new-session and --foreground exclude" },
	{ { "--userns-block-fd", "@FD" }, "--userns-block-fd needs --info-fd" },
	{ { "--remember-or-fail" }, "--remember-or-fail needs --remember" },
	{ { "--show-owners", "trap" }, "--show-owners needs --remember" },
	{ { "--map-uid", "0:0:1" }, "--map-uid needs --map-gid" },
	{ { "--map", "root", "--map-uid", "0:0:1", "--map-gid", "0:0:1" }, "--map and --map-uid" },
	{ { "--no-userns", "--share-user" }, "--no-userns and --share-user exclude" },
	{ { "--become-root", "--uid", "0" }, "--become-root and --uid exclude" },
	{ { "--unshare-net", "--share-net", "--loopback-address", "::1/128" },
	  "needs --unshare-net" },
};

#define EXAMPLES (sizeof(examples) / sizeof(examples[0]))

static void test_examples(void)
{
	for (size_t i = 0; i < EXAMPLES; i++) {
		_cleanup_parsed_ struct parsed parsed;
		unsigned int failed = check_failed;

		parse_words(&parsed, examples[i].words);
		if (examples[i].refusal)
			CHECK_REFUSED(examples[i].refusal);
		else
			CHECK_TAKEN();
		if (check_failed == failed)
			continue;
		for (const char *const *word = examples[i].words; *word; word++)
			fprintf(stderr, "\t\"%s\"\n", *word);
	}
}

static bool has_example(const struct option *option, bool refused)
{
	size_t length = strlen(option->name);

	for (size_t i = 0; i < EXAMPLES; i++) {
		if (refused != (examples[i].refusal != NULL))
			continue;
		for (const char *const *word = examples[i].words; *word; word++)
			if (strncmp(*word, option->name, length) == 0 &&
			    (!(*word)[length] || (*word)[length] == '='))
				return true;
	}
	return false;
}

/* A new row wants its examples. */
static void test_every_row_has_examples(void)
{
	for (const struct option *option = option_table; option->name; option++) {
		if (option->parse && strcmp(option->name, "--share-mount") != 0 &&
		    option->parse != option_dialect &&
		    strcmp(option->name, "--overlay-workdir") != 0 &&
		    !CHECK(has_example(option, false)))
			fprintf(stderr, "\t%s\n", option->name);
		if (option->values && !CHECK(has_example(option, true)))
			fprintf(stderr, "\t%s\n", option->name);
	}
}

static void test_rows_are_sound(void)
{
	for (const struct option *option = option_table; option->name; option++) {
		CHECK(strncmp(option->name, "--", 2) == 0);
		CHECK(option->help && option->help[0] && strlen(option->help) <= 68);
		CHECK(option->parse != NULL);
		CHECK(option_value_count(option) <= OPTION_VALUES_MAX);
		CHECK(option->group < GROUP_COUNT && option_group_title(option->group));
		for (size_t i = 0; i < OPTION_VALUES_MAX; i++)
			if (option->completions[i] == COMPLETE_CHOICES)
				CHECK(option->choices != NULL);
		for (const struct option *other = option + 1; other->name; other++)
			if (strcmp(other->name, option->name) == 0)
				CHECK(option->applies != NULL);
	}
}

/* Each word that a shell offers is one that the option takes. */
static void test_choices_are_taken(void)
{
	for (const struct option *option = option_table; option->name; option++) {
		bool refused = option->parse == option_dialect; /* not by dialect_choose */
		_cleanup_free_ char *choices =
			strdup(option->choices && !refused ? option->choices : "");
		char *rest = choices;

		for (char *choice; (choice = strsep(&rest, " ")) && choice[0];) {
			char word[200];

			snprintf(word, sizeof(word), "%s=%s%s", option->name, choice,
				 strstr(option->values, "[:HARD]") ? "=1" : "");
			PARSE(word, "--overlay-lowerdir", "l", "--overlay-lowerdir", "m",
			      "--overlay", "/o", "--bind", "a", "/b", "--remember", "F");
			CHECK_TAKEN();
		}
	}
}

static bool is_row(const char *name)
{
	for (const struct option *option = option_table; option->name; option++)
		if (strcmp(option->name, name) == 0)
			return true;
	return false;
}

static void test_rules_name_rows(void)
{
	for (const struct option_rule *rule = option_rules; rule->option; rule++)
		CHECK(is_row(rule->option) && is_row(rule->other) && rule->why);
}

/* --as-pid-1 and --new-session, --map and --map-uid: each pair, in either order. */
static void test_rules_hold(void)
{
	for (const struct option_rule *rule = option_rules; rule->option; rule++) {
		const char *names[] = { rule->option, rule->other };
		const char *words[4 * OPTION_VALUES_MAX + 2] = { NULL };
		char choices[2][32] = { "", "" };
		size_t count = 0;

		for (size_t i = 0; i < (rule->kind == RULE_NEEDS ? 1 : 2); i++) {
			const struct option *option = option_table;

			while (strcmp(option->name, names[i]) != 0)
				option++;
			words[count++] = names[i];
			if (!option->values)
				continue;
			if (option->choices)
				sscanf(option->choices, "%31s", choices[i]);
			words[count++] = option->completions[0] == COMPLETE_DESCRIPTOR ? "@FD"
					 : option->completions[0] == COMPLETE_CHOICES  ? choices[i]
					 : strchr(option->values, ':')                 ? "0:0:1"
					 : option->completions[0] == COMPLETE_PATH     ? "/x"
										       : "1";
		}
		_cleanup_parsed_ struct parsed parsed;
		parse_words(&parsed, words);
		/* another rule may speak first */
		CHECK_REFUSED(rule->option);
		CHECK(strstr(parsed.report.text, " exclude each other: ") ||
		      strstr(parsed.report.text, " needs "));
	}
}

int main(void)
{
	test_examples();
	test_every_row_has_examples();
	test_rows_are_sound();
	test_choices_are_taken();
	test_rules_name_rows();
	test_rules_hold();
	return check_result();
}
