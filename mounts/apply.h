/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Carrying out one entry of a plan; the table of mount kinds is here. */

#include "mounts/build.h"

/* mount_apply: carry out entries[index]. Returns 0 or a negative errno, reported. */
int mount_apply(struct mount_build *build, size_t index, struct report *report);
