/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * struct sandbox is what the user asked for, and nothing else. The parser (sandbox/options) alone
 * writes to it, and what it derives itself (the default plan); every later step reads it.
 */

#include "idmap/idmap.h"
#include "mounts/plan.h"
#include "remember/calls.h"
#include "sandbox/namespaces.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* --map */
enum map_mode {
	MAP_DEFAULT,  /* real root: MAP_IDENTITY; else MAP_ROOT */
	MAP_ROOT,     /* 0 is the caller; nothing else is mapped */
	MAP_CALLER,   /* the caller is itself */
	MAP_SUBID,    /* 0 is the caller, 1.. are the subordinate ranges */
	MAP_IDENTITY, /* every id that the caller's namespace has, as it is */
	MAP_EXPLICIT, /* by --map-uid and --map-gid */
};

enum tristate { UNSET = -1, NO = 0, YES = 1 };

enum environment_action { ENVIRONMENT_SET, ENVIRONMENT_UNSET, ENVIRONMENT_CLEAR };

struct environment_change {
	enum environment_action action;
	const char *name;
	const char *value;
};

struct fd_list {
	int *fds;
	size_t count;
};

struct string_list {
	const char **strings;
	size_t count;
};

enum explain_form { EXPLAIN_NOT, EXPLAIN_TEXT, EXPLAIN_JSON };

enum request { REQUEST_RUN, REQUEST_HELP, REQUEST_HELP_ALL, REQUEST_VERSION, REQUEST_USAGE };

/* What is between the caller and the command. */
enum process_model {
	PROCESSES_SUPERVISED, /* a supervisor and pid 1; nothing outlives the command */
	PROCESSES_MONITORED,  /* bubblewrap's: who waits does no more than that, and leaves with the
				 command; what that left behind lives on */
	PROCESSES_IN_PLACE,   /* mkosi-sandbox's: nothing; the command is this very process */
};

enum capability_rule {
	CAPABILITIES_OF_ROOT,  /* all that stay within namespaces, for uid 0 inside */
	CAPABILITIES_ASKED,    /* what --cap-add says, in all sets; real root keeps what it has */
	CAPABILITIES_TO_MOUNT, /* what an image build needs, in all sets, in a new user namespace */
	CAPABILITIES_KEPT,     /* those that there are */
};

enum directory_rule {
	DIRECTORY_NEAREST, /* the current one, else its nearest parent that exists inside */
	DIRECTORY_HOME,    /* the current one, else $HOME, else "/" */
	DIRECTORY_ROOT,    /* "/" */
};

/*
 * What the program does that a dialect stands for, where that is not what nsroot does, and no
 * option of its own. Set by struct dialect's preset alone; all zero: nsroot's own.
 */
struct custom {
	enum process_model processes;
	enum capability_rule capabilities;
	enum directory_rule directory;
	bool open;        /* no Landlock scopes, no guard against real root, as the caller may
			     want to be reached; io_uring and keyrings as they are */
	bool keep_privs;  /* no_new_privs only with filters that change what is done */
	bool keep_pwd;    /* PWD is left as it is */
	bool logical_pwd; /* PWD says the current directory as the caller's does */
	bool chown_alone; /* suppress_chown leaves set*id as they are, and matters only where one
			     id is mapped */
	bool nest;        /* --dev and no more user namespaces want root around the command's
			     user namespace: bubblewrap's second one */
	bool acquire;     /* a user namespace only where capabilities are missing */
	bool fake;        /* fakeroot's: owners are remembered and shown whatever files they are of,
			     without --remember, and while the command lives */
};

struct dialect;

struct sandbox {
	const struct dialect *dialect;
	struct custom custom;

	/* filesystem */
	struct mount_plan plan;
	bool default_mounts; /* cleared by --no-default-mounts */
	bool default_plan;   /* the root is the default one: defaults.h */

	/* namespaces */
	struct namespace_choice namespaces[NAMESPACE_COUNT];
	const char *hostname;
	struct string_list
		loopback_addresses; /* ADDRESS/PREFIX, on lo of a new network namespace */
	bool disable_userns;        /* no further user namespaces inside */
	bool assert_no_userns;      /* fail unless there are none */
	int userns2_fd;             /* user namespace to enter once all is mounted; -EBADF: none */
	bool try_net;               /* a new network namespace, unconfigured, if that can be made */
	bool lock; /* two levels of user namespace: the plan's mounts are locked; default true */

	/* identity */
	enum map_mode map;
	uid_t uid; /* the command's ids inside; ID_UNSET: what the map makes of the caller */
	gid_t gid;
	bool become_root;          /* --become-root: as uid and gid 0, nesting if need be */
	bool map_foreign;          /* the foreign range of ids too, as it is */
	unsigned int map_delegate; /* so many ranges of 65536 ids more, from systemd-nsresourced */

	/* the command */
	char *const *command; /* NULL: the user's shell */
	const char *argv0;
	const char *chdir;
	bool same_dir; /* fail unless the current directory exists inside */
	struct environment_change *environment;
	size_t environment_count;
	struct rlimit rlimits[RLIM_NLIMITS];
	bool rlimit_set[RLIM_NLIMITS];
	bool nice_set;
	int nice;
	bool umask_set;
	mode_t umask;

	/* processes */
	bool as_pid_1;
	bool new_session;
	bool foreground;
	bool die_with_parent;
	bool suspend;        /* stop just before the command is executed */
	bool raise_signal;   /* die of what killed the command */
	uint64_t timeout_ms; /* 0: none */

	/* fds that the caller passed */
	struct fd_list keep_fds;
	bool keep_all_fds;
	bool pack_fds;
	struct fd_list sync_fds;
	struct string_list lock_files; /* paths inside */
	int block_fd;
	int userns_block_fd;
	int info_fd;
	int json_status_fd;

	/* capabilities: masks by number, changes in the order given already folded together */
	uint64_t caps_added;   /* --cap-add, minus later --cap-drop */
	uint64_t caps_dropped; /* --cap-drop, minus later --cap-add */
	bool ambient_set;
	uint64_t ambient; /* --ambient: exactly these */

	/* system calls */
	enum tristate suppress_chown; /* UNSET: where the map has one id */
	bool suppress_sync;
	enum show_owners show_owners;
	const char *remember; /* file for what can't be done; NULL: none */
	bool remember_or_fail;
	const char *state_in;  /* of fakeroot: what is remembered from the start; NULL: nothing */
	const char *state_out; /* ... and where to in the end; NULL: nowhere */
	bool unknown_is_real;  /* fake: files of which nothing is remembered have their real owners;
				  else all are root's */
	bool allow_io_uring;
	bool allow_keyring;
	struct sock_fprog *filters; /* of the user, in the order to install */
	size_t filter_count;

	/* what to do */
	enum request request;
	enum explain_form explain;
	bool verbose;

	/* memory that the strings above point into */
	void **held;
	size_t held_count;

	/* MAP_EXPLICIT; last, as they are large and hardly ever used: sandbox_init */
	struct idmap uid_map;
	struct idmap gid_map;
};

/* sandbox_init: what an empty command line asks for. */
void sandbox_init(struct sandbox *sandbox);

/* sandbox_share_all: instead, what an empty command line of a dialect asks for: a mount namespace,
 * and nothing else kept from the command. */
void sandbox_share_all(struct sandbox *sandbox);

/* sandbox_unshares: whether a new namespace of this kind is a must. */
bool sandbox_unshares(const struct sandbox *sandbox, enum namespace ns);

/* sandbox_tries: whether there is to be one, if only where the kernel has the kind. */
bool sandbox_tries(const struct sandbox *sandbox, enum namespace ns);

/* sandbox_remembers: whether a recorder is to answer system calls of the command. */
bool sandbox_remembers(const struct sandbox *sandbox);

/* sandbox_free: give back what the parser allocated; the fds stay open. */
void sandbox_free(struct sandbox *sandbox);
