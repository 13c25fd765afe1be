/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "check.h"
#include "sandbox/capabilities.h"

#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIT(number) (UINT64_C(1) << (number))

static uint64_t parse(const char *text)
{
	struct report report = { 0 };
	uint64_t mask = UINT64_MAX;

	if (!CHECK_INT(capability_parse_list(text, "--cap-add", &mask, &report), 0))
		fprintf(stderr, "\t%s\n", report.text);
	return mask;
}

static int seal_to(uint64_t given, uint64_t ambient, struct report *report)
{
	return capability_seal(&(struct capability_sets){ false, given, ambient, given }, report);
}

static void check_refused(const char *text, const char *message)
{
	struct report report = { 0 };
	uint64_t mask = 42;

	CHECK_INT(capability_parse_list(text, "--cap-add", &mask, &report), -EINVAL);
	CHECK_STR(report.text, message);
	CHECK_INT(mask, 42);
}

static void test_names(void)
{
	CHECK_INT(parse("CAP_NET_ADMIN"), BIT(CAP_NET_ADMIN));
	CHECK_INT(parse("cap_net_admin"), BIT(CAP_NET_ADMIN));
	CHECK_INT(parse("net_admin"), BIT(CAP_NET_ADMIN));
	CHECK_INT(parse("Chown,CAP_FOWNER,chown"), BIT(CAP_CHOWN) | BIT(CAP_FOWNER));
	CHECK_INT(parse("12"), BIT(CAP_NET_ADMIN));
	CHECK_INT(parse("ALL"), capability_all());
	CHECK_INT(parse("all,chown"), capability_all());
	CHECK_INT(parse("none"), 0);
}

static void test_text_form(void)
{
	CHECK_INT(parse("cap_chown,cap_fowner=ep"), BIT(CAP_CHOWN) | BIT(CAP_FOWNER));
	CHECK_INT(parse("cap_chown=p cap_fowner+i"), BIT(CAP_CHOWN));
	CHECK_INT(parse("cap_chown=i"), 0);
	CHECK_INT(parse("all=p cap_chown-p"), capability_all() & ~BIT(CAP_CHOWN));
	CHECK_INT(parse("="), 0);
	check_refused("chown=ep", "--cap-add: \"chown=ep\" is not understood by cap_from_text(3)");
	check_refused("cap_chown=x\x1b",
		      "--cap-add: \"cap_chown=x\\x1b\" is not understood by cap_from_text(3)");
}

static void test_unknown(void)
{
	check_refused(
		"cap_net_amdin",
		"--cap-add: \"cap_net_amdin\" is no capability (did you mean cap_net_admin?)");
	check_refused("chown,SYSADMIN",
		      "--cap-add: \"SYSADMIN\" is no capability (did you mean cap_sys_admin?)");
	check_refused("frobnicate",
		      "--cap-add: \"frobnicate\" is no capability (capabilities(7) has the names)");
	check_refused("", "--cap-add: \"\" is no capability");
	check_refused("chown,", "--cap-add: \"\" is no capability");
	check_refused(",chown", "--cap-add: \"\" is no capability");
	/* cap_from_name(3) alone would take these for cap_chown */
	check_refused("cap_chown-x", "--cap-add: \"cap_chown-x\" is no capability");
	check_refused("cap_chown ", "--cap-add: \"cap_chown \" is no capability");
	check_refused("0x1", "--cap-add: \"0x1\" is no capability");
	check_refused("64", "--cap-add: \"64\" is no capability (capabilities(7) has the names)");
	check_refused("99999999999999999999999999999999999999999999",
		      "--cap-add: \"99999999999999999999999999999999999999999999\" is no "
		      "capability");
	if (capability_all() < BIT(63))
		check_refused("63", "--cap-add: this kernel has no capability 63");
}

static void test_default(void)
{
	uint64_t given = capability_default();

	CHECK_INT(given & ~capability_all(), 0);
	CHECK(given & BIT(CAP_SYS_ADMIN) && given & BIT(CAP_CHOWN) && given & BIT(CAP_NET_ADMIN));
	CHECK_INT(given & parse("sys_module,sys_rawio,sys_boot,sys_time,sys_pacct,syslog,"
				"audit_write,audit_control,audit_read,mac_override,mac_admin,"
				"wake_alarm,block_suspend,perfmon,bpf"),
		  0);
}

static void test_text(void)
{
	char buffer[CAPABILITY_TEXT_MAX];

	CHECK_INT(capability_text(0, buffer, sizeof(buffer)), 4);
	CHECK_STR(buffer, "none");
	CHECK_INT(capability_text(BIT(CAP_CHOWN) | BIT(CAP_BPF) | BIT(63), buffer, sizeof(buffer)),
		  20);
	CHECK_STR(buffer, "cap_chown,cap_bpf,63");
	CHECK_INT(capability_text(BIT(CAP_CHOWN), buffer, 9), -ENOSPC);
	CHECK_INT(capability_text(BIT(CAP_CHOWN), buffer, 10), 9);
	CHECK_INT(capability_text(0, buffer, 0), -ENOSPC);
	CHECK(capability_text(UINT64_MAX, buffer, sizeof(buffer)) > 0);
	CHECK_INT(parse("cap_chown,cap_bpf"), BIT(CAP_CHOWN) | BIT(CAP_BPF));

	/* what is printed can be typed */
	capability_text(capability_all(), buffer, sizeof(buffer));
	CHECK_INT(parse(buffer), capability_all());
}

/* A set of the calling process, as /proc has it: "CapBnd:". */
static uint64_t own_set(const char *name)
{
	_cleanup_fclose_ FILE *file = fopen("/proc/self/status", "re");
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, name, strlen(name)) == 0)
			return strtoull(line + strlen(name), NULL, 16);
	CHECK(!"found in /proc/self/status");
	return 0;
}

static int seal(uint64_t given, uint64_t ambient)
{
	struct report report = { 0 };
	uint64_t all = capability_all();

	CHECK_INT(seal_to(given, ambient, &report), 0);
	CHECK_STR(report.text, "");
	CHECK_INT(own_set("CapPrm:"), given & all);
	CHECK_INT(own_set("CapEff:"), given & all);
	CHECK_INT(own_set("CapBnd:"), given & all);
	CHECK_INT(own_set("CapInh:"), ambient & all);
	CHECK_INT(own_set("CapAmb:"), ambient & all);
	return check_result();
}

static void check_seal(uint64_t given, uint64_t ambient)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (unshare(CLONE_NEWUSER) < 0) {
			fprintf(stderr, "no user namespaces here: not tested\n");
			_exit(0);
		}
		_exit(seal(given, ambient));
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
}

static void test_seal(void)
{
	struct report report = { 0 };

	check_seal(capability_default(), capability_default());
	check_seal(capability_default(), 0);
	check_seal(capability_default(), BIT(CAP_NET_ADMIN) | BIT(CAP_CHECKPOINT_RESTORE));
	check_seal(BIT(CAP_CHOWN), BIT(CAP_CHOWN));
	check_seal(0, 0);
	check_seal(UINT64_MAX, UINT64_MAX);

	/* refused before anything is changed */
	CHECK_INT(seal_to(BIT(CAP_CHOWN), BIT(CAP_CHOWN) | BIT(CAP_KILL), &report), -EINVAL);
	CHECK_STR(report.text, "ambient capabilities that are not given: cap_kill");
}

/* Without CAP_SETPCAP the bounding set stays: that must not be passed over. */
static void test_seal_fails(void)
{
	struct report report = { 0 };

	if (own_set("CapEff:") & BIT(CAP_SETPCAP))
		return;
	CHECK_INT(seal_to(0, 0, &report), -EPERM);
	CHECK_STR(report.text, "prctl(PR_CAPBSET_DROP, 0): Operation not permitted");
}

int main(void)
{
	test_names();
	test_text_form();
	test_unknown();
	test_default();
	test_text();
	test_seal();
	test_seal_fails();
	return check_result();
}
