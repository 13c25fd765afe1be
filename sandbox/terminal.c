/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/terminal.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <signal.h>

void terminal_init(struct terminal *terminal)
{
	*terminal = (struct terminal){ .fd = -EBADF };
}

void terminal_open(struct terminal *terminal)
{
	for (int fd = 0; fd <= 2; fd++) {
		pid_t group = tcgetpgrp(fd); /* fails unless it is our controlling terminal */

		if (group < 0)
			continue;
		terminal->original = group;
		terminal->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		return;
	}
}

void terminal_close(struct terminal *terminal)
{
	close_fd(&terminal->fd);
}

void terminal_note_command(struct terminal *terminal, pid_t command)
{
	/* a procfs that is numbered otherwise may have told of some other process */
	if (terminal->fd >= 0 && getpgid(command) == command && getsid(command) == getsid(0))
		terminal->command = command;
}

static bool is_alive(pid_t group)
{
	return kill(-group, 0) == 0 || errno != ESRCH;
}

bool terminal_pass_on(const struct terminal *terminal)
{
	return terminal->command && tcgetpgrp(terminal->fd) == getpgrp() &&
	       is_alive(terminal->command) && tcsetpgrp(terminal->fd, terminal->command) == 0;
}

void terminal_take_back(const struct terminal *terminal)
{
	pid_t group = terminal->fd < 0 ? -1 : tcgetpgrp(terminal->fd);

	/* a living group is not of the sandbox, which has ended: a shell's, which means it so */
	if (group > 0 && group != terminal->original && terminal->original > 0 && !is_alive(group))
		(void)tcsetpgrp(terminal->fd, terminal->original);
}
