/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/owners.h"

#include "base/cleanup.h"
#include "pack/files.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static bool parse_id(const char **text, uint32_t *id)
{
	unsigned long long value;
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	value = strtoull(*text, &end, 10);
	if (errno || value >= ID_UNSET)
		return false;
	*text = end;
	*id = (uint32_t)value;
	return true;
}

/* "ID", "FIRST-LAST" or nothing, up to a character */
static bool parse_range(const char **text, char end, struct owner_range *range)
{
	range->any = **text == end;
	if (!range->any) {
		if (!parse_id(text, &range->first))
			return false;
		range->last = range->first;
		if (**text == '-' && (++*text, !parse_id(text, &range->last)))
			return false;
	}
	if (**text != end || range->last < range->first)
		return false;
	*text += end != '\0';
	return true;
}

/* "ID" or nothing: the first of the range that a range becomes */
static bool parse_to(const char **text, char end, struct owner_range *range)
{
	if (**text == end) {
		if (!range->any)
			return false;
	} else if (!parse_id(text, &range->to) || range->any || **text != end ||
		   range->last - range->first > ID_UNSET - 1 - range->to) {
		return false;
	}
	*text += end != '\0';
	return true;
}

/* FROM-USER:FROM-GROUP blanks TO-USER:TO-GROUP */
static bool parse_rule(char *line, struct owner_rule *rule)
{
	char *rest = line;
	const char *from, *to;

	from = strsep(&rest, " \t");
	if (!rest)
		return false;
	to = rest + strspn(rest, " \t");
	rest = strpbrk(to, " \t");
	if (rest) {
		if (rest[strspn(rest, " \t")])
			return false;
		*rest = '\0';
	}
	return parse_range(&from, ':', &rule->user) && parse_range(&from, '\0', &rule->group) &&
	       parse_to(&to, ':', &rule->user) && parse_to(&to, '\0', &rule->group) &&
	       !(rule->user.any && rule->group.any);
}

int owners_parse_map(struct owners *owners, FILE *stream, const char *path, struct report *report)
{
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	for (unsigned int number = 1;; number++) {
		struct owner_rule rule = { 0 }, *grown;
		ssize_t length;
		char *start;

		errno = 0;
		length = getline(&line, &size, stream);
		if (length < 0)
			break;
		if (line[length - 1] == '\n')
			line[length - 1] = '\0';
		start = line + strspn(line, " \t");
		if (!*start || *start == '#')
			continue;
		if (strlen(line) + 1 < (size_t)length || !parse_rule(start, &rule))
			return report_refusal(report, "--owner-map %s:%u: not UID:GID UID:GID",
					      path, number);
		grown = reallocarray(owners->rules, owners->rule_count + 1, sizeof(*grown));
		if (!grown)
			return report_failure(report, ENOMEM, "--owner-map %s", path);
		owners->rules = grown;
		owners->rules[owners->rule_count++] = rule;
	}
	if (!feof(stream) || ferror(stream))
		return report_failure(report, errno ? errno : EIO, "--owner-map %s: read", path);
	return 0;
}

int owners_read_map(struct owners *owners, const char *path, struct report *report)
{
	_cleanup_fclose_ FILE *stream = fopen(path, "re");

	if (!stream)
		return report_failure(report, errno, "--owner-map %s: open", path);
	return owners_parse_map(owners, stream, path, report);
}

/* NAME:PASSWORD:ID:...: passwd(5), group(5); lines of another form say nothing */
static int add_line(struct owner_names *names, char *line)
{
	const char *name = strsep(&line, ":"), *id;
	struct owner_name *grown;
	uint32_t value;
	char *copy;

	if (!line || !*name || *name == '#' || *name == '+' || *name == '-')
		return 0;
	strsep(&line, ":");
	id = strsep(&line, ":\n");
	if (!id || !parse_id(&id, &value) || *id)
		return 0;
	copy = strdup(name);
	grown = reallocarray(names->names, names->count + 1, sizeof(*grown));
	if (grown)
		names->names = grown;
	if (!grown || !copy) {
		free(copy);
		return -ENOMEM;
	}
	names->names[names->count] = (struct owner_name){
		.id = value,
		.place = names->count,
		.name = copy,
	};
	names->count++;
	return 0;
}

static int compare_names(const void *left, const void *right)
{
	const struct owner_name *a = left, *b = right;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return (a->place > b->place) - (a->place < b->place);
}

int owners_parse_names(struct owner_names *names, FILE *stream)
{
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	int r = 0;

	while (r >= 0 && (errno = 0, getline(&line, &size, stream)) >= 0)
		r = add_line(names, line);
	if (r >= 0 && !feof(stream))
		r = errno ? -errno : -EIO;
	if (names->count)
		qsort(names->names, names->count, sizeof(*names->names), compare_names);
	return r;
}

static int read_names(struct owner_names *names, int root, const char *tree, const char *path,
		      struct report *report)
{
	int fd = file_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY), r;
	_cleanup_fclose_ FILE *stream = fd < 0 ? NULL : fdopen(fd, "re");
	struct stat status;

	/* a symlink could lead out of the tree, to names that are not the tree's */
	if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP)
		return 0;
	if (fd < 0)
		return report_failure(report, -fd, "%s/%s", tree, path);
	if (!stream) {
		cleanup_close(&fd);
		return report_failure(report, errno, "%s/%s", tree, path);
	}
	if (fstat(fd, &status) < 0)
		return report_failure(report, errno, "%s/%s", tree, path);
	if (!S_ISREG(status.st_mode))
		return 0;
	r = owners_parse_names(names, stream);
	return r < 0 ? report_failure(report, -r, "%s/%s: read", tree, path) : 0;
}

int owners_read_names(struct owners *owners, int root, const char *tree, struct report *report)
{
	int r = read_names(&owners->users, root, tree, "etc/passwd", report);

	return r < 0 ? r : read_names(&owners->groups, root, tree, "etc/group", report);
}

/* The first of those with an id. */
static const char *find_name(const struct owner_names *names, uint32_t id)
{
	size_t low = 0, high = names->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (names->names[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < names->count && names->names[low].id == id ? names->names[low].name : NULL;
}

static bool is_in(const struct owner_range *range, uint32_t id)
{
	return range->any || (id >= range->first && id <= range->last);
}

static uint32_t shift(const struct owner_range *range, uint32_t id)
{
	return range->any ? id : range->to + (id - range->first);
}

/* Of the user and of the group each, the first line that fits and names it counts. */
static void map_owner(const struct owners *owners, uint32_t *uid, uint32_t *gid)
{
	const struct owner_range *user = NULL, *group = NULL;

	for (size_t i = 0; i < owners->rule_count; i++) {
		const struct owner_rule *rule = &owners->rules[i];

		if (!is_in(&rule->user, *uid) || !is_in(&rule->group, *gid))
			continue;
		if (!user && !rule->user.any)
			user = &rule->user;
		if (!group && !rule->group.any)
			group = &rule->group;
	}
	if (user)
		*uid = shift(user, *uid);
	if (group)
		*gid = shift(group, *gid);
}

void owners_set(const struct owners *owners, struct archive_entry *entry, uint32_t uid,
		uint32_t gid, const struct remembered *file)
{
	if (file && file->uid != ID_UNSET)
		uid = file->uid;
	else if (uid == owners->root_uid)
		uid = 0;
	if (file && file->gid != ID_UNSET)
		gid = file->gid;
	else if (gid == owners->root_gid)
		gid = 0;
	map_owner(owners, &uid, &gid);
	archive_entry_set_uid(entry, uid);
	archive_entry_set_gid(entry, gid);
	archive_entry_copy_uname(entry, find_name(&owners->users, uid));
	archive_entry_copy_gname(entry, find_name(&owners->groups, gid));
}

uint32_t owners_map_id(const struct owners *owners, uint32_t id, bool group)
{
	if (id == (group ? owners->root_gid : owners->root_uid))
		id = 0;
	for (size_t i = 0; i < owners->rule_count; i++) {
		const struct owner_rule *rule = &owners->rules[i];
		const struct owner_range *range = group ? &rule->group : &rule->user;

		/* an ACL has no pairs */
		if (!(group ? &rule->user : &rule->group)->any || !is_in(range, id))
			continue;
		return shift(range, id);
	}
	return id;
}

static void free_names(struct owner_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->names[i].name);
	free(names->names);
}

void owners_free(struct owners *owners)
{
	free(owners->rules);
	free_names(&owners->users);
	free_names(&owners->groups);
	*owners = (struct owners){ 0 };
}
