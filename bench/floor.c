/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The floor: a launch with two levels of user namespace as bare system calls, for comparison. It
 * shows the host's "/" read-only with a new /proc and a minimal /dev, as nsroot does when asked for
 * that, and has no options to parse, no plan, no supervision and no advice.
 *
 *   floor [--net] [--one-level] [--no-dev] COMMAND [ARGUMENT...]
 *   floor --timings ROUNDS ...     median cost of each step instead
 */

#include "base/syscalls.h"
#include "bench/timings.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/if.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

/*
 * Where A's mount namespace holds the finished tree; any directory that needs no more looking at.
 * Not "/": clone3(2) refuses a user namespace to a process whose root is covered (EPERM), and pid 1
 * could not unmount an old root with a locked mount on it (EINVAL).
 */
#define TREE "/dev"

#define NODES 6

struct launch {
	bool net;
	bool one_level;
	bool no_dev;
	char **command;
	uid_t uid;
	gid_t gid;
	int tree; /* root of the new tree */
	int nodes[NODES];
	struct timings *timings;
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
static void write_maps(uid_t uid, gid_t gid, bool deny_setgroups)
{
	char text[64];

	if (deny_setgroups)
		write_file("/proc/self/setgroups", "deny");
	snprintf(text, sizeof(text), "0 %u 1\n", gid);
	write_file("/proc/self/gid_map", text);
	snprintf(text, sizeof(text), "0 %u 1\n", uid);
	write_file("/proc/self/uid_map", text);
}

/* move_mount(2) follows no symlink here, and the last part of `target` is ours. */
static void attach(int mount_fd, int dirfd, const char *target)
{
	check(move_mount(mount_fd, "", dirfd, target, MOVE_MOUNT_F_EMPTY_PATH), target);
}

static int new_mount(const char *type, const char *const options[][2], unsigned int attributes)
{
	int context = fsopen(type, FSOPEN_CLOEXEC);
	int mount_fd;

	check(context, type);
	for (; options && (*options)[0]; options++)
		check(fsconfig(context, FSCONFIG_SET_STRING, (*options)[0], (*options)[1], 0),
		      (*options)[0]);
	check(fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0), type);
	mount_fd = fsmount(context, FSMOUNT_CLOEXEC, attributes);
	check(mount_fd, type);
	close(context);
	return mount_fd;
}

static const char *const node_names[NODES] = { "null", "zero", "full", "random", "urandom", "tty" };

/* Sources are opened before anything is attached: TREE may hide them. */
static void open_sources(struct launch *launch)
{
	unsigned int flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;

	launch->tree = open_tree(AT_FDCWD, "/", flags | AT_RECURSIVE);
	check(launch->tree, "open_tree /");
	timings_mark(launch->timings, "open_tree /");
	for (size_t i = 0; i < NODES && !launch->no_dev; i++) {
		char path[32];

		snprintf(path, sizeof(path), "/dev/%s", node_names[i]);
		launch->nodes[i] = open_tree(AT_FDCWD, path, flags);
		check(launch->nodes[i], path);
	}
	timings_mark(launch->timings, "dev: open nodes");
}

static void make_dev(struct launch *launch)
{
	static const char *const links[][2] = {
		{ "/proc/self/fd", "fd" },       { "/proc/self/fd/0", "stdin" },
		{ "/proc/self/fd/1", "stdout" }, { "/proc/self/fd/2", "stderr" },
		{ "/proc/kcore", "core" },       { "pts/ptmx", "ptmx" },
	};
	static const char *const options[][2] = { { "mode", "755" }, { NULL, NULL } };
	int dev = new_mount("tmpfs", options, MOUNT_ATTR_NOSUID);

	attach(dev, launch->tree, "dev");
	timings_mark(launch->timings, "dev: tmpfs");
	for (size_t i = 0; i < NODES; i++) {
		check(mknodat(dev, node_names[i], S_IFREG | 0444, 0), node_names[i]);
		attach(launch->nodes[i], dev, node_names[i]);
		close(launch->nodes[i]);
	}
	timings_mark(launch->timings, "dev: attach nodes");
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		check(symlinkat(links[i][0], dev, links[i][1]), links[i][1]);
	check(mkdirat(dev, "shm", 0755), "shm");
	check(mkdirat(dev, "pts", 0755), "pts");
	close(dev);
	timings_mark(launch->timings, "dev: links, directories");
}

/*
 * The command may unmount the /proc that pid 1 will mount, as that is not locked; what it finds
 * below must not be the host's.
 */
static void cover_proc(struct launch *launch)
{
	int empty;

	if (launch->no_dev)
		empty = new_mount("tmpfs", NULL, MOUNT_ATTR_RDONLY);
	else
		empty = open_tree(launch->tree, "dev/pts", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	check(empty, "open_tree dev/pts");
	attach(empty, launch->tree, "proc");
	close(empty);
	timings_mark(launch->timings, "cover /proc");
}

/* What the plan asks for; a mount can only be attached to one that has its place, up to 6.14. */
static void build_tree(struct launch *launch, const char *place)
{
	struct mount_attr attributes = {
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
	};

	open_sources(launch);
	check(mount_setattr(launch->tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
			    sizeof(attributes)),
	      "mount_setattr");
	timings_mark(launch->timings, "mount_setattr");
	attach(launch->tree, AT_FDCWD, place);
	timings_mark(launch->timings, "attach");
	if (!launch->no_dev)
		make_dev(launch);
	cover_proc(launch);
}

/* Mounts that belong to the namespaces of pid 1. */
static void mount_own(struct launch *launch)
{
	static const char *const devpts_options[][2] = { { "ptmxmode", "0666" },
							 { "mode", "620" },
							 { NULL, NULL } };
	int fd = new_mount("proc", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);

	attach(fd, launch->tree, "proc");
	close(fd);
	timings_mark(launch->timings, "proc");
	if (launch->no_dev)
		return;
	fd = new_mount("devpts", devpts_options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	attach(fd, launch->tree, "dev/pts");
	close(fd);
	timings_mark(launch->timings, "devpts");
}

static void enter_tree(struct launch *launch)
{
	check(fchdir(launch->tree), "fchdir");
	check(sys_pivot_root(".", "."), "pivot_root");
	timings_mark(launch->timings, "pivot_root");
	check(umount2(".", MNT_DETACH), "umount2");
	timings_mark(launch->timings, "umount2");
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

		data[i] = (struct __user_cap_data_struct){ half, half, half };
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

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, (value))

/*
 * As long as nsroot's filter without chown, and as quick to pass: ioctl TIOCSTI and TIOCLINUX, and
 * io_uring_setup, for one ABI; the rest are comparisons that never hold.
 */
static void install_filter(void)
{
	enum { LENGTH = 40 };
	struct sock_filter filter[LENGTH] = {
		LOAD(offsetof(struct seccomp_data, nr)),
		EQUAL(SYS_io_uring_setup, 0, 1),
		RETURN(SECCOMP_RET_ERRNO | ENOSYS),
		EQUAL(SYS_ioctl, 0, 4),
		LOAD(offsetof(struct seccomp_data, args[1])),
		EQUAL(TIOCSTI, 1, 0),
		EQUAL(TIOCLINUX, 0, 1),
		RETURN(SECCOMP_RET_ERRNO | EPERM),
		LOAD(offsetof(struct seccomp_data, arch)),
	};
	struct sock_fprog program = { LENGTH, filter };

	for (size_t i = 9; i < LENGTH - 1; i++)
		filter[i] = (struct sock_filter)EQUAL(0x12345678, 0, 0);
	filter[LENGTH - 1] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
	check(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "seccomp");
}

static void seal(struct launch *launch)
{
	check(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "PR_SET_DUMPABLE");
	limit_capabilities();
	timings_mark(launch->timings, "capabilities");
	check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS");
	check(sys_keyctl_join_session_keyring(), "keyctl");
	timings_mark(launch->timings, "no_new_privs, keyring");
	if (!launch->net)
		limit_landlock();
	timings_mark(launch->timings, "landlock");
	check(close_range(3, ~0U, CLOSE_RANGE_CLOEXEC), "close_range");
	install_filter();
	timings_mark(launch->timings, "seccomp");
}

/* Runs the command as a child of pid 1 and returns its exit status. */
static int run_command(struct launch *launch)
{
	int status = 0;
	pid_t child = vfork();

	check(child, "vfork");
	if (child == 0) {
		execv(launch->command[0], launch->command);
		_exit(127);
	}
	timings_mark(launch->timings, "vfork, exec");
	while (waitpid(-1, &status, 0) != child)
		;
	timings_mark(launch->timings, "command");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static _Noreturn void run_pid_1(struct launch *launch)
{
	check(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), "PR_SET_PDEATHSIG");
	timings_mark(launch->timings, "start");
	write_maps(launch->one_level ? launch->uid : 0, launch->one_level ? launch->gid : 0,
		   launch->one_level);
	timings_mark(launch->timings, "map B");
	if (launch->one_level) {
		build_tree(launch, "/");
	} else {
		launch->tree = open_tree(AT_FDCWD, TREE,
					 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
		check(launch->tree, "open_tree");
		timings_mark(launch->timings, "open_tree of the tree");
		attach(launch->tree, AT_FDCWD, "/");
		timings_mark(launch->timings, "attach");
	}
	mount_own(launch);
	enter_tree(launch);
	if (launch->net) {
		raise_loopback();
		timings_mark(launch->timings, "lo up");
	}
	seal(launch);
	_exit(run_command(launch));
}

static int launch(struct launch *launch)
{
	struct clone_args args = {
		.flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
			 CLONE_NEWCGROUP | CLONE_PIDFD | (launch->net ? CLONE_NEWNET : 0),
		.exit_signal = SIGCHLD,
	};
	int handshake[2], pidfd = -EBADF;
	siginfo_t info = { 0 };
	pid_t pid;

	launch->uid = getuid();
	launch->gid = getgid();
	args.pidfd = (uint64_t)(uintptr_t)&pidfd;
	timings_mark(launch->timings, NULL);
	if (!launch->one_level) {
		check(unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare");
		timings_mark(launch->timings, "unshare A");
		write_maps(launch->uid, launch->gid, true);
		timings_mark(launch->timings, "map A");
		build_tree(launch, TREE);
	}
	check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, handshake), "socketpair");
	timings_mark(launch->timings, "socketpair");
	pid = sys_clone3(&args);
	check(pid, "clone3");
	if (pid == 0) {
		timings_second_lane(launch->timings);
		run_pid_1(launch);
	}
	timings_mark(launch->timings, "clone3");
	check(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED), "waitid");
	timings_mark(launch->timings, "wait for pid 1");
	return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
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

		each.timings = timings_round(timings, i);
		pid = fork();
		check(pid, "fork");
		if (pid == 0)
			_exit(launch(&each));
		check(waitpid(pid, &status, 0), "waitpid");
		timings_mark(each.timings, "exit of the launcher");
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
	struct launch asked = { .tree = -EBADF };
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
