/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/state.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

/* The fields of a line, each "NAME=NUMBER", in this order. */
enum field { DEVICE, INODE, MODE, UID, GID, LINKS, RDEV, FIELD_COUNT };

static const struct {
	const char *name;
	int base;
	uint64_t max;
} fields[FIELD_COUNT] = {
	[DEVICE] = { "dev=", 16, UINT64_MAX },   [INODE] = { "ino=", 10, UINT64_MAX },
	[MODE] = { "mode=", 8, S_IFMT | 07777 }, [UID] = { "uid=", 10, UINT32_MAX },
	[GID] = { "gid=", 10, UINT32_MAX },      [LINKS] = { "nlink=", 10, UINT64_MAX },
	[RDEV] = { "rdev=", 10, UINT64_MAX },
};

/* strtoull(3) would take more: signs, and "0x". */
static bool is_digit(char c, int base)
{
	if (base == 16 && c >= 'a' && c <= 'f')
		return true;
	return c >= '0' && c <= (base == 8 ? '7' : '9');
}

static bool take_field(const char **text, enum field field, uint64_t *number)
{
	size_t length = strlen(fields[field].name);
	const char *digits = *text + length;
	unsigned long long value;
	char *end;

	if (strncmp(*text, fields[field].name, length) != 0 ||
	    !is_digit(*digits, fields[field].base) || digits[1] == 'x')
		return false;
	errno = 0;
	value = strtoull(digits, &end, fields[field].base);
	if (errno || value > fields[field].max || *end != (field + 1 < FIELD_COUNT ? ',' : '\0'))
		return false;
	*text = end + (*end == ',');
	*number = value;
	return true;
}

static int parse_line(struct remember_table *table, const char *line)
{
	uint64_t numbers[FIELD_COUNT];
	struct remembered *file;
	struct file_key key;

	for (enum field field = 0; field < FIELD_COUNT; field++) {
		if (!take_field(&line, field, &numbers[field]))
			return -EINVAL;
	}
	key = (struct file_key){ .device = numbers[DEVICE], .inode = numbers[INODE] };
	file = remember_get(table, &key);
	if (!file)
		return -ENOMEM;
	file->unpinned = true;
	file->mode = (mode_t)numbers[MODE];
	file->real_mode = REMEMBER_UNSEEN;
	file->uid = (uid_t)numbers[UID];
	file->gid = (gid_t)numbers[GID];
	file->links = numbers[LINKS];
	file->type = S_ISCHR(file->mode) || S_ISBLK(file->mode) ? file->mode & S_IFMT : 0;
	file->device = file->type ? (dev_t)numbers[RDEV] : 0;
	return 0;
}

int state_parse(struct remember_table *table, char *text, size_t size, unsigned int *line)
{
	char *rest = text, *current;
	int r = 0;

	*line = 1;
	if (strlen(text) != size)
		return -EINVAL;
	while (r == 0 && (current = strsep(&rest, "\n")) && (*current || rest)) {
		r = parse_line(table, current);
		if (r == 0)
			(*line)++;
	}
	return r;
}

static int print_file(const struct remembered *file, void *context)
{
	mode_t type = file->type ? file->type : file->mode & S_IFMT;
	FILE *stream = context;

	fprintf(stream,
		"dev=%" PRIx64 ",ino=%" PRIu64 ",mode=%o,uid=%u,gid=%u,nlink=%" PRIu64
		",rdev=%" PRIu64 "\n",
		file->key.device, file->key.inode, type | (file->mode & 07777), file->uid,
		file->gid, file->links, (uint64_t)file->device);
	return ferror(stream) ? -errno : 0; /* of this call: the one before had failed else */
}

int state_format(const struct remember_table *table, FILE *stream)
{
	int r = remember_each(table, print_file, stream);

	if (r < 0)
		return r;
	return fflush(stream) != 0 ? -errno : 0;
}

int state_read(const char *path, struct remember_table *table, struct report *report)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	_cleanup_free_ char *text = NULL;
	struct stat status;
	unsigned int line;
	size_t size = 0;
	int r;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return -ENOENT;
	if (fd < 0 || fstat(fd, &status) < 0)
		return report_failure(report, errno, "-i %s: open", path);
	if (!S_ISREG(status.st_mode))
		return -ENOENT;
	r = remember_read_all(fd, &text, &size);
	if (r < 0)
		return report_failure(report, -r, "-i %s: read", path);
	r = state_parse(table, text, size, &line);
	if (r == -ENOMEM)
		return report_failure(report, ENOMEM, "-i %s", path);
	return r < 0 ? report_refusal(report, "-i %s:%u: not understood", path, line) : 0;
}

int state_open(struct remember_file *file, const char *path, mode_t umask, struct report *report)
{
	struct stat status;
	int r;

	*file = (struct remember_file){
		.option = "-s",
		.path = path,
		.format = state_format,
		.mode = 0666 & ~umask,
		.directory = -EBADF,
		.lock = -EBADF,
	};
	r = remember_file_place(file, report);
	if (r < 0 || fstatat(file->directory, file->name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return r;
	file->mode = status.st_mode & 0777;
	file->in_place = !S_ISREG(status.st_mode);
	if (S_ISDIR(status.st_mode))
		return report_failure(report, EISDIR, "-s %s", path);
	return 0;
}
