/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/spec.h"

#include "base/cleanup.h"

#include <archive.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/*
 * libarchive does not say whether a line has an owner or a mode. So each has one that nobody can
 * give, unless it has another.
 */
#define NO_ID 4294967295
#define NO_MODE 0200000
#define TEXT(value) TEXT_OF(value)
#define TEXT_OF(value) #value

static const struct {
	const char *word, *line;
} defaults[] = {
	{ "uid", "/set uid=" TEXT(NO_ID) "\n" },
	{ "gid", "/set gid=" TEXT(NO_ID) "\n" },
	{ "mode", "/set mode=" TEXT(NO_MODE) "\n" },
};

char *path_of_entry(const char *name)
{
	char *path = malloc(strlen(name) + 2);
	size_t length = 0;

	if (!path)
		return NULL;
	for (;;) {
		size_t part;

		name += strspn(name, "/");
		part = strcspn(name, "/");
		if (!part)
			break;
		if (part > 1 || name[0] != '.') {
			if (length)
				path[length++] = '/';
			memcpy(path + length, name, part);
			length += part;
		}
		name += part;
	}
	strcpy(path + length, length ? "" : ".");
	return path;
}

/* A line, with those that continue it behind a backslash. Returns its length, or -1. */
static ssize_t read_line(FILE *from, char **line, size_t *size)
{
	_cleanup_free_ char *more = NULL;
	ssize_t length = getline(line, size, from), added;
	size_t room = 0;

	while (length > 1 && (*line)[length - 1] == '\n' && (*line)[length - 2] == '\\' &&
	       (added = getline(&more, &room, from)) >= 0) {
		char *grown = realloc(*line, (size_t)(length + added) + 1);

		if (!grown)
			return -1;
		*line = grown;
		*size = (size_t)(length + added) + 1;
		memcpy(grown + length, more, (size_t)added + 1);
		length += added;
	}
	return length;
}

/* The lines, with our defaults at the start and again where a line takes them away. */
static int copy_lines(FILE *from, FILE *to)
{
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	ssize_t length;

	fputs("#mtree\n", to);
	for (size_t i = 0; i < sizeof(defaults) / sizeof(*defaults); i++)
		fputs(defaults[i].line, to);
	while (errno = 0, (length = read_line(from, &line, &size)) >= 0) {
		fwrite(line, 1, (size_t)length, to);
		if (line[length - 1] != '\n')
			fputc('\n', to);
		if (strncmp(line + strspn(line, " \t"), "/unset", 6) != 0)
			continue;
		for (size_t i = 0; i < sizeof(defaults) / sizeof(*defaults); i++) {
			if (strstr(line, defaults[i].word) || strstr(line, "all"))
				fputs(defaults[i].line, to);
		}
	}
	if (!feof(from))
		return errno ? -errno : -EIO;
	return fflush(to) != 0 ? -errno : 0;
}

static int add_file(struct spec *spec, struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);
	struct spec_file *grown, *file;

	if (!name)
		return -EINVAL;
	grown = reallocarray(spec->files, spec->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	spec->files = grown;
	file = &spec->files[spec->count];
	*file = (struct spec_file){
		.path = path_of_entry(name),
		.entry = archive_entry_clone(entry),
		.has_uid = archive_entry_uid(entry) != NO_ID,
		.has_gid = archive_entry_gid(entry) != NO_ID,
		.has_mode = !(archive_entry_mode(entry) & NO_MODE),
	};
	spec->count++;
	return file->path && file->entry ? 0 : -ENOMEM;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct spec_file *)a)->path, ((const struct spec_file *)b)->path);
}

static int read_entries(struct spec *spec, struct archive *archive, const char *option,
			const char *path, struct report *report)
{
	struct archive_entry *entry;
	int r;

	while ((r = archive_read_next_header(archive, &entry)) == ARCHIVE_OK) {
		r = add_file(spec, entry);
		if (r < 0)
			return report_failure(report, -r, "%s %s", option, path);
	}
	if (r != ARCHIVE_EOF)
		return report_refusal(report, "%s %s: %s", option, path,
				      archive_error_string(archive));
	return 0;
}

static int parse(struct spec *spec, const char *text, size_t size, const char *option,
		 const char *path, struct report *report)
{
	struct archive *archive = archive_read_new();
	int r;

	if (!archive)
		return report_failure(report, ENOMEM, "libarchive");
	if (archive_read_support_format_mtree(archive) != ARCHIVE_OK ||
	    archive_read_open_memory(archive, text, size) != ARCHIVE_OK)
		r = report_refusal(report, "%s %s: %s", option, path,
				   archive_error_string(archive));
	else
		r = read_entries(spec, archive, option, path, report);
	archive_read_free(archive);
	return r;
}

int spec_parse(struct spec *spec, FILE *from, const char *option, const char *path,
	       struct report *report)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	FILE *to;
	int r;

	*spec = (struct spec){ 0 };
	to = open_memstream(&text, &size);
	if (!to)
		return report_failure(report, errno, "%s %s", option, path);
	r = copy_lines(from, to);
	if (fclose(to) != 0 && r >= 0)
		r = -errno;
	if (r < 0)
		return report_failure(report, -r, "%s %s: read", option, path);
	r = parse(spec, text, size, option, path, report);
	if (r >= 0 && spec->count)
		qsort(spec->files, spec->count, sizeof(*spec->files), compare);
	return r;
}

int spec_read(struct spec *spec, const char *option, const char *path, struct report *report)
{
	_cleanup_fclose_ FILE *from = fopen(path, "re");

	if (!from)
		return report_failure(report, errno, "%s %s: open", option, path);
	return spec_parse(spec, from, option, path, report);
}

struct spec_file *spec_find(const struct spec *spec, const char *path)
{
	const struct spec_file wanted = { .path = (char *)(uintptr_t)path };

	if (!spec->count)
		return NULL;
	return bsearch(&wanted, spec->files, spec->count, sizeof(*spec->files), compare);
}

void spec_free(struct spec *spec)
{
	for (size_t i = 0; i < spec->count; i++) {
		free(spec->files[i].path);
		archive_entry_free(spec->files[i].entry);
	}
	free(spec->files);
	*spec = (struct spec){ 0 };
}
