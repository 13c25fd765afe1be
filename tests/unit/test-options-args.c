/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Words: the command, options from elsewhere, slips of the finger. */
#include "tests/unit/options.h"

/* The decimal number of an fd that gives the bytes of a literal, its final NUL not among them. */
#define FD_OF(literal) number(fd_with((literal), sizeof(literal) - 1))

static const char *number(int fd)
{
	static char texts[8][16];
	static unsigned int next;
	char *text = texts[next++ % 8];

	snprintf(text, sizeof(texts[0]), "%d", fd);
	return text;
}

static void test_command(void)
{
	{
		PARSE("--same-dir", "make", "--verbose", "--", "x");
		CHECK_TAKEN();
		CHECK_STR(parsed.sandbox.command[0], "make");
		CHECK_STR(parsed.sandbox.command[1], "--verbose");
		CHECK_STR(parsed.sandbox.command[2], "--");
		CHECK(parsed.sandbox.command[4] == NULL && !parsed.sandbox.verbose);
	}
	{
		PARSE("--", "--verbose");
		CHECK_TAKEN();
		CHECK_STR(parsed.sandbox.command[0], "--verbose");
	}
	{
		PARSE("--verbose", "--");
		CHECK_TAKEN();
		CHECK(parsed.sandbox.command == NULL);
	}
	{
		PARSE("--verbose", "");
		CHECK_REFUSED("the command is an empty word");
	}
}

static void test_unknown(void)
{
	static const struct {
		const char *typed, *sentence;
	} slips[] = {
		{ "--robind", "unknown option --robind (did you mean --ro-bind?)" },
		{ "--ro-bnid", "did you mean --ro-bind?" },
		{ "-bind", "unknown option -bind (did you mean --bind?)" },
		{ "--unshare-nett", "did you mean --unshare-net?" },
		{ "--tmpfz=/x", "unknown option --tmpfz (did you mean --tmpfs?)" },
		{ "--hlep", "did you mean --help?" },
		{ "--Bind", "did you mean --bind?" },
		{ "-x", "unknown option -x (nsroot --help all lists" },
		{ "-", "unknown option - (nsroot" },
		{ "--frob", "unknown option --frob (nsroot" },
		{ "--frobnicate", "unknown option --frobnicate (nsroot" },
		{ "--=", "unknown option -- (nsroot" },
	};

	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		PARSE(slips[i].typed, "a", "/b");
		CHECK_REFUSED(slips[i].sentence);
	}
}

static void test_requests_end_the_parse(void)
{
	{
		PARSE("--help", "--nonsense");
		CHECK_TAKEN();
		CHECK_INT(parsed.sandbox.request, REQUEST_HELP);
	}
	{
		PARSE("--help", "all");
		CHECK_TAKEN();
		CHECK_INT(parsed.sandbox.request, REQUEST_HELP_ALL);
	}
	{
		PARSE("--help=all");
		CHECK_INT(parsed.sandbox.request, REQUEST_HELP_ALL);
	}
	{
		PARSE("--perms", "700", "--version", "--nonsense");
		CHECK_TAKEN();
		CHECK_INT(parsed.sandbox.request, REQUEST_VERSION);
	}
}

static void test_args_are_spliced(void)
{
	PARSE("--perms", "700", "--args", FD_OF("--setenv\0A\0\0--dir\0/d\0"), "--uid", "5",
	      "--args",
	      FD_OF("--uid\0"
		    "6"),
	      "true");
	CHECK_TAKEN();
	CHECK_STR(parsed.sandbox.environment[0].value, "");
	CHECK_INT(parsed.sandbox.plan.entries[0].mode, 0700);
	CHECK_INT(parsed.sandbox.uid, 6);
	CHECK_STR(parsed.sandbox.command[0], "true");
}

static void test_args_can_be_empty(void)
{
	PARSE("--args", FD_OF(""), "true");
	CHECK_TAKEN();
}

static void test_args_command(void)
{
	{
		PARSE("--args", FD_OF("--verbose\0--\0-make\0-k\0"), "--same-dir");
		CHECK_TAKEN();
		CHECK_STR(parsed.sandbox.command[0], "-make");
		CHECK_STR(parsed.sandbox.command[1], "-k");
		CHECK(parsed.sandbox.command[2] == NULL && parsed.sandbox.same_dir);
	}
	{
		PARSE("--args", FD_OF("garbage"), "make");
		CHECK_REFUSED("the command line gives a command (make), and so does --args ");
	}
	{
		PARSE("--args", FD_OF("a"), "--args", FD_OF("b"));
		CHECK_REFUSED("gives a command (b), and so does --args ");
	}
	{
		PARSE("--args", FD_OF("\0"));
		CHECK_REFUSED("the command is an empty word");
	}
}

static void test_args_refusals(void)
{
	{
		PARSE("--args", FD_OF("--bind\0a"), "/b");
		CHECK_REFUSED("--bind: DEST is missing");
	}
	{
		PARSE("--args", FD_OF("--bnid\0a\0/b"));
		CHECK_REFUSED(": unknown option --bnid (did you mean --bind?)");
	}
	{
		const char *fd = FD_OF("--verbose");

		PARSE("--args", fd, "--args", fd);
		CHECK_REFUSED("is used by --args already");
	}
	{
		const char *fd = FD_OF("data");

		PARSE("--sync-fd", fd, "--file", fd, "/x");
		CHECK_REFUSED("is used by --sync-fd already");
	}
}

/* Each source names the next; the last names `end`. */
static int nest(int depth, const char *end)
{
	char words[32];
	int length;

	if (depth == 0)
		return fd_with(end, strlen(end));
	length = snprintf(words, sizeof(words), "--args%c%d", 0, nest(depth - 1, end));
	return fd_with(words, (size_t)length);
}

static void test_args_nest(void)
{
	{
		PARSE("--args", number(nest(15, "--verbose")));
		CHECK_TAKEN();
		CHECK(parsed.sandbox.verbose);
	}
	{
		PARSE("--args", number(nest(16, "--verbose")));
		CHECK_REFUSED("nested more than 16 deep");
	}
}

static const char *file_with(const char *data, size_t size)
{
	static char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd_with(data, size));
	return path;
}

#define FILE_OF(literal) file_with((literal), sizeof(literal) - 1)

static void test_args_file(void)
{
	{
		PARSE("--args-file", FILE_OF("# words\n\n--bind\n a b\n/b\n--chdir\n/x"));
		CHECK_TAKEN();
		CHECK_STR(parsed.sandbox.plan.entries[0].source, " a b");
		CHECK_STR(parsed.sandbox.chdir, "/x");
	}
	{
		PARSE("--args-file", FILE_OF("# words\n\n--bind a /b\n"));
		CHECK_REFUSED(":3: unknown option --bind a /b (a line holds one word)");
	}
	{
		PARSE("--args-file", FILE_OF("--setenv\0A\0#\n\0"));
		CHECK_TAKEN();
		CHECK_STR(parsed.sandbox.environment[0].value, "#\n");
	}
}

/* A slip that makes it quadratic costs minutes here, so that the test runs out of time. */
static void test_many(void)
{
	enum { BINDS = 200000 };
	char *words = NULL;
	size_t size;
	FILE *file = open_memstream(&words, &size);

	for (size_t i = 0; i < BINDS; i++)
		fprintf(file, "--ro-bind-try%c/source/%zu%c/dest/%zu%c", 0, i, 0, i, 0);
	fclose(file);
	PARSE("--args", number(fd_with(words, size)));
	CHECK_TAKEN();
	CHECK_INT(parsed.sandbox.plan.count, BINDS);
	free(words);
}

int main(void)
{
	test_command();
	test_unknown();
	test_requests_end_the_parse();
	test_args_are_spliced();
	test_args_can_be_empty();
	test_args_command();
	test_args_refusals();
	test_args_nest();
	test_args_file();
	test_many();
	return check_result();
}
