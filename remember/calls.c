/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/calls.h"

#include "idmap/idmap.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/sysmacros.h>

static const struct call_row *find_row(const struct seccomp_data *data)
{
	for (const struct call_row *row = call_rows; row->abi; row++) {
		if (row->abi == data->arch && row->number == data->nr)
			return row;
	}
	return NULL;
}

/* The kernel's own rule for calls with ids of 16 bits: chown(2). */
static uint32_t widen(uint64_t id, bool is_short)
{
	if (!is_short)
		return (uint32_t)id;
	return (uint16_t)id == UINT16_MAX ? ID_UNSET : (uint16_t)id;
}

/* Of the kernel's two ways to write a device as one number, that of system calls: makedev(3). */
static dev_t decode_device(uint32_t device)
{
	return makedev((device & 0xfff00) >> 8, (device & 0xff) | ((device >> 12) & 0xfff00));
}

static void take_address_of_args(struct call *call, const __u64 *rest)
{
	call->has_xattr_args = true;
	call->xattr_args = rest[0];
	call->xattr_args_size = rest[1];
}

/* What comes after the file. */
static void decode_rest(const struct call_row *row, const __u64 *rest, struct call *call)
{
	switch (row->kind) {
	case CALL_CHOWN:
		call->uid = widen(rest[0], row->short_ids);
		call->gid = widen(rest[1], row->short_ids);
		if (row->flags_last)
			call->flags = (int)rest[2];
		break;
	case CALL_MKNOD:
		call->mode = (mode_t)rest[0];
		call->device = decode_device((uint32_t)rest[1]);
		break;
	case CALL_SETXATTR:
		call->name = rest[0];
		if (row->attribute_at) {
			take_address_of_args(call, rest + 1);
			break;
		}
		call->value = rest[1];
		call->size = rest[2];
		call->xattr_flags = (int)rest[3];
		break;
	case CALL_REMOVEXATTR:
		call->name = rest[0];
		break;
	case CALL_GETXATTR:
		call->name = *rest++;
		if (row->attribute_at) {
			take_address_of_args(call, rest);
			break;
		}
		__attribute__((fallthrough));
	case CALL_LISTXATTR:
		call->value = rest[0];
		call->size = rest[1];
		break;
	case CALL_STAT:
		call->layout = row->layout;
		if (row->layout == STAT_STATX) {
			call->flags = (int)rest[0];
			call->mask = (unsigned int)rest[1];
			call->buffer = rest[2];
		} else {
			call->buffer = rest[0];
			if (row->flags_last)
				call->flags = (int)rest[1];
		}
		break;
	case CALL_CHMOD:
	case CALL_MKDIR:
		call->mode = (mode_t)rest[0];
		call->flags = row->flags_last ? (int)rest[1] : 0;
		break;
	case CALL_UNLINK:
		call->flags = row->flags_last ? (int)rest[0] : 0;
		break;
	case CALL_RENAME:
		call->new_fd = row->at ? (int)*rest++ : AT_FDCWD;
		call->new_path = *rest++;
		call->flags = row->flags_last ? (int)*rest : 0;
		break;
	case CALL_RMDIR:
	case CALL_ROOT:
	case CALL_NAMESPACE:
	case CALL_CHDIR:
	case CALL_UMOUNT:
	case CALL_FILTER:
		break;
	}
}

bool call_decode(const struct seccomp_data *data, struct call *call)
{
	const struct call_row *row = find_row(data);
	const __u64 *rest = data->args;

	if (!row)
		return false;
	*call = (struct call){ .kind = row->kind, .fd = AT_FDCWD };
	if (row->at || row->fd)
		call->fd = (int)*rest++;
	if (!row->fd) {
		call->has_path = true;
		call->path = *rest++;
	}
	if (row->nofollow)
		call->flags = AT_SYMLINK_NOFOLLOW;
	if (row->attribute_at)
		call->flags = (int)*rest++;
	decode_rest(row, rest, call);
	return true;
}

void call_take_xattr_args(struct call *call, const struct call_xattr_args *args)
{
	call->has_xattr_args = false;
	call->value = args->value;
	call->size = args->size;
	call->xattr_flags = (int)args->flags;
}
