/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * inject [OPTIONS] COMMAND [ARGS]: run a launch of nsroot again and again, failing another one of
 * its system calls each time, and tell where that does not end as it should: status 125 (126 for
 * the execve of the sandboxed command), one line "nsroot: ..." on standard error that has the
 * reason, and no process left. Or the failure made no difference: the sandboxed command, which is
 * to tell how it finds its sandbox, says the same as without it.
 *
 *   --error NAME     what the calls fail with; default EPERM. EINTR is given only to calls that
 *                    may wait, and then the launch has to succeed.
 *   --user NAME      run as that user; setuid programs keep their rights. Only for root.
 *   --at PROCESS:N   just this one, as the messages name it
 *   --tolerate CALL  it may make a difference, or another reason be told; repeatable
 *   --skip CALL      let it alone; repeatable
 *   --accept TEXT    a line with TEXT is right whatever the reason; repeatable
 *   --list           print what each failure came to
 *
 * The calls are caught by seccomp user notification (seccomp_unotify(2)), which needs neither
 * ptrace(2), so nothing stops for another reason, nor knowledge of the machine's registers.
 * Counting starts after the C library's own start: with fcntl(0, F_GETFD), nsroot's first call.
 * Processes are named by descent: 1 is the launcher, 1.1 its first child. What another program
 * does after execve is let alone.
 */

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
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

enum { PROCESS_MAX = 64, NAME_SIZE = 24, HANG_MS = 10000, GRACE_MS = 2000, LINE_MAX_SHOWN = 300 };

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

/*
 * What may make a difference, or is told by another line than that of the call. `argument` of the
 * call, from 0, has to be `value`.
 */
static const struct {
	int number;
	int argument; /* -1: whatever the arguments */
	uint64_t value;
	const char *reason;
} tolerated[] = {
	{ SYS_chdir, -1, 0, "the nearest parent of the current directory is taken" },
	{ SYS_sendmsg, -1, 0, "if pid 1 can't tell how the command ended, nobody can" },
};

static const struct {
	const char *name;
	int value;
} error_names[] = {
	{ "EPERM", EPERM },   { "EINTR", EINTR },   { "ENOMEM", ENOMEM }, { "EMFILE", EMFILE },
	{ "EINVAL", EINVAL }, { "ENOSYS", ENOSYS }, { "EACCES", EACCES }, { "ENOENT", ENOENT },
	{ "ENOSPC", ENOSPC }, { "EIO", EIO },       { "EAGAIN", EAGAIN },
};

/* signal(7) */
static const int may_wait[] = {
	SYS_read,   SYS_write,  SYS_recvmsg, SYS_sendmsg, SYS_recvfrom,
	SYS_sendto, SYS_waitid, SYS_wait4,   SYS_ppoll,
#ifdef SYS_poll
	SYS_poll,
#endif
};

struct process {
	pid_t pid;
	char name[NAME_SIZE];
	unsigned int children, calls;
	bool foreign; /* has called execve */
};

struct call {
	char process[NAME_SIZE];
	unsigned int index; /* from 1; 0: none */
};

struct stream {
	int fd;
	int end; /* the child's; not closed while it shares our table */
	char text[16384];
	size_t length;
};

struct run {
	int listener;
	struct stream streams[2]; /* standard output and error */
	struct process processes[PROCESS_MAX];
	size_t count;
	bool marked; /* nsroot's own calls have begun */
	bool injected, hung, left;
	int number; /* of the system call that failed */
	uint64_t args[6];
	int status;
};

struct counts {
	unsigned int injected, wrong;
};

struct options {
	char **command;
	const char *error_name;
	int error;
	const struct passwd *user;
	struct call only;
	int tolerated[8]; /* system calls */
	size_t tolerated_count;
	int skipped[8];
	size_t skipped_count;
	const char *accepted[8];
	size_t accepted_count;
	bool list;
};

static void die(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(2);
}

static const char *call_name(int number)
{
	static char name[64];
	char *found = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);

	snprintf(name, sizeof(name), "%s", found ? found : "?");
	free(found);
	return name;
}

static bool contains(const int *numbers, size_t count, int number)
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
		die("mmap");
	for (int i = 0; i < 2; i++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC) < 0)
			die("pipe2");
		run->streams[i].fd = ends[0];
		run->streams[i].end = ends[1];
	}
	pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, 0);
	if (pid < 0)
		die("clone");
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
		die("seccomp");
	if (fcntl(run->listener, F_SETFD, FD_CLOEXEC) < 0)
		die("fcntl");
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
	if (process->foreign || contains(options->skipped, options->skipped_count, data->nr))
		return false;
	process->foreign = data->nr == SYS_execve || data->nr == SYS_execveat;
	if (options->error == EINTR &&
	    !contains(may_wait, sizeof(may_wait) / sizeof(*may_wait), data->nr))
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
			die("poll");
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

static void run_once(const struct options *options, const struct call *call, struct run *run)
{
	pid_t pid;
	int pidfd, status;

	memset(run, 0, sizeof(*run));
	pid = start(options, run);
	pidfd = pidfd_open(pid, 0);
	if (pidfd < 0)
		die("pidfd_open");
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

static bool is_tolerated(const struct options *options, const struct run *run)
{
	if (contains(options->tolerated, options->tolerated_count, run->number))
		return true;
	for (size_t i = 0; i < sizeof(tolerated) / sizeof(*tolerated); i++) {
		if (tolerated[i].number == run->number &&
		    (tolerated[i].argument < 0 ||
		     run->args[tolerated[i].argument] == tolerated[i].value))
			return true;
	}
	return false;
}

static bool is_accepted(const struct options *options, const struct stream *stream)
{
	for (size_t i = 0; i < options->accepted_count; i++) {
		if (strstr(stream->text, options->accepted[i]))
			return true;
	}
	return false;
}

static size_t count_lines(const struct stream *stream)
{
	size_t lines = 0;

	for (size_t i = 0; i < stream->length; i++)
		lines += stream->text[i] == '\n';
	return lines;
}

static bool is_warning(const struct stream *stream)
{
	static const char warning[] = "nsroot: warning: ";

	return strncmp(stream->text, warning, strlen(warning)) == 0 && count_lines(stream) == 1;
}

/* What is wrong with how it ended, or NULL. */
static const char *judge(const struct options *options, const struct run *run,
			 const struct run *normal)
{
	const struct stream *errors = &run->streams[1];

	if (run->hung)
		return "it hangs";
	if (run->left)
		return "a process is left";
	if (run->status == 0 && strcmp(run->streams[0].text, normal->streams[0].text) == 0)
		return errors->length && !is_warning(errors) ? "it tells an error" : NULL;
	if (!run->injected || (options->error == EINTR && !is_accepted(options, errors)))
		return "it should succeed";
	if (run->status == 0)
		return is_warning(errors) || is_tolerated(options, run)
			       ? NULL
			       : "it makes a difference that is not told";
	if (run->status != 125 && !(run->status == 126 && run->number == SYS_execve))
		return "wrong status";
	if (count_lines(errors) != 1 || errors->text[errors->length - 1] != '\n')
		return "not one line";
	if (strncmp(errors->text, "nsroot: ", 8) != 0)
		return "not \"nsroot: ...\"";
	if (!strstr(errors->text, strerror(options->error)) && !is_tolerated(options, run) &&
	    !is_accepted(options, errors))
		return "another reason is told";
	return NULL;
}

static void print_difference(const char *normal, const char *now)
{
	while (*normal || *now) {
		size_t length = strcspn(normal, "\n"), now_length = strcspn(now, "\n");

		if (length != now_length || strncmp(normal, now, length) != 0) {
			printf("# without: %.*s\n# now:     %.*s\n", (int)length, normal,
			       (int)now_length, now);
			return;
		}
		normal += length + (normal[length] != '\0');
		now += length + (now[length] != '\0');
	}
}

static void check(const struct options *options, const struct call *call, const struct run *normal,
		  struct counts *counts)
{
	static struct run run;
	const struct stream *errors = &run.streams[1];
	const char *wrong;

	run_once(options, call, &run);
	wrong = judge(options, &run, normal);
	counts->injected += run.injected;
	counts->wrong += wrong != NULL;
	if (!wrong && !(options->list && run.injected))
		return;
	printf("%s %s:%u %s(%llx, %llx, %llx) %s: %s: status %d: %.*s%s", wrong ? "not ok" : "ok",
	       call->process, call->index, run.injected ? call_name(run.number) : "none",
	       (unsigned long long)run.args[0], (unsigned long long)run.args[1],
	       (unsigned long long)run.args[2], options->error_name, wrong ? wrong : "as it should",
	       run.status, LINE_MAX_SHOWN, errors->text,
	       errors->length && errors->length < LINE_MAX_SHOWN ? "" : "\n");
	if (wrong && run.status == 0)
		print_difference(normal->streams[0].text, run.streams[0].text);
	fflush(stdout);
}

static void parse(struct options *options, int argc, char **argv)
{
	int i = 1;

	*options = (struct options){ .error_name = "EPERM", .error = EPERM };
	for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		if (strcmp(argv[i], "--list") == 0) {
			options->list = true;
		} else if (strcmp(argv[i], "--user") == 0 && i + 1 < argc) {
			options->user = getpwnam(argv[++i]);
			if (!options->user)
				die("--user");
		} else if (strcmp(argv[i], "--tolerate") == 0 && i + 1 < argc &&
			   options->tolerated_count < 8) {
			options->tolerated[options->tolerated_count++] =
				seccomp_syscall_resolve_name(argv[++i]);
		} else if (strcmp(argv[i], "--skip") == 0 && i + 1 < argc &&
			   options->skipped_count < 8) {
			options->skipped[options->skipped_count++] =
				seccomp_syscall_resolve_name(argv[++i]);
		} else if (strcmp(argv[i], "--accept") == 0 && i + 1 < argc &&
			   options->accepted_count < 8) {
			options->accepted[options->accepted_count++] = argv[++i];
		} else if (strcmp(argv[i], "--at") == 0 && i + 1 < argc) {
			if (sscanf(argv[++i], "%23[0-9.]:%u", options->only.process,
				   &options->only.index) != 2)
				die("--at");
		} else if (strcmp(argv[i], "--error") == 0 && i + 1 < argc) {
			options->error = 0;
			options->error_name = argv[++i];
			for (size_t j = 0; j < sizeof(error_names) / sizeof(*error_names); j++) {
				if (strcmp(error_names[j].name, argv[i]) == 0)
					options->error = error_names[j].value;
			}
			if (!options->error)
				die("--error");
		} else {
			break;
		}
	}
	options->command = argv + i;
	if (i == argc)
		die("a command is missing");
}

int main(int argc, char **argv)
{
	struct options options;
	static struct run normal;
	struct counts counts = { 0 };

	parse(&options, argc, argv);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		die("prctl");
	/* twice: an overlay looks another way when its work directory has been used */
	run_once(&options, &(struct call){ .index = 0 }, &normal);
	run_once(&options, &(struct call){ .index = 0 }, &normal);
	if (normal.hung || normal.left || normal.status || normal.streams[1].length ||
	    !normal.marked) {
		printf("not ok without a failure: status %d: %s\n", normal.status,
		       normal.streams[1].text);
		return 1;
	}
	for (size_t i = 0; i < normal.count; i++) {
		struct call call;

		strcpy(call.process, normal.processes[i].name);
		for (call.index = 1; call.index <= normal.processes[i].calls; call.index++) {
			if (options.only.index && (call.index != options.only.index ||
						   strcmp(call.process, options.only.process) != 0))
				continue;
			check(&options, &call, &normal, &counts);
		}
	}
	printf("%u calls failed in turn, %u wrongly\n", counts.injected, counts.wrong);
	return counts.injected && !counts.wrong ? 0 : 1;
}
