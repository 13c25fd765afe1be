/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A spec: each line that is taken is found by its name, whichever way it is written. */

#include "base/cleanup.h"
#include "pack/spec.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
	if (!holds)
		abort();
}

static void check_path(const struct spec *spec, const char *path)
{
	_cleanup_free_ char *longer = NULL, *same = NULL;
	const struct spec_file *found = spec_find(spec, path);

	need(path[0] && path[strlen(path) - 1] != '/' && path[0] != '/' && !strstr(path, "//"));
	need(found && strcmp(found->path, path) == 0);
	need(asprintf(&longer, "/.//%s/./", path) > 0);
	same = path_of_entry(longer);
	need(same && strcmp(same, path) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_fclose_ FILE *stream = fmemopen((void *)(uintptr_t)data, size, "r");
	struct spec spec = { 0 };
	struct report report = { 0 };

	if (!size)
		return 0;
	need(stream);
	(void)spec_parse(&spec, stream, "--spec", "spec", &report);
	for (size_t i = 0; report.status == 0 && i < spec.count; i++)
		check_path(&spec, spec.files[i].path);
	spec_free(&spec);
	return 0;
}
