/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "base/error-name.h"
#include "base/library.h"
#include "seccomp/builtin.h"
#include "seccomp/filters.h"

#include <errno.h>
#include <limits.h>
#include <linux/bpf_common.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>

/* How much a filter may be, in bytes: BPF_MAXINSNS instructions. */
#define PROGRAM_SIZE_MAX (BPF_MAXINSNS * sizeof(struct sock_filter))
#define ERROR_MAX 4094 /* the kernel has one more, which libseccomp refuses */

LIBRARY_NOTE("libseccomp.so.2", "filters", "System call filters by name", "recommended");

struct libseccomp {
	LIBRARY_FUNCTION(seccomp_init);
	LIBRARY_FUNCTION(seccomp_release);
	LIBRARY_FUNCTION(seccomp_attr_set);
	LIBRARY_FUNCTION(seccomp_arch_add);
	LIBRARY_FUNCTION(seccomp_syscall_resolve_name);
	LIBRARY_FUNCTION(seccomp_rule_add_array);
	LIBRARY_FUNCTION(seccomp_export_bpf);
	LIBRARY_FUNCTION(seccomp_version);
};

static const struct library_symbol libseccomp_symbols[] = {
	LIBRARY_SYMBOL(struct libseccomp, seccomp_init),
	LIBRARY_SYMBOL(struct libseccomp, seccomp_release),
	LIBRARY_SYMBOL(struct libseccomp, seccomp_attr_set),
	LIBRARY_SYMBOL(struct libseccomp, seccomp_arch_add),
	LIBRARY_SYMBOL(struct libseccomp, seccomp_syscall_resolve_name),
	LIBRARY_SYMBOL(struct libseccomp, seccomp_rule_add_array),
	LIBRARY_SYMBOL(struct libseccomp, seccomp_export_bpf),
	LIBRARY_SYMBOL(struct libseccomp, seccomp_version),
};

/* A filter in the making. */
struct draft {
	struct libseccomp library;
	scmp_filter_ctx filter;
	const char *option; /* for messages: "--seccomp-deny" */
	struct report *report;
};

static void cleanup_draft(struct draft *draft)
{
	if (draft->filter)
		draft->library.seccomp_release(draft->filter);
}

#define _cleanup_draft_ __attribute__((cleanup(cleanup_draft)))

int filter_read(int fd, const char *option, struct sock_fprog *program, struct report *report)
{
	_cleanup_free_ char *bytes = malloc(PROGRAM_SIZE_MAX + 1);
	size_t size = 0;
	ssize_t n;

	if (!bytes)
		return report_failure(report, ENOMEM, "%s", option);
	do {
		/* one byte more than may be there shows what is too long */
		n = read(fd, bytes + size, PROGRAM_SIZE_MAX + 1 - size);
		if (n < 0 && errno != EINTR)
			return report_failure(report, errno, "%s %d: read", option, fd);
		if (n > 0)
			size += (size_t)n;
	} while (n != 0 && size <= PROGRAM_SIZE_MAX);

	if (size > PROGRAM_SIZE_MAX)
		return report_refusal(report, "%s %d: more than %d instructions", option, fd,
				      BPF_MAXINSNS);
	if (size == 0 || size % sizeof(*program->filter) != 0)
		return report_refusal(report,
				      "%s %d: not a BPF program: %zu bytes, no multiple of %zu",
				      option, fd, size, sizeof(*program->filter));
	program->len = (unsigned short)(size / sizeof(*program->filter));
	program->filter = (struct sock_filter *)steal_ptr(bytes);
	return 0;
}

/* Start a filter for all ABIs of the machine; `action` is for what no rule names. */
static int draft_begin(struct draft *draft, uint32_t action)
{
	const struct libseccomp *library = &draft->library;
	int r;

	r = library_load("libseccomp.so.2", "libseccomp2", libseccomp_symbols,
			 LIBRARY_COUNT(libseccomp_symbols), &draft->library, draft->report);
	if (r < 0)
		return r;
	draft->filter = library->seccomp_init(action);
	if (!draft->filter)
		return report_failure(draft->report, ENOMEM, "%s: seccomp_init", draft->option);

	/* the errors of the system itself; libseccomp 2.5 */
	r = library->seccomp_attr_set(draft->filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	if (r == 0)
		r = library->seccomp_attr_set(draft->filter, SCMP_FLTATR_ACT_BADARCH,
					      SCMP_ACT_ERRNO(ENOSYS));
	if (r == 0)
		r = library->seccomp_attr_set(draft->filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (const uint32_t *abi = filters_abis; r == 0 && *abi; abi++) {
		r = library->seccomp_arch_add(draft->filter, *abi);
		if (r == -EEXIST) /* the native one is there from the beginning */
			r = 0;
	}
	if (r < 0)
		return report_failure(draft->report, -r, "%s: libseccomp", draft->option);
	return 0;
}

/*
 * Add the rule for one system call. Where an ABI lacks it, libseccomp leaves it out.
 *  where: prefix for messages: option, file, line.
 */
static int draft_add(struct draft *draft, const char *where, const char *name, uint32_t action)
{
	const struct libseccomp *library = &draft->library;
	int number = library->seccomp_syscall_resolve_name(name);
	const struct scmp_version *version;
	int r;

	if (number == __NR_SCMP_ERROR) {
		version = library->seccomp_version();
		return report_refusal(draft->report,
				      "%s: %s: no system call that libseccomp %u.%u.%u knows",
				      where, name, version->major, version->minor, version->micro);
	}
	r = library->seccomp_rule_add_array(draft->filter, action, number, 0, NULL);
	if (r < 0)
		return report_failure(draft->report, -r, "%s: %s", where, name);
	return 0;
}

/* Give the finished program out. libseccomp 2.5 writes to an fd only. */
static int draft_end(struct draft *draft, struct sock_fprog *program)
{
	_cleanup_close_ int fd = memfd_create("filter", MFD_CLOEXEC);
	int r;

	if (fd < 0)
		return report_failure(draft->report, errno, "%s: memfd_create", draft->option);
	r = draft->library.seccomp_export_bpf(draft->filter, fd);
	if (r < 0)
		return report_failure(draft->report, -r, "%s: seccomp_export_bpf", draft->option);
	if (lseek(fd, 0, SEEK_SET) < 0)
		return report_failure(draft->report, errno, "%s: lseek", draft->option);
	return filter_read(fd, draft->option, program, draft->report);
}

/* Returns the errno value that "ENOSYS" or "38" means, -1 for anything else. */
static int error_from_text(const char *text)
{
	int error = 0;

	if (*text < '0' || *text > '9')
		return error_from_name(text);
	for (; *text >= '0' && *text <= '9' && error <= ERROR_MAX; text++)
		error = error * 10 + (*text - '0');
	return *text == '\0' && error <= ERROR_MAX ? error : -1;
}

/* True if the first `size` bytes of "NAME:ERRNO,NAME,..." have a name. */
static bool names_hold(const char *names, size_t size, const char *name)
{
	for (size_t at = 0; at < size; at += strcspn(names + at, ",") + 1) {
		size_t length = strcspn(names + at, ",:");

		if (strlen(name) == length && memcmp(names + at, name, length) == 0)
			return true;
	}
	return false;
}

/*
 * Add the rule for one "NAME" or "NAME:ERRNO", which is cut up.
 *  before: what stands before it in the list, of `size` bytes.
 */
static int deny_name(struct draft *draft, char *name, const char *before, size_t size)
{
	char *text = strchr(name, ':');
	int error = EPERM;

	if (text) {
		*text++ = '\0';
		error = error_from_text(text);
	}
	if (error < 0)
		return report_refusal(draft->report, "%s: %s:%s: no such error", draft->option,
				      name, text);
	/* libseccomp would keep the first error in silence */
	if (names_hold(before, size, name))
		return report_refusal(draft->report, "%s: %s is named twice", draft->option, name);
	return draft_add(draft, draft->option, name, SCMP_ACT_ERRNO((unsigned int)error));
}

int filter_compile_deny(const char *names, struct sock_fprog *program, struct report *report)
{
	_cleanup_draft_ struct draft draft = { .option = "--seccomp-deny", .report = report };
	_cleanup_free_ char *copy = strdup(names);
	char *rest = copy;
	char *name;
	int r;

	if (!copy)
		return report_failure(report, ENOMEM, "%s", draft.option);
	r = draft_begin(&draft, SCMP_ACT_ALLOW);

	while (r == 0 && (name = strsep(&rest, ","))) {
		if (!*name || *name == ':')
			return report_refusal(report, "%s %s: a name is empty", draft.option,
					      names);
		r = deny_name(&draft, name, names, (size_t)(name - copy));
	}
	return r < 0 ? r : draft_end(&draft, program);
}

/* Cut a line down to its name: no comment, no blanks around. Returns the name, perhaps empty. */
static char *line_name(char *line)
{
	size_t length;

	line += strspn(line, " \t");
	length = strcspn(line, "#\r\n");
	while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
		length--;
	line[length] = '\0';
	return line;
}

/* Let through what the lines of a file name. started: becomes true if execve is among them. */
static int allow_lines(struct draft *draft, const char *path, FILE *file, bool *started)
{
	_cleanup_free_ char *line = NULL;
	size_t capacity = 0;
	unsigned int number = 0;
	ssize_t length;
	int r = 0;

	while (r == 0 && (length = getline(&line, &capacity, file)) >= 0) {
		char where[PATH_MAX + 64];
		const char *name;

		number++;
		snprintf(where, sizeof(where), "%s %s:%u", draft->option, path, number);
		if (strlen(line) != (size_t)length)
			return report_refusal(draft->report, "%s: a NUL byte", where);
		name = line_name(line);
		if (!*name)
			continue;
		r = draft_add(draft, where, name, SCMP_ACT_ALLOW);
		if (strcmp(name, "execve") == 0)
			*started = true;
	}
	if (r == 0 && ferror(file))
		r = report_failure(draft->report, errno, "%s %s: read", draft->option, path);
	return r;
}

int filter_compile_allow(const char *path, struct sock_fprog *program, struct report *report)
{
	_cleanup_draft_ struct draft draft = { .option = "--seccomp-allow-only", .report = report };
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	bool started = false;
	int r;

	if (!file)
		return report_failure(report, errno, "%s %s: open", draft.option, path);
	r = draft_begin(&draft, SCMP_ACT_ERRNO(ENOSYS));
	if (r == 0)
		r = allow_lines(&draft, path, file, &started);
	if (r == 0)
		r = draft_end(&draft, program);
	if (r == 0 && !started)
		report_warning(report, "%s %s: without execve the command can't be started",
			       draft.option, path);
	return r;
}
