/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

/* The text of dlerror(3) names the library itself, with glibc as with musl. */
static int refuse(const char *soname, const char *package, struct report *report)
{
	const char *error = dlerror();
	int r = report_refusal(report, "%s", error ? error : soname);

	report_hint(report, "install the package %s", package);
	return r;
}

int library_load(const char *soname, const char *package, const struct library_symbol *symbols,
		 size_t count, void *functions, struct report *report)
{
	void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return refuse(soname, package, report);

	for (size_t i = 0; i < count; i++) {
		void *address = dlsym(library, symbols[i].name);

		if (!address)
			return refuse(soname, package, report);
		/* ISO C has no cast from void * to a function pointer; POSIX lets them be copied */
		memcpy((char *)functions + symbols[i].offset, &address, sizeof(address));
	}
	return 0;
}
