/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/file.h"

#include "base/cleanup.h"
#include "base/read.h"
#include "base/write.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define FIRST_LINE "nsroot-remember 1"

/* A number of a base up to a character; *text moves behind that. */
static bool take_number(const char **text, int base, char end, uint64_t max, uint64_t *number)
{
	char *after;
	unsigned long long value;

	if (!((**text >= '0' && **text <= '9') || (**text >= 'a' && **text <= 'f')) ||
	    (*text)[1] == 'x') /* that strtoull would take */
		return false;
	errno = 0;
	value = strtoull(*text, &after, base);
	if (errno || *after != end || value > max)
		return false;
	*text = after + (end != '\0');
	*number = value;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Pairs of digits in place; returns the bytes, or -1. */
static ssize_t decode_hex(char *text)
{
	ssize_t size = 0;

	for (char *at = text; *at; at += 2) {
		int high = hex_digit(at[0]), low = at[1] ? hex_digit(at[1]) : -1;

		if (high < 0 || low < 0)
			return -1;
		text[size++] = (char)(high << 4 | low);
	}
	return size;
}

static int parse_device(struct remembered *file, const char *value)
{
	uint64_t major_number, minor_number;

	if (value[0] != 'c' && value[0] != 'b')
		return -EINVAL;
	file->type = value[0] == 'c' ? S_IFCHR : S_IFBLK;
	value++;
	if (*value++ != ':' || !take_number(&value, 10, ':', UINT32_MAX, &major_number) ||
	    !take_number(&value, 10, '\0', UINT32_MAX, &minor_number))
		return -EINVAL;
	file->device = makedev((unsigned int)major_number, (unsigned int)minor_number);
	return 0;
}

/* "xattr.NAME=HEX", "-xattr.NAME": the name in hex as well, as it may hold anything */
static int parse_attribute(struct remembered *file, char *name, char *value)
{
	ssize_t length = decode_hex(name), size = value ? decode_hex(value) : 0;
	int r;

	if (length <= 0 || length > XATTR_NAME_MAX || size < 0 || size > XATTR_SIZE_MAX)
		return -EINVAL;
	name[length] = '\0';
	if (strlen(name) != (size_t)length)
		return -EINVAL;
	r = remember_attribute(file, name, value, (size_t)size);
	return r == -ENOSPC ? -EINVAL : r;
}

static int parse_field(struct remembered *file, char *field)
{
	char *value = strchr(field, '=');
	const char *number;
	uint64_t id;

	if (strncmp(field, "-xattr.", 7) == 0)
		return value ? -EINVAL : parse_attribute(file, field + 7, NULL);
	if (!value)
		return -EINVAL;
	*value++ = '\0';
	if (strcmp(field, "dev") == 0)
		return parse_device(file, value);
	if (strncmp(field, "xattr.", 6) == 0)
		return parse_attribute(file, field + 6, value);
	number = value;
	if (!take_number(&number, 10, '\0', ID_UNSET - 1, &id))
		return -EINVAL;
	if (strcmp(field, "uid") == 0)
		file->uid = (uid_t)id;
	else if (strcmp(field, "gid") == 0)
		file->gid = (gid_t)id;
	else
		return -EINVAL;
	return 0;
}

/* DEVICE:INODE:GENERATION FIELD... */
static int parse_line(struct remember_table *table, char *text)
{
	const char *at = strsep(&text, " ");
	struct remembered *file;
	struct file_key key;
	char *field;
	int r = 0;

	if (!take_number(&at, 16, ':', UINT64_MAX, &key.device) ||
	    !take_number(&at, 10, ':', UINT64_MAX, &key.inode) ||
	    !take_number(&at, 16, '\0', UINT64_MAX, &key.generation))
		return -EINVAL;
	if (remember_find(table, &key))
		return -EINVAL;
	file = remember_get(table, &key);
	if (!file)
		return -ENOMEM;
	while (r == 0 && (field = strsep(&text, " ")))
		r = parse_field(file, field);
	return r;
}

int remember_parse(struct remember_table *table, char *text, size_t size, unsigned int *line)
{
	char *rest = text, *current;
	uint64_t count;

	*line = 0;
	if (size == 0)
		return 0;
	if (strncmp(text, FIRST_LINE "\n",
		    size <= strlen(FIRST_LINE) ? size : strlen(FIRST_LINE) + 1) != 0) {
		*line = 1;
		return -EINVAL;
	}
	if (strlen(text) != size || text[size - 1] != '\n')
		return -EINVAL;
	for (*line = 1; (current = strsep(&rest, "\n")) && rest; (*line)++) {
		const char *number = current + 4;
		int r;

		if (*line == 1)
			continue;
		if (strncmp(current, "end ", 4) == 0)
			return take_number(&number, 10, '\0', UINT64_MAX, &count) &&
					       count == table->count && !*rest
				       ? 0
				       : -EINVAL;
		r = parse_line(table, current);
		if (r < 0)
			return r;
	}
	*line = 0;
	return -EINVAL;
}

static void print_hex(FILE *stream, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		fprintf(stream, "%02x", (unsigned char)bytes[i]);
}

struct printing {
	FILE *stream;
	size_t count;
};

static int print_file(const struct remembered *file, void *context)
{
	struct printing *printing = context;
	FILE *stream = printing->stream;

	if (file->passes)
		return 0;
	printing->count++;
	fprintf(stream, "%" PRIx64 ":%" PRIu64 ":%" PRIx64, file->key.device, file->key.inode,
		file->key.generation);
	if (file->uid != ID_UNSET)
		fprintf(stream, " uid=%u", file->uid);
	if (file->gid != ID_UNSET)
		fprintf(stream, " gid=%u", file->gid);
	if (file->type)
		fprintf(stream, " dev=%c:%u:%u", file->type == S_IFCHR ? 'c' : 'b',
			major(file->device), minor(file->device));
	for (size_t i = 0; i < file->attribute_count; i++) {
		const struct remembered_attribute *attribute = &file->attributes[i];

		fputs(attribute->removed ? " -xattr." : " xattr.", stream);
		print_hex(stream, attribute->name, strlen(attribute->name));
		if (attribute->removed)
			continue;
		fputc('=', stream);
		print_hex(stream, attribute->value, attribute->size);
	}
	fputc('\n', stream);
	return ferror(stream) ? -errno : 0; /* of this call: the one before had failed else */
}

int remember_format(const struct remember_table *table, FILE *stream)
{
	struct printing printing = { .stream = stream };
	int r;

	fputs(FIRST_LINE "\n", stream);
	r = remember_each(table, print_file, &printing);
	if (r < 0)
		return r;
	fprintf(stream, "end %zu\n", printing.count);
	return fflush(stream) != 0 ? -errno : 0;
}

int remember_file_place(struct remember_file *file, struct report *report)
{
	/* where a symlink leads, so that not the symlink is replaced at the end */
	_cleanup_free_ char *real = realpath(file->path, NULL);
	const char *path = real ? real : file->path;
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	_cleanup_free_ char *folder =
		slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");

	file->name = strdup(name);
	if (!folder || !file->name)
		return report_failure(report, ENOMEM, "%s %s", file->option, file->path);
	if (!*name)
		return report_refusal(report, "%s %s: not the name of a file", file->option,
				      file->path);
	file->directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file->directory < 0)
		return report_failure(report, errno, "%s %s: open the folder", file->option,
				      file->path);
	return 0;
}

/* The one that has the name now: who had it before may have replaced it meanwhile. */
static int lock_current(struct remember_file *file, const char *option, struct report *report)
{
	struct stat locked, named;

	for (;;) {
		file->lock = openat(
			file->directory, file->name,
			O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW, 0644);
		if (file->lock < 0 && errno == ELOOP)
			return report_refusal(report, "%s %s: a symlink that leads nowhere", option,
					      file->path);
		if (file->lock < 0 || fstat(file->lock, &locked) < 0)
			return report_failure(report, errno, "%s %s: open", option, file->path);
		if (!S_ISREG(locked.st_mode))
			return report_refusal(report, "%s %s: not a regular file", option,
					      file->path);
		if (flock(file->lock, LOCK_EX | LOCK_NB) < 0) {
			if (errno != EWOULDBLOCK)
				return report_failure(report, errno, "%s %s: flock", option,
						      file->path);
			report_refusal(report, "%s %s: another sandbox uses it", option,
				       file->path);
			return -EBUSY;
		}
		if (fstatat(file->directory, file->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
		    named.st_dev == locked.st_dev && named.st_ino == locked.st_ino)
			return 0;
		close_fd(&file->lock);
	}
}

int remember_read_all(int fd, char **text, size_t *size)
{
	_cleanup_free_ char *buffer = NULL;
	struct stat status;
	ssize_t used;

	if (fstat(fd, &status) < 0)
		return -errno;
	buffer = malloc((size_t)status.st_size + 1);
	if (!buffer)
		return -ENOMEM;
	used = read_at(fd, buffer, (size_t)status.st_size, 0);
	if (used < 0)
		return (int)used;
	buffer[used] = '\0';
	*text = steal_ptr(buffer);
	*size = (size_t)used;
	return 0;
}

/* Another kind of file may be too large to be read for nothing. */
static int check_first_line(int fd, unsigned int *line)
{
	const char first[] = FIRST_LINE "\n";
	char start[sizeof(first) - 1];
	ssize_t n = read_at(fd, start, sizeof(start), 0);

	if (n < 0)
		return (int)n;
	if (strncmp(start, first, (size_t)n) == 0)
		return 0;
	*line = 1;
	return -EINVAL;
}

static int load(int fd, const char *option, const char *path, struct remember_table *table,
		struct report *report)
{
	_cleanup_free_ char *text = NULL;
	unsigned int line = 0;
	size_t size = 0;
	int r = check_first_line(fd, &line);

	if (r >= 0)
		r = remember_read_all(fd, &text, &size);
	if (r < 0 && !line)
		return report_failure(report, -r, "%s %s: read", option, path);
	if (r >= 0)
		r = remember_parse(table, text, size, &line);
	if (r == -ENOMEM)
		return report_failure(report, ENOMEM, "%s %s", option, path);
	if (r < 0 && line == 1)
		return report_refusal(report, "%s %s: its first line is not \"" FIRST_LINE "\"",
				      option, path);
	if (r < 0 && line)
		return report_refusal(report, "%s %s:%u: not understood", option, path, line);
	if (r < 0)
		return report_refusal(report, "%s %s: it is not whole: the end is missing", option,
				      path);
	return 0;
}

int remember_file_open(struct remember_file *file, const char *option, const char *path,
		       struct remember_table *table, struct report *report)
{
	int r;

	*file = (struct remember_file){ .option = option,
					.path = path,
					.format = remember_format,
					.directory = -EBADF,
					.lock = -EBADF };
	r = remember_file_place(file, report);
	if (r >= 0)
		r = lock_current(file, option, report);
	return r < 0 ? r : load(file->lock, option, path, table, report);
}

int remember_file_read(const char *option, const char *path, struct remember_table *table,
		       struct stat *status, struct report *report)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 || fstat(fd, status) < 0)
		return report_failure(report, errno, "%s %s: open", option, path);
	if (!S_ISREG(status->st_mode))
		return report_refusal(report, "%s %s: not a regular file", option, path);
	if (flock(fd, LOCK_SH | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return report_failure(report, errno, "%s %s: flock", option, path);
		report_refusal(report, "%s %s: a sandbox uses it", option, path);
		return -EBUSY;
	}
	return load(fd, option, path, table, report);
}

static int write_temporary(const struct remember_file *file, const char *name,
			   const struct remember_table *table)
{
	int fd = openat(file->directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	_cleanup_fclose_ FILE *stream = fd < 0 ? NULL : fdopen(fd, "we");
	mode_t mode = file->mode;
	struct stat status;
	int r;

	if (!stream) {
		cleanup_close(&fd);
		return -errno;
	}
	/* who may read the one that is replaced */
	if (file->lock >= 0) {
		if (fstat(file->lock, &status) < 0)
			return -errno;
		mode = status.st_mode & 0777;
	}
	if (fchmod(fd, mode) < 0)
		return -errno;
	r = file->format(table, stream);
	if (r >= 0 && fsync(fd) < 0) /* else the name may come to the disk before the contents */
		r = -errno;
	return r;
}

static int write_in_place(const struct remember_file *file, const struct remember_table *table)
{
	int fd = openat(file->directory, file->name, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	_cleanup_fclose_ FILE *stream = fd < 0 ? NULL : fdopen(fd, "we");

	if (!stream) {
		cleanup_close(&fd);
		return -errno;
	}
	return file->format(table, stream);
}

int remember_file_save(const struct remember_file *file, const struct remember_table *table,
		       struct report *report)
{
	char name[48];
	uint64_t number;
	int r;

	if (file->in_place) {
		r = write_in_place(file, table);
		return r < 0 ? report_failure(report, -r, "%s %s: write", file->option, file->path)
			     : 0;
	}
	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return report_failure(report, errno, "getrandom");
	snprintf(name, sizeof(name), ".nsroot-remember.%016" PRIx64, number);
	r = write_temporary(file, name, table);
	if (r >= 0 && renameat(file->directory, name, file->directory, file->name) < 0)
		r = -errno;
	if (r >= 0)
		return 0;
	(void)unlinkat(file->directory, name, 0);
	return report_failure(report, -r, "%s %s: write", file->option, file->path);
}

void remember_file_close(struct remember_file *file)
{
	close_fd(&file->lock);
	close_fd(&file->directory);
	free(file->name);
	file->name = NULL;
}
