/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/contents.h"

#include "base/cleanup.h"
#include "base/read.h"
#include "pack/files.h"

#include <fcntl.h>
#include <string.h>

#define BLOCK 4096
#define SMALLEST_WITH_HOLES 65536 /* below it a list of holes takes more than it saves */

static int fail(const struct contents *contents, int error, struct report *report)
{
	return report_failure(report, error, "%s/%s: read", contents->tree, contents->path);
}

static int refuse_changed(const struct contents *contents, struct report *report)
{
	return report_refusal(report, "%s/%s: changed while it was read", contents->tree,
			      contents->path);
}

static bool is_unchanged(const struct contents *contents)
{
	struct stat now;

	return fstat(contents->fd, &now) == 0 && now.st_dev == contents->status.st_dev &&
	       now.st_ino == contents->status.st_ino && now.st_size == contents->status.st_size &&
	       now.st_mtim.tv_sec == contents->status.st_mtim.tv_sec &&
	       now.st_mtim.tv_nsec == contents->status.st_mtim.tv_nsec;
}

int contents_open(struct contents *contents, int root, const char *tree, const char *path,
		  const struct stat *status, struct report *report)
{
	*contents = (struct contents){ .tree = tree, .path = path, .status = *status };
	/* O_NONBLOCK: what lies there by now may be a FIFO */
	contents->fd = file_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (contents->fd < 0)
		return report_failure(report, -contents->fd, "%s/%s: open", tree, path);
	return is_unchanged(contents) ? 0 : refuse_changed(contents, report);
}

/* A part that the file system has no hole in: blocks that are not all zeros. */
static int find_data(const struct contents *contents, struct archive_entry *entry, off_t at,
		     off_t end, struct report *report)
{
	static const char zeros[BLOCK];
	char block[BLOCK];

	for (at -= at % BLOCK; at < end; at += BLOCK) {
		ssize_t n = read_at(contents->fd, block, sizeof(block), at);

		if (n < 0)
			return fail(contents, (int)-n, report);
		if (n == 0)
			return refuse_changed(contents, report);
		/* neighbours become one */
		if (memcmp(block, zeros, (size_t)n) != 0)
			archive_entry_sparse_add_entry(entry, at, n);
	}
	return 0;
}

int contents_find_holes(const struct contents *contents, struct archive_entry *entry,
			struct report *report)
{
	off_t size = contents->status.st_size, at = 0;
	bool holes = size >= SMALLEST_WITH_HOLES && lseek(contents->fd, 0, SEEK_HOLE) < size;
	int r = 0;

	while (holes && r >= 0 && at < size) {
		off_t data = lseek(contents->fd, at, SEEK_DATA), hole;

		if (data < 0 && errno == ENXIO)
			break;
		hole = data < 0 ? -1 : lseek(contents->fd, data, SEEK_HOLE);
		if (hole < 0)
			return fail(contents, errno, report);
		/* up to a whole block, so that none is looked at twice */
		at = hole + (BLOCK - hole % BLOCK) % BLOCK;
		r = find_data(contents, entry, data, at < size ? at : size, report);
	}
	if (holes && r >= 0 && archive_entry_sparse_count(entry) == 0)
		archive_entry_sparse_add_entry(entry, 0, 0); /* nothing but a hole */
	return lseek(contents->fd, 0, SEEK_SET) < 0 ? fail(contents, errno, report) : r;
}

int contents_copy(const struct contents *contents, struct output *output)
{
	_cleanup_free_ char *buffer = malloc(65536);
	off_t left = contents->status.st_size;

	if (!buffer)
		return fail(contents, ENOMEM, output->report);
	for (;;) {
		ssize_t n = read(contents->fd, buffer, 65536);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(contents, errno, output->report);
		if (n == 0)
			break;
		if (n > left)
			return refuse_changed(contents, output->report);
		r = output_data(output, contents->path, buffer, (size_t)n);
		if (r < 0)
			return r;
		left -= n;
	}
	return left || !is_unchanged(contents) ? refuse_changed(contents, output->report) : 0;
}
