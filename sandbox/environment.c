/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/environment.h"

#include "base/cleanup.h"
#include "remember/shared.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

/* Ways to talk to the caller's session: with its keys, or outside the sandbox. */
static const char *const session_variables[] = {
	"SSH_AUTH_SOCK",   "SSH_AGENT_PID",  "GPG_AGENT_INFO", "DBUS_SESSION_BUS_ADDRESS",
	"XDG_RUNTIME_DIR", "WAYLAND_SOCKET", "NOTIFY_SOCKET",
};

static size_t name_length(const char *assignment)
{
	return strcspn(assignment, "=");
}

static char **find(char *const *environment, const char *name, size_t length)
{
	for (; *environment; environment++) {
		if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
			return (char **)(uintptr_t)environment;
	}
	return NULL;
}

static void erase(char **environment, const char *name)
{
	char **found;

	while ((found = find(environment, name, strlen(name)))) {
		char **last = found;

		while (last[1])
			last++;
		memmove(found, found + 1, (size_t)(last - found) * sizeof(*found));
		*last = NULL;
	}
}

void environment_put(char **environment, char *assignment)
{
	char **found = find(environment, assignment, name_length(assignment));

	if (!found) {
		for (found = environment; *found; found++)
			;
		found[1] = NULL;
	}
	*found = assignment;
}

const char *environment_get(char *const *environment, const char *name)
{
	char **found = find(environment, name, strlen(name));

	return found ? *found + strlen(name) + 1 : NULL;
}

/* That of the sandbox that we are in: no program of ours would find it. */
static int leave_preload(char **environment)
{
	static const char name[] = "LD_PRELOAD";
	char **found = find(environment, name, strlen(name)), *copy;

	if (!found || !strstr(*found, SHARED_LIBRARY_PATH))
		return 0;
	copy = strdup(*found);
	if (!copy)
		return -ENOMEM;
	*found = copy;
	if (shared_leave_list(copy + sizeof(name)) && !copy[sizeof(name)])
		erase(environment, name);
	return 0;
}

static int apply(char **environment, const struct environment_change *change)
{
	char *assignment;

	switch (change->action) {
	case ENVIRONMENT_CLEAR:
		environment[0] = NULL;
		return 0;
	case ENVIRONMENT_UNSET:
		erase(environment, change->name);
		return 0;
	default:
		if (asprintf(&assignment, "%s=%s", change->name, change->value) < 0)
			return -ENOMEM;
		environment_put(environment, assignment);
		return 0;
	}
}

int environment_build(const struct sandbox *sandbox, char *const *own, bool hide_session,
		      char ***environment, struct report *report)
{
	_cleanup_free_ char **built = NULL;
	size_t count = 0;

	while (own[count])
		count++;
	built = calloc(count + sandbox->environment_count + ENVIRONMENT_SPARE + 1, sizeof(*built));
	if (!built)
		return report_failure(report, ENOMEM, "environment");
	memcpy(built, own, count * sizeof(*built));
	if (leave_preload(built) < 0)
		return report_failure(report, ENOMEM, "environment");
	for (size_t i = 0;
	     hide_session && i < sizeof(session_variables) / sizeof(*session_variables); i++)
		erase(built, session_variables[i]);
	for (size_t i = 0; i < sandbox->environment_count; i++) {
		if (apply(built, &sandbox->environment[i]) < 0)
			return report_failure(report, ENOMEM, "environment");
	}
	*environment = steal_ptr(built);
	return 0;
}

int environment_set_pwd(char **environment, struct report *report)
{
	char path[PATH_MAX], *assignment;

	if (!getcwd(path, sizeof(path)))
		return 0; /* too long, or unreachable: no PWD is better than a wrong one */
	if (asprintf(&assignment, "PWD=%s", path) < 0)
		return report_failure(report, ENOMEM, "environment");
	environment_put(environment, assignment);
	return 0;
}

static void name_us(char *start, const char *end, const char *name)
{
	if ((size_t)(end - start) > strlen(name))
		strcpy(start, name);
}

void environment_wipe_options(char **argv, char *const *command, const char *name)
{
	char *start = argv[0], *end = argv[0];

	for (char **word = argv; *word && word != command; word++)
		end = *word + strlen(*word) + 1;
	if (!start)
		return;
	memset(start, 0, (size_t)(end - start));
	name_us(start, end, name);
}

void environment_wipe_own(char **argv, char **own, const char *name)
{
	char *start = argv[0], *end = argv[0];
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), first, last;

	if (!start)
		return;
	for (char **word = argv; *word; word++)
		end = *word + strlen(*word) + 1;
	for (char **word = own; *word; word++)
		end = *word + strlen(*word) + 1;
	first = ((uintptr_t)start + page - 1) & ~(page - 1);
	last = (uintptr_t)end & ~(page - 1);
	/* whole pages are private memory of the stack: dropping them copies nothing */
	if (first < last && madvise((void *)first, last - first, MADV_DONTNEED) == 0) {
		memset(start, 0, first - (uintptr_t)start);
		memset((void *)last, 0, (uintptr_t)end - last);
	} else {
		memset(start, 0, (size_t)(end - start));
	}
	name_us(start, end, name);
}
