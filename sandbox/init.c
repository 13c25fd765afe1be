/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/init.h"

#include "base/cleanup.h"
#include "base/syscalls.h"
#include "idmap/write.h"
#include "mounts/enter.h"
#include "mounts/tree.h"
#include "sandbox/advice.h"
#include "sandbox/command.h"
#include "sandbox/descriptors.h"
#include "sandbox/dialect.h"
#include "sandbox/directory.h"
#include "sandbox/environment.h"
#include "sandbox/handshake.h"
#include "sandbox/late.h"
#include "sandbox/network.h"
#include "sandbox/own-tree.h"
#include "sandbox/policy.h"
#include "sandbox/reaper.h"
#include "sandbox/recording.h"
#include "sandbox/status.h"
#include "sandbox/userns.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

/* The launcher's word that it has done its part. */
static int wait_for_launcher(struct launch *launch, int *value)
{
	struct message message;
	int r = handshake_receive(launch->socket, &message, NULL);

	if (r == -ECONNRESET)
		_exit(EXIT_NSROOT); /* the launcher is dead: nobody to tell */
	*value = message.value;
	return r < 0 ? report_failure(launch->report, -r, "handshake") : 0;
}

static int tell_launcher(struct launch *launch, enum message_kind kind)
{
	char text[STATUS_NAMESPACES_MAX] = "";
	int r = 0;

	if (launch->sandbox->info_fd >= 0 || launch->sandbox->json_status_fd >= 0)
		r = status_describe_namespaces(launch, text);
	if (r < 0)
		return r;
	r = handshake_send(launch->socket, kind, 0, -EBADF, text);

	return r < 0 ? report_failure(launch->report, -r, "handshake") : 0;
}

static bool is_made_here(const struct launch *launch, enum namespace ns)
{
	if (ns == NAMESPACE_CGROUP && launch->identity.share_cgroup)
		return false;
	return sandbox_tries(launch->sandbox, ns);
}

/*
 * With two levels, all that do not matter for the mounts, which the launcher makes meanwhile; with
 * one, the mount namespace too.
 */
static int unshare_rest(struct launch *launch)
{
	static const enum namespace kinds[] = { NAMESPACE_IPC, NAMESPACE_UTS, NAMESPACE_NET,
						NAMESPACE_CGROUP };
	bool own_mounts =
		!launch->identity.two_levels && sandbox_unshares(launch->sandbox, NAMESPACE_MOUNT);
	uint64_t flags = own_mounts ? CLONE_NEWNS : 0, optional = 0;
	int error;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!is_made_here(launch, kinds[i]))
			continue;
		flags |= namespace_kinds[kinds[i]].clone_flag;
		if (launch->sandbox->namespaces[kinds[i]].wish == NAMESPACE_TRY)
			optional |= namespace_kinds[kinds[i]].clone_flag;
	}
	if (!flags || unshare((int)flags) == 0)
		return 0;
	/* ENOSPC: /proc/sys/user/max_cgroup_namespaces */
	if ((errno == EINVAL || errno == ENOSPC) && optional &&
	    (flags == optional || unshare((int)(flags & ~optional)) == 0)) {
		report_note(launch->report,
			    "this kernel has no cgroup namespaces, or allows no more");
		return 0;
	}
	error = errno;
	report_failure(launch->report, error, "unshare namespaces");
	if (!launch->identity.new_userns && error == EPERM)
		report_hint(launch->report, "without a user namespace of its own, nsroot needs "
					    "CAP_SYS_ADMIN");
	advise_on_userns(launch->report, launch->proc_fd, error);
	return -error;
}

static int take_ids(struct launch *launch)
{
	const struct identity *identity = &launch->identity;
	int unused, r;

	if (!identity->new_userns)
		return 0;
	if (identity->single && launch->sandbox->userns_block_fd < 0)
		return idmap_write_self(launch->proc_fd, &identity->uid_map, &identity->gid_map,
					!identity->two_levels, launch->report);
	r = wait_for_launcher(launch, &unused);
	if (r < 0 || launch->sandbox->userns_block_fd < 0)
		return r;
	return identity_follow_map(launch->sandbox, launch->proc_fd, &launch->identity,
				   launch->report);
}

static int set_up_hosts(struct launch *launch)
{
	const struct sandbox *sandbox = launch->sandbox;
	int r = 0;

	if (sandbox_tries(launch->sandbox, NAMESPACE_NET))
		r = network_bring_up_loopback(&sandbox->loopback_addresses, launch->report);
	if (r >= 0 && sandbox->hostname &&
	    sethostname(sandbox->hostname, strlen(sandbox->hostname)) < 0)
		r = report_failure(launch->report, errno,
				   sandbox->dialect->words == WORDS_OF_BWRAP
					   ? "Can't set hostname to %s"
					   : "--hostname %s: sethostname",
				   sandbox->hostname);
	return r;
}

static int enter_tree(struct launch *launch)
{
	int how = 0, r;

	if (!sandbox_unshares(launch->sandbox, NAMESPACE_MOUNT))
		return 0;
	if (!launch->identity.two_levels)
		return own_tree_enter(launch);
	/* the launcher has made the tree the root of us both; our copy of it is locked */
	r = wait_for_launcher(launch, &how);
	if (r >= 0 && unshare(CLONE_NEWNS) < 0)
		r = report_failure(launch->report, errno, "unshare mount namespace");
	if (r >= 0 && how == MOUNT_ENTER_CHROOT)
		r = mount_enter_by_chroot(launch->report);
	/* what was the current directory is outside */
	if (r >= 0 && chdir("/") < 0)
		r = report_failure(launch->report, errno, "chdir /");
	return r;
}

static int take_locks(struct launch *launch)
{
	const struct string_list *files = &launch->sandbox->lock_files;
	/* a FIFO is opened without waiting for somebody to write */
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

	if (!files->count)
		return 0;
	launch->locks.fds = calloc(files->count, sizeof(*launch->locks.fds));
	if (!launch->locks.fds)
		return report_failure(launch->report, ENOMEM, "--lock-file");
	for (size_t i = 0; i < files->count; i++) {
		struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
		int fd = open(files->strings[i], flags); /* held until pid 1 ends */

		if (fd < 0)
			return report_failure(launch->report, errno, "--lock-file %s: open",
					      files->strings[i]);
		/* not F_SETLK: that lock is lost once any other fd of the file is closed, one that
		   the caller passed, say */
		if (fcntl(fd, F_OFD_SETLK, &lock) < 0)
			return report_failure(launch->report, errno, "--lock-file %s: fcntl",
					      files->strings[i]);
		launch->locks.fds[launch->locks.count++] = fd;
	}
	return 0;
}

static int wait_for_block_fd(const struct launch *launch)
{
	int fd = launch->sandbox->block_fd;
	char byte;

	if (fd < 0)
		return 0;
	while (read(fd, &byte, 1) < 0) {
		if (errno != EINTR)
			return report_failure(launch->report, errno, "--block-fd %d: read", fd);
	}
	return 0;
}

static int set_up(struct launch *launch, struct command *command)
{
	bool info = launch->sandbox->info_fd >= 0 || launch->sandbox->json_status_fd >= 0;
	int unused, r;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return report_failure(launch->report, errno, "prctl PR_SET_PDEATHSIG");
	if (handshake_is_over(launch->socket))
		_exit(EXIT_NSROOT); /* the launcher had died before */
	if (policy_no_new_privs(launch->sandbox, &launch->identity) &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return report_failure(launch->report, errno, "prctl PR_SET_NO_NEW_PRIVS");
	r = unshare_rest(launch);
	if (r >= 0 && (late_needs_ready(launch) || launch->sandbox->userns_block_fd >= 0))
		r = tell_launcher(launch, MESSAGE_READY);
	if (r >= 0)
		r = take_ids(launch);
	if (r >= 0)
		r = set_up_hosts(launch);
	if (r >= 0 && !launch->identity.two_levels)
		r = userns_forbid(launch, launch->identity.nested ? 1 : 0);
	if (r >= 0 && !launch->identity.two_levels)
		r = userns_forbid_cgroups(launch);
	/* while the launcher builds the tree */
	if (r >= 0)
		r = command_prepare(launch, command, launch->report);
	if (r >= 0)
		r = enter_tree(launch);
	if (r >= 0)
		r = userns_enter_inner(launch);
	if (r >= 0)
		r = recording_show_namespaces(launch);
	/* not before the launcher has had its look at /proc/PID of ours. Our memory stays that of
	   the caller's user namespace, so nobody inside can attach, whatever its rights: ptrace(2);
	   but bubblewrap's pid 1 can be looked into */
	if (r >= 0 && prctl(PR_SET_DUMPABLE, launch->sandbox->custom.open) < 0)
		r = report_failure(launch->report, errno, "prctl PR_SET_DUMPABLE");
	if (r >= 0 && info)
		r = tell_launcher(launch, MESSAGE_NAMESPACES);
	/* what is told of the command is written before it runs, and may write to the same file */
	if (r >= 0 && info)
		r = wait_for_launcher(launch, &unused);
	if (r >= 0)
		r = directory_enter(launch);
	return r < 0 ? r : take_locks(launch);
}

_Noreturn static void fail(const struct launch *launch)
{
	(void)handshake_write(launch->socket, MESSAGE_FAILED, launch->report->status,
			      launch->report->text);
	/* where a filter keeps the message back, the status is all there is */
	_exit(dialect_status(launch->sandbox->dialect, launch->report->status));
}

/* --pack-fds would take its number, and the launcher would take the end of file for an exec. */
static int move_socket(struct launch *launch, const struct command *command)
{
	int fd;

	if (!launch->sandbox->pack_fds)
		return 0;
	fd = fcntl(launch->socket, F_DUPFD_CLOEXEC, 3 + (int)command->fds.count);
	if (fd < 0)
		return report_failure(launch->report, errno, "--pack-fds: fcntl F_DUPFD_CLOEXEC");
	close_fd(&launch->socket);
	launch->socket = fd;
	return 0;
}

static bool holds(const struct fd_list *list, int fd)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->fds[i] == fd)
			return true;
	return false;
}

static void close_unless_kept(const struct sandbox *sandbox, int fd)
{
	if (fd > STDERR_FILENO && !holds(&sandbox->keep_fds, fd) && !holds(&sandbox->sync_fds, fd))
		(void)close(fd);
}

/* They are the launcher's: who reads them to their end is not to wait for pid 1's copies. */
static void close_status_fds(const struct sandbox *sandbox)
{
	close_unless_kept(sandbox, sandbox->info_fd);
	close_unless_kept(sandbox, sandbox->json_status_fd);
}

/* Folders and namespaces outside are not for the command to find in /proc/1/fd, not even until
 * pid 1 closes all that it does not need. */
static void close_used_fds(const struct sandbox *sandbox)
{
	const struct mount_plan *plan = &sandbox->plan;

	for (size_t i = 0; i < plan->count; i++)
		close_unless_kept(sandbox, plan->entries[i].source_fd);
	for (enum namespace kind = 0; kind < NAMESPACE_COUNT; kind++)
		close_unless_kept(sandbox, sandbox->namespaces[kind].fd);
	close_unless_kept(sandbox, sandbox->userns2_fd);
}

_Noreturn void init_run(struct launch *launch)
{
	struct command command;
	pid_t child;

	close_fd(&launch->peer_socket); /* else we would never see the launcher's end of file */
	close_status_fds(launch->sandbox);
	if (set_up(launch, &command) < 0 || wait_for_block_fd(launch) < 0)
		fail(launch);
	mount_build_close(&launch->build);
	close_used_fds(launch->sandbox);
	if (launch->direct) {
		if (move_socket(launch, &command) >= 0)
			command_become(launch, &command, launch->report);
		fail(launch);
	}
	child = reaper_start(launch, &command);
	if (child < 0)
		fail(launch);
	_exit(reaper_run(launch, child));
}
