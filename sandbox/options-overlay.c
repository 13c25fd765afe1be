/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/options-parser.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Layers are collected and the overlay option that follows takes them. There are two families:
 * --overlay-src with bubblewrap's three overlay options, and --overlay-lowerdir, -upperdir and
 * -workdir with mkosi-sandbox's `--overlay DEST`.
 */

bool overlay_takes_three(const struct parser *parser)
{
	return !parser->modifiers.pending[MODIFIER_OVERLAY_LAYERS];
}

static int check_layer(struct parser *parser, const struct option *option, const char *path)
{
	if (!path[0])
		return report_refusal(parser->report, "%s: a path is empty", option->name);
	return 0;
}

int option_overlay_source(struct parser *parser, const struct option *option,
			  const char *const *values)
{
	int r = check_layer(parser, option, values[0]);

	if (r < 0)
		return r;
	parser->modifiers.pending[MODIFIER_OVERLAY_SOURCES] = option->name;
	return parser_append_string(parser, &parser->modifiers.overlay_sources, values[0]);
}

int option_overlay_lowerdir(struct parser *parser, const struct option *option,
			    const char *const *values)
{
	int r = check_layer(parser, option, values[0]);

	if (r < 0)
		return r;
	parser->modifiers.pending[MODIFIER_OVERLAY_LAYERS] = option->name;
	return parser_append_string(parser, &parser->modifiers.overlay_lowers, values[0]);
}

int option_overlay_upperdir(struct parser *parser, const struct option *option,
			    const char *const *values)
{
	parser->modifiers.pending[MODIFIER_OVERLAY_LAYERS] = option->name;
	parser->modifiers.overlay_upper = values[0];
	return check_layer(parser, option, values[0]);
}

int option_overlay_workdir(struct parser *parser, const struct option *option,
			   const char *const *values)
{
	parser->modifiers.pending[MODIFIER_OVERLAY_LAYERS] = option->name;
	parser->modifiers.overlay_work = values[0];
	return check_layer(parser, option, values[0]);
}

/* Add an overlay that takes the layers which were collected. */
static int add_overlay(struct parser *parser, const struct option *option, const char *target,
		       enum modifier modifier, const char *upper, const char *work)
{
	struct string_list *lowers = modifier == MODIFIER_OVERLAY_SOURCES
					     ? &parser->modifiers.overlay_sources
					     : &parser->modifiers.overlay_lowers;
	struct mount_entry *entry = mount_plan_add(&parser->sandbox->plan, MOUNT_OVERLAY,
						   option->name, target, parser->report);
	const char **strings = lowers->strings;
	size_t count = lowers->count;
	int r;

	if (!entry)
		return -EINVAL;
	*lowers = (struct string_list){ 0 };
	modifier_take(parser, modifier);
	r = parser_hold(parser, strings);
	if (r < 0)
		return r;
	entry->lowers = strings;
	entry->lower_count = count;
	entry->upper = upper;
	entry->work = work;
	if (!upper)
		entry->flags |= MOUNT_READ_ONLY;
	return 0;
}

static int check_sources(struct parser *parser, const struct option *option, size_t least)
{
	if (parser->modifiers.pending[MODIFIER_OVERLAY_LAYERS])
		return report_refusal(parser->report, "%s: %s goes with --overlay DEST",
				      option->name,
				      parser->modifiers.pending[MODIFIER_OVERLAY_LAYERS]);
	if (parser->modifiers.overlay_sources.count < least && parser_speaks_bwrap(parser))
		return report_refusal(parser->report, "%s requires at least %s --overlay-src",
				      option->name, least == 1 ? "one" : "two");
	if (parser->modifiers.overlay_sources.count < least)
		return report_refusal(parser->report, "%s: %s --overlay-src must come before it",
				      option->name, least == 1 ? "one" : "two");
	return 0;
}

/* argument: true for a tmpfs as upper layer, false for none */
int option_overlay(struct parser *parser, const struct option *option, const char *const *values)
{
	/* overlayfs without an upper layer wants two lower ones */
	int r = check_sources(parser, option, option->argument ? 1 : 2);

	if (r < 0)
		return r;
	return add_overlay(parser, option, values[0], MODIFIER_OVERLAY_SOURCES,
			   option->argument ? MOUNT_OVERLAY_TMPFS : NULL, NULL);
}

int option_overlay_writable(struct parser *parser, const struct option *option,
			    const char *const *values)
{
	const char *upper = values[0];
	int r = check_sources(parser, option, 1);

	if (r == 0)
		r = check_layer(parser, option, values[0]);
	if (r == 0)
		r = check_layer(parser, option, values[1]);
	if (r < 0)
		return r;
	/* a folder of that name, not the word that asks for a tmpfs */
	if (strcmp(upper, MOUNT_OVERLAY_TMPFS) == 0)
		upper = "./" MOUNT_OVERLAY_TMPFS;
	return add_overlay(parser, option, values[2], MODIFIER_OVERLAY_SOURCES, upper, values[1]);
}

int option_overlay_collected(struct parser *parser, const struct option *option,
			     const char *const *values)
{
	struct modifiers *modifiers = &parser->modifiers;
	const char *upper = modifiers->overlay_upper, *work = modifiers->overlay_work;
	bool tmpfs = upper && strcmp(upper, MOUNT_OVERLAY_TMPFS) == 0;

	if (modifiers->pending[MODIFIER_OVERLAY_SOURCES])
		return report_refusal(parser->report, "%s: %s does not mix with %s", option->name,
				      modifiers->pending[MODIFIER_OVERLAY_SOURCES],
				      modifiers->pending[MODIFIER_OVERLAY_LAYERS]);
	if (modifiers->overlay_lowers.count == 0)
		return report_refusal(parser->report,
				      "%s %s: --overlay-lowerdir must come before it", option->name,
				      values[0]);
	if (!upper && modifiers->overlay_lowers.count < 2)
		return report_refusal(parser->report,
				      "%s %s: one lower layer alone is no overlay "
				      "(--overlay-upperdir is missing, or use --ro-bind)",
				      option->name, values[0]);
	if (upper && !tmpfs && !work)
		return report_refusal(parser->report,
				      "%s %s: --overlay-workdir must come before it", option->name,
				      values[0]);
	if (work && (!upper || tmpfs))
		return report_refusal(
			parser->report,
			"%s %s: --overlay-workdir needs a folder as --overlay-upperdir",
			option->name, values[0]);
	modifiers->overlay_upper = NULL;
	modifiers->overlay_work = NULL;
	return add_overlay(parser, option, values[0], MODIFIER_OVERLAY_LAYERS,
			   tmpfs ? MOUNT_OVERLAY_TMPFS : upper, work);
}
