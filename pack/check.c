/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/check.h"

#include "base/cleanup.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/sysmacros.h>

struct checking {
	struct archive_entry *is, *spec;
	char path[4096]; /* as it is shown */
	bool differs;
};

/* A line of the list: "PATH: WHAT is A, not B". */
static void tell(struct checking *checking, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void tell(struct checking *checking, const char *format, ...)
{
	va_list values;

	checking->differs = true;
	printf("%s: ", checking->path);
	va_start(values, format);
	vprintf(format, values);
	va_end(values);
	putchar('\n');
}

static const char *type_name(mode_t type)
{
	switch (type & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "dir";
	case S_IFLNK:
		return "link";
	case S_IFCHR:
		return "char";
	case S_IFBLK:
		return "block";
	case S_IFIFO:
		return "fifo";
	default:
		return "socket";
	}
}

static void compare_owner(struct checking *checking, const struct spec_file *file)
{
	if (file->has_uid && archive_entry_uid(checking->is) != archive_entry_uid(checking->spec))
		tell(checking, "uid is %" PRId64 ", not %" PRId64,
		     (int64_t)archive_entry_uid(checking->is),
		     (int64_t)archive_entry_uid(checking->spec));
	if (file->has_gid && archive_entry_gid(checking->is) != archive_entry_gid(checking->spec))
		tell(checking, "gid is %" PRId64 ", not %" PRId64,
		     (int64_t)archive_entry_gid(checking->is),
		     (int64_t)archive_entry_gid(checking->spec));
}

static void compare_link(struct checking *checking)
{
	const char *is = archive_entry_symlink(checking->is),
		   *spec = archive_entry_symlink(checking->spec);
	char shown[2][4096];

	if (!is || !spec || strcmp(is, spec) == 0)
		return;
	report_escape(shown[0], sizeof(shown[0]), is);
	report_escape(shown[1], sizeof(shown[1]), spec);
	tell(checking, "link is %s, not %s", shown[0], shown[1]);
}

static void compare_device(struct checking *checking)
{
	dev_t is = archive_entry_rdev(checking->is), spec = archive_entry_rdev(checking->spec);

	if (is != spec)
		tell(checking, "device is %u,%u, not %u,%u", major(is), minor(is), major(spec),
		     minor(spec));
}

static void compare_time(struct checking *checking)
{
	if (archive_entry_mtime_is_set(checking->spec) &&
	    (archive_entry_mtime(checking->is) != archive_entry_mtime(checking->spec) ||
	     archive_entry_mtime_nsec(checking->is) != archive_entry_mtime_nsec(checking->spec)))
		tell(checking, "time is %jd.%09ld, not %jd.%09ld",
		     (intmax_t)archive_entry_mtime(checking->is),
		     archive_entry_mtime_nsec(checking->is),
		     (intmax_t)archive_entry_mtime(checking->spec),
		     archive_entry_mtime_nsec(checking->spec));
}

static void compare(struct checking *checking, const struct spec_file *file)
{
	mode_t type = archive_entry_filetype(checking->is);
	unsigned int is = archive_entry_mode(checking->is) & 07777,
		     spec = archive_entry_mode(checking->spec) & 07777;

	compare_owner(checking, file);
	if (type != archive_entry_filetype(checking->spec)) {
		tell(checking, "type is %s, not %s", type_name(type),
		     type_name(archive_entry_filetype(checking->spec)));
		return;
	}
	/* Linux knows no mode of a symlink */
	if (file->has_mode && type != AE_IFLNK && is != spec)
		tell(checking, "mode is %04o, not %04o", is, spec);
	if (type == AE_IFREG && archive_entry_size_is_set(checking->spec) &&
	    archive_entry_size(checking->is) != archive_entry_size(checking->spec))
		tell(checking, "size is %" PRId64 ", not %" PRId64,
		     (int64_t)archive_entry_size(checking->is),
		     (int64_t)archive_entry_size(checking->spec));
	if (type == AE_IFLNK)
		compare_link(checking);
	if (type == AE_IFCHR || type == AE_IFBLK)
		compare_device(checking);
	compare_time(checking);
}

static int check_file(struct checking *checking, const struct file_list *list,
		      const struct listed_file *file, const struct entry_rules *rules,
		      struct spec *spec, struct report *report)
{
	struct spec_file *expected = spec_find(spec, file->path);
	struct stat status;
	_cleanup_close_ int fd = file_open_listed(list, file, &status, report);
	int r;

	if (fd < 0)
		return fd;
	report_escape(checking->path, sizeof(checking->path), file->path);
	if (!expected) {
		tell(checking, "not in the spec");
		return 0;
	}
	expected->seen = true;
	r = entry_read(&checking->is, fd, &status, rules);
	if (r < 0)
		return report_failure(report, -r, "%s/%s", list->tree, file->path);
	checking->spec = expected->entry;
	compare(checking, expected);
	archive_entry_free(checking->is);
	return 0;
}

int check_tree(const struct file_list *list, const struct entry_rules *rules, struct spec *spec,
	       bool *differs, struct report *report)
{
	struct checking checking = { 0 };
	int r = 0;

	for (size_t i = 0; i < list->count && r >= 0; i++)
		r = check_file(&checking, list, &list->files[i], rules, spec, report);
	for (size_t i = 0; i < spec->count && r >= 0; i++) {
		if (spec->files[i].seen)
			continue;
		report_escape(checking.path, sizeof(checking.path), spec->files[i].path);
		tell(&checking, "missing");
	}
	*differs = checking.differs;
	if (r >= 0 && (fflush(stdout) != 0 || ferror(stdout)))
		return report_failure(report, errno, "standard output: write");
	return r;
}
