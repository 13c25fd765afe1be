/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* pid 1 of the sandbox: sets up the command's namespaces from within, starts it and reaps. */

#include "sandbox/launch.h"

/* init_run: the whole life of pid 1. Failures go to the launcher by the handshake. */
_Noreturn void init_run(struct launch *launch);
