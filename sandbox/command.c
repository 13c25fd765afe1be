/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/command.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "sandbox/capabilities.h"
#include "sandbox/descriptors.h"
#include "sandbox/dialect.h"
#include "sandbox/environment.h"
#include "sandbox/handshake.h"
#include "sandbox/limits.h"
#include "sandbox/policy.h"
#include "sandbox/recording.h"
#include "seccomp/filters.h"

#include <grp.h>
#include <limits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* This process's program, so its name, as nothing else tells of the dialect: the inner one is to
 * speak it too. */
static bool is_this_program(const char *file)
{
	return strcmp(file, "/proc/self/exe") == 0 || strcmp(file, "/proc/thread-self/exe") == 0;
}

static int prepare_argv(const struct launch *launch, struct command *command, struct report *report)
{
	const struct sandbox *sandbox = launch->sandbox;
	char *const *given = sandbox->command;
	size_t count = 0;
	char **argv, **shell_argv;

	while (given && given[count])
		count++;
	argv = calloc(count + 2, sizeof(*argv));
	shell_argv = calloc(count + 3, sizeof(*shell_argv));
	command->argv = argv;
	command->shell_argv = shell_argv;
	if (!argv || !shell_argv)
		return report_failure(report, ENOMEM, "arguments");
	if (count) {
		memcpy(argv, given, count * sizeof(*argv));
	} else {
		const char *shell = environment_get(launch->environment, "SHELL");

		argv[0] = (char *)(uintptr_t)(shell && *shell ? shell : "/bin/sh");
		count = 1;
	}
	command->file = argv[0];
	if (sandbox->dialect != &dialect_nsroot && is_this_program(argv[0]))
		argv[0] = (char *)(uintptr_t)sandbox->dialect->name;
	if (sandbox->argv0) {
		/* a copy: our own arguments are wiped before the command starts */
		argv[0] = strdup(sandbox->argv0);
		if (!argv[0])
			return report_failure(report, ENOMEM, "--argv0");
	}
	memcpy(shell_argv + 1, argv, count * sizeof(*argv));
	shell_argv[0] = (char *)(uintptr_t) "/bin/sh";
	return 0;
}

static int append_fd(struct fd_list *list, int fd)
{
	int *grown = reallocarray(list->fds, list->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	list->fds = grown;
	grown[list->count++] = fd;
	return 0;
}

static bool is_all_kept(const struct sandbox *sandbox)
{
	return sandbox->keep_all_fds && !sandbox->pack_fds;
}

/*
 * --pack-fds alone means all that the caller passes on, as mkosi-sandbox has it. Those that options
 * use are not passed on unless --keep-fd names them: the parser has marked them.
 */
static int prepare_fds(const struct launch *launch, struct command *command, struct report *report)
{
	const struct sandbox *sandbox = launch->sandbox;
	const struct fd_list *named = &sandbox->keep_fds;

	command->fds = (struct fd_list){ 0 };
	if (is_all_kept(sandbox)) {
		/* each that is not to be inherited is marked so already */
	} else if (sandbox->keep_all_fds || (sandbox->pack_fds && !named->count)) {
		int r = descriptors_list(launch->proc_fd, &command->fds.fds, &command->fds.count,
					 report);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < named->count; i++) {
		if (append_fd(&command->fds, named->fds[i]) < 0)
			return report_failure(report, ENOMEM, "list of fds");
	}
	/* bubblewrap leaves it open in a command that is pid 1 itself */
	for (size_t i = 0; launch->direct && is_all_kept(sandbox) && i < sandbox->sync_fds.count;
	     i++) {
		if (append_fd(&command->fds, sandbox->sync_fds.fds[i]) < 0)
			return report_failure(report, ENOMEM, "list of fds");
	}
	descriptors_sort(command->fds.fds, command->fds.count);
	return 0;
}

/* Input can be pushed into the controlling terminal alone: ioctl_tty(2). */
static bool has_terminal(const struct sandbox *sandbox)
{
	_cleanup_close_ int fd = -EBADF;

	if (sandbox->new_session)
		return false;
	fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	return fd >= 0 || errno != ENXIO;
}

int command_prepare(const struct launch *launch, struct command *command, struct report *report)
{
	unsigned int parts, unwanted = 0;
	int r;

	*command = (struct command){
		.path = environment_get(launch->environment, "PATH"),
	};
	command->capabilities = policy_capabilities(launch->sandbox, &launch->identity);
	parts = policy_filters(launch->sandbox, &launch->identity,
			       sandbox_remembers(launch->sandbox));
	/* what the other programs have not at all, only where it protects something */
	if (launch->sandbox->custom.open && !has_terminal(launch->sandbox))
		unwanted = FILTER_TERMINAL;
	command->builtin = filter_builtin(parts & ~unwanted);
	parts = policy_filters(launch->sandbox, &launch->identity, false);
	command->not_remembering = filter_builtin(parts & ~unwanted);
	if (!command->path)
		command->path = DEFAULT_PATH;
	r = prepare_argv(launch, command, report);
	return r < 0 ? r : prepare_fds(launch, command, report);
}

/*
 * Where keyrings may be used at all, those of the caller's session must not be found by possession:
 * keyrings(7).
 */
static int leave_keyring(const struct sandbox *sandbox, struct report *report)
{
	if (!sandbox->allow_keyring || sandbox->custom.open)
		return 0;
	if (sys_keyctl_join_session_keyring() < 0 && errno != ENOSYS)
		return report_failure(report, errno, "keyctl KEYCTL_JOIN_SESSION_KEYRING");
	return 0;
}

/* Not every kernel has Landlock scopes (6.12), and not every container lets them through. */
static int do_without_scopes(const char *call, int error, struct report *report)
{
	switch (error) {
	case ENOSYS:
	case EOPNOTSUPP:
	case EINVAL:
	case ENOMSG:
	case EPERM: /* a container's filter */
	case E2BIG: /* an older kernel; of restrict_self: 16 layers are there already */
		report_note(report,
			    "there are no Landlock scopes here (Linux 6.12): signals and abstract "
			    "sockets may reach outside");
		return 0;
	default:
		return report_failure(report, error, "%s", call);
	}
}

/*
 * Signals (kill(0, ...) reaches the caller's process group) and abstract sockets cross pid and
 * mount namespaces; Landlock keeps both inside: landlock(7).
 */
static int limit_reach(const struct sandbox *sandbox, struct report *report)
{
	const struct landlock_scoped_ruleset rules = {
		.scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL,
	};
	_cleanup_close_ int fd = -EBADF;

	if (sandbox->custom.open)
		return 0;
	fd = sys_landlock_create_ruleset(&rules, sizeof(rules), 0);
	if (fd < 0)
		return do_without_scopes("landlock_create_ruleset", errno, report);
	if (sys_landlock_restrict_self(fd, 0) < 0)
		return do_without_scopes("landlock_restrict_self", errno, report);
	return 0;
}

static int take_ids(const struct identity *identity, struct report *report)
{
	if (identity->gid != getegid() || identity->uid != geteuid() || identity->uid != getuid()) {
		if (setgroups(0, NULL) < 0 && errno != EPERM)
			return report_failure(report, errno, "setgroups");
		if (setresgid(identity->gid, identity->gid, identity->gid) < 0)
			return report_failure(report, errno, "setresgid %u", identity->gid);
		/* the capabilities that are given are set right after, which wants those there are
		 */
		if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
			return report_failure(report, errno, "prctl PR_SET_KEEPCAPS");
		if (setresuid(identity->uid, identity->uid, identity->uid) < 0)
			return report_failure(report, errno, "setresuid %u", identity->uid);
		return capability_raise(report);
	}
	return 0;
}

/* sd_listen_fds(3) wants the process's own pid, which is known only here. */
static int pass_fds(const struct launch *launch, struct command *command, struct report *report)
{
	char *count = command->listen_fds, *pid = command->listen_pid;
	int r = descriptors_seal(command->fds.fds, command->fds.count, is_all_kept(launch->sandbox),
				 report);

	if (r < 0 || !launch->sandbox->pack_fds || !command->fds.count)
		return r;
	r = descriptors_pack(command->fds.fds, command->fds.count, report);
	if (r < 0)
		return r;
	snprintf(count, sizeof(command->listen_fds), "LISTEN_FDS=%zu", command->fds.count);
	snprintf(pid, sizeof(command->listen_pid), "LISTEN_PID=%d", (int)getpid());
	environment_put(launch->environment, count);
	environment_put(launch->environment, pid);
	return 0;
}

/* Changing ids cleared what init.c has set, and made our memory readable if fs.suid_dumpable is 1;
 * it is pid 1's too: prctl(2), vfork(2). */
static int stay_bound(const struct launch *launch, struct report *report)
{
	const struct sandbox *sandbox = launch->sandbox;
	bool monitored = sandbox->custom.processes == PROCESSES_MONITORED;

	if (sandbox->custom.processes == PROCESSES_IN_PLACE)
		return 0;
	if (!sandbox->custom.open && prctl(PR_SET_DUMPABLE, 0) < 0)
		return report_failure(report, errno, "prctl PR_SET_DUMPABLE");
	if (monitored && !sandbox->die_with_parent && prctl(PR_SET_PDEATHSIG, 0) < 0)
		return report_failure(report, errno, "prctl PR_SET_PDEATHSIG");
	if (monitored ? !sandbox->die_with_parent : !launch->direct)
		return 0;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return report_failure(report, errno, "prctl PR_SET_PDEATHSIG");
	if (handshake_is_over(launch->socket))
		_exit(EXIT_NSROOT);
	return 0;
}

static int take_terminal(const struct launch *launch, struct report *report)
{
	const struct sandbox *sandbox = launch->sandbox;
	/* pid 1 leads the session of bubblewrap's */
	bool led = sandbox->custom.processes == PROCESSES_MONITORED && !launch->direct;

	if (sandbox->new_session && !led && setsid() < 0 && errno != EPERM)
		return report_failure(report, errno, "--new-session: setsid");
	if (sandbox->foreground) {
		if (setpgid(0, 0) < 0)
			return report_failure(report, errno, "--foreground: setpgid");
		for (int fd = 0; fd <= 2; fd++) {
			if (!isatty(fd))
				continue;
			/* SIGTTOU is blocked, so this works from the background */
			if (tcsetpgrp(fd, getpid()) < 0)
				return report_failure(report, errno, "--foreground: tcsetpgrp");
			break;
		}
	}
	return 0;
}

static int install_filters(const struct launch *launch, const struct command *command,
			   struct report *report)
{
	int r = recording_install(launch, report);

	if (r >= 0)
		r = filter_install(r == RECORDING_TAKEN ? &command->not_remembering
							: &command->builtin,
				   report);
	for (size_t i = 0; i < launch->sandbox->filter_count && r >= 0; i++) {
		r = filter_install(&launch->sandbox->filters[i], report);
		if (r < 0)
			report_hint(report, "it is filter %zu of those that were given by options",
				    i + 1);
	}
	return r;
}

static bool exists(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0;
}

/* path: what could not be executed, or the mere name if no folder of PATH has it. */
static int report_exec(const struct launch *launch, const char *file, const char *path, int error,
		       struct report *report)
{
	bool missing = error == ENOENT || error == ENOTDIR;
	bool loaderless = missing && path == file && strchr(path, '/') && exists(path);
	int r;

	if (launch->sandbox->dialect->words == WORDS_OF_BWRAP) {
		r = report_failure(report, error, "execvp %s", file);
	} else if (missing && !loaderless) {
		r = report_failure(report, ENOENT, "%s: exec", file);
		report->status = EXIT_NOT_FOUND;
	} else {
		r = report_failure(report, error, "%s: exec", path);
		/* execvp(3) can't tell, and mkosi knows how to explain 127 */
		report->status = loaderless && launch->sandbox->dialect->silent_missing
					 ? EXIT_NOT_FOUND
					 : EXIT_NOT_EXECUTABLE;
	}
	if (loaderless)
		report_hint(report, "it exists, so its interpreter or loader is missing inside");
	return r;
}

static int exec_file(const struct launch *launch, const struct command *command, const char *path)
{
	execve(path, command->argv, launch->environment);
	if (errno == ENOEXEC) {
		/* a script without "#!", as execvp(3) has it */
		char **argv = (char **)(uintptr_t)command->shell_argv;

		argv[1] = (char *)(uintptr_t)path;
		execve("/bin/sh", argv, launch->environment);
	}
	return errno;
}

/* Put FILE in the first folder of `folders` into `path`. */
static bool put_candidate(char *path, size_t size, const char *folders, const char *file)
{
	size_t length = strcspn(folders, ":");
	/* an empty one is the current directory; "./" as the shell of a script may get it, and take
	   it for an option */
	int n = snprintf(path, size, "%.*s/%s", length ? (int)length : 1, length ? folders : ".",
			 file);

	return n >= 0 && (size_t)n < size;
}

/* execvp(3), with the PATH of the command's environment, and no memory taken */
static int exec_found(const struct launch *launch, const struct command *command,
		      struct report *report)
{
	char path[PATH_MAX];
	const char *file = command->file, *broken = NULL, *next;
	bool denied = false;

	if (strchr(file, '/') || !*file)
		return report_exec(launch, file, file, exec_file(launch, command, file), report);
	for (const char *rest = command->path; rest; rest = next) {
		int error = put_candidate(path, sizeof(path), rest, file)
				    ? exec_file(launch, command, path)
				    : ENAMETOOLONG;

		next = strchr(rest, ':');
		next = next ? next + 1 : NULL;
		if (error == ENOTDIR || error == ENAMETOOLONG)
			continue;
		if (error != ENOENT && error != EACCES)
			return report_exec(launch, file, exists(path) ? path : file, error, report);
		/* a folder that may not be searched has nothing to run */
		if (!exists(path))
			continue;
		if (error == EACCES)
			denied = true;
		else if (!broken)
			broken = rest;
	}
	/* its interpreter is missing, and no other folder has one that works */
	if (broken && put_candidate(path, sizeof(path), broken, file))
		return report_exec(launch, path, path, ENOENT, report);
	return report_exec(launch, file, file, denied ? EACCES : ENOENT, report);
}

int command_become(const struct launch *launch, struct command *command, struct report *report)
{
	const struct sandbox *sandbox = launch->sandbox;
	int r = take_terminal(launch, report);

	if (r >= 0)
		r = leave_keyring(sandbox, report);
	if (r >= 0)
		r = limit_reach(sandbox, report);
	/* no fd is opened any more; raising limits may want a capability */
	if (r >= 0)
		r = limits_set(sandbox, report);
	if (r >= 0)
		r = take_ids(&launch->identity, report);
	if (r >= 0)
		r = capability_seal(&command->capabilities, report);
	if (r >= 0)
		r = stay_bound(launch, report);
	if (r >= 0)
		r = pass_fds(launch, command, report);
	if (r < 0)
		return r;
	umask(sandbox->umask_set ? sandbox->umask : launch->umask);
	r = signals_give_back(&launch->signals, report);
	if (r >= 0)
		r = install_filters(launch, command, report);
	if (r >= 0 && sandbox->suspend)
		(void)raise(SIGSTOP);
	return r < 0 ? r : exec_found(launch, command, report);
}
