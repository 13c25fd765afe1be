/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/library.h"

#include "tests/unit/check.h"

#include <seccomp.h>

struct functions {
	LIBRARY_FUNCTION(seccomp_version);
	LIBRARY_FUNCTION(seccomp_init);
};

static const struct library_symbol symbols[] = {
	LIBRARY_SYMBOL(struct functions, seccomp_version),
	LIBRARY_SYMBOL(struct functions, seccomp_init),
};

static int load(const char *soname, struct functions *functions, struct report *report)
{
	*report = (struct report){ 0 };
	return library_load(soname, "the-package", symbols, LIBRARY_COUNT(symbols), functions,
			    report);
}

int main(void)
{
	struct functions functions = { 0 };
	struct report report;

	if (CHECK_INT(load("libseccomp.so.2", &functions, &report), 0)) {
		CHECK_INT(functions.seccomp_version()->major, 2);
		CHECK(functions.seccomp_init != NULL);
	}
	CHECK_STR(report.text, "");

	CHECK_INT(load("libnonesuch.so.9", &functions, &report), -EINVAL);
	CHECK(strstr(report.text, "libnonesuch.so.9"));
	CHECK(strstr(report.text, "(install the package the-package)"));

	/* a library that is there but lacks the symbols */
	CHECK_INT(load("libc.so.6", &functions, &report), -EINVAL);
	CHECK(strstr(report.text, "seccomp_version"));
	CHECK_INT(report.status, EXIT_NSROOT);
	return check_result();
}
