/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts/fstab.h"

#include "base/cleanup.h"
#include "base/nearest.h"
#include "mounts/fstab-line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

LIBRARY_NOTE("libmount.so.1", "plan-files", "Mount plans in fstab syntax", "recommended");

/* Of a plan, and of the contents of a `file`: both are kept in memory. */
#define CONTENTS_MAX ((size_t)256 << 20)

#define FIELDS_MAX 6 /* of a line: fstab(5); libmount passes over more */

/* What the first field is to a type. */
enum source_use {
	SOURCE_UNKNOWN, /* no type of plan files */
	SOURCE_NONE,
	SOURCE_PATH,
	SOURCE_TEXT,
	SOURCE_CONTENTS,
};

static const enum source_use source_uses[MOUNT_KIND_COUNT] = {
	[MOUNT_BIND] = SOURCE_PATH,     [MOUNT_OVERLAY] = SOURCE_NONE, [MOUNT_TMPFS] = SOURCE_NONE,
	[MOUNT_PROC] = SOURCE_NONE,     [MOUNT_SYSFS] = SOURCE_NONE,   [MOUNT_MQUEUE] = SOURCE_NONE,
	[MOUNT_DEV] = SOURCE_NONE,      [MOUNT_DIR] = SOURCE_NONE,     [MOUNT_MASK] = SOURCE_NONE,
	[MOUNT_FILE] = SOURCE_CONTENTS, [MOUNT_SYMLINK] = SOURCE_TEXT,
};

static const struct library_symbol libmount_symbols[] = {
	LIBRARY_SYMBOL(struct libmount, mnt_new_table),
	LIBRARY_SYMBOL(struct libmount, mnt_reset_table),
	LIBRARY_SYMBOL(struct libmount, mnt_unref_table),
	LIBRARY_SYMBOL(struct libmount, mnt_table_parse_stream),
	LIBRARY_SYMBOL(struct libmount, mnt_table_first_fs),
	LIBRARY_SYMBOL(struct libmount, mnt_fs_get_source),
	LIBRARY_SYMBOL(struct libmount, mnt_fs_get_target),
	LIBRARY_SYMBOL(struct libmount, mnt_fs_get_fstype),
	LIBRARY_SYMBOL(struct libmount, mnt_fs_get_options),
	LIBRARY_SYMBOL(struct libmount, mnt_optstr_next_option),
};

/* The parser of one plan file. */
struct plan_file {
	struct libmount libmount;
	struct libmnt_table *table; /* of one line at a time: entries don't know theirs */
	struct mount_plan *plan;
	const char *path;   /* as the user wrote it, for messages */
	const char *folder; /* absolute */
	struct report *report;
};

int fstab_refuse(const struct fstab_line *line, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return report_refusal(line->report, "--plan %s: %s", line->place, text);
}

const char *fstab_absolute(const struct fstab_line *line, const char *path)
{
	size_t folder = path[0] == '/' ? 0 : strlen(line->folder) + 1, length = strlen(path);
	char *copy = mount_plan_allocate(line->plan, folder + length + 1, line->report);

	if (!copy)
		return NULL;
	if (folder > 0) {
		memcpy(copy, line->folder, folder - 1);
		copy[folder - 1] = '/';
	}
	memcpy(copy + folder, path, length + 1);
	return copy;
}

const char *fstab_take_path(const struct fstab_line *line, const char **at, const char *end,
			    char separator)
{
	_cleanup_free_ char *path = malloc((size_t)(end - *at) + 1);
	const char *from = *at;
	bool quoted = false;
	char *to = path;

	if (!path) {
		report_failure(line->report, ENOMEM, "--plan %s", line->place);
		return NULL;
	}
	for (; from < end && (separator == '\0' || *from != separator); from++) {
		if (*from == '"') {
			quoted = !quoted;
			continue;
		}
		if (*from == '\\' && (++from == end || (*from == ',' && !quoted))) {
			/* "\,": libmount has cut the value there (before 2.40), or not */
			fstab_refuse(line, "a backslash at the end of a path");
			report_hint(line->report, "a path with a comma wants double quotes");
			return NULL;
		}
		*to++ = *from;
	}
	*to = '\0';
	*at = from < end ? from + 1 : NULL;
	if (to == path) {
		fstab_refuse(line, "a layer without a path");
		return NULL;
	}
	return fstab_absolute(line, path);
}

/* Read an fd to its end. *data is malloc memory. Returns 0 or a negative errno, not reported. */
static int read_contents(int fd, char **data, size_t *size)
{
	_cleanup_free_ char *buffer = NULL;
	size_t used = 0, room = 0;

	for (;;) {
		if (used == room) {
			room = room ? room * 2 : 16384;
			char *grown = room <= CONTENTS_MAX ? realloc(buffer, room) : NULL;
			if (!grown)
				return room <= CONTENTS_MAX ? -ENOMEM : -EFBIG;
			buffer = grown;
		}
		ssize_t length = read(fd, buffer + used, room - used);
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return -errno;
		if (length == 0)
			break;
		used += (size_t)length;
	}
	*data = steal_ptr(buffer);
	*size = used;
	return 0;
}

/*
 * The contents of a `file`. Opened without waiting for a writer of a fifo; and only regular files,
 * as reading must neither hang nor have an effect.
 */
static int read_source(struct fstab_line *line, const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_free_ char *data = NULL;
	struct stat status;
	size_t size;

	if (fd < 0 && errno == ENOENT && line->entry->flags & MOUNT_TRY) {
		mount_plan_remove_last(line->plan);
		return 0;
	}
	if (fd < 0 || fstat(fd, &status) < 0)
		return report_failure(line->report, errno, "--plan %s: open %s", line->place, path);
	if (!S_ISREG(status.st_mode))
		return fstab_refuse(line, "%s is not a regular file", path);

	int r = read_contents(fd, &data, &size);
	if (r < 0)
		return report_failure(line->report, -r, "--plan %s: read %s", line->place, path);
	char *copy = mount_plan_allocate(line->plan, size + 1, line->report);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, data, size);
	copy[size] = '\0';
	line->entry->source = path;
	line->entry->data = copy;
	line->entry->data_size = size;
	return 0;
}

static const char *copy_string(const struct fstab_line *line, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = mount_plan_allocate(line->plan, size, line->report);

	return copy ? memcpy(copy, text, size) : NULL;
}

static int parse_source(struct fstab_line *line, const char *source)
{
	enum source_use use = source_uses[line->entry->kind];
	const char *name = mount_kind_name(line->entry->kind);

	/* libmount gives NULL, "" or "none" for none, as versions go */
	bool none = !source || source[0] == '\0' || strcmp(source, "none") == 0;

	if (use == SOURCE_NONE) {
		if (!none && strcmp(source, name) != 0)
			return fstab_refuse(line, "the type %s has no source: write none", name);
		return 0;
	}
	if (none)
		return fstab_refuse(line, "the type %s wants a source", name);
	if (use == SOURCE_TEXT)
		line->entry->source = copy_string(line, source);
	else
		line->entry->source = fstab_absolute(line, source);
	return line->entry->source ? 0 : -ENOMEM;
}

static int check_overlay(const struct fstab_line *line)
{
	const struct mount_entry *entry = line->entry;
	bool scratch = entry->upper && strcmp(entry->upper, MOUNT_OVERLAY_TMPFS) == 0;

	if (entry->lower_count == 0)
		return fstab_refuse(line, "an overlay wants lowerdir=");
	if (entry->upper && !scratch && !entry->work)
		return fstab_refuse(line, "upperdir= wants workdir=");
	if (entry->work && (!entry->upper || scratch))
		return fstab_refuse(line, "workdir= wants upperdir=, a directory");
	return 0;
}

static int parse_type(const struct fstab_line *line, const char *type)
{
	struct nearest nearest;
	int kind = type ? mount_kind_from_name(type) : -EINVAL;

	if (kind >= 0 && source_uses[kind] != SOURCE_UNKNOWN)
		return kind;
	fstab_refuse(line, "unknown type %s", type ? type : "");
	nearest_start(&nearest, type ? type : "", type ? strlen(type) : 0);
	for (int i = 0; i < MOUNT_KIND_COUNT; i++)
		if (source_uses[i] != SOURCE_UNKNOWN)
			nearest_try(&nearest, mount_kind_name((enum mount_kind)i));
	if (type && type[0] == '#')
		report_hint(line->report, "a comment wants a line of its own");
	else if (nearest.found)
		report_hint(line->report, "did you mean %s?", nearest.found);
	return -EINVAL;
}

static int parse_line(struct fstab_line *line, struct libmnt_fs *fs)
{
	const char *target = line->libmount->mnt_fs_get_target(fs);
	int kind = parse_type(line, line->libmount->mnt_fs_get_fstype(fs));
	int r;

	if (kind < 0)
		return kind;
	if (!target || target[0] != '/')
		return fstab_refuse(line, "the target %s is not absolute", target ? target : "");
	target = copy_string(line, target);
	line->place = copy_string(line, line->place);
	if (!target || !line->place)
		return -ENOMEM;
	line->entry = mount_plan_add(line->plan, (enum mount_kind)kind, line->place, target,
				     line->report);
	if (!line->entry)
		return -ENOMEM;

	r = parse_source(line, line->libmount->mnt_fs_get_source(fs));
	if (r == 0)
		r = fstab_parse_options(line, line->libmount->mnt_fs_get_options(fs));
	if (r < 0)
		return r;
	if (kind == MOUNT_OVERLAY)
		return check_overlay(line);
	return kind == MOUNT_FILE ? read_source(line, line->entry->source) : 0;
}

/* What libmount skips on purpose: blanks and comments. */
static bool says_nothing(const char *text, size_t length)
{
	for (; length > 0; text++, length--)
		if (!strchr(" \t\r\n", *text))
			return *text == '#';
	return true;
}

/* comment: if not NULL, is set to whether a field after the first starts with # */
static size_t count_fields(const char *text, size_t length, bool *comment)
{
	size_t count = 0;
	bool blank = true;

	for (size_t i = 0; i < length; i++) {
		bool was_blank = blank;

		blank = strchr(" \t\r\n", text[i]);
		if (blank || !was_blank)
			continue;
		if (comment && count > 0 && text[i] == '#')
			*comment = true;
		count++;
	}
	return count;
}

static int refuse_line(const struct fstab_line *line, const char *text, size_t length)
{
	bool comment = false;
	size_t count = count_fields(text, length, &comment);

	fstab_refuse(line, "not a line of SOURCE TARGET TYPE [OPTIONS]");
	if (comment)
		report_hint(line->report, "a comment wants a line of its own");
	else if (count > 4)
		report_hint(line->report, "there are %zu fields; a space in a name is \\040",
			    count);
	return -EINVAL;
}

/*
 * libmount reads one line at a time: it tells no line numbers of entries, and what it can't
 * understand it leaves out.
 */
static int read_line(struct plan_file *file, const char *text, size_t length, const char *place)
{
	struct fstab_line line = {
		.libmount = &file->libmount,
		.plan = file->plan,
		.place = place,
		.folder = file->folder,
		.report = file->report,
	};
	struct libmnt_fs *fs = NULL;

	if (says_nothing(text, length))
		return 0;
	_cleanup_fclose_ FILE *stream = fmemopen((char *)text, length, "r");
	if (!stream)
		return report_failure(file->report, errno, "--plan %s", place);
	file->libmount.mnt_reset_table(file->table);
	if (file->libmount.mnt_table_parse_stream(file->table, stream, place) < 0 ||
	    file->libmount.mnt_table_first_fs(file->table, &fs) != 0)
		return refuse_line(&line, text, length);
	if (count_fields(text, length, NULL) > FIELDS_MAX)
		return refuse_line(&line, text, length);
	return parse_line(&line, fs);
}

/*
 * libmount guesses the format from the first line that a table sees: "1 2 ..." would be a
 * mountinfo file, "Filename" the list of swaps. So that it is fstab, whatever the plan starts with,
 * it sees this one first.
 */
static int read_lines(struct plan_file *file, const char *text, size_t size)
{
	char first[] = "none / none\n";
	_cleanup_free_ char *place = NULL;
	_cleanup_fclose_ FILE *stream = fmemopen(first, strlen(first), "r");
	size_t room = strlen(file->path) + 24;

	place = malloc(room);
	if (!place || !stream || file->libmount.mnt_table_parse_stream(file->table, stream, "") < 0)
		return report_failure(file->report, ENOMEM, "--plan %s", file->path);

	for (unsigned int number = 1; size > 0; number++) {
		const char *end = memchr(text, '\n', size);
		size_t length = end ? (size_t)(end - text) + 1 : size;

		/* A place that starts as an option does would be taken for one in messages. */
		snprintf(place, room, "%s%s:%u", file->path[0] == '-' && file->path[1] ? "./" : "",
			 file->path, number);
		if (memchr(text, '\0', length))
			return report_refusal(file->report, "--plan %s: there is a NUL byte",
					      place);
		int r = read_line(file, text, length, place);
		if (r < 0)
			return r;
		text += length;
		size -= length;
	}
	return 0;
}

/* The folder of a plan file, absolute; of "-", the current directory. NULL: errno is set. */
static char *find_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	int length = slash ? (int)(slash - path) : 0;
	_cleanup_free_ char *current = NULL;
	char *folder = NULL;

	if (path[0] == '/')
		return strndup(path, (size_t)length);
	current = getcwd(NULL, 0);
	if (!current)
		return NULL;
	if (length == 0)
		return steal_ptr(current);
	if (asprintf(&folder, "%s/%.*s", current, length, path) < 0)
		return NULL;
	return folder;
}

static int read_plan(const char *path, char **text, size_t *size, struct report *report)
{
	bool standard_input = strcmp(path, "-") == 0;
	_cleanup_close_ int fd = -EBADF;
	int r;

	if (!standard_input) {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (fd < 0)
			return report_failure(report, errno, "--plan %s", path);
	}
	r = read_contents(standard_input ? STDIN_FILENO : fd, text, size);
	return r < 0 ? report_failure(report, -r, "--plan %s: read", path) : 0;
}

int mount_plan_read(struct mount_plan *plan, const char *path, struct report *report)
{
	struct plan_file file = { .plan = plan, .path = path, .report = report };
	_cleanup_free_ char *text = NULL, *folder = NULL;
	size_t size = 0;
	int r;

	r = library_load("libmount.so.1", "libmount1", libmount_symbols,
			 LIBRARY_COUNT(libmount_symbols), &file.libmount, report);
	if (r < 0)
		return r;
	r = read_plan(path, &text, &size, report);
	if (r < 0)
		return r;
	folder = find_folder(path);
	if (!folder)
		return report_failure(report, errno, "--plan %s: the current directory", path);
	file.folder = folder;
	file.table = file.libmount.mnt_new_table();
	if (!file.table)
		return report_failure(report, ENOMEM, "--plan %s", path);

	r = read_lines(&file, text, size);
	file.libmount.mnt_unref_table(file.table);
	return r;
}
