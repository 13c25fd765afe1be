/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/messages.h"

#include "base/cleanup.h"
#include "base/procfs.h"
#include "sandbox/descriptors.h"
#include "sandbox/early.h"
#include "sandbox/forward.h"
#include "sandbox/recording.h"
#include "sandbox/status.h"

#include <string.h>

int messages_adopt_failure(struct launch *launch, const struct message *message)
{
	struct report *report = launch->report;

	if (!report->status) {
		report->status = message->value;
		/* it was escaped where it was recorded */
		memcpy(report->text, message->text, sizeof(report->text));
		report->text[sizeof(report->text) - 1] = '\0';
	}
	return -ECHILD;
}

/*
 * Pipes of the command must end with the command, not with us; 2 stays for what we may have to say.
 * --sync-fd is pid 1's, unless that is the command.
 */
static int let_go_of_fds(struct supervisor *supervisor)
{
	struct launch *launch = supervisor->launch;
	const struct fd_list *sync_fds = &launch->sandbox->sync_fds;
	bool keep_sync_fds =
		launch->direct && launch->sandbox->custom.processes == PROCESSES_SUPERVISED;
	_cleanup_free_ int *keep = NULL;
	size_t count = 0;

	keep = calloc(SOURCE_COUNT + 7 + mount_build_held(&launch->build, NULL) + sync_fds->count,
		      sizeof(*keep));
	if (!keep)
		return report_failure(launch->report, ENOMEM, "list of fds");
	mount_build_release(&launch->build); /* by name, not by number */
	for (size_t i = 0; i < SOURCE_COUNT; i++)
		keep[count++] = supervisor->sources[i].fd;
	keep[count++] = supervisor->command;
	keep[count++] = launch->sandbox->json_status_fd;
	keep[count++] = launch->proc_fd;
	keep[count++] = launch->pid_1;
	keep[count++] = launch->terminal.fd;
	keep[count++] = launch->recording.control;
	count += mount_build_held(&launch->build, keep + count);
	for (size_t i = 0; keep_sync_fds && i < sync_fds->count; i++)
		keep[count++] = sync_fds->fds[i];
	keep[count++] = STDERR_FILENO;
	descriptors_close_except(keep, count);
	return 0;
}

static void note_terminal(struct supervisor *supervisor)
{
	struct launch *launch = supervisor->launch;
	struct report unused = { 0 };
	pid_t pid = launch->pid_1_pid;

	if (supervisor->command >= 0)
		pid = procfs_pid(launch->proc_fd, supervisor->command, &unused);
	if (pid > 0)
		terminal_note_command(&launch->terminal, pid);
}

/* missed: signals that were sent to our process group before the command was in it */
static int handle_start(struct supervisor *supervisor, uint64_t missed)
{
	struct launch *launch = supervisor->launch;
	uint64_t waiting = supervisor->waiting | (supervisor->made & missed);

	launch->started = true;
	if (launch->sandbox->foreground) {
		note_terminal(supervisor);
		(void)terminal_pass_on(&launch->terminal);
	}
	for (int signal = 1; signal <= 64; signal++) {
		if (waiting >> (signal - 1) & 1)
			forward_signal(supervisor, signal);
	}
	return let_go_of_fds(supervisor);
}

bool messages_command_started(const struct supervisor *supervisor)
{
	/* --as-pid-1: the handshake closes when exec has succeeded */
	return supervisor->command >= 0 ||
	       (supervisor->launch->direct && supervisor->sources[SOURCE_HANDSHAKE].fd < 0);
}

/*
 * bubblewrap's pid 1 has the rights of the command, once that runs, and may be led by it. Once we
 * know of that it can tell of a status, or that it has failed, but not have us say or write what it
 * likes.
 */
static bool is_believed(const struct launch *launch, enum message_kind kind)
{
	return launch->sandbox->custom.processes != PROCESSES_MONITORED || !launch->started ||
	       kind == MESSAGE_EXITED;
}

int messages_hear(struct supervisor *supervisor)
{
	struct launch *launch = supervisor->launch;
	struct message message;
	int fd, r = handshake_receive(launch->socket, &message, &fd);

	if (r == -ECONNRESET) {
		supervisor->sources[SOURCE_HANDSHAKE].fd = -EBADF;
		close_fd(&launch->socket); /* now, as handle_start would close it by number */
		return launch->direct ? handle_start(supervisor, 0) : 0;
	}
	if (r < 0)
		return report_failure(launch->report, -r, "handshake");
	if (!is_believed(launch, message.kind)) {
		close_fd(&fd);
		return message.kind == MESSAGE_FAILED
			       ? report_refusal(launch->report, "pid 1 of the sandbox has failed, "
								"and with it the command")
			       : 0;
	}
	switch (message.kind) {
	case MESSAGE_NAMESPACES:
		/* the first is from before the command, which may lead pid 1 by now */
		if (launch->sandbox->userns_block_fd < 0 && !launch->described)
			r = status_write_info(launch, message.text);
		if (r >= 0 && !launch->described)
			r = early_let_go_on(launch, 0);
		launch->described = true;
		break;
	case MESSAGE_NAMESPACE:
	case MESSAGE_LISTENER:
		return recording_hear(launch, &message, fd);
	case MESSAGE_STARTED:
		supervisor->command = fd;
		r = handle_start(supervisor, (uint64_t)message.value);
		break;
	case MESSAGE_STOPPED:
		forward_note_stop(supervisor, message.value);
		break;
	case MESSAGE_CONTINUED:
		supervisor->stopped = false;
		break;
	case MESSAGE_EXITED:
		supervisor->exited = true;
		supervisor->wait_status = message.value;
		/* its last word: the end of file need not wake us, its own end will */
		supervisor->sources[SOURCE_HANDSHAKE].fd = -EBADF;
		break;
	case MESSAGE_FAILED:
		r = messages_adopt_failure(launch, &message);
		break;
	default:
		break;
	}
	return r;
}
