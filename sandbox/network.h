/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The loopback interface of a new network namespace: netdevice(7), rtnetlink(7). */

#include "sandbox/sandbox.h"

/*
 * network_bring_up_loopback: bring lo up, which gives it 127.0.0.1 and ::1, and add addresses.
 *  addresses: ADDRESS/PREFIX each, checked by the parser already.
 * Returns 0 or a negative errno, reported.
 */
int network_bring_up_loopback(const struct string_list *addresses, struct report *report);
