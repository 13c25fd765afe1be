/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/options-parser.h"

#include "mounts/fstab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct mount_entry *add_entry(struct parser *parser, enum mount_kind kind,
				     const struct option *option, const char *target)
{
	return mount_plan_add(&parser->sandbox->plan, kind, option->name, target, parser->report);
}

static void take_perms(struct parser *parser, struct mount_entry *entry)
{
	if (modifier_take(parser, MODIFIER_PERMS))
		entry->mode = parser->modifiers.perms;
}

static int check_path(struct parser *parser, const struct option *option, const char *path)
{
	if (!path[0])
		return report_refusal(parser->report, "%s: a path is empty", option->name);
	return 0;
}

static void take_bind_flags(struct parser *parser, struct mount_entry *entry)
{
	if (modifier_take(parser, MODIFIER_BIND_FLAGS))
		entry->flags |= parser->modifiers.bind_flags;
}

int option_bind(struct parser *parser, const struct option *option, const char *const *values)
{
	struct mount_entry *entry;
	int r;

	if (!values[0][0] && parser_speaks_bwrap(parser))
		return option->argument & MOUNT_TRY
			       ? 0
			       : report_failure(parser->report, ENOENT, "Can't find source path ");
	r = check_path(parser, option, values[0]);
	if (r < 0)
		return r;
	entry = add_entry(parser, MOUNT_BIND, option, values[1]);
	if (!entry)
		return -EINVAL;
	entry->source = values[0];
	entry->flags |= (unsigned int)option->argument;
	take_bind_flags(parser, entry);
	return 0;
}

int option_bind_fd(struct parser *parser, const struct option *option, const char *const *values)
{
	struct mount_entry *entry;
	int fd, r = parse_fd(parser, option, values[0], &fd);

	if (r < 0)
		return r;
	entry = add_entry(parser, MOUNT_BIND, option, values[1]);
	if (!entry)
		return -EINVAL;
	entry->source = values[0];
	entry->source_fd = fd;
	entry->flags |= (unsigned int)option->argument;
	take_bind_flags(parser, entry);
	return 0;
}

static const struct {
	const char *name;
	unsigned int flag;
} bind_flag_names[] = {
	{ "ro", MOUNT_READ_ONLY },    { "try", MOUNT_TRY },       { "nofollow", MOUNT_NOFOLLOW },
	{ "dev", MOUNT_DEVICES },     { "noexec", MOUNT_NOEXEC }, { "norbind", MOUNT_NORECURSE },
	{ "nosuid", 0 /* always */ },
};

int option_bind_flags(struct parser *parser, const struct option *option, const char *const *values)
{
	const char *word = values[0];
	int r = modifier_set(parser, MODIFIER_BIND_FLAGS, option);

	if (r < 0)
		return r;
	parser->modifiers.bind_flags = 0;
	for (;;) {
		size_t length = strcspn(word, ","), i = 0;

		for (; i < sizeof(bind_flag_names) / sizeof(bind_flag_names[0]); i++)
			if (strlen(bind_flag_names[i].name) == length &&
			    strncmp(bind_flag_names[i].name, word, length) == 0)
				break;
		if (i == sizeof(bind_flag_names) / sizeof(bind_flag_names[0]))
			return report_refusal(parser->report, "%s %s: unknown flag \"%.*s\" (%s)",
					      option->name, values[0], (int)length, word,
					      option->choices);
		parser->modifiers.bind_flags |= bind_flag_names[i].flag;
		if (!word[length])
			break;
		word += length + 1;
	}
	return 0;
}

/* Kinds that need no more than a target; argument: the kind. */
int option_mount(struct parser *parser, const struct option *option, const char *const *values)
{
	enum mount_kind kind = (enum mount_kind)option->argument;
	struct mount_entry *entry = add_entry(parser, kind, option, values[0]);

	if (!entry)
		return -EINVAL;
	if (kind == MOUNT_TMPFS || kind == MOUNT_DIR)
		take_perms(parser, entry);
	if (kind == MOUNT_TMPFS && modifier_take(parser, MODIFIER_SIZE))
		entry->size = parser->modifiers.size;
	if (kind == MOUNT_REMOUNT)
		entry->flags |= MOUNT_READ_ONLY;
	return 0;
}

int option_mask_try(struct parser *parser, const struct option *option, const char *const *values)
{
	struct mount_entry *entry = add_entry(parser, MOUNT_MASK, option, values[0]);

	if (!entry)
		return -EINVAL;
	entry->flags |= MOUNT_TRY;
	return 0;
}

/* argument: the kind, MOUNT_FILE or MOUNT_DATA */
static int add_contents(struct parser *parser, const struct option *option,
			const char *const *values, enum mount_kind kind, unsigned int flags)
{
	struct mount_entry *entry;
	char *data;
	size_t size;
	int r = parse_contents(parser, option, values[0], &data, &size);

	if (r < 0)
		return r;
	entry = add_entry(parser, kind, option, values[1]);
	if (!entry)
		return -EINVAL;
	entry->source = values[0];
	entry->data = data;
	entry->data_size = size;
	entry->flags |= flags;
	take_perms(parser, entry);
	/* what it is by default anyway, but parents follow what is said */
	if (kind == MOUNT_DATA && entry->mode == MODE_UNSET && parser_speaks_bwrap(parser))
		entry->mode = 0600;
	return 0;
}

int option_file(struct parser *parser, const struct option *option, const char *const *values)
{
	return add_contents(parser, option, values, MOUNT_FILE, 0);
}

int option_bind_data(struct parser *parser, const struct option *option, const char *const *values)
{
	return add_contents(parser, option, values, MOUNT_DATA, (unsigned int)option->argument);
}

int option_write(struct parser *parser, const struct option *option, const char *const *values)
{
	struct mount_entry *entry = add_entry(parser, MOUNT_FILE, option, values[1]);

	if (!entry)
		return -EINVAL;
	entry->data = values[0];
	entry->data_size = strlen(values[0]);
	take_perms(parser, entry);
	return 0;
}

int option_symlink(struct parser *parser, const struct option *option, const char *const *values)
{
	struct mount_entry *entry;
	int r = check_path(parser, option, values[0]);

	if (r < 0)
		return r;
	entry = add_entry(parser, MOUNT_SYMLINK, option, values[1]);
	if (!entry)
		return -EINVAL;
	entry->source = values[0];
	return 0;
}

int option_chmod(struct parser *parser, const struct option *option, const char *const *values)
{
	struct mount_entry *entry;
	mode_t mode;
	int r = parse_octal(parser, option, values[0], 07777, &mode);

	if (r < 0)
		return r;
	entry = add_entry(parser, MOUNT_CHMOD, option, values[1]);
	if (!entry)
		return -EINVAL;
	entry->mode = mode;
	return 0;
}

int option_perms(struct parser *parser, const struct option *option, const char *const *values)
{
	int r = modifier_set(parser, MODIFIER_PERMS, option);

	if (r < 0)
		return r;
	return parse_octal(parser, option, values[0], 07777, &parser->modifiers.perms);
}

int option_size(struct parser *parser, const struct option *option, const char *const *values)
{
	int r = modifier_set(parser, MODIFIER_SIZE, option);

	if (r < 0)
		return r;
	r = mount_size_parse(values[0], strlen(values[0]), &parser->modifiers.size);
	if (r < 0)
		return report_refusal(parser->report, "%s %s: not %s", option->name, values[0],
				      MOUNT_SIZE_FORM);
	return 0;
}

int option_plan(struct parser *parser, const struct option *option, const char *const *values)
{
	int r = check_path(parser, option, values[0]);

	/* Standard input has one end: a second reader would find an empty plan. */
	if (r == 0 && strcmp(values[0], "-") == 0)
		r = parser_claim_input(parser, option, values[0]);
	if (r < 0)
		return r;
	return mount_plan_read(&parser->sandbox->plan, values[0], parser->report);
}
