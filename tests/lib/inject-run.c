/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One launch, whose system calls are caught by seccomp user notification (seccomp_unotify(2)): it
 * needs neither ptrace(2), so nothing stops for another reason, nor knowledge of the machine's
 * registers.
 *
 * A call that waits for our answer can be interrupted, also one that never can be otherwise: the
 * program must restart its calls (SA_RESTART) or have no handlers of signals that may come.
 */

#include "inject.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HANG_MS = 10000, GRACE_MS = 2000 };

enum { FIRST_PASSED = 6, LAST_PASSED = 9 }; /* 3 to 5 may be a test runner's */

/*
 * Not caught: what can't fail, what nobody could do anything about, and close(2), which on Linux
 * closes even when it returns an error. An injected failure would leave the fd open.
 */
static const int left_alone[] = {
	SYS_brk, /* returns an address, never an error */
	SYS_exit,   SYS_exit_group, SYS_rt_sigreturn, SYS_restart_syscall, SYS_close,
	SYS_munmap, SYS_futex,      SYS_getpid,       SYS_getppid,         SYS_gettid,
	SYS_getuid, SYS_geteuid,    SYS_getgid,       SYS_getegid,         SYS_umask,
};

/* signal(7) */
static const int may_wait[] = {
	SYS_read,   SYS_write,  SYS_recvmsg, SYS_sendmsg, SYS_recvfrom,
	SYS_sendto, SYS_waitid, SYS_wait4,   SYS_ppoll,
#ifdef SYS_poll
	SYS_poll,
#endif
};

_Noreturn void inject_die(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(2);
}

bool inject_contains(const int *numbers, size_t count, int number)
{
	for (size_t i = 0; i < count; i++) {
		if (numbers[i] == number)
			return true;
	}
	return false;
}

static int install_filter(void)
{
	enum { ALONE = sizeof(left_alone) / sizeof(*left_alone) };
	struct sock_filter code[ALONE + 3];
	struct sock_fprog program = { .len = ALONE + 3, .filter = code };

	code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					       offsetof(struct seccomp_data, nr));
	for (unsigned int i = 0; i < ALONE; i++)
		code[1 + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							   (uint32_t)left_alone[i],
							   (uint8_t)(ALONE - i), 0);
	code[ALONE + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	code[ALONE + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			    &program);
}

static void become(const struct passwd *user)
{
	if (initgroups(user->pw_name, user->pw_gid) < 0 ||
	    setresgid(user->pw_gid, user->pw_gid, user->pw_gid) < 0 ||
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid) < 0)
		_exit(2);
}

/*
 * The listener gets into our table because the child shares it until then; from there on its calls
 * wait for us.
 */
static pid_t start(const struct options *options, struct run *run)
{
	volatile int *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	if (shared == MAP_FAILED)
		inject_die("mmap");
	for (int i = 0; i < 2; i++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC) < 0)
			inject_die("pipe2");
		run->streams[i].fd = ends[0];
		run->streams[i].end = ends[1];
	}
	pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, 0);
	if (pid < 0)
		inject_die("clone");
	if (pid == 0) {
		int listener;

		if (!options->user)
			(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		listener = install_filter();
		*shared = listener < 0 ? -1 : listener;
		if (listener < 0 || unshare(CLONE_FILES) < 0)
			_exit(2);
		close(listener);
		if (dup2(run->streams[0].end, STDOUT_FILENO) < 0 ||
		    dup2(run->streams[1].end, STDERR_FILENO) < 0)
			_exit(2);
		if (options->user)
			become(options->user);
		execv(options->command[0], options->command);
		_exit(2);
	}
	while (!*shared)
		sched_yield();
	run->listener = *shared;
	munmap((void *)(uintptr_t)shared, sizeof(*shared));
	if (run->listener < 0)
		inject_die("seccomp");
	if (fcntl(run->listener, F_SETFD, FD_CLOEXEC) < 0)
		inject_die("fcntl");
	return pid;
}

static pid_t parent_of(pid_t pid)
{
	char path[32], text[512];
	const char *end;
	size_t length;
	int parent = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	end = strrchr(text, ')');
	if (!end || sscanf(end, ") %*c %d", &parent) != 1)
		return -1;
	return parent;
}

static struct process *find(struct run *run, pid_t pid)
{
	for (size_t i = 0; i < run->count; i++) {
		if (run->processes[i].pid == pid)
			return &run->processes[i];
	}
	return NULL;
}

static void name_child(struct process *child, struct process *parent)
{
	char name[2 * NAME_SIZE];

	snprintf(name, sizeof(name), "%s.%u", parent->name, ++parent->children);
	memcpy(child->name, name, NAME_SIZE - 1);
}

static struct process *find_or_add(struct run *run, pid_t pid)
{
	struct process *process = find(run, pid), *parent;

	if (process)
		return process;
	if (run->count == PROCESS_MAX) {
		fprintf(stderr, "inject: more than %d processes\n", PROCESS_MAX);
		exit(2);
	}
	process = &run->processes[run->count];
	*process = (struct process){ .pid = pid };
	if (run->count == 0) {
		strcpy(process->name, "1");
	} else {
		parent = find(run, parent_of(pid));
		if (!parent)
			snprintf(process->name, sizeof(process->name), "?");
		else
			name_child(process, parent);
		process->foreign = parent && parent->foreign;
	}
	run->count++;
	return process;
}

static void close_ends(struct run *run)
{
	for (int i = 0; i < 2; i++) {
		if (run->streams[i].end >= 0)
			close(run->streams[i].end);
		run->streams[i].end = -1;
	}
}

static bool is_mark(const struct seccomp_data *data)
{
	return data->nr == SYS_fcntl && data->args[0] == 0 && data->args[1] == F_GETFD;
}

/* Whether this call is the one to fail. */
static bool is_due(struct run *run, const struct call *call, const struct options *options,
		   pid_t pid, const struct seccomp_data *data)
{
	struct process *process = find_or_add(run, pid);

	if (!run->marked) {
		run->marked = is_mark(data);
		if (!run->marked)
			return false;
		close_ends(run);
	}
	if (process->foreign || inject_contains(options->skipped, options->skipped_count, data->nr))
		return false;
	process->foreign = data->nr == SYS_execve || data->nr == SYS_execveat;
	if (options->error == EINTR &&
	    !inject_contains(may_wait, sizeof(may_wait) / sizeof(*may_wait), data->nr))
		return false;
	process->calls++;
	if (process->calls != call->index || strcmp(process->name, call->process) != 0)
		return false;
	process->foreign = false; /* it is not another program, as execve fails */
	return true;
}

static void answer(struct run *run, const struct call *call, const struct options *options)
{
	struct seccomp_notif request = { 0 };
	struct seccomp_notif_resp response = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

	if (ioctl(run->listener, SECCOMP_IOCTL_NOTIF_RECV, &request) < 0)
		return; /* it was killed meanwhile */
	response.id = request.id;
	if (is_due(run, call, options, (pid_t)request.pid, &request.data)) {
		run->number = request.data.nr;
		memcpy(run->args, request.data.args, sizeof(run->args));
		response.flags = 0;
		response.error = -options->error;
		run->injected = true;
	}
	(void)ioctl(run->listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

static void take_output(struct stream *stream)
{
	char lost[512];
	size_t room = sizeof(stream->text) - 1 - stream->length;
	ssize_t n = read(stream->fd, room ? stream->text + stream->length : lost,
			 room ? room : sizeof(lost));

	if (n > 0 && room)
		stream->length += (size_t)n;
	if (n == 0) {
		close(stream->fd);
		stream->fd = -1;
	}
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool all_reaped(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		;
	return pid < 0;
}

/* Serve what is under way until `pidfd` (or, without one, every child) is gone. */
static bool serve(struct run *run, const struct call *call, const struct options *options,
		  int pidfd, long limit_ms)
{
	long deadline = now_ms() + limit_ms;

	while (now_ms() < deadline) {
		struct pollfd sources[] = {
			{ run->listener, POLLIN, 0 },
			{ run->streams[0].fd, POLLIN, 0 },
			{ run->streams[1].fd, POLLIN, 0 },
			{ pidfd, POLLIN, 0 },
		};

		if (pidfd < 0 && all_reaped())
			return true;
		if (poll(sources, 4, pidfd < 0 ? 2 : 100) < 0 && errno != EINTR)
			inject_die("poll");
		if (sources[0].revents & POLLIN)
			answer(run, call, options);
		else if (sources[0].revents)
			run->listener = ~run->listener; /* no task has the filter any more */
		for (int i = 0; i < 2; i++) {
			if (sources[1 + i].revents)
				take_output(&run->streams[i]);
		}
		if (sources[3].revents)
			return true;
	}
	return false;
}

static void kill_all(const struct run *run)
{
	for (size_t i = 0; i < run->count; i++)
		kill(run->processes[i].pid, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

void inject_run(const struct options *options, const struct call *call, struct run *run)
{
	pid_t pid;
	int pidfd, status;

	memset(run, 0, sizeof(*run));
	/* files that are passed on to be read are read anew by each launch */
	for (int fd = FIRST_PASSED; fd <= LAST_PASSED; fd++) {
		int flags = fcntl(fd, F_GETFL);

		if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY)
			(void)lseek(fd, 0, SEEK_SET);
	}
	pid = start(options, run);
	pidfd = pidfd_open(pid, 0);
	if (pidfd < 0)
		inject_die("pidfd_open");
	fcntl(pidfd, F_SETFD, FD_CLOEXEC);
	if (!serve(run, call, options, pidfd, HANG_MS)) {
		run->hung = true;
	} else {
		waitpid(pid, &status, 0);
		run->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
		run->left = !serve(run, call, options, -1, GRACE_MS);
	}
	close(run->listener < -1 ? ~run->listener : run->listener);
	if (run->hung || run->left)
		kill_all(run);
	close_ends(run);
	for (int i = 0; i < 2; i++) {
		while (run->streams[i].fd >= 0)
			take_output(&run->streams[i]);
	}
	close(pidfd);
}
