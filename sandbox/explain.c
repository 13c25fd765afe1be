/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/explain.h"

#include "base/cleanup.h"
#include "base/json.h"
#include "mounts/explain.h"
#include "sandbox/capabilities.h"
#include "seccomp/filters.h"

#include <inttypes.h>
#include <string.h>

static const struct {
	unsigned int part;
	const char *name;
	const char *text;
} filter_names[] = {
	{ FILTER_TERMINAL, "terminal", "no input into the terminal (TIOCSTI, TIOCLINUX)" },
	{ FILTER_IO_URING, "io_uring", "no io_uring" },
	{ FILTER_KEYRING, "keyring", "no kernel keyrings" },
	{ FILTER_CHOWN, "chown", "changes of owner succeed and are not done" },
	{ FILTER_IDS, "ids", "changes of the process's ids succeed and are not done" },
	{ FILTER_SYNC, "sync", "sync succeeds and is not done" },
};

static const struct {
	const char *name;
	const char *text;
} wishes[] = {
	[NAMESPACE_UNSHARE] = { "unshare", "new" },
	[NAMESPACE_TRY] = { "try", "new if possible" },
	[NAMESPACE_JOIN] = { "join", "joined" },
	[NAMESPACE_SHARE] = { "share", "shared" },
};

static const char *const actions[] = {
	[ENVIRONMENT_SET] = "set",
	[ENVIRONMENT_UNSET] = "unset",
	[ENVIRONMENT_CLEAR] = "clear",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Escaped for a terminal. */
static void put(FILE *out, const char *text)
{
	size_t size = strlen(text) * 4 + 1;
	_cleanup_free_ char *escaped = malloc(size);

	if (!escaped)
		return;
	report_escape(escaped, size, text);
	fputs(escaped, out);
}

static enum namespace_wish find_wish(const struct sandbox *sandbox, const struct identity *identity,
				     int kind)
{
	if (kind == NAMESPACE_CGROUP && identity->share_cgroup)
		return NAMESPACE_SHARE;
	return sandbox->namespaces[kind].wish;
}

static void print_namespaces(const struct sandbox *sandbox, const struct identity *identity,
			     FILE *out)
{
	static const enum namespace_wish order[] = { NAMESPACE_UNSHARE, NAMESPACE_TRY,
						     NAMESPACE_JOIN, NAMESPACE_SHARE };

	fputs("namespaces\n", out);
	for (size_t i = 0; i < COUNT(order); i++) {
		bool any = false;

		for (int kind = 0; kind < NAMESPACE_COUNT; kind++) {
			if (find_wish(sandbox, identity, kind) != order[i])
				continue;
			if (!any)
				fprintf(out, "  %s:", wishes[order[i]].text);
			any = true;
			fprintf(out, " %s", namespace_kinds[kind].name);
		}
		if (any)
			putc('\n', out);
	}
	if (identity->two_levels)
		fputs("  the mounts are locked: root inside can't change them\n", out);
	if (sandbox->disable_userns)
		fputs("  no further user namespaces inside\n", out);
	if (sandbox->hostname) {
		fputs("  host name ", out);
		put(out, sandbox->hostname);
		putc('\n', out);
	}
}

static void print_map(const char *name, const struct idmap *map, uint32_t id, FILE *out)
{
	for (size_t i = 0; i < map->count; i++)
		fprintf(out, "  %s %" PRIu32 " is %" PRIu32 " outside, %" PRIu32 " of them\n", name,
			map->ranges[i].inner, map->ranges[i].outer, map->ranges[i].count);
	if (id != ID_UNSET)
		fprintf(out, "  the command has %s %" PRIu32 "\n", name, id);
}

static void print_capabilities(const char *what, uint64_t mask, FILE *out)
{
	char text[CAPABILITY_TEXT_MAX];

	if (mask == capability_all())
		fprintf(out, "  %s: all\n", what);
	else if (capability_text(mask, text, sizeof(text)) >= 0)
		fprintf(out, "  %s: %s\n", what, text);
}

static void print_remembering(const struct sandbox *sandbox, FILE *out)
{
	if (!sandbox_remembers(sandbox))
		return;
	fputs("  owners, devices and attributes are remembered", out);
	if (sandbox->remember) {
		fputs(" in ", out);
		put(out, sandbox->remember);
	}
	fputs(sandbox->show_owners ? ", and shown\n" : ", not shown\n", out);
}

static void print_filters(const struct sandbox *sandbox, unsigned int parts, FILE *out)
{
	fputs("system calls\n", out);
	if (parts == 0 && sandbox->filter_count == 0 && !sandbox_remembers(sandbox))
		fputs("  not filtered\n", out);
	print_remembering(sandbox, out);
	for (size_t i = 0; i < COUNT(filter_names); i++)
		if (parts & filter_names[i].part)
			fprintf(out, "  %s\n", filter_names[i].text);
	if (sandbox->filter_count > 0)
		fprintf(out, "  filters of the user: %zu\n", sandbox->filter_count);
}

static void print_environment(const struct sandbox *sandbox, FILE *out)
{
	if (sandbox->environment_count > 0)
		fputs("environment\n", out);
	for (size_t i = 0; i < sandbox->environment_count; i++) {
		const struct environment_change *change = &sandbox->environment[i];

		fprintf(out, "  %s", actions[change->action]);
		if (change->name) {
			putc(' ', out);
			put(out, change->name);
		}
		if (change->value) {
			putc('=', out);
			put(out, change->value);
		}
		putc('\n', out);
	}
}

static void print_command(const struct sandbox *sandbox, FILE *out)
{
	fputs("command\n", out);
	if (sandbox->chdir) {
		fputs("  in ", out);
		put(out, sandbox->chdir);
		putc('\n', out);
	}
	if (!sandbox->command) {
		fputs("  the user's shell\n", out);
		return;
	}
	/* one word a line: no quotes to get wrong */
	for (size_t i = 0; sandbox->command[i]; i++) {
		fputs("  ", out);
		put(out, sandbox->command[i]);
		putc('\n', out);
	}
}

static void write_map(const char *key, const struct idmap *map, struct json *json)
{
	json_open(json, key, '[');
	for (size_t i = 0; i < map->count; i++) {
		json_open(json, NULL, '{');
		json_number(json, "inner", map->ranges[i].inner);
		json_number(json, "outer", map->ranges[i].outer);
		json_number(json, "count", map->ranges[i].count);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void write_id(const char *key, uint32_t id, struct json *json)
{
	if (id == ID_UNSET)
		json_string(json, key, NULL);
	else
		json_number(json, key, id);
}

static void write_capabilities(const char *key, uint64_t mask, struct json *json)
{
	char name[CAPABILITY_TEXT_MAX];

	json_open(json, key, '[');
	for (int number = 0; number < 64; number++)
		if (mask & 1ULL << number &&
		    capability_text(1ULL << number, name, sizeof(name)) >= 0)
			json_string(json, NULL, name);
	json_close(json, ']');
}

static void write_namespaces(const struct sandbox *sandbox, const struct identity *identity,
			     struct json *json)
{
	json_open(json, "namespaces", '{');
	for (int kind = 0; kind < NAMESPACE_COUNT; kind++)
		json_string(json, namespace_kinds[kind].name,
			    wishes[find_wish(sandbox, identity, kind)].name);
	json_close(json, '}');
	json_bool(json, "locked", identity->two_levels);
}

static void write_filters(const struct sandbox *sandbox, unsigned int parts, struct json *json)
{
	json_open(json, "filters", '[');
	for (size_t i = 0; i < COUNT(filter_names); i++)
		if (parts & filter_names[i].part)
			json_string(json, NULL, filter_names[i].name);
	json_close(json, ']');
	json_number(json, "user_filters", sandbox->filter_count);
	json_string(json, "remember", sandbox->remember);
	json_bool(json, "show_owners", sandbox->show_owners);
}

static void write_environment(const struct sandbox *sandbox, struct json *json)
{
	json_open(json, "environment", '[');
	for (size_t i = 0; i < sandbox->environment_count; i++) {
		const struct environment_change *change = &sandbox->environment[i];

		json_open(json, NULL, '{');
		json_string(json, "action", actions[change->action]);
		if (change->name)
			json_string(json, "name", change->name);
		if (change->value)
			json_string(json, "value", change->value);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void write_command(const struct sandbox *sandbox, struct json *json)
{
	json_string(json, "chdir", sandbox->chdir);
	if (!sandbox->command) {
		json_string(json, "command", NULL);
		return;
	}
	json_open(json, "command", '[');
	for (size_t i = 0; sandbox->command[i]; i++)
		json_string(json, NULL, sandbox->command[i]);
	json_close(json, ']');
}

void sandbox_explain(const struct sandbox *sandbox, const struct identity *identity, uint64_t caps,
		     uint64_t ambient, unsigned int filter_parts, FILE *out)
{
	struct json json = { .out = out };

	if (sandbox->explain != EXPLAIN_JSON) {
		fputs("mounts\n", out);
		mount_plan_explain(&sandbox->plan, out);
		print_namespaces(sandbox, identity, out);
		fputs("ids\n", out);
		print_map("uid", &identity->uid_map, identity->uid, out);
		print_map("gid", &identity->gid_map, identity->gid, out);
		fputs("capabilities\n", out);
		print_capabilities("given", caps, out);
		print_capabilities("ambient", ambient, out);
		print_filters(sandbox, filter_parts, out);
		print_environment(sandbox, out);
		print_command(sandbox, out);
		return;
	}
	json_open(&json, NULL, '{');
	json_key(&json, "plan");
	mount_plan_explain_json(&sandbox->plan, out);
	write_namespaces(sandbox, identity, &json);
	write_map("uid_map", &identity->uid_map, &json);
	write_map("gid_map", &identity->gid_map, &json);
	write_id("uid", identity->uid, &json);
	write_id("gid", identity->gid, &json);
	json_open(&json, "capabilities", '{');
	write_capabilities("given", caps, &json);
	write_capabilities("ambient", ambient, &json);
	json_close(&json, '}');
	write_filters(sandbox, filter_parts, &json);
	write_environment(sandbox, &json);
	write_command(sandbox, &json);
	json_close(&json, '}');
	putc('\n', out);
}
