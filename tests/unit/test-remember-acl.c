/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"
#include "remember/acl.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#define UNNAMED 0xffffffff

struct acl {
	uint32_t version;
	struct {
		uint16_t tag, permissions;
		uint32_t id;
	} entries[6];
};

#define SIZE(count) (4 + (size_t)(count)*8)

static struct acl example(void)
{
	static const unsigned int entries[6][3] = {
		{ 1, 6, UNNAMED }, { 2, 7, 1234 },       { 4, 4, UNNAMED },
		{ 8, 3, 77 },      { 0x10, 5, UNNAMED }, { 0x20, 0, UNNAMED },
	};
	struct acl acl = { .version = htole32(2) };

	for (size_t i = 0; i < 6; i++) {
		acl.entries[i].tag = htole16((uint16_t)entries[i][0]);
		acl.entries[i].permissions = htole16((uint16_t)entries[i][1]);
		acl.entries[i].id = htole32(entries[i][2]);
	}
	return acl;
}

static int keep(struct acl *acl, size_t *size, uint32_t user, uint32_t group)
{
	static struct idmap users, groups;

	users.count = groups.count = 0;
	CHECK_INT(idmap_add(&users, user, 1000, 1), 0);
	CHECK_INT(idmap_add(&groups, group, 1000, 1), 0);
	return acl_keep_mapped(acl, size, &users, &groups);
}

static void test_names(void)
{
	CHECK(acl_is_name("system.posix_acl_access") && acl_is_name("system.posix_acl_default"));
	CHECK(!acl_is_name("system.posix_acl_") && !acl_is_name("user.system.posix_acl_access"));
}

static void test_kept(void)
{
	struct acl acl = example(), before = acl;
	size_t size = SIZE(6);

	CHECK_INT(keep(&acl, &size, 0, 0), 0);
	CHECK_INT(size, SIZE(4));
	CHECK(memcmp(&acl.entries[0], &before.entries[0], 8) == 0);
	CHECK(memcmp(&acl.entries[1], &before.entries[2], 8) == 0);
	CHECK(memcmp(&acl.entries[2], &before.entries[4], 16) == 0);
	acl = before, size = SIZE(6);
	CHECK_INT(keep(&acl, &size, 1234, 0), 0);
	CHECK_INT(size, SIZE(5));
	CHECK(memcmp(&acl.entries[1], &before.entries[1], 8) == 0);
	acl = before, size = SIZE(6);
	CHECK_INT(keep(&acl, &size, 1234, 77), 0);
	CHECK(size == SIZE(6) && memcmp(&acl, &before, sizeof(acl)) == 0);
}

static void test_refused(void)
{
	struct acl acl = example();
	size_t size = SIZE(6) - 1;

	CHECK_INT(keep(&acl, &size, 0, 0), -EINVAL);
	size = 3;
	CHECK_INT(keep(&acl, &size, 0, 0), -EINVAL);
	acl.version = htole32(3), size = SIZE(6);
	CHECK_INT(keep(&acl, &size, 0, 0), -EOPNOTSUPP);
	/* no mask */
	acl = example(), size = SIZE(4);
	CHECK_INT(keep(&acl, &size, 0, 0), -EINVAL);
	/* out of order */
	acl = example(), size = SIZE(6);
	acl.entries[3].tag = htole16(2);
	CHECK_INT(keep(&acl, &size, 0, 0), -EINVAL);
	/* no id, no permissions */
	acl = example();
	acl.entries[1].id = htole32(UNNAMED);
	CHECK_INT(keep(&acl, &size, 0, 0), -EINVAL);
	acl = example();
	acl.entries[1].permissions = htole16(8);
	CHECK_INT(keep(&acl, &size, 0, 0), -EINVAL);
}

static void test_mode(void)
{
	struct acl acl = example();

	acl_follow_mode(&acl, SIZE(6), 0100731);
	CHECK_INT(le16toh(acl.entries[0].permissions), 7);
	CHECK_INT(le16toh(acl.entries[1].permissions), 7);
	CHECK_INT(le16toh(acl.entries[2].permissions), 4);
	CHECK_INT(le16toh(acl.entries[4].permissions), 3);
	CHECK_INT(le16toh(acl.entries[5].permissions), 1);
	/* without a mask it is the group's */
	acl_follow_mode(&acl, SIZE(3), 0012);
	CHECK_INT(le16toh(acl.entries[0].permissions), 0);
	CHECK_INT(le16toh(acl.entries[2].permissions), 1);
	CHECK_INT(le16toh(acl.entries[4].permissions), 3);
	acl_follow_mode(&acl, 3, 0777);
	CHECK_INT(le16toh(acl.entries[0].permissions), 0);
}

int main(void)
{
	test_names();
	test_kept();
	test_refused();
	test_mode();
	return check_result();
}
