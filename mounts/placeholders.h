/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is made on disk for the time of the sandbox alone. */

#include "mounts/build.h"

/*
 * mount_keep_placeholder: remember something that was made only to have a mount point, or to make a
 * view complete, in a folder that outlives the sandbox: for mount_build_tidy. Best effort: what
 * can't be remembered stays.
 *  folder: O_PATH fd of the folder, where the sandbox sees it. Not taken over.
 */
void mount_keep_placeholder(struct mount_build *build, int folder, const char *name);

/* mount_placeholders_remove: for mount_build_tidy. */
void mount_placeholders_remove(struct mount_build *build);

/* mount_placeholders_free: for mount_build_close. */
void mount_placeholders_free(struct mount_build *build);
