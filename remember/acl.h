/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * ACLs as attributes hold them: acl(5), and linux/posix_acl_xattr.h. One that names ids which are
 * not mapped is remembered; the file gets the rest of it, so that its mode, and that of what is
 * made in a folder, are right.
 */

#include "idmap/idmap.h"

/* acl_is_name: whether an attribute is an ACL. */
bool acl_is_name(const char *name);

/*
 * acl_keep_mapped: take out the entries of ids that a sandbox does not have.
 *  value: the ACL; changed.
 *  size: in bytes; set to what is left.
 * Returns 0; -EOPNOTSUPP or -EINVAL for what is no ACL to the kernel either.
 */
int acl_keep_mapped(void *value, size_t *size, const struct idmap *users,
		    const struct idmap *groups);

/* acl_follow_mode: what chmod(2) does to an ACL: the entries that stand for the bits of the mode
 * get them. */
void acl_follow_mode(void *value, size_t size, mode_t mode);
