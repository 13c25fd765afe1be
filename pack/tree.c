/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/tree.h"

#include "base/cleanup.h"
#include "pack/entry.h"

#include <archive.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct packing {
	const struct pack_options *options;
	const struct remember_table *table;
	struct archive *disk, *archive;
	struct archive_entry_linkresolver *links;
	uint64_t number; /* of files so far: their inode numbers in the archive */
	bool terminal;   /* standard error is one: tell how far we are */
	struct report *report;
};

static int fail_archive(const struct packing *packing, struct archive *archive, const char *path)
{
	int error = archive_errno(archive);

	return report_failure(packing->report, error > 0 ? error : EIO, "%s: %s", path,
			      archive_error_string(archive) ? archive_error_string(archive)
							    : "libarchive");
}

/* As the names in the archive: below the tree, "." for itself. */
static const char *name_in_archive(const struct packing *packing, const char *path)
{
	size_t length = strlen(packing->options->tree);

	path += length;
	path += strspn(path, "/");
	return *path ? path : ".";
}

static int write_data(struct packing *packing, struct archive_entry *entry)
{
	const char *path = archive_entry_sourcepath(entry);
	_cleanup_close_ int fd = -EBADF;
	char buffer[65536];
	ssize_t n;

	if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_size(entry) <= 0)
		return 0;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return report_failure(packing->report, errno, "%s: open", path);
	while ((n = read(fd, buffer, sizeof(buffer))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return report_failure(packing->report, errno, "%s: read", path);
		if (archive_write_data(packing->archive, buffer, (size_t)n) < 0)
			return fail_archive(packing, packing->archive, path);
	}
	return 0;
}

static int write_entry(struct packing *packing, struct archive_entry *entry)
{
	int r = archive_write_header(packing->archive, entry);

	if (r < ARCHIVE_WARN)
		return fail_archive(packing, packing->archive, archive_entry_pathname(entry));
	if (r == ARCHIVE_WARN)
		report_warning(packing->report, "%s: %s", archive_entry_pathname(entry),
			       archive_error_string(packing->archive));
	return write_data(packing, entry);
}

/* Links of a file to itself become links in the archive, in the way of its format. */
static int write_linked(struct packing *packing, struct archive_entry *entry)
{
	struct archive_entry *spare = NULL;
	int r = 0;

	archive_entry_linkify(packing->links, &entry, &spare);
	if (entry)
		r = write_entry(packing, entry);
	if (spare && r >= 0)
		r = write_entry(packing, spare);
	archive_entry_free(entry);
	archive_entry_free(spare);
	return r;
}

static void tell_progress(const struct packing *packing, const char *name)
{
	/* a line that is written over; its rest is cleared: console_codes(4) */
	if (packing->terminal && packing->number % 100 == 0)
		fprintf(stderr, "\r%llu files, %.50s\033[K", (unsigned long long)packing->number,
			name);
}

static int pack_file(struct packing *packing, const FTSENT *found)
{
	const char *name = name_in_archive(packing, found->fts_path);
	_cleanup_close_ int fd = open(found->fts_path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct archive_entry *entry = archive_entry_new2(packing->archive);
	int r;

	if (!entry)
		return report_failure(packing->report, ENOMEM, "%s", found->fts_path);
	archive_entry_copy_pathname(entry, name);
	archive_entry_copy_sourcepath(entry, found->fts_path);
	if (fd < 0)
		r = report_failure(packing->report, errno, "%s: open", found->fts_path);
	else if (archive_read_disk_entry_from_file(packing->disk, entry, -1, found->fts_statp) <
		 ARCHIVE_WARN)
		r = fail_archive(packing, packing->disk, found->fts_path);
	else
		r = 0;
	if (r >= 0) {
		r = entry_adjust(entry, fd, packing->options, packing->table);
		if (r < 0)
			report_failure(packing->report, -r, "%s", found->fts_path);
	}
	if (r < 0) {
		archive_entry_free(entry);
		return r;
	}
	packing->number++;
	tell_progress(packing, name);
	return write_linked(packing, entry);
}

static int compare_names(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int walk(struct packing *packing)
{
	char *const roots[] = { (char *)(uintptr_t)packing->options->tree, NULL };
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, compare_names);
	FTSENT *found;
	int r = 0;

	if (!walk)
		return report_failure(packing->report, errno, "%s", packing->options->tree);
	while (r >= 0 && (errno = 0, found = fts_read(walk))) {
		switch (found->fts_info) {
		case FTS_DP:
			break;
		case FTS_DNR:
		case FTS_ERR:
		case FTS_NS:
			r = report_failure(packing->report, found->fts_errno, "%s",
					   found->fts_path);
			break;
		default:
			r = pack_file(packing, found);
		}
	}
	if (r >= 0 && errno)
		r = report_failure(packing->report, errno, "%s", packing->options->tree);
	fts_close(walk);
	return r;
}

static int write_deferred(struct packing *packing)
{
	int r = 0;

	for (;;) {
		struct archive_entry *entry = NULL, *spare = NULL;

		archive_entry_linkify(packing->links, &entry, &spare);
		if (!entry)
			return r;
		if (r >= 0)
			r = write_entry(packing, entry);
		archive_entry_free(entry);
	}
}

/* GNU tar and others read this form of attributes, and not libarchive's own. */
static int set_format_options(struct packing *packing)
{
	if (strcmp(packing->options->format, "pax") != 0)
		return 0;
	return archive_write_set_format_option(packing->archive, "pax", "xattrheader", "SCHILY") ==
			       ARCHIVE_OK
		       ? 0
		       : -EINVAL;
}

static int open_archives(struct packing *packing)
{
	packing->disk = archive_read_disk_new();
	packing->archive = archive_write_new();
	packing->links = archive_entry_linkresolver_new();
	if (!packing->disk || !packing->archive || !packing->links)
		return report_failure(packing->report, ENOMEM, "libarchive");
	archive_read_disk_set_symlink_physical(packing->disk);
	if (archive_write_set_format_by_name(packing->archive, packing->options->format) !=
		    ARCHIVE_OK ||
	    set_format_options(packing) < 0 ||
	    archive_write_set_bytes_in_last_block(packing->archive, 1) != ARCHIVE_OK ||
	    archive_write_open_fd(packing->archive, STDOUT_FILENO) != ARCHIVE_OK)
		return fail_archive(packing, packing->archive, "standard output");
	archive_entry_linkresolver_set_strategy(packing->links, archive_format(packing->archive));
	return 0;
}

int pack_tree(const struct pack_options *options, const struct remember_table *table,
	      struct report *report)
{
	struct packing packing = {
		.options = options,
		.table = table,
		.terminal = isatty(STDERR_FILENO),
		.report = report,
	};
	int r = open_archives(&packing);

	if (r >= 0)
		r = walk(&packing);
	if (r >= 0)
		r = write_deferred(&packing);
	if (r >= 0 && archive_write_close(packing.archive) != ARCHIVE_OK)
		r = fail_archive(&packing, packing.archive, "standard output");
	if (packing.terminal && packing.number >= 100)
		fprintf(stderr, "\r%llu files\033[K\n", (unsigned long long)packing.number);
	archive_entry_linkresolver_free(packing.links);
	archive_read_free(packing.disk);
	archive_write_free(packing.archive);
	return r;
}
