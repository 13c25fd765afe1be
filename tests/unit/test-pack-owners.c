/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "check.h"
#include "pack/owners.h"

static FILE *stream_of(const char *text)
{
	/* fmemopen(3) takes no empty buffer */
	return *text ? fmemopen((void *)(uintptr_t)text, strlen(text), "r")
		     : fopen("/dev/null", "r");
}

static int parse(struct owners *owners, const char *text)
{
	_cleanup_fclose_ FILE *stream = stream_of(text);
	struct report report = { 0 };

	*owners = (struct owners){ .root_uid = ID_UNSET, .root_gid = ID_UNSET };
	return stream ? owners_parse_map(owners, stream, "map", &report) : -ENOMEM;
}

/* What becomes of uid:gid, as text. */
static void check_owner(const struct owners *owners, uint32_t uid, uint32_t gid,
			const struct remembered *file, const char *wanted)
{
	struct archive_entry *entry = archive_entry_new();
	char is[64];

	owners_set(owners, entry, uid, gid, file);
	snprintf(is, sizeof(is), "%lld:%lld", (long long)archive_entry_uid(entry),
		 (long long)archive_entry_gid(entry));
	CHECK_STR(is, wanted);
	archive_entry_free(entry);
}

static void test_refused(void)
{
	static const char *const lines[] = {
		"5",
		"5:6",
		"5:6 7",
		"5-4: 1:",
		": :",
		"a: 1:",
		"5: :1",
		"5: 1:1",
		":5 1:",
		"-5: 1:",
		"5-: 1:",
		"+5: 1:",
		"4294967295: 1:",
		"5: 4294967295:",
		"5: -1:",
		"5:6 7:8 9",
		"0-10: 4294967285:",
		"5:6:7 8:9",
		"0x5: 1:",
		"5: 1-2:",
		"5 :6 7:8",
	};
	struct owners owners;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		if (!CHECK_INT(parse(&owners, lines[i]), -EINVAL))
			fprintf(stderr, "\t%s\n", lines[i]);
		owners_free(&owners);
	}
}

static void test_rules(void)
{
	struct owners owners;

	CHECK_INT(parse(&owners, "# all of it\n\n  \n5:6\t50:60  \n 5: 500:\n:6 :600\n"
				 "1000-1009: 2000:\n0-4294967294:9 0:90"),
		  0);
	CHECK_INT((long long)owners.rule_count, 5);
	check_owner(&owners, 5, 6, NULL, "50:60");
	check_owner(&owners, 5, 7, NULL, "500:7");
	check_owner(&owners, 4, 6, NULL, "4:600");
	check_owner(&owners, 1009, 6, NULL, "2009:600");
	check_owner(&owners, 1010, 7, NULL, "1010:7");
	check_owner(&owners, 999, 7, NULL, "999:7");
	check_owner(&owners, 4294967294, 9, NULL, "4294967294:90");
	owners_free(&owners);
	CHECK_INT(parse(&owners, ""), 0);
	check_owner(&owners, 5, 6, NULL, "5:6");
	owners_free(&owners);
}

/* The first line that names a user, and the first that names a group, need not be the same. */
static void test_first_counts(void)
{
	struct owners owners;

	CHECK_INT(parse(&owners, "5: 6:\n5: 7:\n6: 8:\n:1 :2\n5:1 9:3\n"), 0);
	check_owner(&owners, 5, 1, NULL, "6:2");
	check_owner(&owners, 6, 3, NULL, "8:3");
	owners_free(&owners);
}

static void test_remembered(void)
{
	const struct remembered user = { .uid = 8, .gid = ID_UNSET },
				both = { .uid = 1001, .gid = 12 };
	struct owners owners;

	CHECK_INT(parse(&owners, "0: 70:\n8:0 80:800\n"), 0);
	owners.root_uid = owners.root_gid = 1001;
	check_owner(&owners, 1001, 1001, NULL, "70:0");
	check_owner(&owners, 1002, 1002, NULL, "1002:1002");
	check_owner(&owners, 1001, 1001, &user, "80:800");
	/* who asked for the id of the user outside got it */
	check_owner(&owners, 1001, 1001, &both, "1001:12");
	owners_free(&owners);
}

static void test_acl_ids(void)
{
	struct owners owners;

	CHECK_INT(parse(&owners, "5:6 50:60\n5: 500:\n:6 :600\n"), 0);
	owners.root_uid = 1001;
	owners.root_gid = 1002;
	CHECK_INT(owners_map_id(&owners, 5, false), 500);
	CHECK_INT(owners_map_id(&owners, 6, true), 600);
	CHECK_INT(owners_map_id(&owners, 6, false), 6);
	CHECK_INT(owners_map_id(&owners, 1001, false), 0);
	CHECK_INT(owners_map_id(&owners, 1001, true), 1001);
	CHECK_INT(owners_map_id(&owners, 1002, true), 0);
	owners_free(&owners);
}

static void test_names(void)
{
	_cleanup_fclose_ FILE *stream =
		stream_of("root:x:0:0::/:\n# comment:x:1:\n+nis:x:2:\n-nis:x:3:\nshort:x\n:x:4:\n"
			  "word:x:five:\nlarge:x:4294967295:\nmail:x:8\npost:x:8:8:\n");
	struct owners owners = { .root_uid = ID_UNSET, .root_gid = ID_UNSET };
	struct archive_entry *entry = archive_entry_new();

	CHECK_INT(owners_parse_names(&owners.users, stream), 0);
	CHECK_INT((long long)owners.users.count, 3);
	owners_set(&owners, entry, 8, 8, NULL);
	CHECK_STR(archive_entry_uname(entry), "mail");
	CHECK_STR(archive_entry_gname(entry), NULL);
	owners_set(&owners, entry, 4, 0, NULL);
	CHECK_STR(archive_entry_uname(entry), NULL);
	archive_entry_free(entry);
	owners_free(&owners);
}

/* Of many names, in any order, the first one of an id. */
static void test_names_many(void)
{
	struct owners owners = { .root_uid = ID_UNSET, .root_gid = ID_UNSET };
	struct archive_entry *entry = archive_entry_new();
	_cleanup_fclose_ FILE *stream = tmpfile();
	char wanted[32];

	for (unsigned int i = 0; stream && i < 3000; i++)
		fprintf(stream, "n%u:x:%u:\n", i, i * 7 % 1000 * 4000000);
	if (!CHECK_INT(stream != NULL, 1))
		return;
	rewind(stream);
	CHECK_INT(owners_parse_names(&owners.users, stream), 0);
	for (unsigned int i = 0; i < 1000; i++) {
		owners_set(&owners, entry, i * 7 % 1000 * 4000000, 0, NULL);
		snprintf(wanted, sizeof(wanted), "n%u", i);
		CHECK_STR(archive_entry_uname(entry), wanted);
	}
	owners_set(&owners, entry, 1, 0, NULL);
	CHECK_STR(archive_entry_uname(entry), NULL);
	owners_set(&owners, entry, ID_UNSET - 1, 0, NULL);
	CHECK_STR(archive_entry_uname(entry), NULL);
	archive_entry_free(entry);
	owners_free(&owners);
}

int main(void)
{
	test_refused();
	test_rules();
	test_first_counts();
	test_remembered();
	test_acl_ids();
	test_names();
	test_names_many();
	return check_result();
}
