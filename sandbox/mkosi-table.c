/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/mkosi.h"

#include <stddef.h>

/* Every option of mkosi-sandbox 27, and --proc and --suspend of 26: nsroot-mkosi-sandbox(1). */
#ifdef OPTIONS_WITHOUT_FUNCTIONS
#define PARSE(function) NULL
#else
#define PARSE(function) function
#endif

#define BIND(name, does, flags)                                                                    \
	{                                                                                          \
		name, "SRC DST", GROUP_FILESYSTEM, true, does, PARSE(mkosi_bind),                  \
			.argument = (flags)                                                        \
	}

const struct option mkosi_options[] = {
	{ "-h", NULL, GROUP_GENERAL, true, "show this", PARSE(option_help), .choices = "all" },
	{ "--help", NULL, GROUP_GENERAL, true, "show this", PARSE(option_help), .choices = "all" },
	{ "--version", NULL, GROUP_GENERAL, true, "show the version", PARSE(option_version) },
	{ "--tmpfs", "DST", GROUP_FILESYSTEM, true, "mount an empty tmpfs", PARSE(mkosi_mount),
	  .argument = MOUNT_TMPFS },
	{ "--dev", "DST", GROUP_FILESYSTEM, true, "make a private, minimal /dev",
	  PARSE(mkosi_mount), .argument = MOUNT_DEV },
	{ "--proc", "DST", GROUP_FILESYSTEM, true, "bind /proc", PARSE(mkosi_proc) },
	{ "--dir", "DST", GROUP_FILESYSTEM, true, "make a folder", PARSE(mkosi_mount),
	  .argument = MOUNT_DIR },
	BIND("--bind", "bind a file or folder, writable", 0),
	BIND("--bind-try", "the same, if SRC exists", MOUNT_TRY),
	BIND("--ro-bind", "bind a file or folder, read-only", MOUNT_READ_ONLY),
	BIND("--ro-bind-try", "the same, if SRC exists", MOUNT_READ_ONLY | MOUNT_TRY),
	BIND("--bind-nofollow", "as --bind; a symlink SRC is bound itself", MOUNT_NOFOLLOW),
	BIND("--ro-bind-nofollow", "as --ro-bind; a symlink SRC is bound itself",
	     MOUNT_READ_ONLY | MOUNT_NOFOLLOW),
	BIND("--bind-foreign", "as --bind, with the foreign range of ids mapped", MOUNT_FOREIGN),
	BIND("--ro-bind-foreign", "as --ro-bind, with the foreign range of ids mapped",
	     MOUNT_READ_ONLY | MOUNT_FOREIGN),
	{ "--symlink", "SRC DST", GROUP_FILESYSTEM, true, "make a symlink at DST that says SRC",
	  PARSE(mkosi_symlink) },
	{ "--write", "DATA DST", GROUP_FILESYSTEM, true, "write DATA into the file DST",
	  PARSE(mkosi_write) },
	{ "--overlay-lowerdir", "DIR", GROUP_FILESYSTEM, true,
	  "a lower layer of the next overlay; the last is the topmost",
	  PARSE(mkosi_overlay_lowerdir) },
	{ "--overlay-upperdir", "DIR", GROUP_FILESYSTEM, true,
	  "upper layer of the next overlay, or \"tmpfs\"", PARSE(mkosi_overlay_upperdir) },
	{ "--overlay-workdir", "DIR", GROUP_FILESYSTEM, true, "work folder of the next overlay",
	  PARSE(mkosi_overlay_workdir) },
	{ "--overlay", "DST", GROUP_FILESYSTEM, true, "overlay of these", PARSE(mkosi_overlay) },
	{ "--setenv", "NAME VALUE", GROUP_COMMAND, true, "set an environment variable",
	  PARSE(option_setenv) },
	{ "--unsetenv", "NAME", GROUP_COMMAND, true, "remove an environment variable",
	  PARSE(mkosi_unsetenv) },
	{ "--chdir", "DIR", GROUP_COMMAND, true, "run COMMAND in DIR", PARSE(mkosi_chdir) },
	{ "--same-dir", NULL, GROUP_COMMAND, true, "run COMMAND in the current directory",
	  PARSE(option_same_dir) },
	{ "--become-root", NULL, GROUP_IDENTITY, true, "run COMMAND as user and group 0",
	  PARSE(option_flag), .argument = OPTION_FIELD(become_root) },
	{ "--map-foreign", NULL, GROUP_IDENTITY, true, "map the foreign range of ids too",
	  PARSE(option_flag), .argument = OPTION_FIELD(map_foreign) },
	{ "--map-delegate", "N", GROUP_IDENTITY, true, "map N more ranges of 65536 ids",
	  PARSE(mkosi_delegate) },
	{ "--suppress-chown", NULL, GROUP_PRIVILEGES, true,
	  "let changes of owner succeed without being done", PARSE(option_suppress_chown),
	  .argument = YES },
	{ "--suppress-sync", NULL, GROUP_PRIVILEGES, true,
	  "let fsync and its like succeed without being done", PARSE(option_flag),
	  .argument = OPTION_FIELD(suppress_sync) },
	{ "--unshare-net", NULL, GROUP_NAMESPACES, true,
	  "new network namespace if possible; its loopback is down", PARSE(option_flag),
	  .argument = OPTION_FIELD(try_net) },
	{ "--unshare-ipc", NULL, GROUP_NAMESPACES, true, "new IPC namespace",
	  PARSE(mkosi_namespace),
	  .argument = OPTION_NAMESPACE_ARGUMENT(NAMESPACE_IPC, NAMESPACE_UNSHARE) },
	{ "--pack-fds", NULL, GROUP_DESCRIPTORS, true,
	  "renumber inherited fds from 3 on and set LISTEN_FDS", PARSE(option_flag),
	  .argument = OPTION_FIELD(pack_fds) },
	{ "--suspend", NULL, GROUP_PROCESSES, true, "stop just before COMMAND is executed",
	  PARSE(option_flag), .argument = OPTION_FIELD(suspend) },
	{ "--debug", NULL, GROUP_GENERAL, true, "tell of each mount when it is made",
	  PARSE(mkosi_debug) },
	{ NULL },
};

const struct option_rule mkosi_rules[] = { { NULL } };
