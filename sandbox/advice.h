/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What to do when the host does not let an ordinary user make namespaces. */

#include "base/report.h"

/* advise_on_userns: after a namespace could not be made: append which restriction it is, and the
 * way out. error: errno of the call. */
void advise_on_userns(struct report *report, int proc_fd, int error);
