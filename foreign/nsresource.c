/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "foreign/nsresource.h"

#include "base/cleanup.h"
#include "base/json.h"
#include "foreign/unmapped.h"
#include "foreign/varlink.h"

#include <sys/random.h>

#define SERVICE "systemd-nsresourced"
#define RANGE_SIZE 65536

static const char *what(const struct nsresource_request *request)
{
	return request->what ? request->what : "user namespace";
}

/*
 * The request as JSON text, to be freed; NULL if there is no memory.
 *  name: of the user namespace in the service's registry.
 */
static char *write_request(const struct nsresource_request *request, const char *name)
{
	char *text = NULL;
	size_t size;
	struct json json = { .out = open_memstream(&text, &size) };

	if (!json.out)
		return NULL;
	json_open(&json, NULL, '{');
	json_string(&json, "method", "io.systemd.NamespaceResource.AllocateUserRange");
	json_open(&json, "parameters", '{');
	json_string(&json, "name", name);
	json_number(&json, "size", request->self ? 1 : RANGE_SIZE);
	json_number(&json, "userNamespaceFileDescriptor", 0);
	json_string(&json, "type", request->self ? "self" : "managed");
	/* without a target, the caller's own ids stay as they are */
	if (request->become_root || !request->self)
		json_number(&json, "target", 0);
	json_bool(&json, "mapForeign", request->map_foreign);
	json_number(&json, "delegateContainerRanges", request->delegate);
	json_close(&json, '}');
	json_close(&json, '}');
	if (fclose(json.out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

int nsresource_fill(int socket_fd, const struct nsresource_request *request, int userns_fd,
		    struct report *report)
{
	struct varlink_call call = {
		.what = what(request),
		.service = SERVICE,
		.fds = &userns_fd,
		.fd_count = 1,
		.timeout = VARLINK_TIMEOUT,
	};
	_cleanup_free_ char *text = NULL;
	uint32_t number = 0;
	char name[32]; /* of 22 bytes at most: a part of user names */

	/* no secret: it has to differ from others only; 5.6 */
	if (getrandom(&number, sizeof(number), GRND_INSECURE) != (ssize_t)sizeof(number))
		number = (uint32_t)getpid();
	snprintf(name, sizeof(name), "nsroot-%08x", number);
	text = write_request(request, name);
	if (!text)
		return report_failure(report, ENOMEM, "%s", what(request));
	call.request = text;
	return varlink_call(socket_fd, &call, report);
}

int nsresource_allocate(const struct nsresource_request *request, int proc_fd,
			struct report *report)
{
	_cleanup_close_ int socket_fd =
		varlink_connect(what(request), SERVICE, NSRESOURCE_SOCKET, VARLINK_TIMEOUT, report);
	_cleanup_close_ int userns_fd = -EBADF;
	int r;

	if (socket_fd < 0)
		return socket_fd;
	userns_fd = unmapped_userns_open(what(request), proc_fd, report);
	if (userns_fd < 0)
		return userns_fd;
	r = nsresource_fill(socket_fd, request, userns_fd, report);
	return r < 0 ? r : steal_fd(&userns_fd);
}
