/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The fourth field of a plan file: the one table of its options. */

#include "base/nearest.h"
#include "idmap/idmap.h"
#include "mounts/fstab-line.h"
#include "mounts/fstab.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define KIND(kind) (1U << MOUNT_##kind)
#define TREES (KIND(BIND) | KIND(OVERLAY) | KIND(TMPFS) | KIND(PROC) | KIND(SYSFS) | KIND(MQUEUE))
#define MOUNTS (TREES | KIND(DEV) | KIND(MASK))
#define ALL ((1U << MOUNT_KIND_COUNT) - 1)

struct value {
	const char *text;
	size_t length;
};

struct fstab_option {
	const char *name;
	unsigned int kinds; /* for which it means something */
	unsigned int set;   /* MOUNT_* */
	unsigned int clear;
	int (*parse)(struct fstab_line *line, const struct fstab_option *option,
		     struct value value);
	const char *values; /* those of an overlay's own option: "on off"; NULL: it has none */
};

typedef int option_parser(struct fstab_line *line, const struct fstab_option *option,
			  struct value value);
static option_parser parse_mode, parse_size, parse_id, parse_lowerdir, parse_layer, pass_on;

static const struct fstab_option options[] = {
	{ "defaults", ALL, 0, 0, NULL, NULL },
	{ "ro", TREES, MOUNT_READ_ONLY, 0, NULL, NULL },
	{ "rw", TREES, 0, MOUNT_READ_ONLY, NULL, NULL },
	{ "nosuid", MOUNTS, 0, 0, NULL, NULL }, /* always so */
	{ "nodev", MOUNTS, 0, MOUNT_DEVICES, NULL, NULL },
	{ "dev", KIND(BIND), MOUNT_DEVICES, 0, NULL, NULL },
	{ "noexec", TREES, MOUNT_NOEXEC, 0, NULL, NULL },
	{ "exec", TREES, 0, MOUNT_NOEXEC, NULL, NULL },
	{ "nofail", KIND(BIND) | KIND(FILE) | KIND(MASK), MOUNT_TRY, 0, NULL, NULL },
	{ "nofollow", KIND(BIND), MOUNT_NOFOLLOW, 0, NULL, NULL },
	{ "bind", KIND(BIND), MOUNT_NORECURSE, 0, NULL, NULL },
	{ "norbind", KIND(BIND), MOUNT_NORECURSE, 0, NULL, NULL },
	{ "rbind", KIND(BIND), 0, MOUNT_NORECURSE, NULL, NULL },
	{ "mode", KIND(TMPFS) | KIND(DIR) | KIND(FILE), 0, 0, parse_mode, NULL },
	{ "size", KIND(TMPFS), 0, 0, parse_size, NULL },
	{ "uid", KIND(TMPFS), 0, 0, parse_id, NULL },
	{ "gid", KIND(TMPFS), 0, 0, parse_id, NULL },
	{ "lowerdir", KIND(OVERLAY), 0, 0, parse_lowerdir, NULL },
	{ "upperdir", KIND(OVERLAY), 0, 0, parse_layer, NULL },
	{ "workdir", KIND(OVERLAY), 0, 0, parse_layer, NULL },
	{ "index", KIND(OVERLAY), 0, 0, pass_on, "on off" },
	{ "metacopy", KIND(OVERLAY), 0, 0, pass_on, "on off" },
	{ "nfs_export", KIND(OVERLAY), 0, 0, pass_on, "on off" },
	{ "redirect_dir", KIND(OVERLAY), 0, 0, pass_on, "on off follow nofollow" },
	{ "userxattr", KIND(OVERLAY), 0, 0, pass_on, NULL },
	{ "uuid", KIND(OVERLAY), 0, 0, pass_on, "on off auto null" },
	{ "verity", KIND(OVERLAY), 0, 0, pass_on, "on off require" },
	{ "volatile", KIND(OVERLAY), 0, 0, pass_on, NULL },
	{ "xino", KIND(OVERLAY), 0, 0, pass_on, "on off auto" },
};

#define OPTION_COUNT (sizeof(options) / sizeof(options[0]))

static bool takes_value(const struct fstab_option *option)
{
	return option->parse && (option->parse != pass_on || option->values);
}

/* Digits of a base only, up to `max`; the rest of the value stays. */
static bool parse_digits(struct value *value, unsigned int base, uint64_t max, uint64_t *number)
{
	size_t length = value->length;

	*number = 0;
	while (value->length > 0) {
		unsigned int digit = (unsigned int)value->text[0] - '0';

		if (digit >= base)
			break;
		if (*number > (max - digit) / base)
			return false;
		*number = *number * base + digit;
		value->text++;
		value->length--;
	}
	return value->length < length;
}

static int refuse_value(const struct fstab_line *line, const struct fstab_option *option,
			struct value value, const char *wanted)
{
	return fstab_refuse(line, "%s=%.*s: not %s", option->name, (int)value.length, value.text,
			    wanted);
}

static int parse_mode(struct fstab_line *line, const struct fstab_option *option,
		      struct value value)
{
	struct value rest = value;
	uint64_t mode;

	if (!parse_digits(&rest, 8, 07777, &mode) || rest.length > 0)
		return refuse_value(line, option, value, "an octal mode");
	line->entry->mode = (mode_t)mode;
	return 0;
}

int mount_size_parse(const char *text, size_t length, uint64_t *size)
{
	static const char suffixes[] = "kmgtKMGT";
	struct value rest = { text, length };
	uint64_t number, unit = 1;

	if (!parse_digits(&rest, 10, INT64_MAX, &number))
		return -EINVAL;
	if (rest.length == 1 && rest.text[0] == '%') {
		unit = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 100;
		rest.length = 0;
	} else if (rest.length == 1 && strchr(suffixes, rest.text[0])) {
		unit = 1ULL << ((strchr(suffixes, rest.text[0]) - suffixes) % 4 + 1) * 10;
		rest.length = 0;
	}
	/* 0 is "without a limit" to the kernel */
	if (rest.length > 0 || __builtin_mul_overflow(number, unit, &number) || number == 0 ||
	    number > INT64_MAX)
		return -EINVAL;
	*size = number;
	return 0;
}

static int parse_size(struct fstab_line *line, const struct fstab_option *option,
		      struct value value)
{
	if (mount_size_parse(value.text, value.length, &line->entry->size) < 0)
		return refuse_value(line, option, value, MOUNT_SIZE_FORM);
	return 0;
}

static int parse_id(struct fstab_line *line, const struct fstab_option *option, struct value value)
{
	struct value rest = value;
	uint64_t id;

	if (!parse_digits(&rest, 10, ID_UNSET - 1, &id) || rest.length > 0)
		return refuse_value(line, option, value, "a numeric id");
	if (option->name[0] == 'u')
		line->entry->uid = (uid_t)id;
	else
		line->entry->gid = (gid_t)id;
	return 0;
}

/* mount(8) has the topmost layer first, the entry has it last. */
static int parse_lowerdir(struct fstab_line *line, const struct fstab_option *option,
			  struct value value)
{
	struct mount_entry *entry = line->entry;
	const char *end = value.text + value.length;
	size_t room = 1;

	if (entry->lowers)
		return fstab_refuse(line, "%s is given twice", option->name);
	for (size_t i = 0; i < value.length; i++)
		room += value.text[i] == ':';
	entry->lowers =
		mount_plan_allocate(line->plan, room * sizeof(*entry->lowers), line->report);
	if (!entry->lowers)
		return -ENOMEM;

	for (const char *at = value.text; at;) {
		const char *path = fstab_take_path(line, &at, end, ':');
		if (!path)
			return -EINVAL;
		entry->lowers[entry->lower_count++] = path;
	}
	for (size_t i = 0, j = entry->lower_count - 1; i < j; i++, j--) {
		const char *path = entry->lowers[i];

		entry->lowers[i] = entry->lowers[j];
		entry->lowers[j] = path;
	}
	return 0;
}

static int parse_layer(struct fstab_line *line, const struct fstab_option *option,
		       struct value value)
{
	const char *at = value.text, *path = MOUNT_OVERLAY_TMPFS;
	bool upper = option->name[0] == 'u';

	if (!upper || value.length != strlen(path) || memcmp(at, path, value.length) != 0)
		path = fstab_take_path(line, &at, value.text + value.length, '\0');
	if (!path)
		return -EINVAL;
	if (upper)
		line->entry->upper = path;
	else
		line->entry->work = path;
	return 0;
}

/* True if a list of words parted by spaces holds the value. */
static bool is_one_of(struct value value, const char *words)
{
	for (;;) {
		size_t length = strcspn(words, " ");

		if (value.length == length && memcmp(value.text, words, length) == 0)
			return true;
		if (words[length] == '\0')
			return false;
		words += length + 1;
	}
}

static int pass_on(struct fstab_line *line, const struct fstab_option *option, struct value value)
{
	char *end = line->overlay_options;

	if (option->values && !is_one_of(value, option->values))
		return fstab_refuse(line, "%s=%.*s: not one of: %s", option->name,
				    (int)value.length, value.text, option->values);
	if (line->entry->options)
		*end++ = ',';
	else
		line->entry->options = end;
	end = stpcpy(end, option->name);
	if (option->values) {
		*end++ = '=';
		end = mempcpy(end, value.text, value.length);
	}
	*end = '\0';
	line->overlay_options = end;
	return 0;
}

static const struct fstab_option *find_option(const struct fstab_line *line, struct value name)
{
	const char *kind = mount_kind_name(line->entry->kind);
	struct nearest nearest;

	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (strlen(options[i].name) != name.length ||
		    memcmp(options[i].name, name.text, name.length) != 0)
			continue;
		if (options[i].kinds & (1U << line->entry->kind))
			return &options[i];
		fstab_refuse(line, "the type %s has no option %s", kind, options[i].name);
		return NULL;
	}

	nearest_start(&nearest, name.text, name.length);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (options[i].kinds & (1U << line->entry->kind))
			nearest_try(&nearest, options[i].name);
	fstab_refuse(line, "unknown option %.*s", (int)name.length, name.text);
	if (nearest.found)
		report_hint(line->report, "did you mean %s?", nearest.found);
	return NULL;
}

static int parse_option(struct fstab_line *line, struct value name, struct value value)
{
	const struct fstab_option *option = find_option(line, name);

	if (!option)
		return -EINVAL;
	if (takes_value(option) && value.length == 0)
		return fstab_refuse(line, "%s wants a value", option->name);
	if (!takes_value(option) && value.text)
		return fstab_refuse(line, "%s takes no value", option->name);
	line->entry->flags = (line->entry->flags | option->set) & ~option->clear;
	return option->parse ? option->parse(line, option, value) : 0;
}

int fstab_parse_options(struct fstab_line *line, const char *text)
{
	char *rest = (char *)text; /* libmount moves it and writes nothing */
	struct value name, value;
	int r;

	if (!text)
		return 0;
	if (line->entry->kind == MOUNT_OVERLAY) {
		line->overlay_options =
			mount_plan_allocate(line->plan, strlen(text) + 1, line->report);
		if (!line->overlay_options)
			return -ENOMEM;
	}
	for (;;) {
		value = (struct value){ NULL, 0 };
		r = line->libmount->mnt_optstr_next_option(&rest, (char **)&name.text, &name.length,
							   (char **)&value.text, &value.length);
		if (r != 0)
			break;
		r = parse_option(line, name, value);
		if (r < 0)
			return r;
	}
	/* Behind a quote that is not closed libmount sees nothing at all. */
	if (r < 0 || rest[strspn(rest, ",")] != '\0')
		return fstab_refuse(line, "the options can't be read from here: %s", rest);
	return 0;
}
