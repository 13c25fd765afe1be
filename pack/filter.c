/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/filter.h"

#include "base/cleanup.h"
#include "pack/files.h"
#include "pack/output.h"
#include "pack/progress.h"

#include <fcntl.h>
#include <string.h>

struct filter {
	const struct entry_rules *rules;
	const struct spec *spec;
	int root;
	struct archive *input;
	struct output output;
	bool opened;        /* the output */
	const char *format; /* of the output */
	char *buffer;       /* FILTER_BUFFER bytes */
	uint64_t unknown;   /* entries that the tree, or the spec, does not have */
	struct report *report;
};

#define FILTER_BUFFER 65536

static int fail_input(const struct filter *filter)
{
	const char *text = archive_error_string(filter->input);

	return report_refusal(filter->report, "standard input: %s", text ? text : "not understood");
}

/*
 * Those that a library does. What comes from standard input shall not choose a program to be
 * started, as it could with archive_read_support_filter_all().
 */
static bool support_compression(struct archive *input)
{
	static int (*const filters[])(struct archive *) = {
		archive_read_support_filter_bzip2, archive_read_support_filter_compress,
		archive_read_support_filter_gzip,  archive_read_support_filter_lz4,
		archive_read_support_filter_lzma,  archive_read_support_filter_xz,
		archive_read_support_filter_zstd,
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		if (filters[i](input) < ARCHIVE_WARN)
			return false;
	}
	return true;
}

static int open_input(struct filter *filter)
{
	filter->input = archive_read_new();
	filter->buffer = malloc(FILTER_BUFFER);
	if (!filter->input || !filter->buffer)
		return report_failure(filter->report, ENOMEM, "libarchive");
	if (!support_compression(filter->input) ||
	    archive_read_support_format_tar(filter->input) != ARCHIVE_OK ||
	    archive_read_support_format_cpio(filter->input) != ARCHIVE_OK ||
	    archive_read_open_fd(filter->input, STDIN_FILENO, FILTER_BUFFER) != ARCHIVE_OK)
		return fail_input(filter);
	return 0;
}

/*
 * The same kind comes out: how links are told differs between tar and cpio. Tar becomes pax: by the
 * first entry, which may need no extended header, libarchive can't tell it from ustar.
 */
static int choose_format(struct filter *filter)
{
	const char *wanted = filter->rules->options->format;
	int format = archive_format(filter->input);
	bool tar = (format & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;

	if (!tar && format != ARCHIVE_FORMAT_CPIO_SVR4_NOCRC)
		return report_refusal(filter->report,
				      "standard input: %s: only tar and newc can be filtered",
				      archive_format_name(filter->input));
	filter->format = tar ? "pax" : "newc";
	if (!wanted || strcmp(wanted, filter->format) == 0)
		return 0;
	if (!tar || strcmp(wanted, "ustar") != 0)
		return report_refusal(filter->report,
				      "--format %s: not from what is on standard input", wanted);
	filter->format = wanted;
	return 0;
}

static void set_from_spec(const struct filter *filter, struct archive_entry *entry,
			  const struct spec_file *file)
{
	const struct owners *owners = &filter->rules->owners;
	bool numeric = filter->rules->options->numeric_owner;
	int64_t uid = archive_entry_uid(entry), gid = archive_entry_gid(entry);
	const char *uname = archive_entry_uname(entry), *gname = archive_entry_gname(entry);
	_cleanup_free_ char *user = NULL, *group = NULL;

	if (file && (file->has_uid || archive_entry_uname(file->entry)))
		uname = archive_entry_uname(file->entry);
	if (file && (file->has_gid || archive_entry_gname(file->entry)))
		gname = archive_entry_gname(file->entry);
	if (file && file->has_uid)
		uid = archive_entry_uid(file->entry);
	if (file && file->has_gid)
		gid = archive_entry_gid(file->entry);
	if (file && file->has_mode)
		archive_entry_set_perm(entry, archive_entry_perm(file->entry));
	user = uname && !numeric ? strdup(uname) : NULL;
	group = gname && !numeric ? strdup(gname) : NULL;
	owners_set(owners, entry, (uint32_t)uid, (uint32_t)gid, NULL);
	/* a name belongs to the id before --owner-map */
	if (archive_entry_uid(entry) == uid)
		archive_entry_copy_uname(entry, user);
	if (archive_entry_gid(entry) == gid)
		archive_entry_copy_gname(entry, group);
}

static int set_from_tree(struct filter *filter, struct archive_entry *entry, const char *path)
{
	_cleanup_close_ int fd = file_open(filter->root, path, O_PATH);
	int r = fd;

	/* EXDEV: out of the tree */
	if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP || fd == -EXDEV) {
		filter->unknown++;
		return 0;
	}
	if (fd >= 0)
		r = entry_remember(entry, fd, filter->rules);
	return r < 0 ? report_failure(filter->report, -r, "%s", path) : 0;
}

static int change(struct filter *filter, struct archive_entry *entry)
{
	_cleanup_free_ char *path = path_of_entry(archive_entry_pathname(entry));
	const struct spec_file *file;

	if (!path)
		return report_failure(filter->report, ENOMEM, "standard input");
	entry_set_times(entry, filter->rules->options);
	if (filter->root >= 0)
		return set_from_tree(filter, entry, path);
	file = filter->spec ? spec_find(filter->spec, path) : NULL;
	filter->unknown += filter->spec && !file;
	set_from_spec(filter, entry, file);
	return 0;
}

/* libarchive does not give the zeros of a file that is one hole, and writes no map of it without.
 */
static int write_zeros(struct filter *filter, const char *path, int64_t left)
{
	int r = 0;

	memset(filter->buffer, 0, FILTER_BUFFER);
	while (left > 0 && r >= 0) {
		size_t size = left < FILTER_BUFFER ? (size_t)left : FILTER_BUFFER;

		r = output_data(&filter->output, path, filter->buffer, size);
		left -= (int64_t)size;
	}
	return r;
}

static int copy_contents(struct filter *filter, struct archive_entry *entry)
{
	const char *path = archive_entry_pathname(entry);
	int64_t left = archive_entry_size(entry);

	for (;;) {
		la_ssize_t n = archive_read_data(filter->input, filter->buffer, FILTER_BUFFER);
		int r;

		if (n < 0)
			return fail_input(filter);
		if (n == 0)
			return write_zeros(filter, path, left);
		r = output_data(&filter->output, path, filter->buffer, (size_t)n);
		if (r < 0)
			return r;
		left -= n;
	}
}

/*
 * Other formats have no holes. In pax, libarchive reads a hole at the end as a piece of no length,
 * and with that alone would write an archive that nobody can read.
 */
static int set_holes(const struct filter *filter, struct archive_entry *entry)
{
	int count = archive_entry_sparse_reset(entry);
	struct archive_entry *copy = count ? archive_entry_clone(entry) : NULL;
	int64_t at, size;

	if (!count)
		return 0;
	if (!copy)
		return report_failure(filter->report, ENOMEM, "standard input");
	archive_entry_sparse_clear(entry);
	if (strcmp(filter->format, "pax") == 0) {
		archive_entry_sparse_reset(copy);
		while (archive_entry_sparse_next(copy, &at, &size) == ARCHIVE_OK) {
			if (size)
				archive_entry_sparse_add_entry(entry, at, size);
		}
		if (!archive_entry_sparse_count(entry))
			archive_entry_sparse_add_entry(entry, 0, 0); /* nothing but a hole */
	}
	archive_entry_free(copy);
	return 0;
}

static int pass_on(struct filter *filter, struct archive_entry *entry)
{
	int r = 0;

	if (!archive_entry_pathname(entry))
		return report_refusal(filter->report, "standard input: an entry has no name");
	if (!filter->opened) {
		r = choose_format(filter);
		if (r >= 0)
			r = output_open(&filter->output, filter->format, NULL, filter->report);
		filter->opened = true;
	}
	if (r >= 0)
		r = change(filter, entry);
	if (r >= 0)
		r = set_holes(filter, entry);
	if (r >= 0)
		r = output_entry(&filter->output, entry);
	if (r < 0 || archive_entry_filetype(entry) != AE_IFREG)
		return r;
	return copy_contents(filter, entry);
}

static int filter_entries(struct filter *filter)
{
	struct progress progress;
	struct archive_entry *entry;
	size_t count = 0;
	int r, status;

	progress_start(&progress, 0);
	for (;;) {
		status = archive_read_next_header(filter->input, &entry);
		if (status == ARCHIVE_EOF) {
			r = 0;
			break;
		}
		if (status != ARCHIVE_OK &&
		    !(status == ARCHIVE_WARN && output_is_about_names(entry))) {
			r = fail_input(filter);
			break;
		}
		progress_tell(&progress, count++, archive_entry_pathname(entry));
		r = pass_on(filter, entry);
		if (r < 0)
			break;
	}
	progress_end(&progress);
	if (r >= 0 && !filter->opened)
		return report_refusal(filter->report, "standard input: an archive of nothing");
	return r;
}

int filter_archive(const struct entry_rules *rules, const struct spec *spec, int root,
		   struct report *report)
{
	struct filter filter = { .rules = rules, .spec = spec, .root = root, .report = report };
	int r = open_input(&filter);

	if (r >= 0)
		r = filter_entries(&filter);
	if (r >= 0)
		r = output_end(&filter.output);
	if (r >= 0 && filter.unknown)
		report_warning(report, "%llu entries are not in the %s: left as they are",
			       (unsigned long long)filter.unknown, spec ? "spec" : "tree");
	output_free(&filter.output);
	archive_read_free(filter.input);
	free(filter.buffer);
	return r;
}
