/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/bwrap.h"

#include "sandbox/capabilities.h"
#include "sandbox/dialect.h"
#include "sandbox/help.h"
#include "seccomp/filters.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Feature checks compare it: what it stands for is the dialect, not this program. */
#define BWRAP_VERSION "bubblewrap 0.11.1"

int bwrap_help(struct parser *parser, const struct option *option, const char *const *values)
{
	(void)option, (void)values;
	parser->sandbox->request = REQUEST_HELP;
	return 0;
}

int bwrap_namespace(struct parser *parser, const struct option *option, const char *const *values)
{
	enum namespace_wish wish = OPTION_WISH(option->argument);
	struct namespace_choice *choice =
		&parser->sandbox->namespaces[OPTION_NAMESPACE(option->argument)];

	(void)values;
	/* what is a must stays one, and bwrap_finish sees to what is entered and made anew */
	if (choice->wish == NAMESPACE_JOIN ||
	    (choice->wish == NAMESPACE_UNSHARE && wish == NAMESPACE_TRY))
		return 0;
	choice->wish = wish;
	return 0;
}

int bwrap_unshare_all(struct parser *parser, const struct option *option, const char *const *values)
{
	static const intptr_t wishes[] = {
		OPTION_NAMESPACE_ARGUMENT(NAMESPACE_USER, NAMESPACE_TRY),
		OPTION_NAMESPACE_ARGUMENT(NAMESPACE_IPC, NAMESPACE_UNSHARE),
		OPTION_NAMESPACE_ARGUMENT(NAMESPACE_PID, NAMESPACE_UNSHARE),
		OPTION_NAMESPACE_ARGUMENT(NAMESPACE_NET, NAMESPACE_UNSHARE),
		OPTION_NAMESPACE_ARGUMENT(NAMESPACE_UTS, NAMESPACE_UNSHARE),
		OPTION_NAMESPACE_ARGUMENT(NAMESPACE_CGROUP, NAMESPACE_TRY),
	};

	for (size_t i = 0; i < sizeof(wishes) / sizeof(*wishes); i++) {
		struct option each = *option;

		each.argument = wishes[i];
		bwrap_namespace(parser, &each, values);
	}
	return 0;
}

int bwrap_userns2(struct parser *parser, const struct option *option, const char *const *values)
{
	return parse_fd(parser, option, values[0], &parser->sandbox->userns2_fd);
}

/* argument: 0 for the user, 1 for the group */
int bwrap_id(struct parser *parser, const struct option *option, const char *const *values)
{
	const char *at = values[0];
	uint64_t number;

	if (!parse_unsigned(&at, 10, INT_MAX, &number) || *at)
		return report_refusal(parser->report, "Invalid %s: %s",
				      option->argument ? "gid" : "uid", values[0]);
	if (option->argument)
		parser->sandbox->gid = (gid_t)number;
	else
		parser->sandbox->uid = (uid_t)number;
	return 0;
}

/* The kernel alone says which names it takes. */
int bwrap_hostname(struct parser *parser, const struct option *option, const char *const *values)
{
	(void)option;
	parser->sandbox->hostname = values[0];
	return 0;
}

/* A number as strtoull(3) has it: "0x" for hexadecimal, "0" for octal. */
int bwrap_size(struct parser *parser, const struct option *option, const char *const *values)
{
	const uint64_t max = SIZE_MAX >> 1;
	const char *text = values[0];
	char *end;
	unsigned long long size;
	int r = modifier_set(parser, MODIFIER_SIZE, option);

	if (r < 0)
		return r;
	errno = 0;
	size = strtoull(text, &end, 0);
	if (errno || text[0] < '0' || text[0] > '9' || *end || size == 0)
		return report_refusal(parser->report, "%s takes a non-zero number of bytes",
				      option->name);
	if (size > max)
		return report_refusal(parser->report, "%s (for tmpfs) is limited to %llu",
				      option->name, (unsigned long long)max);
	parser->modifiers.size = size;
	return 0;
}

static int read_filter(struct parser *parser, const struct option *option, const char *text,
		       struct sock_fprog *program)
{
	struct report unused = { 0 };
	const char *at = text;
	uint64_t number;
	int fd, r;

	if (parse_unsigned(&at, 10, INT_MAX, &number) && !*at && fcntl((int)number, F_GETFD) < 0)
		return report_failure(parser->report, errno, "Can't read seccomp data");
	r = parse_fd_to_consume(parser, option, text, &fd);
	if (r < 0)
		return r;
	r = filter_read(fd, option->name, program, &unused);
	if (r == -EINVAL && lseek(fd, 0, SEEK_END) == 0)
		r = 0; /* an empty one is for finish to refuse: other options may be worse */
	if (r == -EINVAL)
		return report_refusal(parser->report,
				      "Invalid seccomp data, must be multiple of 8");
	if (r < 0)
		return report_failure(parser->report, -r, "Can't read seccomp data");
	parser_consume_fd(parser, fd);
	return 0;
}

/* argument: true for --add-seccomp-fd; of --seccomp the last one counts */
int bwrap_seccomp(struct parser *parser, const struct option *option, const char *const *values)
{
	static const char *const names[] = { "--seccomp", "--add-seccomp-fd" };
	struct sandbox *sandbox = parser->sandbox;
	struct sock_fprog program = { 0 };
	int r;

	if (parser_is_given(parser, names[!option->argument]))
		return report_refusal(parser->report, "%s cannot be combined with %s", option->name,
				      names[!option->argument]);
	r = read_filter(parser, option, values[0], &program);
	if (r < 0)
		return r;
	if (!option->argument && sandbox->filter_count)
		free(sandbox->filters[--sandbox->filter_count].filter);
	return parser_append_filter(parser, program);
}

/* "CAP_CHOWN", "ALL" or a number; nsroot takes more: lists, and names without "CAP_" */
static bool is_capability(const struct option *option, const char *text)
{
	struct report failure = { 0 };
	uint64_t mask;

	if (strpbrk(text, ",=+") ||
	    (strncasecmp(text, "cap_", 4) != 0 && strcasecmp(text, "ALL") != 0 &&
	     (text[0] < '0' || text[0] > '9')))
		return false;
	/* other failures, that there is no libcap, are for who parses it again to report */
	return capability_parse_list(text, option->name, &mask, &failure) == 0 ||
	       strncmp(failure.text, option->name, strlen(option->name)) != 0;
}

int bwrap_capability(struct parser *parser, const struct option *option, const char *const *values)
{
	if (!is_capability(option, values[0]))
		return report_refusal(parser->report, "unknown cap: %s", values[0]);
	return option_capabilities(parser, option, values);
}

int bwrap_level_prefix(struct parser *parser, const struct option *option,
		       const char *const *values)
{
	(void)option, (void)values;
	parser->report->voice.levels = true;
	return 0;
}

int bwrap_label(struct parser *parser, const struct option *option, const char *const *values)
{
	(void)values;
	return report_refusal(parser->report, "%s: labels are not supported: no SELinux",
			      option->name);
}

int bwrap_sync_fd(struct parser *parser, const struct option *option, const char *const *values)
{
	struct fd_list *list = &parser->sandbox->sync_fds;
	int fd, r = parse_fd(parser, option, values[0], &fd);

	if (r >= 0 && list->count == 0)
		r = parser_grow(parser, &list->fds, 0, sizeof(*list->fds));
	if (r < 0)
		return r;
	list->fds[0] = fd;
	list->count = 1;
	return 0;
}

static void preset(struct sandbox *sandbox)
{
	sandbox_share_all(sandbox);
	sandbox->custom = (struct custom){
		.processes = PROCESSES_MONITORED,
		.capabilities = CAPABILITIES_ASKED,
		.directory = DIRECTORY_HOME,
		.open = true,
		.logical_pwd = true,
		.nest = true,
	};
	sandbox->plan.manner = (struct mount_manner){
		.as_given = true,
		.follow_links = true,
		.receive_mounts = true,
		.cover_switches = true,
		.shm_mode = 0755,
		.console_fd = STDOUT_FILENO,
		.bwrap_words = true,
		.add_slash = true,
		.closed_parents = true,
	};
	sandbox->map = MAP_CALLER;
}

static int check_ids(const struct parser *parser)
{
	const struct sandbox *sandbox = parser->sandbox;

	if (sandbox->namespaces[NAMESPACE_USER].wish != NAMESPACE_SHARE)
		return 0;
	if (sandbox->uid != ID_UNSET && sandbox->uid != getuid())
		return report_refusal(parser->report,
				      "Specifying --uid requires --unshare-user or --userns");
	if (sandbox->gid != ID_UNSET && sandbox->gid != getgid())
		return report_refusal(parser->report,
				      "Specifying --gid requires --unshare-user or --userns");
	return 0;
}

static int finish(struct parser *parser)
{
	struct sandbox *sandbox = parser->sandbox;
	struct namespace_choice *user = &sandbox->namespaces[NAMESPACE_USER];
	struct namespace_choice *pid = &sandbox->namespaces[NAMESPACE_PID];
	bool all = parser_is_given(parser, "--unshare-all");
	int r;

	/* --perms and --size may stand there for nothing */
	parser->modifiers.pending[MODIFIER_PERMS] = parser->modifiers.pending[MODIFIER_SIZE] = NULL;
	r = modifiers_are_taken(parser);
	if (r < 0)
		return r;
	if (user->wish == NAMESPACE_JOIN && all)
		return report_refusal(parser->report,
				      "--userns is not compatible with --unshare-user-try");
	if (user->wish != NAMESPACE_JOIN && getuid() != 0)
		user->wish = NAMESPACE_UNSHARE;
	/* a new pid namespace below the one that is entered */
	if (pid->fd >= 0 && (all || parser_is_given(parser, "--unshare-pid")))
		pid->wish = NAMESPACE_UNSHARE;
	if (sandbox->disable_userns)
		sandbox->assert_no_userns = true;
	if (!sandbox->command) {
		sandbox->request = REQUEST_USAGE;
		return 0;
	}
	r = check_ids(parser);
	if (r < 0)
		return r;
	for (size_t i = 0; i < sandbox->filter_count; i++) {
		if (!sandbox->filters[i].filter)
			return report_refusal(parser->report, "Invalid seccomp data, it is empty");
	}
	if (sandbox->hostname && !sandbox_unshares(sandbox, NAMESPACE_UTS))
		return report_refusal(parser->report,
				      "Specifying --hostname requires --unshare-uts");
	if (sandbox->as_pid_1 && !sandbox_unshares(sandbox, NAMESPACE_PID))
		return report_refusal(parser->report,
				      "Specifying --as-pid-1 requires --unshare-pid");
	if (sandbox->as_pid_1 && sandbox->lock_files.count)
		return report_refusal(parser->report,
				      "Specifying --as-pid-1 and --lock-file is not permitted");
	return 0;
}

static void help(const struct dialect *dialect, const char *program, bool all, FILE *file)
{
	(void)all;
	fprintf(file,
		"usage: %s [OPTIONS] [--] COMMAND [ARGS]\n"
		"\n"
		"This is nsroot %s in bubblewrap's dialect: the same options, over nsroot's "
		"launcher.\n"
		"\n",
		program, NSROOT_VERSION);
	help_print_table(dialect, file);
	fputs("\nManual: nsroot-bwrap(1)\n", file);
}

const struct dialect dialect_bwrap = {
	.name = "bwrap",
	.version = BWRAP_VERSION,
	.options = bwrap_options,
	.rules = bwrap_rules,
	.words = WORDS_OF_BWRAP,
	.next_modifies = true,
	.drops_words = true,
	.failure_status = 1,
	.preset = preset,
	.finish = finish,
	.help = help,
};
