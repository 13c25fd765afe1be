/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The preload library: where it had better not be. */

#include "remember/preload.h"

#include "remember/shared.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define VARIABLES_MAX 1024
#define LIST_MAX 1024

static const char preload[] = "LD_PRELOAD=";

static char *const *find(char *const *environment, const char *name)
{
	const size_t length = strlen(name);

	while (environment && *environment && strncmp(*environment, name, length) != 0)
		environment++;
	return environment && *environment ? environment : NULL;
}

/* The same without us; NULL: we are not there, or there is no room. */
static char *const *copy_without(char *const *environment, char **room, char list[LIST_MAX])
{
	size_t count = 0;

	for (; *environment; environment++) {
		if (count + 1 == VARIABLES_MAX)
			return NULL;
		room[count] = *environment;
		if (strncmp(*environment, preload, sizeof(preload) - 1) == 0) {
			if (strlen(*environment) >= LIST_MAX)
				return NULL;
			room[count] = memcpy(list, *environment, strlen(*environment) + 1);
			shared_leave_list(list + sizeof(preload) - 1);
		}
		count++;
	}
	room[count] = NULL;
	return room;
}

/* Whether a loader finds us here. */
static bool is_here(void)
{
	const void *table = preload_table();
	const int saved = errno;
	bool found;

	/* a program's own filter may kill for it */
	if (table && shared_filtered(table))
		return true;
	found = syscall(SYS_faccessat, AT_FDCWD, SHARED_LIBRARY_PATH, 0L) == 0;
	errno = saved;
	return found;
}

__attribute__((noinline)) static int execute_without(const char *path, char *const *arguments,
						     char *const *environment)
{
	char *room[VARIABLES_MAX], list[LIST_MAX];
	char *const *copy = copy_without(environment, room, list);

	return (int)syscall(SYS_execve, path, arguments, copy ? copy : environment);
}

/*
 * In a root where we are not, the loader of each program would complain that it can't find us. And
 * ldd(1) has it list what it would load, and many copy what is listed into their images.
 */
EXPORT(int, owners_execve, "execve", const char *path, char *const *arguments,
       char *const *environment)
{
	if (find(environment, preload) &&
	    (find(environment, "LD_TRACE_LOADED_OBJECTS=") || !is_here()))
		return execute_without(path, arguments, environment);
	return (int)syscall(SYS_execve, path, arguments, environment);
}

EXPORT(int, owners_execv, "execv", const char *path, char *const *arguments)
{
	return owners_execve(path, arguments, environ);
}

/* For those that do not come here: what the C library starts itself. */
EXPORT(int, owners_chroot, "chroot", const char *path)
{
	char *const *found;
	char **at, *list;

	if (syscall(SYS_chroot, path) < 0)
		return -1;
	found = is_here() ? NULL : find(environ, preload);
	if (!found)
		return 0;
	list = *found + sizeof(preload) - 1;
	if (!shared_leave_list(list) || *list)
		return 0;
	for (at = environ + (found - environ); *at; at++)
		at[0] = at[1];
	return 0;
}
