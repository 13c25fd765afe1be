/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/report.h"
#include "check.h"

#include <fcntl.h>
#include <unistd.h>

static void check_escaped(const char *text, const char *wanted)
{
	char buffer[256];
	size_t length = report_escape(buffer, sizeof(buffer), text);

	CHECK_STR(buffer, wanted);
	CHECK_INT(length, strlen(wanted));
}

static void test_escape(void)
{
	check_escaped("", "");
	check_escaped("plain /a b\\c", "plain /a b\\c");
	check_escaped("\x1b[31m\n\t\r\x7f", "\\x1b[31m\\x0a\\x09\\x0d\\x7f");
	check_escaped("grün € \U0001F642 \u00a0", "grün € \U0001F642 \u00a0");

	/* bytes that are not UTF-8: lone, cut short, overlong, surrogate, past the last one */
	check_escaped("a\xff"
		      "b",
		      "a\\xffb");
	check_escaped("\x80", "\\x80");
	check_escaped("\xe2\x82", "\\xe2\\x82");
	check_escaped("\xe2\x82z", "\\xe2\\x82z");
	check_escaped("\xc0\xaf", "\\xc0\\xaf");
	check_escaped("\xe0\x80\xaf", "\\xe0\\x80\\xaf");
	check_escaped("\xed\xa0\x80", "\\xed\\xa0\\x80");
	check_escaped("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	check_escaped("\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80");

	/* valid UTF-8 that a terminal obeys: C1 controls, bidirectional overrides */
	check_escaped("\xc2\x9b"
		      "31m",
		      "\\xc2\\x9b31m");
	check_escaped("\xc2\x80\xc2\x9f", "\\xc2\\x80\\xc2\\x9f");
	check_escaped("\u202a\u202e", "\\xe2\\x80\\xaa\\xe2\\x80\\xae");
	check_escaped("\u2066\u2069", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9");
	check_escaped("\u2029\u202f\u2065\u206a", "\u2029\u202f\u2065\u206a");
}

static void test_escape_cut(void)
{
	char buffer[8] = "unused";

	CHECK_INT(report_escape(buffer, 0, "abc"), 0);
	CHECK_STR(buffer, "unused");
	CHECK_INT(report_escape(buffer, 1, "abc"), 0);
	CHECK_STR(buffer, "");
	CHECK_INT(report_escape(buffer, 3, "abc"), 2);
	CHECK_STR(buffer, "ab");
	/* neither a character nor an escape is cut through */
	CHECK_INT(report_escape(buffer, 4, "a€"), 1);
	CHECK_INT(report_escape(buffer, 5, "a€"), 4);
	CHECK_INT(report_escape(buffer, 5, "a\n"), 1);
	CHECK_INT(report_escape(buffer, 6, "a\n"), 5);
	CHECK_STR(buffer, "a\\x0a");
}

static void test_first_failure_stays(void)
{
	struct report report = { 0 };

	report_hint(&report, "about nothing");
	CHECK_STR(report.text, "");
	CHECK_INT(report_failure(&report, ENOENT, "--bind a%s /b: open_tree", "\x1b"), -ENOENT);
	CHECK_INT(report.status, EXIT_NSROOT);
	CHECK_STR(report.text, "--bind a\\x1b /b: open_tree: No such file or directory");

	report_hint(&report, "make %s\n", "it");
	CHECK_STR(report.text,
		  "--bind a\\x1b /b: open_tree: No such file or directory (make it\\x0a)");
	report_hint(&report, "another");
	CHECK_INT(report_failure(&report, EPERM, "later"), -EPERM);
	CHECK_INT(report_refusal(&report, "later"), -EINVAL);
	CHECK_STR(report.text,
		  "--bind a\\x1b /b: open_tree: No such file or directory (make it\\x0a)");
}

/* The hint of a failure that was dropped says nothing about the first one. */
static void test_hint_of_dropped_failure(void)
{
	struct report report = { 0 };

	CHECK_INT(report_refusal(&report, "first (one)"), -EINVAL);
	report_failure(&report, EPERM, "second");
	report_hint(&report, "about the second");
	CHECK_STR(report.text, "first (one)");
	CHECK_INT(report.status, EXIT_NSROOT);
}

static void test_unknown_error(void)
{
	struct report report = { 0 };

	report_failure(&report, 4000, "call");
	CHECK_STR(report.text, "call: error 4000");
}

/* However long the name is, what happened and what helps are still there. */
static void test_long_text(void)
{
	const char *reason = ": Permission denied (ask root)";
	struct report report = { 0 };
	char path[8192];
	size_t length;

	memset(path, '\n', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	report_failure(&report, EACCES, "%s", path);
	report_hint(&report, "ask root");
	length = strlen(report.text);
	CHECK(length < sizeof(report.text));
	CHECK_STR(report.text + length - strlen(reason), reason);

	report_hint(&report, "%s", path);
	report = (struct report){ 0 };
	report_refusal(&report, "short");
	report_hint(&report, "%s", path);
	length = strlen(report.text);
	CHECK(length < sizeof(report.text));
	CHECK_INT(report.text[length - 1], ')');
}

/* Standard error into a pipe, for the functions that write. */
static void test_output(void)
{
	struct report report = { 0 };
	int fds[2], saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	char text[2][8192] = { 0 };

	if (!CHECK(saved >= 0 && pipe2(fds, O_CLOEXEC) == 0 && dup2(fds[1], STDERR_FILENO) >= 0))
		return;
	report_note(&report, "silent");
	report.verbose = true;
	report_note(&report, "note %d\x1b", 1);
	report_warning(&report, "beware of %s", "it");
	CHECK(read(fds[0], text[0], sizeof(text[0]) - 1) > 0);
	report_refusal(&report, "wrong: %s", "\n");
	report_print(&report);
	CHECK(read(fds[0], text[1], sizeof(text[1]) - 1) > 0);
	dup2(saved, STDERR_FILENO);
	close(saved);

	CHECK_STR(text[0], "nsroot: note 1\\x1b\nnsroot: warning: beware of it\n");
	CHECK_STR(text[1], "nsroot: wrong: \\x0a\n");
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	test_escape();
	test_escape_cut();
	test_first_failure_stays();
	test_hint_of_dropped_failure();
	test_unknown_error();
	test_long_text();
	test_output();
	return check_result();
}
