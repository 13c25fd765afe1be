/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Id-mapped mounts of folders that belong to the foreign range, which systemd-mountfsd makes for
 * callers that may not: by varlink, the method io.systemd.MountFileSystem.MountDirectory of
 * systemd 260.
 */

#include "base/report.h"

#include <stdbool.h>

#define MOUNTFSD_SOCKET "/run/systemd/io.systemd.MountFileSystem"

/* The foreign range: it owns the files of containers that don't run. */
#define FOREIGN_ID_FIRST 2147352576U
#define FOREIGN_ID_COUNT 65536U

/*
 * mountfsd_mount_directory: have a folder mounted so that the files of the foreign range belong to
 * the ids from 0 on of a user namespace.
 *  directory_fd: the folder, in the mount namespace that the caller is in; O_PATH will do. The
 *   service refuses flags of open(2) other than O_DIRECTORY, O_NOFOLLOW, O_CLOEXEC and that one.
 *  userns_fd: what nsresource_allocate gave, without self.
 *  what: option and operands as typed ("--bind-foreign a /b"), for messages.
 * To be called as long as "/" is the host's: the socket and libjson-c are opened by their paths.
 * Waits no longer than a minute for the service.
 * Returns the O_CLOEXEC fd of a mount that is attached nowhere, for move_mount(2); or a negative
 * errno, reported.
 */
int mountfsd_mount_directory(int directory_fd, int userns_fd, bool read_only, const char *what,
			     struct report *report);

/* mountfsd_mount_over: the same over a socket that is connected to the service. */
int mountfsd_mount_over(int socket_fd, int directory_fd, int userns_fd, bool read_only,
			const char *what, struct report *report);
