/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/output.h"

#include "base/utf8.h"
#include "base/write.h"
#include "pack/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static la_ssize_t write_out(struct archive *archive, void *context, const void *data, size_t size)
{
	struct output *output = context;
	int r = output->given_up ? -ECANCELED : write_all(STDOUT_FILENO, data, size);

	if (r < 0) {
		output->error = -r;
		archive_set_error(archive, -r, "write");
		return -1;
	}
	return (la_ssize_t)size;
}

static int refuse(const struct output *output, const char *path, const char *text)
{
	return report_refusal(output->report, "%s%s%s: %s",
			      output->tree ? output->tree : "standard input",
			      output->tree ? "/" : ": ", path, text);
}

/* What libarchive says.
 *  path: of the file that it is about; NULL: none */
static int fail(const struct output *output, const char *path)
{
	const char *text = archive_error_string(output->archive);

	if (output->error)
		return report_failure(output->report, output->error, "standard output: write");
	if (!text)
		text = "libarchive fails";
	return path ? refuse(output, path, text)
		    : report_refusal(output->report, "standard output: %s", text);
}

/* No digests, whose list differs between builds of libarchive, and nothing of the machine. */
static const char *const mtree_keywords[] = { "device", "gid",  "gname", "link", "mode",
					      "size",   "time", "type",  "uid",  "uname" };

static int set_options(struct archive *archive, const char *format)
{
	/* GNU tar and others read this form of attributes, and not libarchive's own */
	if (strcmp(format, "pax") == 0)
		return archive_write_set_format_option(archive, "pax", "xattrheader", "SCHILY");
	if (strcmp(format, "mtree") != 0)
		return ARCHIVE_OK;
	if (archive_write_set_format_option(archive, "mtree", "all", NULL) != ARCHIVE_OK)
		return ARCHIVE_FAILED;
	for (size_t i = 0; i < sizeof(mtree_keywords) / sizeof(*mtree_keywords); i++) {
		if (archive_write_set_format_option(archive, "mtree", mtree_keywords[i], "1") !=
		    ARCHIVE_OK)
			return ARCHIVE_FAILED;
	}
	return ARCHIVE_OK;
}

int output_open(struct output *output, const char *format, const char *tree, struct report *report)
{
	*output = (struct output){
		.archive = archive_write_new(),
		.format = format,
		.tree = tree,
		.report = report,
	};
	if (!output->archive)
		return report_failure(report, ENOMEM, "libarchive");
	/* the end of a tar is two blocks, not a whole record of twenty */
	if (archive_write_set_format_by_name(output->archive, format) != ARCHIVE_OK ||
	    set_options(output->archive, format) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(output->archive, 65536) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(output->archive, 1) != ARCHIVE_OK ||
	    archive_write_open(output->archive, output, NULL, write_out, NULL) != ARCHIVE_OK)
		return fail(output, NULL);
	return 0;
}

static bool is_utf8(const char *text)
{
	while (text && *text) {
		uint32_t code;
		size_t length = utf8_decode(text, &code);

		if (!length)
			return false;
		text += length;
	}
	return true;
}

bool output_is_about_names(struct archive_entry *entry)
{
	return !is_utf8(archive_entry_pathname(entry)) || !is_utf8(archive_entry_hardlink(entry)) ||
	       !is_utf8(archive_entry_symlink(entry)) || !is_utf8(archive_entry_uname(entry)) ||
	       !is_utf8(archive_entry_gname(entry));
}

static bool loses_attributes(const struct output *output, struct archive_entry *entry)
{
	return archive_format(output->archive) != ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE &&
	       (archive_entry_xattr_count(entry) || archive_entry_acl_types(entry));
}

static int refuse_limit(const struct output *output, const char *path, const struct limit *limit)
{
	char text[128];
	int r;

	snprintf(text, sizeof(text), "its %s is %" PRId64 ", and %s holds 0 to %" PRId64,
		 limit->what, limit->value, output->format, limit->most);
	r = refuse(output, path, text);
	report_hint(output->report, "pax holds all");
	return r;
}

int output_entry(struct output *output, struct archive_entry *entry)
{
	struct limit limit;
	int r;

	if (limits_find(output->format, entry, &limit))
		return refuse_limit(output, archive_entry_pathname(entry), &limit);
	r = archive_write_header(output->archive, entry);
	/* of a warning, too: something would be lost */
	if (r != ARCHIVE_OK && !(r == ARCHIVE_WARN && output_is_about_names(entry)))
		return fail(output, archive_entry_pathname(entry));
	output->attributes_lost += loses_attributes(output, entry);
	return 0;
}

int output_data(struct output *output, const char *path, const void *data, size_t size)
{
	if (archive_write_data(output->archive, data, size) != (la_ssize_t)size)
		return fail(output, path);
	return 0;
}

int output_end(struct output *output)
{
	if (archive_write_close(output->archive) != ARCHIVE_OK)
		return fail(output, NULL);
	/* what NFS or a quota has to say comes last */
	if (close(STDOUT_FILENO) < 0 && errno != EINTR)
		return report_failure(output->report, errno, "standard output: close");
	if (output->attributes_lost)
		report_warning(output->report,
			       "attributes or ACLs of %llu files are left out: only pax holds them",
			       (unsigned long long)output->attributes_lost);
	return 0;
}

void output_free(struct output *output)
{
	if (!output->archive)
		return;
	/* else an archive that was not ended would get its end now */
	output->given_up = true;
	archive_write_free(output->archive);
	output->archive = NULL;
}
