/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/limits.h"

#include <string.h>

/* octal and hexadecimal digits of the header's fields: tar(5), cpio(5) */
#define OCTAL_6 0777777
#define OCTAL_11 077777777777
#define HEXADECIMAL_8 0xffffffff

static int64_t get_major(struct archive_entry *entry)
{
	return (int64_t)archive_entry_rdevmajor(entry);
}

static int64_t get_minor(struct archive_entry *entry)
{
	return (int64_t)archive_entry_rdevminor(entry);
}

static int64_t get_mtime(struct archive_entry *entry)
{
	return archive_entry_mtime(entry);
}

static const struct {
	const char *format, *what;
	int64_t (*get)(struct archive_entry *entry);
	int64_t most;
} limits[] = {
	{ "ustar", "uid", archive_entry_uid, OCTAL_6 },
	{ "ustar", "gid", archive_entry_gid, OCTAL_6 },
	{ "ustar", "size", archive_entry_size, OCTAL_11 },
	{ "ustar", "time", get_mtime, OCTAL_11 },
	{ "ustar", "major number", get_major, OCTAL_6 },
	{ "ustar", "minor number", get_minor, OCTAL_6 },
	{ "newc", "uid", archive_entry_uid, HEXADECIMAL_8 },
	{ "newc", "gid", archive_entry_gid, HEXADECIMAL_8 },
	{ "newc", "size", archive_entry_size, HEXADECIMAL_8 },
	{ "newc", "time", get_mtime, HEXADECIMAL_8 },
};

bool limits_find(const char *format, struct archive_entry *entry, struct limit *limit)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		int64_t value;

		if (strcmp(limits[i].format, format) != 0)
			continue;
		value = limits[i].get(entry);
		if (value >= 0 && value <= limits[i].most)
			continue;
		*limit = (struct limit){ limits[i].what, value, limits[i].most };
		return true;
	}
	return false;
}
