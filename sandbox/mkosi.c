/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/mkosi.h"

#include "base/cleanup.h"
#include "sandbox/dialect.h"
#include "sandbox/help.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MKOSI_VERSION "27.1" /* that the dialect follows */

/* A path of the caller made absolute and normal, as text. NULL: reported. */
static char *make_absolute(struct parser *parser, const struct option *option, const char *path)
{
	_cleanup_free_ char *cwd = path[0] == '/' ? NULL : getcwd(NULL, 0);
	char *absolute;

	if (path[0] != '/' && !cwd) {
		report_failure(parser->report, errno, "%s %s: getcwd", option->name, path);
		return NULL;
	}
	if (asprintf(&absolute, "%s/%s", cwd ? cwd : "", path) < 0) {
		report_failure(parser->report, ENOMEM, "%s", option->name);
		return NULL;
	}
	mount_path_normalize(absolute);
	return parser_hold(parser, absolute) < 0 ? NULL : absolute;
}

/* Paths ending in these get the mode that everybody expects of them. */
static bool is_for_everybody(const char *path)
{
	size_t length = strlen(path);

	return length >= 4 && strcmp(path + length - 4, "/tmp") == 0;
}

static struct mount_entry *add_entry(struct parser *parser, enum mount_kind kind,
				     const struct option *option, const char *target)
{
	const char *absolute = make_absolute(parser, option, target);
	struct mount_entry *entry;

	if (!absolute)
		return NULL;
	entry = mount_plan_add(&parser->sandbox->plan, kind, option->name, absolute,
			       parser->report);
	if (!entry)
		return NULL;
	entry->written = target;
	entry->flags |= MOUNT_SUID | MOUNT_DEVICES;
	if (is_for_everybody(entry->target) &&
	    (kind == MOUNT_TMPFS || kind == MOUNT_DIR || kind == MOUNT_OVERLAY))
		entry->mode = 01777;
	return entry;
}

int mkosi_mount(struct parser *parser, const struct option *option, const char *const *values)
{
	return add_entry(parser, (enum mount_kind)option->argument, option, values[0]) ? 0
										       : -EINVAL;
}

int mkosi_bind(struct parser *parser, const struct option *option, const char *const *values)
{
	bool inner = values[0][0] == '+';
	const char *source = make_absolute(parser, option, values[0] + inner);
	struct mount_entry *entry;

	if (!source)
		return -EINVAL;
	entry = add_entry(parser, MOUNT_BIND, option, values[1]);
	if (!entry)
		return -EINVAL;
	entry->source = source;
	entry->flags |= (unsigned int)option->argument | (inner ? MOUNT_INNER : 0);
	if (inner && (entry->flags & MOUNT_FOREIGN))
		return report_refusal(parser->report,
				      "%s %s %s: the source can't lie in the new root",
				      option->name, values[0], values[1]);
	return 0;
}

int mkosi_proc(struct parser *parser, const struct option *option, const char *const *values)
{
	struct mount_entry *entry = add_entry(parser, MOUNT_BIND, option, values[0]);

	if (!entry)
		return -EINVAL;
	entry->source = "/proc";
	return 0;
}

int mkosi_symlink(struct parser *parser, const struct option *option, const char *const *values)
{
	struct mount_entry *entry = add_entry(parser, MOUNT_SYMLINK, option, values[1]);

	if (!entry)
		return -EINVAL;
	entry->source = values[0];
	entry->flags |= MOUNT_COVERS;
	return 0;
}

int mkosi_write(struct parser *parser, const struct option *option, const char *const *values)
{
	struct mount_entry *entry = add_entry(parser, MOUNT_FILE, option, values[1]);
	mode_t mask = umask(0);

	umask(mask);
	if (!entry)
		return -EINVAL;
	entry->data = values[0];
	entry->data_size = strlen(values[0]);
	entry->mode = 0666 & ~mask;
	return 0;
}

static int take_layer(struct parser *parser, const struct option *option, const char *const *values,
		      option_function *take)
{
	const char *path = make_absolute(parser, option, values[0]);

	return path ? take(parser, option, &path) : -EINVAL;
}

int mkosi_overlay_lowerdir(struct parser *parser, const struct option *option,
			   const char *const *values)
{
	return take_layer(parser, option, values, option_overlay_lowerdir);
}

int mkosi_overlay_upperdir(struct parser *parser, const struct option *option,
			   const char *const *values)
{
	if (strcmp(values[0], MOUNT_OVERLAY_TMPFS) == 0)
		return option_overlay_upperdir(parser, option, values);
	return take_layer(parser, option, values, option_overlay_upperdir);
}

int mkosi_overlay_workdir(struct parser *parser, const struct option *option,
			  const char *const *values)
{
	return take_layer(parser, option, values, option_overlay_workdir);
}

int mkosi_overlay(struct parser *parser, const struct option *option, const char *const *values)
{
	const char *target = make_absolute(parser, option, values[0]);
	const char *upper = parser->modifiers.overlay_upper;
	struct mount_entry *entry;
	int r;

	if (!target)
		return -EINVAL;
	/* not used without a folder for changes, and no mistake there either */
	if (!upper || strcmp(upper, MOUNT_OVERLAY_TMPFS) == 0)
		parser->modifiers.overlay_work = NULL;
	r = option_overlay_collected(parser, option, &target);
	if (r < 0)
		return r;
	entry = &parser->sandbox->plan.entries[parser->sandbox->plan.count - 1];
	entry->written = values[0];
	entry->flags |= MOUNT_SUID | MOUNT_DEVICES;
	/* an upper layer may come back with other lower ones */
	entry->options = "index=off,metacopy=off";
	if (is_for_everybody(entry->target))
		entry->mode = 01777;
	return 0;
}

int mkosi_unsetenv(struct parser *parser, const struct option *option, const char *const *values)
{
	/* what can't be a name is not set either */
	if (!values[0][0] || strchr(values[0], '='))
		return 0;
	return option_unsetenv(parser, option, values);
}

int mkosi_chdir(struct parser *parser, const struct option *option, const char *const *values)
{
	const char *path = make_absolute(parser, option, values[0]);

	return path ? option_chdir(parser, option, &path) : -EINVAL;
}

int mkosi_delegate(struct parser *parser, const struct option *option, const char *const *values)
{
	uint64_t number;
	int r = parse_number(parser, option, values[0], INT_MAX, &number);

	if (r == 0)
		parser->sandbox->map_delegate = (unsigned int)number;
	return r;
}

int mkosi_namespace(struct parser *parser, const struct option *option, const char *const *values)
{
	(void)values;
	parser->sandbox->namespaces[OPTION_NAMESPACE(option->argument)].wish =
		OPTION_WISH(option->argument);
	return 0;
}

int mkosi_debug(struct parser *parser, const struct option *option, const char *const *values)
{
	(void)option, (void)values;
	parser->sandbox->plan.manner.trace = true;
	return 0;
}

static void preset(struct sandbox *sandbox)
{
	sandbox_share_all(sandbox);
	sandbox->custom = (struct custom){
		.processes = PROCESSES_IN_PLACE,
		.capabilities = CAPABILITIES_TO_MOUNT,
		.directory = DIRECTORY_ROOT,
		.open = true,
		.keep_privs = true,
		.keep_pwd = true,
		.chown_alone = true,
		.acquire = true,
	};
	sandbox->plan.manner = (struct mount_manner){
		.binds_last = true,
		.receive_mounts = true,
		.lenient_try = true,
		.share_mounts = true,
		.fuse = true,
		.plain_devices = true,
		.plain_root = true,
		.makes_way = true,
		.point_mode = 0644,
		.console_fd = STDERR_FILENO,
	};
}

/* All that is set is set before all that is unset. */
static int order_environment(struct parser *parser)
{
	struct sandbox *sandbox = parser->sandbox;
	size_t count = sandbox->environment_count, used = 0;
	_cleanup_free_ struct environment_change *ordered = calloc(count + 1, sizeof(*ordered));

	if (!ordered)
		return report_failure(parser->report, ENOMEM, "environment");
	for (int unset = 0; unset <= 1; unset++) {
		for (size_t i = 0; i < count; i++) {
			if ((sandbox->environment[i].action == ENVIRONMENT_UNSET) == !!unset)
				ordered[used++] = sandbox->environment[i];
		}
	}
	if (count)
		memcpy(sandbox->environment, ordered, count * sizeof(*ordered));
	return 0;
}

static int finish(struct parser *parser)
{
	static const char *const shell[] = { "bash", NULL };

	if (!parser->sandbox->command)
		parser->sandbox->command = (char *const *)(uintptr_t)shell;
	return order_environment(parser);
}

static void help(const struct dialect *dialect, const char *program, bool all, FILE *file)
{
	(void)program, (void)all;
	fprintf(file,
		"mkosi-sandbox [OPTIONS] [--] [COMMAND ARGS]\n"
		"\n"
		"Run a command in a sandbox of its own. This is nsroot %s in mkosi-sandbox's "
		"dialect.\n"
		"\n",
		NSROOT_VERSION);
	help_print_table(dialect, file);
	fputs("\nManual: nsroot-mkosi-sandbox(1)\n", file);
}

const struct dialect dialect_mkosi_sandbox = {
	.name = "mkosi-sandbox",
	.version = MKOSI_VERSION,
	.options = mkosi_options,
	.rules = mkosi_rules,
	.answers_aside = true,
	.silent_missing = true,
	.preset = preset,
	.finish = finish,
	.help = help,
};
