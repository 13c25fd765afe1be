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
	char *path;
	size_t length;

	do
		name += strspn(name, "/");
	while (name[0] == '.' && name[1] == '/' && (name += 2));
	path = strdup(*name ? name : ".");
	if (!path)
		return NULL;
	for (length = strlen(path); length > 1 && path[length - 1] == '/'; length--)
		path[length - 1] = '\0';
	return path;
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
	while (errno = 0, (length = getline(&line, &size, from)) >= 0) {
		fwrite(line, 1, (size_t)length, to);
		if (strncmp(line + strspn(line, " \t"), "/unset", 6) != 0)
			continue;
		if (line[length - 1] != '\n')
			fputc('\n', to);
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
	struct spec_file *grown = reallocarray(spec->files, spec->count + 1, sizeof(*grown)), *file;

	if (!grown)
		return -ENOMEM;
	spec->files = grown;
	file = &spec->files[spec->count];
	*file = (struct spec_file){
		.path = path_of_entry(archive_entry_pathname(entry)),
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

int spec_read(struct spec *spec, const char *option, const char *path, struct report *report)
{
	_cleanup_fclose_ FILE *from = fopen(path, "re");
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	FILE *to;
	int r;

	*spec = (struct spec){ 0 };
	if (!from)
		return report_failure(report, errno, "%s %s: open", option, path);
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
