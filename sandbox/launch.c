/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/launch.h"

#include "base/cleanup.h"
#include "base/procfs.h"
#include "base/syscalls.h"
#include "idmap/write.h"
#include "mounts/enter.h"
#include "mounts/tree.h"
#include "sandbox/advice.h"
#include "sandbox/directory.h"
#include "sandbox/early.h"
#include "sandbox/environment.h"
#include "sandbox/handshake.h"
#include "sandbox/in-place.h"
#include "sandbox/init.h"
#include "sandbox/late.h"
#include "sandbox/limits.h"
#include "sandbox/maps.h"
#include "sandbox/recording.h"
#include "sandbox/showing.h"
#include "sandbox/status.h"
#include "sandbox/supervise.h"
#include "sandbox/userns.h"

#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>

static bool shares_pids(const struct sandbox *sandbox)
{
	return sandbox->namespaces[NAMESPACE_PID].wish == NAMESPACE_SHARE;
}

static int open_proc(struct launch *launch)
{
	struct statfs status;

	launch->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (launch->proc_fd < 0)
		return report_failure(launch->report, errno, "open /proc");
	if (fstatfs(launch->proc_fd, &status) < 0)
		return report_failure(launch->report, errno, "fstatfs /proc");
	if (status.f_type != PROC_SUPER_MAGIC) {
		report_refusal(launch->report, "/proc: there is no procfs");
		report_hint(launch->report, "nsroot needs one: mount -t proc proc /proc");
		return -EINVAL;
	}
	return 0;
}

static int follow_parent(struct launch *launch, pid_t parent)
{
	if (!launch->sandbox->die_with_parent)
		return 0;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return report_failure(launch->report, errno, "--die-with-parent: prctl");
	if (getppid() != parent)
		return report_refusal(launch->report,
				      "--die-with-parent: the parent has died already");
	return 0;
}

/* setns(2) for --userns, --pidns and --netns: the user namespace first, it gives the rights for the
 * others; and all before a user namespace of our own, from which none of them could be entered */
static int join_namespaces(struct launch *launch)
{
	static const enum namespace order[] = { NAMESPACE_USER, NAMESPACE_PID, NAMESPACE_NET };
	int r;

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		const struct namespace_choice *choice = &launch->sandbox->namespaces[order[i]];
		const struct namespace_kind *kind = &namespace_kinds[order[i]];

		if (choice->fd < 0)
			continue;
		if (setns(choice->fd, (int)kind->clone_flag) == 0)
			continue;
		report_failure(launch->report, errno, "--%sns %d: setns", kind->name, choice->fd);
		if (errno == EPERM)
			report_hint(launch->report,
				    "the user namespace that owns it may have to be "
				    "entered too: --userns");
		return -EPERM;
	}
	if (launch->sandbox->namespaces[NAMESPACE_USER].wish != NAMESPACE_JOIN)
		return 0;
	r = identity_follow_map(launch->sandbox, launch->proc_fd, &launch->identity,
				launch->report);
	/* our root is the caller's, and no door for who has rights in the namespace: ptrace(2) */
	if (r >= 0 && prctl(PR_SET_DUMPABLE, 0) < 0)
		r = report_failure(launch->report, errno, "prctl PR_SET_DUMPABLE");
	/* entering a user namespace may clear it: prctl(2) */
	return r < 0 ? r : follow_parent(launch, launch->parent);
}

/* The namespace that is to own the plan's mounts: the launcher enters it itself. */
static int enter_outer_level(struct launch *launch)
{
	const struct identity *identity = &launch->identity;
	struct map_writer writer;
	int r;

	if (!identity->two_levels)
		return 0;
	r = map_writer_start(&writer, launch);
	if (r < 0)
		return r;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) {
		int error = errno;

		map_writer_cancel(&writer);
		report_failure(launch->report, error, "unshare user and mount namespace");
		advise_on_userns(launch->report, launch->proc_fd, error);
		return -error;
	}
	r = map_writer_finish(&writer, launch);
	if (r < 0)
		return r;
	/* entering a user namespace may clear it: prctl(2) */
	return follow_parent(launch, launch->parent);
}

/* Filters of containers often know no clone3(2); clone(2) can make all but a time namespace. */
static pid_t clone_pid_1(const struct launch *launch, struct clone_args *args)
{
	pid_t pid = sys_clone3(args);

	if (pid >= 0 || (errno != ENOSYS && errno != EPERM) ||
	    sandbox_unshares(launch->sandbox, NAMESPACE_TIME))
		return pid;
	return sys_clone(args);
}

/* In the process between: returns 0 in its child, which is not its own but the launcher's. */
static pid_t clone_from_between(struct launch *launch, struct clone_args *args, int sockets[2])
{
	pid_t pid;
	int r = 0;

	args->flags = (args->flags & ~(uint64_t)CLONE_NEWPID) | CLONE_PARENT;
	args->exit_signal = 0; /* that of the process between: clone(2) */
	pid = unshare(CLONE_NEWPID) < 0 ? -1 : clone_pid_1(launch, args);
	if (pid < 0)
		r = -errno;
	else if (pid > 0)
		r = handshake_send(sockets[1], MESSAGE_READY, 0, launch->pid_1, "");
	if (pid != 0)
		_exit(-r);
	close(sockets[0]);
	close(sockets[1]);
	return 0;
}

/* A pid namespace below the one that was entered: only a process in that one can make it, and not
 * we but our children are. As clone3(2), but for the number that it returns: it is ours. */
static pid_t clone_below(struct launch *launch, struct clone_args *args)
{
	struct message message;
	int sockets[2], status = 0;
	int r = handshake_open(sockets, launch->report);
	pid_t pid = r < 0 ? r : fork();

	if (pid == 0)
		return clone_from_between(launch, args, sockets);
	if (r >= 0) {
		close(sockets[1]);
		while (pid >= 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (pid < 0)
			r = -errno;
		else
			r = WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
		if (r >= 0)
			r = handshake_receive(sockets[0], &message, &launch->pid_1);
		close(sockets[0]);
	}
	if (r >= 0)
		r = procfs_pid(launch->proc_fd, launch->pid_1, launch->report);
	errno = -r;
	return r < 0 ? -1 : r;
}

/* --unshare-all tries: time namespaces came with 5.6, and not into every kernel */
static bool wants_time(const struct launch *launch)
{
	return sandbox_unshares(launch->sandbox, NAMESPACE_TIME) ||
	       (launch->sandbox->namespaces[NAMESPACE_TIME].wish == NAMESPACE_TRY &&
		faccessat(launch->proc_fd, "self/ns/time", F_OK, 0) == 0);
}

/* Nothing of a sandbox outlives it, even where no pid namespace sees to that. */
static bool ends_orphans(const struct sandbox *sandbox)
{
	return shares_pids(sandbox) && sandbox->custom.processes == PROCESSES_SUPERVISED;
}

/* Without a pid namespace: for what pid 1 can't end itself, as it was killed. */
static int adopt_orphans(struct launch *launch)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return report_failure(launch->report, errno, "prctl PR_SET_CHILD_SUBREAPER");
	return children_list(launch->proc_fd, &launch->spared, launch->report);
}

static int start_pid_1(struct launch *launch)
{
	struct clone_args args = { .flags = CLONE_PIDFD, .exit_signal = SIGCHLD };
	int sockets[2];
	pid_t pid;
	int r = handshake_open(sockets, launch->report);

	if (r < 0)
		return r;
	if (ends_orphans(launch->sandbox))
		r = adopt_orphans(launch);
	if (r < 0)
		return r;
	args.pidfd = (uintptr_t)&launch->pid_1;
	if (launch->identity.new_userns)
		args.flags |= CLONE_NEWUSER;
	if (sandbox_unshares(launch->sandbox, NAMESPACE_PID))
		args.flags |= CLONE_NEWPID;
	if (wants_time(launch))
		args.flags |= CLONE_NEWTIME;
	if (launch->sandbox->namespaces[NAMESPACE_PID].fd >= 0 && (args.flags & CLONE_NEWPID))
		pid = clone_below(launch, &args);
	else
		pid = clone_pid_1(launch, &args);
	if (pid == 0) {
		launch->socket = sockets[1];
		launch->peer_socket = sockets[0];
		init_run(launch);
	}
	close(sockets[1]);
	launch->socket = sockets[0];
	if (pid < 0) {
		int error = errno;

		report_failure(launch->report, error, "clone3");
		if (!launch->identity.new_userns && error == EPERM)
			report_hint(launch->report, "without a user namespace of its own, nsroot "
						    "needs CAP_SYS_ADMIN");
		advise_on_userns(launch->report, launch->proc_fd, error);
		return -error;
	}
	launch->pid_1_pid = pid;
	return 0;
}

/* Somebody outside writes the maps, told by --info-fd and answering by --userns-block-fd. */
static int wait_for_outside_maps(struct launch *launch)
{
	struct message message;
	int r = early_expect(launch, MESSAGE_READY, &message);

	if (r >= 0)
		r = status_write_info(launch, message.text);
	if (r >= 0)
		r = early_wait_for_byte(launch, launch->sandbox->userns_block_fd,
					"--userns-block-fd");
	return r < 0 ? r : early_let_go_on(launch, 0);
}

static int give_maps(struct launch *launch)
{
	const struct identity *identity = &launch->identity;
	int r;

	if (!identity->new_userns)
		return 0;
	if (launch->sandbox->userns_block_fd >= 0)
		return wait_for_outside_maps(launch);
	if (identity->single)
		return 0;
	r = maps_write(launch->proc_fd, launch->pid_1, identity, launch->report);
	return r < 0 ? r : early_let_go_on(launch, 0);
}

static int build_tree(struct launch *launch)
{
	struct message message;
	int r;

	if (!launch->identity.two_levels)
		return 0;
	r = mount_cut_off(launch->sandbox->plan.manner.receive_mounts, launch->report);
	if (r >= 0)
		r = mount_build_open(&launch->build, &launch->sandbox->plan, launch->proc_fd,
				     launch->report);
	if (r >= 0)
		r = mount_tree_build(&launch->build, launch->report);
	if (r >= 0 && late_needs_ready(launch))
		r = early_expect(launch, MESSAGE_READY, &message);
	if (r >= 0)
		r = late_mount(launch);
	if (r >= 0)
		r = mount_tree_finish(&launch->build, launch->report);
	if (r >= 0)
		r = showing_map(launch);
	if (r >= 0)
		r = mount_enter(&launch->build, launch->report);
	return r < 0 ? r : early_let_go_on(launch, r);
}

/* Where the caller is not mapped, and would be nobody inside: root there, or else the command. */
static uint32_t find_owner(const struct idmap *map, uint32_t caller, uint32_t command)
{
	uint32_t outer;

	if (idmap_to_inner(map, caller, &outer) ||
	    !(idmap_to_outer(map, 0, &outer) || idmap_to_outer(map, command, &outer)))
		return ID_UNSET;
	return outer;
}

/* pid 1 becomes the command, for want of anything else to do. */
static bool has_no_reaper(const struct sandbox *sandbox)
{
	return sandbox->as_pid_1 || (sandbox->custom.processes == PROCESSES_MONITORED &&
				     !sandbox_unshares(sandbox, NAMESPACE_PID) &&
				     !sandbox->lock_files.count && !sandbox->sync_fds.count);
}

int launch_prepare(struct launch *launch, char **argv)
{
	const struct sandbox *sandbox = launch->sandbox;
	struct identity *identity = &launch->identity;
	int r = open_proc(launch);

	if (r >= 0)
		r = identity_resolve(sandbox, launch->proc_fd, identity, launch->report);
	if (r < 0)
		return r;
	r = directory_remember(launch);
	if (r < 0)
		return r;
	launch->direct = has_no_reaper(sandbox);
	launch->argv = argv;
	launch->own_environment = environ;
	launch->build.locked = identity->new_userns;
	launch->build.bind_proc = shares_pids(sandbox);
	launch->build.mask_proc = identity->real_root;
	launch->build.tidied = identity->two_levels; /* else it is made by who ends with it */
	if (identity->two_levels) {
		launch->build.uid_map = &identity->uid_map;
		launch->build.gid_map = &identity->gid_map;
		launch->build.owner.uid = find_owner(&identity->uid_map, geteuid(), identity->uid);
		launch->build.owner.gid = find_owner(&identity->gid_map, getegid(), identity->gid);
	}
	return environment_build(sandbox, environ, sandbox->default_plan, &launch->environment,
				 launch->report);
}

/* bubblewrap leaves with the command: what is left of the sandbox goes on. */
static bool lets_go_on(const struct launch *launch)
{
	return launch->sandbox->custom.processes == PROCESSES_MONITORED && launch->started;
}

/* Whatever happened: pid 1 and with it everything inside ends, and is waited for. */
static int finish(struct launch *launch)
{
	int r;

	if (lets_go_on(launch)) {
		close_fd(&launch->pid_1);
	} else if (launch->pid_1 >= 0) {
		/* the pid is that of a child not yet waited for: it can't be another process */
		if (sys_pidfd_send_signal(launch->pid_1, SIGKILL) < 0)
			(void)kill(launch->pid_1_pid, SIGKILL);
		while (waitpid(launch->pid_1_pid, NULL, __WALL) < 0 && errno == EINTR)
			;
		close_fd(&launch->pid_1);
	}
	if (launch->pid_1_pid && ends_orphans(launch->sandbox) && !launch->emptied)
		(void)children_kill(launch->proc_fd, &launch->spared, launch->report);
	children_free(&launch->spared);
	if (!lets_go_on(launch))
		mount_build_tidy(&launch->build);
	mount_build_close(&launch->build);
	r = recording_end(launch);
	close_fd(&launch->socket);
	close_fd(&launch->proc_fd);
	free(launch->cwd);
	free(launch->environment);
	return r;
}

/* How signals and the terminal are dealt with, and what is the caller's alone. */
static int take_over(struct launch *launch)
{
	const struct sandbox *sandbox = launch->sandbox;
	bool supervised = sandbox->custom.processes == PROCESSES_SUPERVISED;
	int r;

	mount_build_init(&launch->build);
	terminal_init(&launch->terminal);
	r = supervised ? signals_take_over(&launch->signals, launch->report)
		       : signals_leave(&launch->signals, launch->report);
	if (r < 0)
		return r;
	if (!supervised)
		signals_allow_child(&launch->signals);
	if (sandbox->timeout_ms)
		r = timeout_start(&launch->timeout, sandbox->timeout_ms, launch->report);
	if (r < 0)
		return r;
	if (supervised)
		terminal_open(&launch->terminal);
	launch->umask = umask(0);
	return 0;
}

/* Up to the moment that pid 1 has all it needs. */
static int make_sandbox(struct launch *launch, char **argv)
{
	int r = follow_parent(launch, launch->parent);

	if (r >= 0)
		r = launch_prepare(launch, argv);
	if (r >= 0)
		r = recording_open(launch);
	if (r >= 0)
		r = showing_prepare(launch);
	if (r >= 0)
		r = limits_raise(launch->sandbox, launch->report);
	if (r >= 0)
		r = join_namespaces(launch);
	if (r >= 0)
		r = enter_outer_level(launch);
	if (r >= 0)
		r = start_pid_1(launch);
	if (r >= 0 && launch->identity.two_levels)
		r = userns_forbid(launch, 1); /* pid 1's, which is there already */
	if (r >= 0 && launch->identity.two_levels)
		r = userns_forbid_cgroups(launch);
	if (r >= 0)
		r = give_maps(launch);
	return r < 0 ? r : build_tree(launch);
}

int launch_run(const struct sandbox *sandbox, char **argv, int *status, int *death,
	       struct report *report)
{
	struct launch launch = {
		.sandbox = sandbox,
		.proc_fd = -EBADF,
		.socket = -EBADF,
		.peer_socket = -EBADF,
		.parent = getppid(),
		.pid_1 = -EBADF,
		.recording = { .file = { .directory = -EBADF, .lock = -EBADF },
			       .user_fd = -EBADF,
			       .mount_fd = -EBADF,
			       .control = -EBADF },
		.report = report,
	};
	int recorded, r;

	if (sandbox->custom.processes == PROCESSES_IN_PLACE)
		return launch_in_place(&launch, argv);
	r = take_over(&launch);
	if (r < 0)
		return r;
	r = make_sandbox(&launch, argv);
	/* as a shell that waits for its command, which was sent it, too */
	if (sandbox->custom.fake)
		(void)signal(SIGINT, SIG_IGN);
	if (r >= 0)
		r = supervise(&launch, status, death);
	if (r < 0)
		early_ask_pid_1(&launch);
	if (r == -ENOSYS)
		report_hint(report,
			    "nsroot needs Linux 5.12 or later; and a container's filter may "
			    "hide system calls");
	if (launch.early_signal) {
		*death = launch.early_signal;
		*status = 128 + *death;
		r = 0;
	}
	recorded = finish(&launch);
	if (r >= 0)
		r = recorded;
	terminal_take_back(&launch.terminal);
	terminal_close(&launch.terminal);
	return r;
}
