/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/status.h"

#include "base/cleanup.h"
#include "base/write.h"

#include <string.h>
#include <sys/stat.h>

int status_describe_namespaces(const struct launch *launch, char text[STATUS_NAMESPACES_MAX])
{
	/* bubblewrap tells of every new one but the user namespace, in this order */
	static const enum namespace order[] = { NAMESPACE_CGROUP, NAMESPACE_IPC, NAMESPACE_MOUNT,
						NAMESPACE_NET,    NAMESPACE_PID, NAMESPACE_UTS,
						NAMESPACE_TIME };
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		enum namespace_wish wish = launch->sandbox->namespaces[order[i]].wish;
		const struct namespace_kind *kind = &namespace_kinds[order[i]];
		struct stat status;
		char path[32];

		if (wish == NAMESPACE_SHARE ||
		    (order[i] == NAMESPACE_CGROUP && launch->identity.share_cgroup))
			continue;
		snprintf(path, sizeof(path), "self/ns/%s", kind->proc_name);
		if (fstatat(launch->proc_fd, path, &status, 0) < 0) {
			/* the kernel lacks it, which was to be tried only */
			if (errno == ENOENT && wish == NAMESPACE_TRY)
				continue;
			return report_failure(launch->report, errno, "stat /proc/%s", path);
		}
		length += (size_t)snprintf(text + length, STATUS_NAMESPACES_MAX - length,
					   ", \"%s-namespace\": %llu", kind->proc_name,
					   (unsigned long long)status.st_ino);
	}
	return 0;
}

/* --info-fd is laid out over several lines, --json-status-fd has one object a line */
static void indent(const char *text, char *indented)
{
	for (; *text; text++) {
		*indented++ = *text;
		if (*text == ',') {
			memcpy(indented, "\n   ", 4);
			indented += 4;
		}
	}
	*indented = '\0';
}

int status_write_info(const struct launch *launch, const char *namespaces)
{
	const struct sandbox *sandbox = launch->sandbox;
	char line[STATUS_NAMESPACES_MAX + 64], indented[2 * STATUS_NAMESPACES_MAX];
	int r = 0;

	if (sandbox->info_fd >= 0) {
		char text[sizeof(indented) + 64];

		indent(namespaces, indented);
		snprintf(text, sizeof(text), "{\n    \"child-pid\": %d%s\n}\n",
			 (int)launch->pid_1_pid, indented);
		r = write_all(sandbox->info_fd, text, strlen(text));
		if (r < 0)
			r = report_failure(launch->report, -r, "--info-fd %d: write",
					   sandbox->info_fd);
		close(sandbox->info_fd);
	}
	if (r >= 0 && sandbox->json_status_fd >= 0) {
		snprintf(line, sizeof(line), "{ \"child-pid\": %d%s }\n", (int)launch->pid_1_pid,
			 namespaces);
		r = write_all(sandbox->json_status_fd, line, strlen(line));
		if (r < 0)
			r = report_failure(launch->report, -r, "--json-status-fd %d: write",
					   sandbox->json_status_fd);
	}
	return r;
}

void status_write_exit(const struct launch *launch, int status)
{
	char line[64];

	if (launch->sandbox->json_status_fd < 0)
		return;
	snprintf(line, sizeof(line), "{ \"exit-code\": %d }\n", status);
	if (write_all(launch->sandbox->json_status_fd, line, strlen(line)) < 0)
		report_note(launch->report, "--json-status-fd: %s", strerror(errno));
}
