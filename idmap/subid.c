/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idmap/subid.h"

#include "base/cleanup.h"
#include "idmap/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/* Room for the output of getsubids: IDMAP_MAX lines with a user name of usual length. */
#define GETSUBIDS_SIZE (IDMAP_MAX * 64)

/* A text that is taken apart from its start. */
struct cut {
	const char *text;
	size_t length;
};

/* Cut off what lies before the first `separator`, which is dropped; false if there is none. */
static bool cut_at(struct cut *rest, char separator, struct cut *part)
{
	const char *place = rest->length ? memchr(rest->text, separator, rest->length) : NULL;

	if (!place)
		return false;
	part->text = rest->text;
	part->length = (size_t)(place - rest->text);
	rest->length -= part->length + 1;
	rest->text = place + 1;
	return true;
}

/* The next line, with or without its newline; false at the end. */
static bool cut_line(struct cut *rest, struct cut *line)
{
	if (rest->length == 0)
		return false;
	if (!cut_at(rest, '\n', line)) {
		*line = *rest;
		rest->length = 0;
	}
	return true;
}

/*
 * A whole field as a number. One with a leading zero is refused: some versions of shadow take it
 * for octal, and we would not mean the same range as newuidmap.
 */
static bool parse_number(const struct cut *field, uint32_t *number)
{
	const char *next = field->text, *end = field->text + field->length;

	if (field->length > 1 && field->text[0] == '0')
		return false;
	return field->length && id_parse(&next, end, number) && next == end;
}

static void add_range(struct subid_ranges *ranges, uint32_t start, uint32_t count)
{
	if (ranges->count == IDMAP_MAX || count == 0 || (uint64_t)start + count > UINT32_MAX)
		return;
	for (size_t i = 0; i < ranges->count; i++) {
		uint32_t other = ranges->ranges[i].start, other_count = ranges->ranges[i].count;

		if (start < (uint64_t)other + other_count && other < (uint64_t)start + count)
			return;
	}
	ranges->ranges[ranges->count].start = start;
	ranges->ranges[ranges->count].count = count;
	ranges->count++;
}

static bool is_owner(const struct cut *owner, const char *name, uid_t uid)
{
	uint32_t number;

	if (name && owner->length && strlen(name) == owner->length &&
	    memcmp(name, owner->text, owner->length) == 0)
		return true;
	return parse_number(owner, &number) && number == uid;
}

void subid_parse(const char *text, size_t length, const char *name, uid_t uid,
		 struct subid_ranges *ranges)
{
	struct cut rest = { text, length }, line;

	while (cut_line(&rest, &line)) {
		struct cut owner, start_text;
		uint32_t start, count;

		if (cut_at(&line, ':', &owner) && cut_at(&line, ':', &start_text) &&
		    is_owner(&owner, name, uid) && parse_number(&start_text, &start) &&
		    parse_number(&line, &count))
			add_range(ranges, start, count);
	}
}

void subid_parse_getsubids(const char *text, size_t length, struct subid_ranges *ranges)
{
	struct cut rest = { text, length }, line;

	while (cut_line(&rest, &line)) {
		struct cut index, name, start_text;
		uint32_t start, count;

		if (cut_at(&line, ' ', &index) && cut_at(&line, ' ', &name) &&
		    cut_at(&line, ' ', &start_text) && parse_number(&start_text, &start) &&
		    parse_number(&line, &count))
			add_range(ranges, start, count);
	}
}

static int read_ranges(const char *path, const char *name, uid_t uid, struct subid_ranges *ranges,
		       struct report *report)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	ssize_t length;

	if (!file)
		return errno == ENOENT ? 0 : report_failure(report, errno, "%s", path);
	errno = 0;
	while ((length = getline(&line, &size, file)) >= 0)
		subid_parse(line, (size_t)length, name, uid, ranges);
	if (ferror(file) || errno == ENOMEM)
		return report_failure(report, errno, "%s", path);
	return 0;
}

/* That it is missing, fails or knows nothing is the same: the user has no ranges. */
static int ask_getsubids(enum subid_kind kind, const char *name, struct subid_ranges *ranges,
			 struct report *report)
{
	char path[HELPER_PATH_MAX], option[] = "-g", output[GETSUBIDS_SIZE];
	struct helper helper;
	char *argv[4];
	int status, r;
	size_t i = 0;

	/* it takes no "--" */
	if (!name || name[0] == '-' || !helper_find("getsubids", path))
		return 0;
	argv[i++] = path;
	if (kind == SUBID_GID)
		argv[i++] = option;
	argv[i++] = (char *)name;
	argv[i] = NULL;

	r = helper_start(&helper, path, argv, STDOUT_FILENO, report);
	if (r == 0)
		r = helper_finish(&helper, output, sizeof(output), &status, report);
	if (r < 0)
		return r;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		subid_parse_getsubids(output, strlen(output), ranges);
	return 0;
}

int subid_load(enum subid_kind kind, const char *name, uid_t uid, struct subid_ranges *ranges,
	       struct report *report)
{
	const char *path = kind == SUBID_UID ? "/etc/subuid" : "/etc/subgid";
	const char *option = kind == SUBID_UID ? "--add-subuids" : "--add-subgids";
	char number[16];
	int r;

	ranges->count = 0;
	r = read_ranges(path, name, uid, ranges, report);
	if (r == 0 && ranges->count == 0)
		r = ask_getsubids(kind, name, ranges, report);
	if (r < 0 || ranges->count)
		return r;

	snprintf(number, sizeof(number), "%u", uid);
	report_refusal(report, "%s: no subordinate ids for %s", path, name ? name : number);
	report_hint(report, "usermod %s 100000-165535 %s gives some, or do with one id: --map root",
		    option, name ? name : number);
	return -ENOENT;
}
