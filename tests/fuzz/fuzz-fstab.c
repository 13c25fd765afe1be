/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A plan file from its bytes to what --explain prints. */

#include "base/cleanup.h"
#include "mounts/explain.h"
#include "mounts/fstab.h"

#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
	if (!holds)
		abort();
}

static void check_entry(const struct mount_entry *entry)
{
	char *copy = strdup(entry->target), description[MOUNT_DESCRIPTION_MAX];

	need(copy && copy[0] == '/');
	mount_path_normalize(copy);
	need(strcmp(copy, entry->target) == 0);
	free(copy);
	need(strstr(mount_entry_describe(entry, description), mount_kind_name(entry->kind)));
	need(!entry->source || entry->kind == MOUNT_SYMLINK || entry->source[0] == '/');
	for (size_t i = 0; i < entry->lower_count; i++)
		need(entry->lowers[i][0] == '/');
	/* nothing but words that the table knows gets through to the kernel */
	need(!entry->options ||
	     entry->options[strspn(entry->options, "abcdefghijklmnopqrstuvwxyz_=,")] == '\0');
}

/* No byte that a terminal would obey. */
static void check_printed(void (*explain)(const struct mount_plan *, FILE *),
			  const struct mount_plan *plan)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	need(out);
	explain(plan, out);
	fclose(out);
	for (size_t i = 0; i < size; i++)
		need(((unsigned char)text[i] >= 0x20 && text[i] != 0x7f) || text[i] == '\n');
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_close_ int fd = memfd_create("plan", MFD_CLOEXEC);
	struct mount_plan plan = { 0 };
	struct report report = { 0 };
	char path[32];

	need(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (mount_plan_read(&plan, path, &report) < 0) {
		need(report.status && report.text[0]);
	} else {
		need(!report.status);
		for (size_t i = 0; i < plan.count; i++)
			check_entry(&plan.entries[i]);
		need(mount_plan_order(&plan, &report) == 0);
		check_printed(mount_plan_explain, &plan);
		check_printed(mount_plan_explain_json, &plan);
	}
	mount_plan_free(&plan);
	return 0;
}
