/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/explain.h"

#include "base/cleanup.h"
#include "base/json.h"
#include "idmap/idmap.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define TARGET_WIDTH 32 /* of the first column, the indent included */

/* One row for each flag that is worth a word. */
static const struct {
	unsigned int flag;
	const char *text;
	const char *key;
} flag_names[] = {
	{ MOUNT_READ_ONLY, "read-only", "read_only" },
	{ MOUNT_DEVICES, "with devices", "devices" },
	{ MOUNT_NOEXEC, "noexec", "noexec" },
	{ MOUNT_TRY, "if it exists", "try" },
	{ MOUNT_NOFOLLOW, "a symlink itself", "nofollow" },
	{ MOUNT_NORECURSE, "without submounts", NULL },
	{ MOUNT_LATE, "of the new namespaces", NULL },
};

#define FLAG_COUNT (sizeof(flag_names) / sizeof(flag_names[0]))

/* Returns the columns used, counting characters. */
static size_t put(FILE *out, const char *text)
{
	size_t size = strlen(text) * 4 + 1, width = 0;
	_cleanup_free_ char *escaped = malloc(size);

	if (!escaped)
		return 0;
	report_escape(escaped, size, text);
	fputs(escaped, out);
	for (const char *at = escaped; *at; at++)
		width += ((unsigned char)*at & 0xc0) != 0x80;
	return width;
}

/* The details in brackets, with commas between them. */
__attribute__((format(printf, 3, 4))) static void put_detail(FILE *out, bool *open,
							     const char *format, ...)
{
	va_list args;

	fputs(*open ? ", " : " (", out);
	*open = true;
	va_start(args, format);
	vfprintf(out, format, args);
	va_end(args);
}

static void put_details(const struct mount_entry *entry, FILE *out)
{
	bool open = false;

	for (size_t i = 0; i < FLAG_COUNT; i++)
		if (entry->flags & flag_names[i].flag)
			put_detail(out, &open, "%s", flag_names[i].text);
	if (entry->mode != MODE_UNSET)
		put_detail(out, &open, "mode %04o", (unsigned int)entry->mode);
	if (entry->size > 0)
		put_detail(out, &open, "%" PRIu64 " bytes", entry->size);
	if (entry->uid != ID_UNSET)
		put_detail(out, &open, "uid %u", (unsigned int)entry->uid);
	if (entry->gid != ID_UNSET)
		put_detail(out, &open, "gid %u", (unsigned int)entry->gid);
	if (entry->kind == MOUNT_FILE || entry->kind == MOUNT_DATA)
		put_detail(out, &open, "%zu bytes", entry->data_size);
	if (entry->options) {
		put_detail(out, &open, "%s", "");
		put(out, entry->options);
	}
	/* of a plan file, which has many lines; an option is found by its words */
	if (strncmp(entry->option, "--", 2) != 0) {
		put_detail(out, &open, "%s", "");
		put(out, entry->option);
	}
	if (open)
		putc(')', out);
}

static void put_layer(const char *role, const char *path, int indent, FILE *out)
{
	if (!path)
		return;
	fprintf(out, "\n%*s%-6s", indent, "", role);
	put(out, path);
}

static void put_entry(const struct mount_entry *entry, int indent, FILE *out)
{
	size_t width;

	fprintf(out, "%*s", indent, "");
	width = (size_t)indent + put(out, entry->target);
	fprintf(out, "%*s%s%s", width < TARGET_WIDTH ? (int)(TARGET_WIDTH - width) : 1, "",
		entry->flags & MOUNT_DROPPED ? "dropped: " : "", mount_kind_name(entry->kind));
	if (entry->source_fd >= 0)
		fprintf(out, " of fd %d", entry->source_fd);
	else if (entry->source)
		fputs(entry->kind == MOUNT_SYMLINK ? " to " : " ", out);
	if (entry->source_fd < 0 && entry->source)
		put(out, entry->source);
	put_details(entry, out);
	if (entry->why)
		fprintf(out, ": %s", entry->why);
	put_layer("upper", entry->upper, indent + 4, out);
	put_layer("work", entry->work, indent + 4, out);
	for (size_t i = entry->lower_count; i-- > 0;)
		put_layer("lower", entry->lowers[i], indent + 4, out);
	putc('\n', out);
}

void mount_plan_explain(const struct mount_plan *plan, FILE *out)
{
	/* The targets around the current one; without memory for them the tree is flat. */
	_cleanup_free_ const char **around = reallocarray(NULL, plan->count + 1, sizeof(*around));
	size_t depth = 0;

	for (size_t i = 0; i < plan->count; i++) {
		const struct mount_entry *entry = &plan->entries[i];

		while (depth > 0 && (!mount_path_is_below(entry->target, around[depth - 1]) ||
				     strcmp(entry->target, around[depth - 1]) == 0))
			depth--;
		put_entry(entry, 2 + 2 * (int)depth, out);
		if (around && !(entry->flags & MOUNT_DROPPED))
			around[depth++] = entry->target;
	}
}

static void write_layers(const struct mount_entry *entry, struct json *json)
{
	json_open(json, "lowers", '[');
	for (size_t i = 0; i < entry->lower_count; i++)
		json_string(json, NULL, entry->lowers[i]);
	json_close(json, ']');
	if (entry->upper)
		json_string(json, "upper", entry->upper);
	if (entry->work)
		json_string(json, "work", entry->work);
	if (entry->options)
		json_string(json, "options", entry->options);
}

static void write_entry(const struct mount_entry *entry, struct json *json)
{
	json_open(json, NULL, '{');
	json_string(json, "kind", mount_kind_name(entry->kind));
	json_string(json, "target", entry->target);
	json_string(json, "option", entry->option);
	json_bool(json, "default", entry->flags & MOUNT_DEFAULT);
	json_string(json, "dropped", entry->why);
	json_bool(json, "late", entry->flags & MOUNT_LATE);
	if (entry->source)
		json_string(json, "source", entry->source);
	if (entry->source_fd >= 0)
		json_number(json, "source_fd", (uint64_t)entry->source_fd);
	for (size_t i = 0; i < FLAG_COUNT; i++)
		if (flag_names[i].key && entry->flags & flag_names[i].flag)
			json_bool(json, flag_names[i].key, true);
	if (entry->kind == MOUNT_BIND)
		json_bool(json, "recursive", !(entry->flags & MOUNT_NORECURSE));
	if (entry->mode != MODE_UNSET) {
		char mode[16];

		snprintf(mode, sizeof(mode), "%04o", (unsigned int)entry->mode);
		json_string(json, "mode", mode);
	}
	if (entry->size > 0)
		json_number(json, "size", entry->size);
	if (entry->uid != ID_UNSET)
		json_number(json, "uid", entry->uid);
	if (entry->gid != ID_UNSET)
		json_number(json, "gid", entry->gid);
	if (entry->kind == MOUNT_OVERLAY)
		write_layers(entry, json);
	if (entry->kind == MOUNT_FILE || entry->kind == MOUNT_DATA)
		json_number(json, "data_size", entry->data_size);
	json_close(json, '}');
}

void mount_plan_explain_json(const struct mount_plan *plan, FILE *out)
{
	struct json json = { .out = out };

	json_open(&json, NULL, '[');
	for (size_t i = 0; i < plan->count; i++)
		write_entry(&plan->entries[i], &json);
	json_close(&json, ']');
}
