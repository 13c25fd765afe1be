/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the functions behind the rows of the table of options share; private to options*.c. */

#include "sandbox/options.h"

#define OPTIONS_MAX 192   /* rows; checked at compile time */
#define ARGS_DEPTH_MAX 16 /* --args inside --args */

/* Options that say something about a later one, which takes it. */
enum modifier {
	MODIFIER_PERMS,
	MODIFIER_SIZE,
	MODIFIER_BIND_FLAGS,
	MODIFIER_OVERLAY_SOURCES, /* --overlay-src */
	MODIFIER_OVERLAY_LAYERS,  /* --overlay-lowerdir, -upperdir, -workdir */
	MODIFIER_COUNT,
	MODIFIER_NONE = MODIFIER_COUNT,
};

struct modifiers {
	const char *pending[MODIFIER_COUNT]; /* the option that was given; NULL: none */
	mode_t perms;
	uint64_t size;
	unsigned int bind_flags;
	struct string_list overlay_sources;
	struct string_list overlay_lowers;
	const char *overlay_upper;
	const char *overlay_work;
};

struct fd_claim {
	const char *option; /* that was given the fd; NULL: none */
	bool consumed;      /* it was read and closed */
};

struct parser {
	struct sandbox *sandbox;
	struct report *report;
	const struct dialect *dialect;
	const struct option *table; /* the dialect's */
	bool given[OPTIONS_MAX];    /* by row */
	const char *const *rest;    /* the words after the current option; ends with NULL */
	const char *origin;         /* what the words come from: NULL is the command line */
	const char *lines;          /* the contents of a file of lines, if it is one; '\n' is NUL */
	const char *command_origin; /* what gave the command */
	unsigned int depth;         /* of --args */
	struct modifiers modifiers;
	struct fd_claim *claims; /* by fd */
	size_t claim_count;
};

/* parser_is_given: whether an option was given so far. */
bool parser_is_given(const struct parser *parser, const char *name);

/* options_read: carry out the words of one source; NULL ends them. */
int options_read(struct parser *parser, const char *const *words);

/*
 * parser_grow: make room for one more element in an array that holds `count`.
 *  array: address of the pointer to the array. The room doubles, so that n calls cost n.
 */
int parser_grow(struct parser *parser, void *array, size_t count, size_t element);

/* parser_hold: let the sandbox own memory from malloc(3); on failure it is freed. */
int parser_hold(struct parser *parser, void *memory);

/* parser_append_filter: one more filter to install; it is freed on failure. */
int parser_append_filter(struct parser *parser, struct sock_fprog program);

/* parser_append_string: append to a list, which does not own the string. */
int parser_append_string(struct parser *parser, struct string_list *list, const char *string);

/* parser_speaks_bwrap: whether to refuse in bubblewrap's words. */
bool parser_speaks_bwrap(const struct parser *parser);

/* Strict numbers: digits only, no sign, no spaces; refused past `max`. */
int parse_number(struct parser *parser, const struct option *option, const char *text, uint64_t max,
		 uint64_t *number);
int parse_octal(struct parser *parser, const struct option *option, const char *text, mode_t max,
		mode_t *mode);

/* parse_unsigned: digits of a base from *text on, which is moved past them; false if there is none
 * or the number exceeds `max`. */
bool parse_unsigned(const char **text, unsigned int base, uint64_t max, uint64_t *number);

/* parse_fd: the number of an open fd, which is not closed and may be named by several options. */
int parse_fd(struct parser *parser, const struct option *option, const char *text, int *fd);

/*
 * parse_contents: the number of an fd, which is read to its end and closed.
 *  data: belongs to the sandbox; a NUL follows it.
 */
int parse_contents(struct parser *parser, const struct option *option, const char *text,
		   char **data, size_t *size);

/*
 * parse_fd_to_consume, parser_consume_fd: as parse_contents, for who reads it himself.
 * parser_claim_input: the same for standard input, as `text` names it.
 */
int parse_fd_to_consume(struct parser *parser, const struct option *option, const char *text,
			int *fd);
int parser_claim_input(struct parser *parser, const struct option *option, const char *text);
void parser_consume_fd(struct parser *parser, int fd);

/* read_to_end: all bytes that an fd gives, as malloc(3) memory with a NUL after them. */
int read_to_end(int fd, char **data, size_t *size);

/*
 * modifier_set: note that an option is to modify a later one; refused while an earlier one waits.
 * modifier_take: true, once, if it was given.
 */
int modifier_set(struct parser *parser, enum modifier modifier, const struct option *option);
bool modifier_take(struct parser *parser, enum modifier modifier);

/* modifiers_are_taken: refuse what no option has taken. */
int modifiers_are_taken(struct parser *parser);

/* options_finish: nsroot's own struct dialect.finish: what is no pair of options. */
int options_finish(struct parser *parser);

/* The argument of the rows of --unshare-* and --share-*: what is wished for which namespace. */
#define OPTION_NAMESPACE_ARGUMENT(namespace, wish) ((namespace) | (wish) << 8)
#define OPTION_NAMESPACE(argument) ((enum namespace)((argument)&0xff))
#define OPTION_WISH(argument) ((enum namespace_wish)((argument) >> 8))

/* option_flag's argument in the table of a dialect */
#define OPTION_FIELD(field) offsetof(struct sandbox, field)

/* Conditions of rows that share a name. */
bool overlay_takes_three(const struct parser *parser);

/* The functions of the rows. */
option_function option_bind, option_bind_fd, option_bind_data, option_bind_flags, option_mount,
	option_mask_try, option_file, option_write, option_symlink, option_chmod, option_perms,
	option_size, option_overlay_source, option_overlay_lowerdir, option_overlay_upperdir,
	option_overlay_workdir, option_overlay, option_overlay_writable, option_overlay_collected,
	option_plan;
option_function option_namespace, option_share_mount, option_unshare_all, option_join,
	option_hostname, option_loopback_address, option_map, option_map_range, option_id;
option_function option_flag, option_no_flag, option_chdir, option_same_dir, option_setenv,
	option_unsetenv, option_clearenv, option_argv0, option_rlimit, option_nice, option_umask,
	option_timeout, option_dialect, option_verbose, option_help, option_version, option_explain;
option_function option_fd, option_keep_fd, option_sync_fd, option_lock_file, option_capabilities,
	option_ambient, option_seccomp, option_seccomp_deny, option_seccomp_allow_only,
	option_suppress_chown, option_remember, option_show_owners;
option_function option_args, option_args_file;
