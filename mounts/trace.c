/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/trace.h"

#include "base/report.h"
#include "base/write.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES (4 * PATH_MAX)

static const struct {
	unsigned int flag;
	const char *word;
} bind_words[] = {
	{ MOUNT_READ_ONLY, "readonly" }, { MOUNT_TRY, "optional" },
	{ MOUNT_FOREIGN, "foreign" },    { MOUNT_INNER, "relative" },
	{ MOUNT_NOFOLLOW, "nofollow" },
};

static void print_bind(const struct mount_entry *entry, FILE *line)
{
	const char *separator = " [";

	fprintf(line, "bind %s -> %s", entry->source, entry->target);
	for (size_t i = 0; i < sizeof(bind_words) / sizeof(*bind_words); i++) {
		if (!(entry->flags & bind_words[i].flag))
			continue;
		fprintf(line, "%s%s", separator, bind_words[i].word);
		separator = ", ";
	}
	if (*separator == ',')
		fputc(']', line);
}

static void print_overlay(const struct mount_entry *entry, FILE *line)
{
	fprintf(line, "overlay at %s (lowers=[", entry->target);
	for (size_t i = entry->lower_count; i-- > 0;) /* the topmost first */
		fprintf(line, "%s%s", entry->lowers[i], i ? ", " : "");
	fprintf(line, "], upper=%s)", entry->upper ? entry->upper : "-");
}

static void print_dev(const struct mount_entry *entry, FILE *line)
{
	char terminal[PATH_MAX];

	fprintf(line, "dev at %s", entry->target);
	if (ttyname_r(STDERR_FILENO, terminal, sizeof(terminal)) == 0)
		fprintf(line, " (tty=%s)", terminal);
}

static void print_entry(const struct mount_entry *entry, FILE *line)
{
	switch (entry->kind) {
	case MOUNT_BIND:
		print_bind(entry, line);
		break;
	case MOUNT_OVERLAY:
		print_overlay(entry, line);
		break;
	case MOUNT_DEV:
		print_dev(entry, line);
		break;
	case MOUNT_DIR:
		fprintf(line, "mkdir %s", entry->target);
		break;
	case MOUNT_FILE:
		fprintf(line, "write %zu bytes to %s", entry->data_size, entry->target);
		break;
	case MOUNT_SYMLINK:
		fprintf(line, "symlink %s -> %s", entry->target, entry->source);
		break;
	default:
		fprintf(line, "%s at %s", mount_kind_name(entry->kind), entry->target);
		break;
	}
}

void trace_entry(const struct mount_entry *entry)
{
	char text[LINE_MAX_BYTES] = "", escaped[LINE_MAX_BYTES] = "+ ";
	FILE *line = fmemopen(text, sizeof(text), "w");
	size_t length;

	if (!line)
		return;
	print_entry(entry, line);
	fclose(line);
	length = 2 + report_escape(escaped + 2, sizeof(escaped) - 3, text);
	escaped[length++] = '\n';
	(void)write_all(STDERR_FILENO, escaped, length);
}
