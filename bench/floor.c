/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The floor: nsroot's launch with two levels of user namespace, in its order, as bare system calls.
 * It shows the host's "/" read-only with a new /proc and a minimal /dev, as nsroot does when asked
 * for that, and has no options to parse, no plan, no messages and no advice.
 *
 *   floor [--net] [--one-level] [--no-dev] COMMAND [ARGUMENT...]
 *   floor --timings ROUNDS ...     median cost of each step instead
 */

#include "base/syscalls.h"
#include "bench/timings.h"
#include "seccomp/builtin.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/if.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct launch {
	bool net;
	bool one_level;
	bool no_dev;
	char **command;
	uid_t uid;
	gid_t gid;
	mode_t umask;
	sigset_t mask; /* the caller's */
	struct sigaction child;
	char cwd[512]; /* the caller's; no longer one is measured */
	int root;      /* of the new tree */
	int pid_1;     /* pidfd */
	int socket;
	struct timings_lane *lane;
	struct timings_lane *second_lane; /* pid 1's */
};

static void check(long result, const char *what)
{
	if (result >= 0)
		return;
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	_exit(125);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	check(fd, path);
	check(write(fd, text, strlen(text)), path);
	close(fd);
}

/* A namespace inherits from its parent that setgroups(2) is denied: user_namespaces(7). */
static void write_maps(const struct launch *launch, bool outer)
{
	char text[64];

	if (outer || launch->one_level)
		write_file("/proc/self/setgroups", "deny");
	snprintf(text, sizeof(text), "%u %u 1\n", outer ? launch->gid : 0, launch->gid);
	write_file("/proc/self/gid_map", text);
	snprintf(text, sizeof(text), "%u %u 1\n", outer ? launch->uid : 0, launch->uid);
	write_file("/proc/self/uid_map", text);
}

/* move_mount(2) follows no symlink here, and the last part of `target` is ours. */
static void attach(int mount_fd, int dirfd, const char *target)
{
	check(move_mount(mount_fd, "", dirfd, target, MOVE_MOUNT_F_EMPTY_PATH), target);
}

/* pidns: for procfs, 6.17; or -EBADF */
static int new_mount(const char *type, int pidns, const char *const options[][2],
		     unsigned int attributes)
{
	int context = fsopen(type, FSOPEN_CLOEXEC);
	int mount_fd;

	check(context, type);
	if (pidns >= 0)
		check(fsconfig(context, FSCONFIG_SET_FD, "pidns", NULL, pidns), "pidns");
	for (; options && (*options)[0]; options++)
		check(fsconfig(context, FSCONFIG_SET_STRING, (*options)[0], (*options)[1], 0),
		      (*options)[0]);
	check(fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0), type);
	mount_fd = fsmount(context, FSMOUNT_CLOEXEC, attributes);
	check(mount_fd, type);
	close(context);
	return mount_fd;
}

static void set_flags(int tree, uint64_t flags)
{
	struct mount_attr attributes = { .attr_set = flags };

	check(mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
			    sizeof(attributes)),
	      "mount_setattr");
}

/* Over "/", which hides nothing: the process's own root stays below. */
static void show_host(struct launch *launch)
{
	struct mount_attr private = { .propagation = MS_PRIVATE };

	check(mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &private, sizeof(private)), "private");
	timings_mark(launch->lane, "private");
	launch->root = open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	check(launch->root, "open_tree /");
	timings_mark(launch->lane, "open_tree /");
	set_flags(launch->root, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	timings_mark(launch->lane, "mount_setattr");
	attach(launch->root, AT_FDCWD, "/");
	timings_mark(launch->lane, "attach");
}

static void bind_nodes(int dev)
{
	static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };

	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++) {
		char path[32];
		int tree;

		snprintf(path, sizeof(path), "/dev/%s", nodes[i]);
		tree = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
		check(tree, path);
		check(mknodat(dev, nodes[i], S_IFREG | 0444, 0), nodes[i]);
		attach(tree, dev, nodes[i]);
		close(tree);
	}
}

static void make_dev(struct launch *launch)
{
	static const char *const links[][2] = {
		{ "/proc/self/fd", "fd" },       { "/proc/self/fd/0", "stdin" },
		{ "/proc/self/fd/1", "stdout" }, { "/proc/self/fd/2", "stderr" },
		{ "/proc/kcore", "core" },       { "pts/ptmx", "ptmx" },
	};
	static const char *const options[][2] = { { "mode", "755" }, { NULL, NULL } };
	static const char *const devpts_options[][2] = { { "ptmxmode", "0666" },
							 { "mode", "620" },
							 { NULL, NULL } };
	int dev = new_mount("tmpfs", -EBADF, options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV), devpts;

	/* a mount can only be attached to one that has its place, up to 6.14 */
	attach(dev, launch->root, "dev");
	timings_mark(launch->lane, "dev: tmpfs");
	bind_nodes(dev);
	timings_mark(launch->lane, "dev: nodes");
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		check(symlinkat(links[i][0], dev, links[i][1]), links[i][1]);
	check(mkdirat(dev, "shm", 01777), "shm");
	check(mkdirat(dev, "pts", 0755), "pts");
	timings_mark(launch->lane, "dev: links, directories");
	devpts = new_mount("devpts", -EBADF, devpts_options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	attach(devpts, dev, "pts");
	close(devpts);
	timings_mark(launch->lane, "dev: devpts");
	set_flags(dev, MOUNT_ATTR_NOSUID);
	close(dev);
	timings_mark(launch->lane, "dev: mount_setattr");
}

static void mount_proc(struct launch *launch)
{
	int pidns = -EBADF, proc;

	if (!launch->one_level) {
		pidns = ioctl(launch->pid_1, PIDFD_GET_PID_NAMESPACE, 0);
		check(pidns, "PIDFD_GET_PID_NAMESPACE");
	}
	proc = new_mount("proc", pidns, NULL,
			 MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	attach(proc, launch->root, "proc");
	close(proc);
	timings_mark(launch->lane, "proc");
}

static void build_and_enter_tree(struct launch *launch)
{
	show_host(launch);
	if (!launch->no_dev)
		make_dev(launch);
	mount_proc(launch);
	check(fchdir(launch->root), "fchdir");
	check(sys_pivot_root(".", "."), "pivot_root");
	timings_mark(launch->lane, "pivot_root");
	check(umount2(".", MNT_DETACH), "umount2");
	timings_mark(launch->lane, "umount2");
}

static void raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	check(fd, "socket");
	check(ioctl(fd, SIOCSIFFLAGS, &request), "lo");
	close(fd);
}

static void limit_capabilities(void)
{
	static const int dropped[] = {
		CAP_SYS_MODULE,    CAP_SYS_RAWIO, CAP_SYS_BOOT,      CAP_SYS_TIME,
		CAP_SYS_PACCT,     CAP_SYSLOG,    CAP_AUDIT_CONTROL, CAP_AUDIT_READ,
		CAP_AUDIT_WRITE,   CAP_MAC_ADMIN, CAP_MAC_OVERRIDE,  CAP_WAKE_ALARM,
		CAP_BLOCK_SUSPEND, CAP_PERFMON,   CAP_BPF,
	};
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	uint64_t given = (2ULL << CAP_LAST_CAP) - 1;

	for (size_t i = 0; i < sizeof(dropped) / sizeof(*dropped); i++) {
		check(prctl(PR_CAPBSET_DROP, dropped[i], 0, 0, 0), "PR_CAPBSET_DROP");
		given &= ~(1ULL << dropped[i]);
	}
	for (int i = 0; i < 2; i++) {
		uint32_t half = (uint32_t)(given >> (32 * i));

		data[i] = (struct __user_cap_data_struct){ half, half, 0 };
	}
	check(syscall(SYS_capset, &header, data), "capset");
}

static void limit_landlock(void)
{
	struct landlock_scoped_ruleset scope = {
		.scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL,
	};
	int fd = sys_landlock_create_ruleset(&scope, sizeof(scope), 0);

	if (fd < 0)
		return; /* before 6.12 */
	check(sys_landlock_restrict_self(fd, 0), "landlock_restrict_self");
	close(fd);
}

/* The child of the vfork: what nsroot's command does to itself before it starts. */
_Noreturn static void become_command(struct launch *launch)
{
	/* the very filter that nsroot has in this case */
	const struct sock_fprog *filter =
		&filters_builtin[FILTER_TERMINAL | FILTER_IO_URING | FILTER_CHOWN | FILTER_IDS];

	timings_mark(launch->lane, "vfork");
	check(sys_keyctl_join_session_keyring(), "keyctl");
	timings_mark(launch->lane, "keyring");
	limit_landlock();
	timings_mark(launch->lane, "landlock");
	limit_capabilities();
	timings_mark(launch->lane, "capabilities");
	check(close_range(3, ~0U, CLOSE_RANGE_CLOEXEC), "close_range");
	umask(launch->umask);
	check(sigaction(SIGCHLD, &launch->child, NULL), "sigaction");
	check(sigprocmask(SIG_SETMASK, &launch->mask, NULL), "sigprocmask");
	check(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter), "seccomp");
	timings_mark(launch->lane, "seccomp");
	execv(launch->command[0], launch->command);
	_exit(127);
}

/* Runs the command as a child of pid 1 and returns its exit status. */
static int run_command(struct launch *launch)
{
	pid_t child = vfork();
	siginfo_t info = { 0 };

	check(child, "vfork");
	if (child == 0)
		become_command(launch);
	timings_mark(launch->lane, "exec");
	check(close_range(3, ~0U, 0), "close_range");
	while (info.si_pid != child)
		check(waitid(P_ALL, 0, &info, WEXITED), "waitid");
	timings_mark(launch->lane, "command");
	return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

_Noreturn static void run_pid_1(struct launch *launch)
{
	int others = CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
	char byte;

	launch->lane = launch->second_lane;
	timings_mark(launch->lane, NULL);
	check(prctl(PR_SET_PDEATHSIG, SIGKILL), "PR_SET_PDEATHSIG");
	check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS");
	if (launch->one_level)
		others |= CLONE_NEWNS;
	if (launch->net)
		others |= CLONE_NEWNET;
	check(unshare(others), "unshare");
	timings_mark(launch->lane, "unshare");
	write_maps(launch, false);
	timings_mark(launch->lane, "map B");
	if (launch->net) {
		raise_loopback();
		timings_mark(launch->lane, "lo up");
	}
	if (launch->one_level) {
		build_and_enter_tree(launch);
	} else {
		if (read(launch->socket, &byte, 1) != 1)
			_exit(125);
		timings_mark(launch->lane, "wait for the tree");
		check(unshare(CLONE_NEWNS), "unshare");
		timings_mark(launch->lane, "unshare mount");
	}
	check(chdir("/"), "chdir");
	check(prctl(PR_SET_DUMPABLE, 0), "PR_SET_DUMPABLE");
	check(chdir(launch->cwd), "chdir");
	_exit(run_command(launch));
}

static void start_pid_1(struct launch *launch)
{
	struct clone_args args = {
		.flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_PIDFD,
		.exit_signal = SIGCHLD,
		.pidfd = (uintptr_t)&launch->pid_1,
	};
	int sockets[2];
	pid_t pid;

	check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), "socketpair");
	pid = sys_clone3(&args);
	check(pid, "clone3");
	launch->socket = sockets[pid == 0];
	close(sockets[pid != 0]);
	if (pid == 0)
		run_pid_1(launch);
	timings_mark(launch->lane, "clone3");
}

/* Signals that come meanwhile lie in the signalfd: there is nobody here to send them on. */
static int wait_for_pid_1(struct launch *launch, const sigset_t *blocked)
{
	struct pollfd sources[] = {
		{ launch->pid_1, POLLIN, 0 },
		{ signalfd(-1, blocked, SFD_CLOEXEC | SFD_NONBLOCK), POLLIN, 0 },
	};
	siginfo_t info = { 0 };

	check(sources[1].fd, "signalfd");
	while (!sources[0].revents)
		check(poll(sources, 2, -1), "poll");
	check(waitid(P_PIDFD, (id_t)launch->pid_1, &info, WEXITED), "waitid");
	timings_mark(launch->lane, "wait for pid 1");
	return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

static int launch(struct launch *launch)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t blocked;

	timings_mark(launch->lane, NULL);
	launch->uid = getuid();
	launch->gid = getgid();
	sigfillset(&blocked);
	check(sigprocmask(SIG_SETMASK, &blocked, &launch->mask), "sigprocmask");
	check(sigaction(SIGCHLD, &action, &launch->child), "sigaction");
	launch->umask = umask(0);
	if (!getcwd(launch->cwd, sizeof(launch->cwd)))
		check(-1, "getcwd");
	if (!launch->one_level) {
		check(unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare");
		timings_mark(launch->lane, "unshare A");
		write_maps(launch, true);
		timings_mark(launch->lane, "map A");
	}
	start_pid_1(launch);
	if (!launch->one_level) {
		build_and_enter_tree(launch);
		check(send(launch->socket, "", 1, MSG_NOSIGNAL), "send");
		timings_mark(launch->lane, "tell pid 1");
	}
	return wait_for_pid_1(launch, &blocked);
}

static int measure(struct launch *asked, size_t rounds)
{
	struct timings *timings = timings_new(rounds);

	if (!timings)
		return 125;
	for (size_t i = 0; i < rounds; i++) {
		struct launch each = *asked;
		int status;
		pid_t pid;

		each.lane = timings_lane(timings, i, 0);
		each.second_lane = timings_lane(timings, i, 1);
		pid = fork();
		check(pid, "fork");
		if (pid == 0)
			_exit(launch(&each));
		check(waitpid(pid, &status, 0), "waitpid");
		timings_mark(each.lane, "exit of the launcher");
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
			fprintf(stderr, "floor: a round failed\n");
			return 125;
		}
	}
	timings_print(timings, rounds);
	return 0;
}

int main(int argc, char **argv)
{
	struct launch asked = { .root = -EBADF, .pid_1 = -EBADF, .socket = -EBADF };
	long rounds = 0;
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--net") == 0)
			asked.net = true;
		else if (strcmp(argv[i], "--one-level") == 0)
			asked.one_level = true;
		else if (strcmp(argv[i], "--no-dev") == 0)
			asked.no_dev = true;
		else if (strcmp(argv[i], "--timings") == 0 && i + 1 < argc)
			rounds = strtol(argv[++i], NULL, 10);
		else
			break;
	}
	asked.command = argv + i;
	if (i >= argc || argv[i][0] != '/' || rounds < 0) {
		fprintf(stderr, "usage: floor [--net] [--one-level] [--no-dev] [--timings ROUNDS] "
				"/COMMAND [ARGUMENT...]\n");
		return 125;
	}
	return rounds ? measure(&asked, (size_t)rounds) : launch(&asked);
}
