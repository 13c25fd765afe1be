/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/tree.h"

#include "base/cleanup.h"
#include "pack/contents.h"
#include "pack/output.h"
#include "pack/progress.h"

#include <string.h>

struct packing {
	const struct file_list *list;
	const struct entry_rules *rules;
	struct output output;
	struct stat out; /* of standard output */
	struct report *report;
};

static bool is_format(const struct packing *packing, const char *format)
{
	return strcmp(packing->rules->options->format, format) == 0;
}

static bool is_tar(const struct packing *packing)
{
	return is_format(packing, "pax") || is_format(packing, "ustar");
}

/* Each further name of a file is a link to the first one. */
static void link_as_tar(const struct packing *packing, size_t at, struct archive_entry *entry)
{
	const struct listed_file *file = &packing->list->files[at];

	if (file->first == at)
		return;
	archive_entry_copy_hardlink(entry, packing->list->files[file->first].path);
	archive_entry_unset_size(entry);
	archive_entry_xattr_clear(entry);
	archive_entry_acl_clear(entry);
}

/*
 * Names of one file have one inode number; the last of them has the contents, as cpio(1) and the
 * kernel's initramfs expect it. The numbers are ours.
 */
static void link_as_cpio(const struct packing *packing, size_t at, struct archive_entry *entry)
{
	const struct listed_file *file = &packing->list->files[at];

	archive_entry_set_dev(entry, 0);
	archive_entry_set_ino64(entry, (int64_t)file->first + 1);
	archive_entry_set_nlink(entry, (unsigned int)file->links_listed);
	if (archive_entry_filetype(entry) == AE_IFREG && file->last != at)
		archive_entry_set_size(entry, 0);
}

static bool is_wanted(const struct packing *packing, const struct listed_file *file)
{
	if (!S_ISSOCK(file->mode) || !is_tar(packing))
		return true;
	report_warning(packing->report, "%s/%s: left out: tar has no sockets", packing->list->tree,
		       file->path);
	return false;
}

static int write_contents(struct packing *packing, const struct listed_file *file,
			  const struct stat *status, struct archive_entry *entry)
{
	struct contents contents;
	_cleanup_close_ int fd = -EBADF;
	int r = contents_open(&contents, packing->list->root, packing->list->tree, file->path,
			      status, packing->report);

	fd = contents.fd;
	if (r >= 0 && is_format(packing, "pax"))
		r = contents_find_holes(&contents, entry, packing->report);
	if (r >= 0)
		r = output_entry(&packing->output, entry);
	return r < 0 ? r : contents_copy(&contents, &packing->output);
}

static int write_file(struct packing *packing, size_t at, const struct stat *status,
		      struct archive_entry *entry)
{
	const struct listed_file *file = &packing->list->files[at];

	archive_entry_copy_pathname(entry, file->path);
	if (is_tar(packing))
		link_as_tar(packing, at, entry);
	else if (is_format(packing, "newc"))
		link_as_cpio(packing, at, entry);
	if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) ||
	    is_format(packing, "mtree") || archive_entry_size(entry) == 0)
		return output_entry(&packing->output, entry);
	return write_contents(packing, file, status, entry);
}

static int pack_file(struct packing *packing, size_t at)
{
	const struct listed_file *file = &packing->list->files[at];
	struct archive_entry *entry;
	struct stat status;
	_cleanup_close_ int fd = file_open_listed(packing->list, file, &status, packing->report);
	int r;

	if (fd < 0)
		return fd;
	if (S_ISREG(packing->out.st_mode) && status.st_dev == packing->out.st_dev &&
	    status.st_ino == packing->out.st_ino)
		return report_refusal(packing->report, "%s/%s: the archive itself",
				      packing->list->tree, file->path);
	if (!is_wanted(packing, file))
		return 0;
	r = entry_read(&entry, fd, &status, packing->rules);
	if (r < 0)
		return report_failure(packing->report, -r, "%s/%s", packing->list->tree,
				      file->path);
	r = write_file(packing, at, &status, entry);
	archive_entry_free(entry);
	return r;
}

int pack_tree(const struct file_list *list, const struct entry_rules *rules, struct report *report)
{
	struct packing packing = { .list = list, .rules = rules, .report = report };
	struct progress progress;
	int r = 0;

	if (fstat(STDOUT_FILENO, &packing.out) < 0)
		return report_failure(report, errno, "standard output");
	r = output_open(&packing.output, rules->options->format, list->tree, report);
	progress_start(&progress, list->count);
	for (size_t i = 0; i < list->count && r >= 0; i++) {
		progress_tell(&progress, i, list->files[i].path);
		r = pack_file(&packing, i);
	}
	progress_end(&progress);
	if (r >= 0)
		r = output_end(&packing.output);
	output_free(&packing.output);
	return r;
}
