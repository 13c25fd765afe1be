/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remember/acl.h"

#include <endian.h>
#include <errno.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <string.h>

typedef struct posix_acl_xattr_entry entry;

#define HEADER sizeof(struct posix_acl_xattr_header)

bool acl_is_name(const char *name)
{
	return strcmp(name, "system.posix_acl_access") == 0 ||
	       strcmp(name, "system.posix_acl_default") == 0;
}

static bool is_mapped(const entry *at, const struct idmap *users, const struct idmap *groups)
{
	uint32_t id = le32toh(at->e_id), unused;

	switch (le16toh(at->e_tag)) {
	case ACL_USER:
		return idmap_to_outer(users, id, &unused);
	case ACL_GROUP:
		return idmap_to_outer(groups, id, &unused);
	default:
		return true;
	}
}

int acl_keep_mapped(void *value, size_t *size, const struct idmap *users,
		    const struct idmap *groups)
{
	const struct posix_acl_xattr_header *header = value;
	entry *entries = (entry *)((char *)value + HEADER);
	size_t count = *size < HEADER ? 0 : (*size - HEADER) / sizeof(entry), kept = 0;
	bool named = false, masked = false;
	unsigned int last = 0;

	if (*size < HEADER || (*size - HEADER) % sizeof(entry))
		return -EINVAL;
	if (le32toh(header->a_version) != POSIX_ACL_XATTR_VERSION)
		return -EOPNOTSUPP;
	for (size_t i = 0; i < count; i++) {
		unsigned int tag = le16toh(entries[i].e_tag);
		bool has_id = tag == ACL_USER || tag == ACL_GROUP;

		/* what the kernel would see only in the entries that are taken out */
		if (tag < last || (has_id && (le32toh(entries[i].e_id) == ID_UNSET ||
					      le16toh(entries[i].e_perm) & ~7)))
			return -EINVAL;
		last = tag;
		named = named || has_id;
		masked = masked || tag == ACL_MASK;
		if (is_mapped(&entries[i], users, groups))
			entries[kept++] = entries[i];
	}
	if (named && !masked)
		return -EINVAL;
	*size = HEADER + kept * sizeof(entry);
	return 0;
}

void acl_follow_mode(void *value, size_t size, mode_t mode)
{
	entry *entries = (entry *)((char *)value + HEADER), *group = NULL;

	for (size_t i = 0; size >= HEADER && i < (size - HEADER) / sizeof(entry); i++) {
		switch (le16toh(entries[i].e_tag)) {
		case ACL_USER_OBJ:
			entries[i].e_perm = htole16((mode >> 6) & 7);
			break;
		case ACL_GROUP_OBJ:
		case ACL_MASK: /* the later one */
			group = &entries[i];
			break;
		case ACL_OTHER:
			entries[i].e_perm = htole16(mode & 7);
			break;
		}
	}
	if (group)
		group->e_perm = htole16((mode >> 3) & 7);
}
