/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "check.h"
#include "idmap/write.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that makes a user namespace and waits there until `release` is closed. */
struct child {
	pid_t pid;
	int release;
};

static bool start_child(struct child *child)
{
	int ready[2], release[2];
	char byte;

	if (pipe2(ready, O_CLOEXEC) < 0 || pipe2(release, O_CLOEXEC) < 0)
		return false;
	child->pid = fork();
	if (child->pid == 0) {
		close(ready[0]);
		close(release[1]);
		if (unshare(CLONE_NEWUSER) < 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		_exit(read(release[0], &byte, 1) != 0);
	}
	close(ready[1]);
	close(release[0]);
	child->release = release[1];
	if (read(ready[0], &byte, 1) != 1) {
		fprintf(stderr, "no user namespaces here: not tested\n");
		close(ready[0]);
		return false;
	}
	close(ready[0]);
	return true;
}

static void end_child(struct child *child)
{
	close(child->release);
	while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void read_file(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];
	_cleanup_close_ int fd = -EBADF;
	ssize_t got;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = read(fd, text, size - 1);
	text[got > 0 ? got : 0] = '\0';
}

static void check_maps(pid_t pid, const struct idmap *uid_map, const struct idmap *gid_map,
		       const char *setgroups)
{
	char text[IDMAP_TEXT_MAX];
	struct idmap map;

	read_file(pid, "uid_map", text, sizeof(text));
	CHECK_INT(idmap_parse_file(&map, text), 0);
	CHECK(idmap_equal(&map, uid_map));
	read_file(pid, "gid_map", text, sizeof(text));
	CHECK_INT(idmap_parse_file(&map, text), 0);
	CHECK(idmap_equal(&map, gid_map));
	read_file(pid, "setgroups", text, sizeof(text));
	CHECK_STR(text, setgroups);
}

/* In the child: its own maps, and that the second time fails as it must. */
static int write_own_maps(int proc_fd, const struct idmap *uid_map, const struct idmap *gid_map)
{
	struct report report = { 0 };

	if (unshare(CLONE_NEWUSER) < 0)
		return 0;
	CHECK_INT(idmap_write_self(proc_fd, uid_map, gid_map, true, &report), 0);
	CHECK_STR(report.text, "");
	check_maps(getpid(), uid_map, gid_map, "deny\n");
	CHECK_INT(getuid(), 0);
	CHECK_INT(getgid(), 0);

	CHECK_INT(idmap_write_self(proc_fd, uid_map, gid_map, true, &report), -EPERM);
	CHECK(strncmp(report.text, "/proc/self/setgroups: Operation not permitted (", 47) == 0);
	return check_result();
}

static void test_self(int proc_fd)
{
	struct idmap uid_map = { 1, { { 0, geteuid(), 1 } } };
	struct idmap gid_map = { 1, { { 0, getegid(), 1 } } };
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(write_own_maps(proc_fd, &uid_map, &gid_map));
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
}

/* The caller maps another process: all that it is allowed without privileges is one id. */
static void test_pid(int proc_fd)
{
	struct idmap uid_map = { 1, { { 7, geteuid(), 1 } } };
	struct idmap gid_map = { 1, { { 8, getegid(), 1 } } };
	struct report report = { 0 };
	struct child child;

	if (!start_child(&child))
		return;
	CHECK_INT(idmap_write_pid(proc_fd, child.pid, &uid_map, &gid_map, true, &report), 0);
	CHECK_STR(report.text, "");
	check_maps(child.pid, &uid_map, &gid_map, "deny\n");
	end_child(&child);
}

static void test_not_allowed(int proc_fd)
{
	struct idmap map = { 2, { { 0, geteuid(), 1 }, { 1, 4000000000, 1 } } };
	struct report report = { 0 };
	struct child child;

	if (geteuid() == 0 || !start_child(&child))
		return;
	CHECK_INT(idmap_write_pid(proc_fd, child.pid, &map, &map, true, &report), -EPERM);
	CHECK(strstr(report.text, "CAP_SETUID") || strstr(report.text, "AppArmor"));
	end_child(&child);
}

/* Whoever runs this: nobody has this id as a subordinate one. */
static void test_helpers_refuse(int proc_fd)
{
	struct idmap map = { 1, { { 0, 4294967290, 1 } } };
	struct report report = { 0 };
	struct child child;
	int r;

	if (!start_child(&child))
		return;
	r = idmap_run_helpers(proc_fd, child.pid, &map, &map, &report);
	CHECK(r == -EPERM || r == -ENOENT);
	if (r == -EPERM)
		CHECK(strstr(report.text, "newgidmap: ") && strstr(report.text, "/etc/subgid"));
	else
		CHECK(strstr(report.text, "install the package uidmap") != NULL);
	end_child(&child);
}

/* Hide newuidmap and newgidmap, for this process and its children, behind one that writes "0 0 1".
 */
static bool fake_helpers(int proc_fd)
{
	const char *script = "#!/bin/sh\n"
			     "case $0 in\n"
			     "*/newgidmap) echo deny >/proc/$1/setgroups; file=gid_map ;;\n"
			     "*) file=uid_map ;;\n"
			     "esac\n"
			     "echo 0 0 1 >/proc/$1/$file\n";
	struct idmap uid_map = { 1, { { 0, geteuid(), 1 } } };
	struct idmap gid_map = { 1, { { 0, getegid(), 1 } } };
	struct report report = { 0 };
	int fd;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ||
	    idmap_write_self(proc_fd, &uid_map, &gid_map, true, &report) < 0 ||
	    mount("tmpfs", "/tmp", "tmpfs", 0, NULL) < 0)
		return false;
	fd = open("/tmp/fake", O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	if (fd < 0 || write(fd, script, strlen(script)) != (ssize_t)strlen(script))
		return false;
	close(fd);
	return mount("/tmp/fake", "/usr/bin/newuidmap", NULL, MS_BIND, NULL) == 0 &&
	       mount("/tmp/fake", "/usr/bin/newgidmap", NULL, MS_BIND, NULL) == 0;
}

static int run_fake_helpers(int proc_fd)
{
	struct idmap good = { 1, { { 0, 0, 1 } } }, bad = { 1, { { 5, 0, 1 } } };
	struct report report = { 0 };
	struct child child;

	if (!fake_helpers(proc_fd)) {
		fprintf(stderr, "newuidmap can't be replaced here: its result is not tested\n");
		return 0;
	}
	if (!start_child(&child))
		return 0;
	CHECK_INT(idmap_run_helpers(proc_fd, child.pid, &good, &good, &report), 0);
	CHECK_STR(report.text, "");
	end_child(&child);

	if (!start_child(&child))
		return 0;
	CHECK_INT(idmap_run_helpers(proc_fd, child.pid, &bad, &good, &report), -EBADMSG);
	CHECK(strstr(report.text, "newuidmap has written another map") != NULL);
	end_child(&child);
	return check_result();
}

/* CVE-2016-6252, CVE-2018-18955: a map that is not the one that was asked for is noticed. */
static void test_read_back(int proc_fd)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(run_fake_helpers(proc_fd));
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
}

static void test_no_proc(void)
{
	_cleanup_close_ int fd = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct idmap map = { 1, { { 0, geteuid(), 1 } } };
	struct report report = { 0 };

	CHECK_INT(idmap_write_pid(fd, 1, &map, &map, true, &report), -ENOENT);
	CHECK_STR(report.text, "/proc/1/gid_map: No such file or directory (/proc is not mounted, "
			       "or is of another PID namespace)");
}

int main(void)
{
	_cleanup_close_ int proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (!CHECK(proc_fd >= 0))
		return check_result();
	signal(SIGPIPE, SIG_IGN);
	test_self(proc_fd);
	test_pid(proc_fd);
	test_not_allowed(proc_fd);
	test_helpers_refuse(proc_fd);
	test_read_back(proc_fd);
	test_no_proc();
	return check_result();
}
