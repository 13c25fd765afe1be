/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idmap/write.h"

#include "base/cleanup.h"
#include "idmap/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The two programs, newuidmap(1) and newgidmap(1). */
struct helper_kind {
	const char *name;
	const char *map_name;    /* file below /proc/PID */
	const char *ranges_path; /* what gives the user its ranges */
};

static const struct helper_kind helper_uid = { "newuidmap", "uid_map", "/etc/subuid" };
static const struct helper_kind helper_gid = { "newgidmap", "gid_map", "/etc/subgid" };

/* Room for a decimal number of 32 bits. */
struct number {
	char text[11];
};

/* The command line: "newuidmap PID INNER OUTER COUNT ...". */
struct arguments {
	struct number numbers[1 + 3 * IDMAP_MAX];
	char *argv[1 + 1 + 3 * IDMAP_MAX + 1];
};

static void fill_arguments(struct arguments *arguments, char *path, pid_t pid,
			   const struct idmap *map)
{
	struct number *next = arguments->numbers;
	char **argv = arguments->argv;

	*argv++ = path;
	snprintf(next->text, sizeof(next->text), "%d", pid);
	*argv++ = next++->text;
	for (size_t i = 0; i < map->count; i++) {
		const uint32_t fields[] = { map->ranges[i].inner, map->ranges[i].outer,
					    map->ranges[i].count };

		for (size_t j = 0; j < 3; j++) {
			snprintf(next->text, sizeof(next->text), "%u", fields[j]);
			*argv++ = next++->text;
		}
	}
	*argv = NULL;
}

/* Quote the first line of what the program said, without its name, which is told already. */
static int refused(const struct helper_kind *kind, const char *path, int status, char *output,
		   struct report *report)
{
	size_t length = strlen(kind->name);
	const char *said = output;

	output[strcspn(output, "\n")] = '\0';
	if (strncmp(said, kind->name, length) == 0 && strncmp(said + length, ": ", 2) == 0)
		said += length + 2;

	if (WIFSIGNALED(status))
		report_refusal(report, "%s: killed by signal %d", path, WTERMSIG(status));
	else if (said[0])
		report_refusal(report, "%s: %s", path, said);
	else
		report_refusal(report, "%s: exit status %d", path, WEXITSTATUS(status));

	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		report_hint(report,
			    "no_new_privs is set, so %s gains no privileges: do with one "
			    "id, --map root",
			    kind->name);
	else
		report_hint(report,
			    "does %s give the user this range, and is %s set-user-ID root "
			    "or has it file capabilities?",
			    kind->ranges_path, path);
	return -EPERM;
}

/* path: room for HELPER_PATH_MAX bytes, needed as long as the program runs. */
static int start(struct helper *helper, const struct helper_kind *kind, char *path, pid_t pid,
		 const struct idmap *map, struct report *report)
{
	struct arguments arguments;

	if (!helper_find(kind->name, path)) {
		report_refusal(report, "%s: not found, and only it can map subordinate ids",
			       kind->name);
		report_hint(report, "install the package uidmap, or do with one id: --map root");
		return -ENOENT;
	}
	fill_arguments(&arguments, path, pid, map);
	return helper_start(helper, path, arguments.argv, STDERR_FILENO, report);
}

static int finish(struct helper *helper, const struct helper_kind *kind, struct report *report)
{
	char output[1024];
	int status, r = helper_finish(helper, output, sizeof(output), &status, report);

	if (r < 0)
		return r;
	return status == 0 ? 0 : refused(kind, helper->path, status, output, report);
}

/* Read a file of procfs as a text; one that does not fit has a strange size: -EFBIG. */
static int read_text(int proc_fd, const char *file, char *text, size_t size)
{
	_cleanup_close_ int fd = openat(proc_fd, file, O_RDONLY | O_CLOEXEC);
	size_t used = 0;

	if (fd < 0)
		return -errno;
	while (used < size) {
		ssize_t got = read(fd, text + used, size - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0) {
			text[used] = '\0';
			return 0;
		}
		used += (size_t)got;
	}
	return -EFBIG;
}

/*
 * The programs had defects (CVE-2016-6252), and so had the kernel (CVE-2018-18955): what counts is
 * the map that is there.
 */
static int verify(int proc_fd, const struct helper_kind *kind, pid_t pid, const struct idmap *map,
		  struct report *report)
{
	char text[IDMAP_TEXT_MAX], file[32];
	struct idmap is;
	int r;

	snprintf(file, sizeof(file), "%d/%s", pid, kind->map_name);
	r = read_text(proc_fd, file, text, sizeof(text));
	if (r < 0)
		return report_failure(report, -r, "/proc/%s", file);
	if (idmap_parse_file(&is, text) < 0 || !idmap_equal(&is, map)) {
		report_refusal(report, "/proc/%s: %s has written another map than was asked for",
			       file, kind->name);
		return -EBADMSG;
	}
	return 0;
}

/* Both programs at a time: they know nothing of each other, and start slowly. */
static int run_both(pid_t pid, const struct idmap *uid_map, const struct idmap *gid_map,
		    struct report *report)
{
	char uid_path[HELPER_PATH_MAX], gid_path[HELPER_PATH_MAX];
	struct helper uid_helper, gid_helper;
	int uid_result, gid_result;

	gid_result = start(&gid_helper, &helper_gid, gid_path, pid, gid_map, report);
	if (gid_result < 0)
		return gid_result;
	uid_result = start(&uid_helper, &helper_uid, uid_path, pid, uid_map, report);
	gid_result = finish(&gid_helper, &helper_gid, report);
	if (uid_result == 0)
		uid_result = finish(&uid_helper, &helper_uid, report);
	return gid_result < 0 ? gid_result : uid_result;
}

int idmap_run_helpers(int proc_fd, pid_t pid, const struct idmap *uid_map,
		      const struct idmap *gid_map, struct report *report)
{
	int r = run_both(pid, uid_map, gid_map, report);

	if (r == 0)
		r = verify(proc_fd, &helper_gid, pid, gid_map, report);
	if (r == 0)
		r = verify(proc_fd, &helper_uid, pid, uid_map, report);
	return r;
}
