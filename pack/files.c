/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/files.h"

#include "base/cleanup.h"
#include "base/syscalls.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

int file_open(int root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned int)(flags | O_NOFOLLOW | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	int fd;

	/* RESOLVE_NO_SYMLINKS would not even let the last one be, but for O_PATH | O_NOFOLLOW */
	do
		fd = sys_openat2(root, path, &how);
	while (fd < 0 && (errno == EINTR || errno == EAGAIN));
	return fd < 0 ? -errno : fd;
}

const char *file_path(char path[32], int fd)
{
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return path;
}

static int add_file(struct file_list *list, char *path, const struct stat *status)
{
	if (list->count == list->capacity) {
		size_t capacity = list->capacity ? 2 * list->capacity : 256;
		struct listed_file *grown =
			reallocarray(list->files, capacity, sizeof(*list->files));

		if (!grown)
			return -ENOMEM;
		list->files = grown;
		list->capacity = capacity;
	}
	list->files[list->count] = (struct listed_file){
		.path = path,
		.device = status->st_dev,
		.inode = status->st_ino,
		.mode = status->st_mode,
		.links = status->st_nlink,
		.first = list->count,
		.last = list->count,
		.links_listed = 1,
	};
	list->count++;
	return 0;
}

struct names {
	char **names;
	size_t count, capacity;
};

static void free_names(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->names[i]);
	free(names->names);
}

static int add_name(struct names *names, const char *name)
{
	char *copy = strdup(name);

	if (!copy)
		return -ENOMEM;
	if (names->count == names->capacity) {
		size_t capacity = names->capacity ? 2 * names->capacity : 16;
		char **grown = reallocarray(names->names, capacity, sizeof(*grown));

		if (!grown) {
			free(copy);
			return -ENOMEM;
		}
		names->names = grown;
		names->capacity = capacity;
	}
	names->names[names->count++] = copy;
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All names before the first file is looked at: fds are few, and trees may be deep. */
static int read_names(const struct file_list *list, const char *folder, struct names *names)
{
	int fd = file_open(list->root, folder, O_RDONLY | O_DIRECTORY);
	_cleanup_closedir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *found;
	int r = 0;

	if (fd < 0)
		return fd;
	if (!dir) {
		r = -errno;
		close(fd);
		return r;
	}
	while (r >= 0 && (errno = 0, found = readdir(dir))) {
		if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0)
			r = add_name(names, found->d_name);
	}
	if (r >= 0 && errno)
		r = -errno;
	if (names->count)
		qsort(names->names, names->count, sizeof(*names->names), compare_names);
	return r;
}

static int list_folder(struct file_list *list, const char *folder, struct report *report);

/* `path` becomes the list's. */
static int list_file(struct file_list *list, char *path, struct report *report)
{
	struct stat status;
	_cleanup_close_ int fd = file_open(list->root, path, O_PATH);
	int r = fd;

	if (fd >= 0)
		r = fstat(fd, &status) < 0 ? -errno : add_file(list, path, &status);
	if (r < 0) {
		report_failure(report, -r, "%s/%s", list->tree, path);
		free(path);
		return r;
	}
	close_fd(&fd);
	return S_ISDIR(status.st_mode) ? list_folder(list, path, report) : 0;
}

static int list_folder(struct file_list *list, const char *folder, struct report *report)
{
	struct names names = { 0 };
	int r = read_names(list, folder, &names);

	if (r < 0)
		report_failure(report, -r, "%s/%s", list->tree, folder);
	for (size_t i = 0; i < names.count && r >= 0; i++) {
		char *path;

		if (strcmp(folder, ".") == 0)
			path = strdup(names.names[i]);
		else if (asprintf(&path, "%s/%s", folder, names.names[i]) < 0)
			path = NULL;
		r = path ? list_file(list, path, report)
			 : report_failure(report, ENOMEM, "%s", list->tree);
	}
	free_names(&names);
	return r;
}

static int compare_inodes(const void *left, const void *right)
{
	const struct listed_file *a = *(struct listed_file *const *)left,
				 *b = *(struct listed_file *const *)right;

	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	return (a->first > b->first) - (a->first < b->first);
}

static void tie(struct listed_file **files, size_t count)
{
	size_t first = files[0]->first, last = files[count - 1]->last;

	for (size_t i = 0; i < count; i++) {
		files[i]->first = first;
		files[i]->last = last;
		files[i]->links_listed = count;
	}
}

/* Find the names of one file. */
static int tie_links(struct file_list *list)
{
	_cleanup_free_ struct listed_file **linked =
		reallocarray(NULL, list->count + 1, sizeof(*linked));
	size_t count = 0, from = 0;

	if (!linked)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++) {
		if (list->files[i].links > 1 && !S_ISDIR(list->files[i].mode))
			linked[count++] = &list->files[i];
	}
	qsort(linked, count, sizeof(*linked), compare_inodes);
	for (size_t i = 1; i <= count; i++) {
		if (i < count && linked[i]->inode == linked[from]->inode &&
		    linked[i]->device == linked[from]->device)
			continue;
		tie(linked + from, i - from);
		from = i;
	}
	return 0;
}

int file_list_read(struct file_list *list, const char *tree, struct report *report)
{
	char *path = strdup(".");
	int r;

	*list = (struct file_list){ .tree = tree };
	list->root = open(tree, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (list->root < 0 || !path) {
		r = report_failure(report, path ? errno : ENOMEM, "%s", tree);
		free(path);
		return r;
	}
	r = list_file(list, path, report);
	if (r >= 0) {
		r = tie_links(list);
		if (r < 0)
			report_failure(report, -r, "%s", tree);
	}
	return r;
}

void file_list_free(struct file_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->files[i].path);
	free(list->files);
	close_fd(&list->root);
	*list = (struct file_list){ .root = -EBADF };
}

int file_open_listed(const struct file_list *list, const struct listed_file *file,
		     struct stat *status, struct report *report)
{
	int fd = file_open(list->root, file->path, O_PATH);

	if (fd < 0)
		return report_failure(report, -fd, "%s/%s", list->tree, file->path);
	if (fstat(fd, status) < 0) {
		int r = report_failure(report, errno, "%s/%s", list->tree, file->path);

		close(fd);
		return r;
	}
	if (status->st_dev != file->device || status->st_ino != file->inode ||
	    (status->st_mode & S_IFMT) != (file->mode & S_IFMT)) {
		close(fd);
		return report_refusal(report, "%s/%s: replaced by another file meanwhile",
				      list->tree, file->path);
	}
	return fd;
}
