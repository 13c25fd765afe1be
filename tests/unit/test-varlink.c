/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "foreign/mountfsd.h"
#include "foreign/nsresource.h"
#include "foreign/reply.h"
#include "foreign/unmapped.h"
#include "foreign/varlink.h"

#include "tests/unit/check.h"

#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#define FDS_SENT_MAX (VARLINK_FDS_MAX + 1)

/* The two ends of a connection: ours and the service's. */
struct connection {
	int ours;
	int service;
};

static struct connection connection_open(void)
{
	int ends[2] = { -EBADF, -EBADF };

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	return (struct connection){ ends[0], ends[1] };
}

static void connection_close(struct connection *connection)
{
	close_fd(&connection->ours);
	close_fd(&connection->service);
}

static size_t count_fds(void)
{
	_cleanup_closedir_ DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	while (dir && readdir(dir))
		count++;
	return count;
}

/* Write as the service does: `size` bytes, and so many copies of its standard input. */
static void service_send(int fd, const char *text, size_t size, size_t fd_count)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int) * FDS_SENT_MAX)];
	} control = { 0 };
	struct iovec part = { (char *)(uintptr_t)text, size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	int fds[FDS_SENT_MAX] = { 0 };

	if (fd_count) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * fd_count);
	}
	CHECK_INT(sendmsg(fd, &message, 0), (long long)size);
}

/* Read what the service was asked: the text, and how many fds, which end in fds. */
static size_t service_receive(int fd, char *text, size_t size, int *fds)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int) * FDS_SENT_MAX)];
	} control;
	struct iovec part = { text, size };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	size_t count;

	if (!CHECK(n > 0) || !CHECK_INT(text[n - 1], '\0') || !header)
		return 0;
	count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(header), count * sizeof(int));
	return count;
}

static bool is_same_file(int a, int b)
{
	struct stat one, other;

	return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}

/* A reply, and what becomes of it. Two parts are sent one after the other. */
struct reply_case {
	const char *text;
	size_t size;     /* 0: all of text, and the NUL */
	size_t fd_count; /* with the text */
	const char *fd_key;
	int result;          /* 1: an fd */
	const char *message; /* what is in the sentence; NULL: nothing failed */
};

#define ERROR(name, parameters) "{\"error\": \"" name "\", \"parameters\": {" parameters "}}"
#define WITH_NUL(text) text, sizeof(text)

static const struct reply_case reply_cases[] = {
	/* well */
	{ "{}", .result = 0 },
	{ "{\"parameters\": {}}", .result = 0 },
	{ "{\"parameters\": {\"name\": \"nsroot-12\"}}", .result = 0 },
	{ " {\"parameters\": null, \"error\": null}\r\n\t ", .result = 0 },
	{ "{\"parameters\": {\"fd\": 0}}", .fd_count = 1, .fd_key = "fd", .result = 1 },
	{ "{\"parameters\": {\"fd\": 7}}", .fd_count = 8, .fd_key = "fd", .result = 1 },
	/* fds that nobody asked for */
	{ "{\"parameters\": {\"fd\": 0}}", .fd_count = 3, .result = 0 },

	/* errors with an errno value */
	{ ERROR("io.systemd.System", "\"errnoName\": \"EACCES\", \"errno\": 1"), .result = -EACCES,
	  .message = "what: systemd-x: io.systemd.System: Permission denied" },
	{ ERROR("io.systemd.System", "\"errno\": 2"), .result = -ENOENT,
	  .message = "No such file or directory" },
	{ ERROR("io.systemd.System", "\"errnoName\": \"ENOTSUP\""), .result = -ENOTSUP,
	  .message = "not supported" },
	{ ERROR("io.systemd.System", "\"errnoName\": \"EWHATEVER\", \"errno\": 2"),
	  .result = -ENOENT, .message = "EWHATEVER: No such file" },
	{ ERROR("io.systemd.System", "\"errno\": 13"), .fd_count = 2, .fd_key = "fd",
	  .result = -EACCES, .message = "Permission denied" },

	/* errors without */
	{ ERROR("io.systemd.NamespaceResource.NameExists", ""), .result = -EINVAL,
	  .message = "what: systemd-x: io.systemd.NamespaceResource.NameExists" },
	{ "{\"error\": \"a.b.C\"}", .result = -EINVAL, .message = "systemd-x: a.b.C" },
	{ "{\"error\": \"a.b.C\", \"parameters\": null}", .result = -EINVAL, .message = "a.b.C" },
	{ ERROR("io.systemd.System", "\"errnoName\": \"EWHATEVER\""), .result = -EINVAL,
	  .message = "io.systemd.System: EWHATEVER" },
	{ ERROR("org.varlink.service.InvalidParameter", "\"parameter\": \"mapForeign\""),
	  .result = -EINVAL,
	  .message = "InvalidParameter: mapForeign (it wants systemd 260 or later)" },
	{ ERROR("org.varlink.service.MethodNotFound", "\"method\": \"a.b.C\""), .result = -EINVAL,
	  .message = "MethodNotFound (it wants systemd 260 or later)" },
	{ ERROR("io.systemd.NamespaceResource.TooManyDelegations", ""), .result = -EINVAL,
	  .message = "TooManyDelegations (16 at most)" },
	{ ERROR("a.b.C\\u001b[31m", ""), .result = -EINVAL, .message = "a.b.C\\x1b[31m" },

	/* no JSON, or not the right kind */
	{ WITH_NUL(""), .result = -EINVAL, .message = "systemd-x: bad reply: not one JSON object" },
	{ "hello", .result = -EINVAL, .message = "not one JSON object" },
	{ "{", .result = -EINVAL, .message = "not one JSON object" },
	{ "{}{}", .result = -EINVAL, .message = "not one JSON object" },
	{ "{} x", .result = -EINVAL, .message = "not one JSON object" },
	{ "{a: 1}", .result = -EINVAL, .message = "not one JSON object" },
	{ "{\"error\": \"\xff\"}", .result = -EINVAL, .message = "not one JSON object" },
	{ "[]", .result = -EINVAL, .message = "not one JSON object" },
	{ "null", .result = -EINVAL, .message = "not one JSON object" },
	{ "12", .result = -EINVAL, .message = "not one JSON object" },
	{ "{\"parameters\": []}", .result = -EINVAL, .message = "parameters has the wrong type" },
	{ "{\"error\": 5}", .result = -EINVAL, .message = "error has the wrong type" },
	{ "{\"error\": \"\"}", .result = -EINVAL, .message = "an error without a name" },
	{ ERROR("a.b.C", "\"errno\": \"2\""), .result = -EINVAL,
	  .message = "errno has the wrong type" },
	{ ERROR("a.b.C", "\"errnoName\": 2"), .result = -EINVAL,
	  .message = "errnoName has the wrong type" },
	{ ERROR("a.b.C", "\"errno\": 0"), .result = -EINVAL, .message = "errno is out of range" },
	{ ERROR("a.b.C", "\"errno\": -2"), .result = -EINVAL, .message = "errno is out of range" },
	{ ERROR("a.b.C", "\"errno\": 4096"), .result = -EINVAL,
	  .message = "errno is out of range" },

	/* fds */
	{ "{}", .fd_count = 1, .fd_key = "fd", .result = -EINVAL, .message = "fd is missing" },
	{ "{\"parameters\": {\"fd\": null}}", .fd_count = 1, .fd_key = "fd", .result = -EINVAL,
	  .message = "fd is missing" },
	{ "{\"parameters\": {\"fd\": 0}}", .fd_key = "fd", .result = -EINVAL,
	  .message = "fd is 0, but 0 file descriptors came along" },
	{ "{\"parameters\": {\"fd\": 1}}", .fd_count = 1, .fd_key = "fd", .result = -EINVAL,
	  .message = "fd is 1, but 1 file descriptors came along" },
	{ "{\"parameters\": {\"fd\": -1}}", .fd_count = 1, .fd_key = "fd", .result = -EINVAL,
	  .message = "fd is -1" },
	/* json-c 0.18 takes no such number at all */
	{ "{\"parameters\": {\"fd\": 18446744073709551616}}", .fd_count = 1, .fd_key = "fd",
	  .result = -EINVAL, .message = "bad reply: " },
	{ "{\"parameters\": {\"fd\": true}}", .fd_count = 1, .fd_key = "fd", .result = -EINVAL,
	  .message = "fd has the wrong type" },
	{ "{\"parameters\": {\"fd\": 0.0}}", .fd_count = 1, .fd_key = "fd", .result = -EINVAL,
	  .message = "fd has the wrong type" },
	{ "{\"parameters\": {\"fd\": 0}}", .fd_count = 9, .fd_key = "fd", .result = -EINVAL,
	  .message = "too many file descriptors" },

	/* the end in the wrong place */
	{ WITH_NUL("{}\0{}"), .result = -EINVAL, .message = "bad reply: more than one" },
	{ "{\"parameters\": {}}", .size = 18, .fd_count = 1, .result = -EINVAL,
	  .message = "systemd-x: the connection was closed before a whole reply had come" },
	{ "{", .size = 1, .result = -EINVAL, .message = "the connection was closed" },
};

static struct varlink_call a_call(const char *fd_key)
{
	return (struct varlink_call){
		.what = "what",
		.service = "systemd-x",
		.request = "{\"method\": \"x\"}",
		.fd_key = fd_key,
		.timeout = 10000,
	};
}

static void check_reply(const struct reply_case *known)
{
	struct connection connection = connection_open();
	struct varlink_call call = a_call(known->fd_key);
	struct report report = { 0 };
	size_t before = count_fds();
	int r;

	service_send(connection.service, known->text,
		     known->size ? known->size : strlen(known->text) + 1, known->fd_count);
	CHECK_INT(shutdown(connection.service, SHUT_WR), 0);
	r = varlink_call(connection.ours, &call, &report);
	if (known->result == 1) {
		CHECK(r > 2 && is_same_file(r, 0));
		CHECK(fcntl(r, F_GETFD) & FD_CLOEXEC);
		close_fd(&r);
	} else if (!CHECK_INT(r, known->result)) {
		fprintf(stderr, "\treply: %s\n", known->text);
	}
	if (!known->message)
		CHECK_STR(report.text, "");
	else if (!CHECK(strstr(report.text, known->message)))
		fprintf(stderr, "\tis     %s\n\twanted %s\n", report.text, known->message);
	CHECK_INT(count_fds(), before);
	connection_close(&connection);
}

/* The parts of one reply, with an fd each: they count in the order they come. */
static void check_parts(void)
{
	struct connection connection = connection_open();
	struct varlink_call call = a_call("fd");
	struct report report = { 0 };
	size_t before = count_fds();
	int r;

	service_send(connection.service, "{\"parame", 8, 1);
	service_send(connection.service, "ters\": {\"fd\"", 12, 0);
	service_send(connection.service, ": 1}}", 6, 1);
	r = varlink_call(connection.ours, &call, &report);
	CHECK(r > 2);
	close_fd(&r);
	CHECK_INT(count_fds(), before);

	/* each part has few, all together have too many */
	for (size_t i = 0; i < 3; i++)
		service_send(connection.service, " ", 1, 3);
	service_send(connection.service, "{}", 3, 0);
	CHECK_INT(varlink_call(connection.ours, &call, &report), -EINVAL);
	CHECK(strstr(report.text, "too many file descriptors"));
	CHECK_INT(count_fds(), before);
	connection_close(&connection);
}

static void check_size(void)
{
	static char text[VARLINK_REPLY_MAX + 2];
	struct connection connection = connection_open();
	struct varlink_call call = a_call(NULL);
	struct report report = { 0 };

	/* what just fits */
	memset(text, ' ', sizeof(text));
	memcpy(text, "{}", 2);
	text[VARLINK_REPLY_MAX - 1] = '\0';
	service_send(connection.service, text, VARLINK_REPLY_MAX, 0);
	CHECK_INT(varlink_call(connection.ours, &call, &report), 0);
	/* one byte more */
	text[VARLINK_REPLY_MAX - 1] = ' ';
	service_send(connection.service, text, VARLINK_REPLY_MAX, 2);
	CHECK_INT(varlink_call(connection.ours, &call, &report), -EINVAL);
	CHECK_STR(report.text, "what: systemd-x: bad reply: longer than 65536 bytes");
	connection_close(&connection);
}

/* A service that says nothing, or a part and then nothing. */
static void check_silence(void)
{
	struct connection connection = connection_open();
	struct varlink_call call = a_call(NULL);
	struct report report = { 0 };
	size_t before = count_fds();

	call.timeout = 20;
	CHECK_INT(varlink_call(connection.ours, &call, &report), -ETIMEDOUT);
	CHECK_STR(report.text, "what: systemd-x: wait for the reply: Connection timed out");
	service_send(connection.service, "{", 1, 1);
	CHECK_INT(varlink_call(connection.ours, &call, &report), -ETIMEDOUT);

	/* one that does not read, either */
	while (send(connection.ours, "", 1, MSG_DONTWAIT) == 1)
		;
	report = (struct report){ 0 };
	CHECK_INT(varlink_call(connection.ours, &call, &report), -ETIMEDOUT);
	CHECK(strstr(report.text, "send the request"));
	CHECK_INT(count_fds(), before);

	/* one that is gone: no SIGPIPE */
	close_fd(&connection.service);
	report = (struct report){ 0 };
	CHECK_INT(varlink_call(connection.ours, &call, &report), -EPIPE);
	connection_close(&connection);
}

/* The request for a user namespace, and what comes before and after the name in it. */
static void check_request(const struct nsresource_request *request, const char *rest)
{
	static const char start[] =
		"{\"method\": \"io.systemd.NamespaceResource.AllocateUserRange\", "
		"\"parameters\": {\"name\": \"nsroot-";
	struct connection connection = connection_open();
	struct report report = { 0 };
	char text[1024] = "";
	int fds[FDS_SENT_MAX];

	service_send(connection.service, "{\"parameters\": {\"name\": \"n\"}}", 30, 0);
	CHECK_INT(nsresource_fill(connection.ours, request, 0, &report), 0);
	CHECK_INT(service_receive(connection.service, text, sizeof(text), fds), 1);
	CHECK(is_same_file(fds[0], 0));
	close(fds[0]);
	text[strlen(start)] = '\0';
	CHECK_STR(text, start);
	CHECK_INT(strspn(text + strlen(start) + 1, "0123456789abcdef"), 7);
	CHECK_STR(text + strlen(start) + 8, rest);
	connection_close(&connection);
}

static void check_requests(void)
{
	check_request(&(struct nsresource_request){ 0 },
		      "\", \"size\": 65536, \"userNamespaceFileDescriptor\": 0, "
		      "\"type\": \"managed\", \"target\": 0, \"mapForeign\": false, "
		      "\"delegateContainerRanges\": 0}}");
	check_request(&(struct nsresource_request){ .self = true, .map_foreign = true },
		      "\", \"size\": 1, \"userNamespaceFileDescriptor\": 0, "
		      "\"type\": \"self\", \"mapForeign\": true, "
		      "\"delegateContainerRanges\": 0}}");
	check_request(
		&(struct nsresource_request){ .self = true, .become_root = true, .delegate = 3 },
		"\", \"size\": 1, \"userNamespaceFileDescriptor\": 0, "
		"\"type\": \"self\", \"target\": 0, \"mapForeign\": false, "
		"\"delegateContainerRanges\": 3}}");
}

static void check_mount_request(bool read_only)
{
	struct connection connection = connection_open();
	struct report report = { 0 };
	_cleanup_close_ int folder = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char text[1024] = "", expected[1024];
	int fds[FDS_SENT_MAX], r;

	snprintf(expected, sizeof(expected),
		 "{\"method\": \"io.systemd.MountFileSystem.MountDirectory\", \"parameters\": "
		 "{\"directoryFileDescriptor\": 0, \"userNamespaceFileDescriptor\": 1, "
		 "\"mode\": \"foreign\", \"readOnly\": %s}}",
		 read_only ? "true" : "false");
	service_send(connection.service, "{\"parameters\": {\"mountFileDescriptor\": 0}}", 43, 1);
	r = mountfsd_mount_over(connection.ours, folder, 0, read_only, "--bind-foreign / /b",
				&report);
	CHECK(r > 2 && is_same_file(r, 0));
	close_fd(&r);
	if (CHECK_INT(service_receive(connection.service, text, sizeof(text), fds), 2)) {
		CHECK(is_same_file(fds[0], folder));
		CHECK(is_same_file(fds[1], 0));
		close(fds[0]);
		close(fds[1]);
	}
	CHECK_STR(text, expected);
	connection_close(&connection);
}

/* Connecting: nobody there, nobody who listens, somebody. */
static void check_connect(void)
{
	char folder[] = "/tmp/test-varlink.XXXXXX";
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_close_ int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char expected[512], long_path[200] = "/";
	struct report report = { 0 };
	int fd;

	if (!CHECK(mkdtemp(folder)))
		return;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", folder);
	snprintf(expected, sizeof(expected),
		 "what: systemd-x: connect to %s: No such file or directory (it wants systemd 260 "
		 "or later, and systemd-x.socket started there)",
		 address.sun_path);
	CHECK_INT(varlink_connect("what", "systemd-x", address.sun_path, 1000, &report), -ENOENT);
	CHECK_STR(report.text, expected);

	CHECK_INT(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	report = (struct report){ 0 };
	CHECK_INT(varlink_connect("what", "systemd-x", address.sun_path, 1000, &report),
		  -ECONNREFUSED);
	CHECK(strstr(report.text, "systemd-x.socket"));

	CHECK_INT(listen(listener, 0), 0);
	fd = varlink_connect("what", "systemd-x", address.sun_path, 1000, &report);
	CHECK(fd > 2);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	/* its queue is full now */
	report = (struct report){ 0 };
	CHECK_INT(varlink_connect("what", "systemd-x", address.sun_path, 20, &report), -ETIMEDOUT);
	CHECK(strstr(report.text, "Connection timed out"));
	close_fd(&fd);

	memset(long_path + 1, 'x', sizeof(long_path) - 2);
	CHECK_INT(varlink_connect("what", "systemd-x", long_path, 20, &report), -ENAMETOOLONG);
	CHECK_INT(unlink(address.sun_path), 0);
	CHECK_INT(rmdir(folder), 0);
}

/* In the child of a fork: the user namespace is there, and has no maps. Returns an exit status. */
static int enter_unmapped(int userns_fd)
{
	char text[64];
	_cleanup_close_ int maps = -EBADF;

	if (setns(userns_fd, CLONE_NEWUSER) < 0)
		return 1;
	maps = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	return maps >= 0 && read(maps, text, sizeof(text)) == 0 ? 0 : 2;
}

static void check_unmapped(void)
{
	_cleanup_close_ int proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int own = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	struct report report = { 0 };
	size_t before = count_fds();
	int fd = unmapped_userns_open("what", proc_fd, &report), status = -1;
	pid_t pid;

	if (fd == -EPERM || fd == -ENOSPC) {
		fprintf(stderr, "no user namespaces here: %s\n", report.text);
		return;
	}
	if (!CHECK(fd > 2) || !CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC))
		return;
	CHECK(!is_same_file(fd, own));
	/* nobody is left to be waited for */
	CHECK_INT(waitpid(-1, NULL, WNOHANG | __WALL), -1);
	CHECK_INT(errno, ECHILD);
	pid = fork();
	if (pid == 0)
		_exit(enter_unmapped(fd));
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
	close_fd(&fd);
	CHECK_INT(count_fds(), before);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(reply_cases) / sizeof(reply_cases[0]); i++)
		check_reply(&reply_cases[i]);
	check_parts();
	check_size();
	check_silence();
	check_requests();
	check_mount_request(true);
	check_mount_request(false);
	check_connect();
	check_unmapped();
	return check_result();
}
