/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "foreign/mountfsd.h"

#include "base/cleanup.h"
#include "foreign/varlink.h"

#define SERVICE "systemd-mountfsd"

#define REQUEST(read_only)                                                                         \
	"{\"method\": \"io.systemd.MountFileSystem.MountDirectory\", \"parameters\": "             \
	"{\"directoryFileDescriptor\": 0, \"userNamespaceFileDescriptor\": 1, "                    \
	"\"mode\": \"foreign\", \"readOnly\": " read_only "}}"

int mountfsd_mount_over(int socket_fd, int directory_fd, int userns_fd, bool read_only,
			const char *what, struct report *report)
{
	const int fds[] = { directory_fd, userns_fd };
	const struct varlink_call call = {
		.what = what,
		.service = SERVICE,
		.request = read_only ? REQUEST("true") : REQUEST("false"),
		.fds = fds,
		.fd_count = 2,
		.fd_key = "mountFileDescriptor",
		.timeout = VARLINK_TIMEOUT,
	};

	return varlink_call(socket_fd, &call, report);
}

int mountfsd_mount_directory(int directory_fd, int userns_fd, bool read_only, const char *what,
			     struct report *report)
{
	_cleanup_close_ int socket_fd =
		varlink_connect(what, SERVICE, MOUNTFSD_SOCKET, VARLINK_TIMEOUT, report);

	if (socket_fd < 0)
		return socket_fd;
	return mountfsd_mount_over(socket_fd, directory_fd, userns_fd, read_only, what, report);
}
