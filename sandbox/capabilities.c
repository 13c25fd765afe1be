/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/capabilities.h"

#include "base/library.h"
#include "base/nearest.h"

#include <ctype.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAPABILITY_MAX 64 /* two words of 32 bits: _LINUX_CAPABILITY_VERSION_3 */
#define BIT(number) (UINT64_C(1) << (number))

/* For messages only: the names that the user types are looked up by libcap. */
static const char *const names[CAPABILITY_MAX] = {
	[CAP_CHOWN] = "cap_chown",
	[CAP_DAC_OVERRIDE] = "cap_dac_override",
	[CAP_DAC_READ_SEARCH] = "cap_dac_read_search",
	[CAP_FOWNER] = "cap_fowner",
	[CAP_FSETID] = "cap_fsetid",
	[CAP_KILL] = "cap_kill",
	[CAP_SETGID] = "cap_setgid",
	[CAP_SETUID] = "cap_setuid",
	[CAP_SETPCAP] = "cap_setpcap",
	[CAP_LINUX_IMMUTABLE] = "cap_linux_immutable",
	[CAP_NET_BIND_SERVICE] = "cap_net_bind_service",
	[CAP_NET_BROADCAST] = "cap_net_broadcast",
	[CAP_NET_ADMIN] = "cap_net_admin",
	[CAP_NET_RAW] = "cap_net_raw",
	[CAP_IPC_LOCK] = "cap_ipc_lock",
	[CAP_IPC_OWNER] = "cap_ipc_owner",
	[CAP_SYS_MODULE] = "cap_sys_module",
	[CAP_SYS_RAWIO] = "cap_sys_rawio",
	[CAP_SYS_CHROOT] = "cap_sys_chroot",
	[CAP_SYS_PTRACE] = "cap_sys_ptrace",
	[CAP_SYS_PACCT] = "cap_sys_pacct",
	[CAP_SYS_ADMIN] = "cap_sys_admin",
	[CAP_SYS_BOOT] = "cap_sys_boot",
	[CAP_SYS_NICE] = "cap_sys_nice",
	[CAP_SYS_RESOURCE] = "cap_sys_resource",
	[CAP_SYS_TIME] = "cap_sys_time",
	[CAP_SYS_TTY_CONFIG] = "cap_sys_tty_config",
	[CAP_MKNOD] = "cap_mknod",
	[CAP_LEASE] = "cap_lease",
	[CAP_AUDIT_WRITE] = "cap_audit_write",
	[CAP_AUDIT_CONTROL] = "cap_audit_control",
	[CAP_SETFCAP] = "cap_setfcap",
	[CAP_MAC_OVERRIDE] = "cap_mac_override",
	[CAP_MAC_ADMIN] = "cap_mac_admin",
	[CAP_SYSLOG] = "cap_syslog",
	[CAP_WAKE_ALARM] = "cap_wake_alarm",
	[CAP_BLOCK_SUSPEND] = "cap_block_suspend",
	[CAP_AUDIT_READ] = "cap_audit_read",
	[CAP_PERFMON] = "cap_perfmon",
	[CAP_BPF] = "cap_bpf",
	[CAP_CHECKPOINT_RESTORE] = "cap_checkpoint_restore",
};

/* They are about the machine, or hold in the initial user namespace only. */
static const uint64_t not_given =
	BIT(CAP_SYS_MODULE) | BIT(CAP_SYS_RAWIO) | BIT(CAP_SYS_BOOT) | BIT(CAP_SYS_TIME) |
	BIT(CAP_SYS_PACCT) | BIT(CAP_SYSLOG) | BIT(CAP_AUDIT_WRITE) | BIT(CAP_AUDIT_CONTROL) |
	BIT(CAP_AUDIT_READ) | BIT(CAP_MAC_OVERRIDE) | BIT(CAP_MAC_ADMIN) | BIT(CAP_WAKE_ALARM) |
	BIT(CAP_BLOCK_SUSPEND) | BIT(CAP_PERFMON) | BIT(CAP_BPF);

uint64_t capability_all(void)
{
	unsigned int count = CAP_LAST_CAP + 1;

	/* EINVAL for a number that the kernel lacks; no /proc needed. Two calls, as a rule. */
	while (count < CAPABILITY_MAX && prctl(PR_CAPBSET_READ, count, 0, 0, 0) >= 0)
		count++;
	while (count > 0 && prctl(PR_CAPBSET_READ, count - 1, 0, 0, 0) < 0 && errno == EINVAL)
		count--;
	return count == CAPABILITY_MAX ? UINT64_MAX : BIT(count) - 1;
}

uint64_t capability_default(void)
{
	return capability_all() & ~not_given;
}

static int drop_bounding(uint64_t drop, struct report *report)
{
	for (unsigned int i = 0; i < CAPABILITY_MAX && drop >> i; i++)
		if (drop & BIT(i) && prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0)
			return report_failure(report, errno, "prctl(PR_CAPBSET_DROP, %u)", i);
	return 0;
}

static int set_sets(uint64_t given, uint64_t inheritable, struct report *report)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	for (unsigned int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].permitted = data[i].effective = (uint32_t)(given >> (32 * i));
		data[i].inheritable = (uint32_t)(inheritable >> (32 * i));
	}
	if (syscall(SYS_capset, &header, data) < 0)
		return report_failure(report, errno, "capset");
	return 0;
}

static int raise_ambient(uint64_t ambient, struct report *report)
{
	for (unsigned int i = 0; i < CAPABILITY_MAX && ambient >> i; i++)
		if (ambient & BIT(i) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0)
			return report_failure(report, errno,
					      "prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, %u)", i);
	return 0;
}

int capability_raise(struct report *report)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data) < 0)
		return report_failure(report, errno, "capget");
	for (unsigned int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		data[i].effective = data[i].permitted;
	if (syscall(SYS_capset, &header, data) < 0)
		return report_failure(report, errno, "capset");
	return 0;
}

int capability_read_effective(uint64_t *effective, struct report *report)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data) < 0)
		return report_failure(report, errno, "capget");
	*effective = (uint64_t)data[1].effective << 32 | data[0].effective;
	return 0;
}

int capability_seal(const struct capability_sets *sets, struct report *report)
{
	uint64_t all = capability_all();
	int r;

	if (!sets->as_they_are && (sets->ambient & ~sets->given)) {
		char text[CAPABILITY_TEXT_MAX];

		capability_text(sets->ambient & ~sets->given, text, sizeof(text));
		return report_refusal(report, "ambient capabilities that are not given: %s", text);
	}
	/*
	 * The bounding set first: that wants CAP_SETPCAP, which capset may take. capset(2) also
	 * takes from the ambient set what leaves the permitted or the inheritable one.
	 */
	r = drop_bounding(all & ~sets->bounding, report);
	if (r < 0 || sets->as_they_are)
		return r;
	r = set_sets(sets->given & all, sets->ambient & all, report);
	return r < 0 ? r : raise_ambient(sets->ambient & all, report);
}

int capability_text(uint64_t mask, char *buffer, size_t size)
{
	size_t used = 0;

	if (mask == 0)
		used = (size_t)snprintf(buffer, size, "none");
	for (unsigned int i = 0; i < CAPABILITY_MAX && mask >> i && used < size; i++) {
		const char *comma = used ? "," : "";
		int length;

		if (!(mask & BIT(i)))
			continue;
		length = names[i] ? snprintf(buffer + used, size - used, "%s%s", comma, names[i])
				  : snprintf(buffer + used, size - used, "%s%u", comma, i);
		used += (size_t)length;
	}
	return used < size ? (int)used : -ENOSPC;
}

LIBRARY_NOTE("libcap.so.2", "capabilities", "Capabilities by name", "recommended");

struct libcap {
	LIBRARY_FUNCTION(cap_from_name);
	LIBRARY_FUNCTION(cap_from_text);
	LIBRARY_FUNCTION(cap_get_flag);
	LIBRARY_FUNCTION(cap_free);
};

static const struct library_symbol libcap_symbols[] = {
	LIBRARY_SYMBOL(struct libcap, cap_from_name),
	LIBRARY_SYMBOL(struct libcap, cap_from_text),
	LIBRARY_SYMBOL(struct libcap, cap_get_flag),
	LIBRARY_SYMBOL(struct libcap, cap_free),
};

/* One name of a list, as "cap_net_admin". */
struct capability_name {
	char text[40];
};

/*
 * Letters, digits and "_" alone go on: cap_from_name(3) reads as far as it likes and takes
 * "cap_chown-x" for cap_chown.
 */
static bool copy_name(const char *item, size_t length, struct capability_name *name)
{
	const char *prefix = "cap_";
	bool number = isdigit((unsigned char)item[0]);
	size_t used = 0;

	if (!number && (length < strlen(prefix) || strncasecmp(item, prefix, strlen(prefix)) != 0))
		used = strlen(prefix);
	if (length == 0 || used + length >= sizeof(name->text))
		return false;
	memcpy(name->text, prefix, used);
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)item[i];

		if (number ? !isdigit(c) : !isalnum(c) && c != '_')
			return false;
		name->text[used++] = (char)tolower(c);
	}
	name->text[used] = '\0';
	return true;
}

static void hint_nearest(const struct capability_name *name, struct report *report)
{
	struct nearest nearest;

	nearest_start(&nearest, name->text, strlen(name->text));
	for (size_t i = 0; i < CAPABILITY_MAX; i++) {
		if (names[i])
			nearest_try(&nearest, names[i]);
	}
	if (nearest.found)
		report_hint(report, "did you mean %s?", nearest.found);
	else
		report_hint(report, "capabilities(7) has the names");
}

/* One item of a list, added to *mask. */
static int parse_name(const struct libcap *libcap, const char *item, size_t length,
		      const char *option, uint64_t *mask, struct report *report)
{
	struct capability_name name;
	cap_value_t value;
	int r;

	if (!copy_name(item, length, &name))
		return report_refusal(report, "%s: \"%.*s\" is no capability", option, (int)length,
				      item);
	if (strcmp(name.text, "cap_all") == 0) {
		*mask |= capability_all();
		return 0;
	}
	if (libcap->cap_from_name(name.text, &value) < 0 || value < 0 || value >= CAPABILITY_MAX) {
		r = report_refusal(report, "%s: \"%.*s\" is no capability", option, (int)length,
				   item);
		hint_nearest(&name, report);
		return r;
	}
	*mask |= BIT(value);
	return 0;
}

static int parse_names(const struct libcap *libcap, const char *text, const char *option,
		       uint64_t *mask, struct report *report)
{
	if (strcasecmp(text, "none") == 0)
		return 0;
	for (;;) {
		size_t length = strcspn(text, ",");
		int r = parse_name(libcap, text, length, option, mask, report);

		if (r < 0 || !text[length])
			return r;
		text += length + 1;
	}
}

/* The permitted set of libcap's text form. */
static int parse_text(const struct libcap *libcap, const char *text, const char *option,
		      uint64_t *mask, struct report *report)
{
	cap_t caps = libcap->cap_from_text(text);

	if (!caps)
		return report_refusal(report, "%s: \"%s\" is not understood by cap_from_text(3)",
				      option, text);
	for (cap_value_t i = 0; i < CAPABILITY_MAX; i++) {
		cap_flag_value_t flag;

		/* it knows no higher ones */
		if (libcap->cap_get_flag(caps, i, CAP_PERMITTED, &flag) < 0)
			break;
		if (flag == CAP_SET)
			*mask |= BIT(i);
	}
	libcap->cap_free(caps);
	return 0;
}

int capability_parse_list(const char *text, const char *option, uint64_t *mask,
			  struct report *report)
{
	struct libcap libcap;
	uint64_t parsed = 0;
	int r;

	r = library_load("libcap.so.2", "libcap2", libcap_symbols, LIBRARY_COUNT(libcap_symbols),
			 &libcap, report);
	if (r < 0)
		return r;
	r = strpbrk(text, "=+") ? parse_text(&libcap, text, option, &parsed, report)
				: parse_names(&libcap, text, option, &parsed, report);
	if (r < 0)
		return r;
	if (parsed & ~capability_all()) {
		char lacking[CAPABILITY_TEXT_MAX];

		capability_text(parsed & ~capability_all(), lacking, sizeof(lacking));
		return report_refusal(report, "%s: this kernel has no capability %s", option,
				      lacking);
	}
	*mask = parsed;
	return 0;
}
